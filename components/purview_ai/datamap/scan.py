"""Scans: tested before they are saved, and ended before they are deleted."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from purview_ai.calls.patience import NotYetError
from purview_ai.datamap.client import CONNECTIVITY
from purview_ai.datamap.object_kind import ObjectKind
from purview_ai.datamap.run_report import ENDED
from purview_ai.datamap.wishes import ScanWish
from purview_ai.json_values import is_object, take_from
from purview_ai.objects.failures import NO_WORDS, ObjectError, RefusedError
from purview_ai.objects.lifecycle import Problem
from purview_ai.objects.sameness import same

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap
    from purview_ai.datamap.wishes import DataMapWish
    from purview_ai.json_values import JsonObject

_NO_SUCH_OPERATION = (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)
_CANCEL_LIMIT_S = 300.0
_FIXED_DAY = (
    "that day is fixed when a scan is made, and another one neither adds what came before it nor takes back what was "
    "captured"
)


@dataclass(frozen=True)
class ScanKind(ObjectKind):
    """A kind whose objects are tried out before they are saved."""

    def _find(self, there: DataMap, wanted: DataMapWish) -> JsonObject | None:
        """The scan of this name; another one of the same data source is an error, because it ingests the same."""
        found = super()._find(there, wanted)
        if found is None and isinstance(wanted, ScanWish) and not wanted.allow_rescan:
            self._require_no_other(there, wanted)
        return found

    def _require_no_other(self, there: DataMap, wanted: ScanWish) -> None:
        source = f"/datasources/{wanted.data_source}"
        if source in there.new or there.foreseen.get(source, wanted) is None:
            return
        try:
            others = [str(scan.get("name")) for scan in there.list(f"{source}/scans")]
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
            return
        if others:
            raise self._second(wanted, others)

    def _second(self, wanted: ScanWish, others: list[str]) -> ObjectError:
        source = wanted.data_source
        return ObjectError(
            wanted.tenant,
            f"{self.name} {wanted.title} was not created",
            f'Data source "{source}" has the scan {", ".join(others)} already, and a second one ingests every '
            "interaction a second time.",
            f"To take that one over: sources.<name>.adopt: {{data_source: {source}, scan: {others[0]}}}. To have it "
            "all ingested again: allow_rescan, with the source's name.\n"
            "  docs/troubleshooting.md#second-scan",
        )

    def _refused_changes(self, before: JsonObject, wanted: JsonObject) -> list[Problem]:
        """As for every kind; and the first day as the properties carry it, however they came to."""
        found = super()._refused_changes(before, wanted)
        if wanted.get("allow_rescan") or not is_object(wanted.get("properties")):
            return found
        places = [tuple(steps) for steps in [*(before.get("since_at") or ()), *wanted["since_at"]]]
        days = {place: [take_from(one["properties"], place) for one in (before, wanted)] for place in places}
        moved = [place for place, (then, now) in days.items() if then and not same(then, now)]
        if moved and not found:
            then, now = days[moved[0]]
            found.append(Problem("properties", self._not_moved(before, wanted, then, now)))
        return found

    def _not_moved(self, before: JsonObject, wanted: JsonObject, then: object, now: object) -> str:
        return (
            f'\n{wanted.get("tenant")}: {self.name} "{before.get("name")}" was not changed\n'
            f"  Its first day is {then}, and would become {now or 'the day of its making'}: {_FIXED_DAY}.\n"
            "  Take the change back. If somebody changed it in the portal, change it back there and run pulumi "
            "refresh. To have it all ingested again: allow_rescan, with the source's name, deployed before this "
            "change.\n"
            "  docs/troubleshooting.md#another-first-day"
        )

    def _may_take_over(self, wanted: DataMapWish, found: JsonObject, different: list[str]) -> None:
        """As for every kind; and the first day of a scan that is there is fixed."""
        if isinstance(wanted, ScanWish) and "properties" in different:
            for steps in wanted.since_at:
                there = take_from(found, ("properties", *steps))
                wished = take_from(wanted.properties, tuple(steps))
                if wished is not None and not same(there, wished):
                    raise self._of_another_day(wanted, there, wished)
        super()._may_take_over(wanted, found, different)

    def _of_another_day(self, wanted: ScanWish, there: Any, wished: Any) -> ObjectError:
        return ObjectError(
            wanted.tenant,
            f"{self.name} {wanted.title} was not taken over",
            f"It captures since {there or 'a day that it does not say'}, and the stack file says {wished}: "
            f"{_FIXED_DAY}.",
            "Say sources.<name>.capture_since as the scan has it, or today to say nothing of it.\n"
            "  docs/troubleshooting.md#another-first-day",
        )

    def _save(self, there: DataMap, wanted: DataMapWish, body: JsonObject, found: JsonObject | None) -> None:
        if isinstance(wanted, ScanWish) and wanted.test_connection:
            self._test(there, wanted, body)
        super()._save(there, wanted, body, found)

    def _test(self, there: DataMap, wanted: ScanWish, body: JsonObject) -> None:
        """Let the service try the connection; the data source must exist, the scan need not."""
        scan = {"scan": {"name": wanted.name, "kind": wanted.kind, "properties": body["properties"]}}
        path = f"{self._path(wanted)}/testConnectivity"
        last: list[RefusedError] = []

        def look() -> None:
            try:
                there.hurried().post(path, scan, CONNECTIVITY)
            except RefusedError as refusal:
                if _knows_no_tests(refusal):
                    there.patience.tell(f"the connection of scan {wanted.name} could not be tested: {refusal}")
                    return
                last.append(refusal)
                said = refusal.without_request
                msg = f"the connection test of scan {wanted.name} fails; a fresh role may not be seen yet ({said})"
                raise NotYetError(msg) from refusal

        try:
            there.patience.until(look, 60.0 * wanted.patience_minutes)
        except NotYetError:
            raise self._not_connected(wanted, last[-1]) from last[-1]

    def _not_connected(self, wanted: ScanWish, refusal: RefusedError) -> ObjectError:
        return ObjectError(
            wanted.tenant,
            f'{self.name} "{wanted.name}" was not saved, because its connection test failed',
            str(refusal),
            "Mend what the service names: the key, the workspace, or Purview's way to the vault; then run the command "
            "again. To save the scan without a test: sources.<name>.scan.test_connection: false\n"
            "  docs/troubleshooting.md#connection-test",
        )

    def _remove(self, there: DataMap, known: DataMapWish) -> None:
        path = self._path(known)
        if _cancelled(there, path):
            there.patience.until(lambda: _require_quiet(there, path), _CANCEL_LIMIT_S)
        super()._remove(there, known)


def _knows_no_tests(refusal: RefusedError) -> bool:
    """A 404 with words tells of something else that is missing: the vault, the credential, the data source."""
    nothing_there = refusal.status == HTTPStatus.NOT_FOUND and refusal.message == NO_WORDS
    return nothing_there or refusal.status in _NO_SUCH_OPERATION or refusal.code == "UnsupportedApiVersion"


def _active(there: DataMap, path: str) -> list[str]:
    return [str(run["id"]) for run in there.list(f"{path}/runs") if run.get("status") not in ENDED]


def _cancelled(there: DataMap, path: str) -> bool:
    """Whether runs had to be cancelled; a scan with an active run may not be deleted (docs/facts.md, assumed 25)."""
    active = _active(there, path)
    for run in active:
        there.post(f"{path}/runs/{run}:cancel")
    return bool(active)


def _require_quiet(there: DataMap, path: str) -> None:
    if active := _active(there, path):
        msg = f"run {active[0]} is being cancelled"
        raise NotYetError(msg)
