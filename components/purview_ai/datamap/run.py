"""Runs of a scan: asked for once, and their progress is never state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai import naming
from purview_ai.calls.patience import NotYetError
from purview_ai.datamap.object_kind import when_made
from purview_ai.datamap.run_report import RunReport
from purview_ai.datamap.speaking import Speaking
from purview_ai.datamap.wishes import ScanRunWish
from purview_ai.objects.failures import ObjectError, RefusedError
from purview_ai.objects.lifecycle import ADOPTED, Checked, Difference, Record, changes, checked
from purview_ai.objects.sameness import read_moment

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap, DataMaps
    from purview_ai.json_values import JsonObject

ACTIVE_RUN = "ScanHistory_ActiveRunExist"
RUN_ID = "run_id"
"""Recorded with a run: which one was started."""
_ANOTHER_RUN_S = 60.0
"""For how long a run of another level is waited for, unless a user gives more time."""
SCAN_MADE = "scan_made"
"""Recorded with a run: when its scan was made."""


class ScanRun:
    """Starting a run. Its id is derived from the very scan, so a repeated request is the same run."""

    name = "run"

    def check(self, api: DataMaps, given: JsonObject, before: JsonObject) -> Checked:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`."""
        del api, before
        return checked(ScanRunWish, given)

    def diff(self, old: JsonObject, new: JsonObject) -> Difference:
        """Another scan has runs of its own; another generation is another run of the same scan."""
        changed = changes(ScanRunWish, old, new)
        return Difference(changed, [n for n in changed if n in ("account_id", "data_source", "scan")], same_place=False)

    def create(self, api: DataMaps, wish: JsonObject) -> Record:
        """Start the run, unless it was started before or another one goes on."""
        wanted = ScanRunWish.model_validate(wish)
        with Speaking(self.name, wanted, "was not started"):
            there = api.of(wanted.account_id)
            there.heard_of(wanted.scan_path, wanted.collection)
            scan = there.made_or_found(wanted.scan_path) or {}
            scan_made = when_made(scan) or when_made(there.get(wanted.scan_path) or {})
            derived = naming.scan_run(wanted.account_id, wanted.scan_path, scan_made, wanted.generation)
            run_id = _run_before(there, wanted, derived, scan_made) or there.patience.until(
                lambda: _started(there, wanted, derived), max(_ANOTHER_RUN_S, 60.0 * wanted.wait_minutes)
            )
        if wanted.wait_minutes:
            with Speaking(self.name, wanted, "was started, and its end was not seen"):
                there.patience.until(lambda: _require_end(there, wanted, run_id), 60.0 * wanted.wait_minutes)
        return _record(wanted, {RUN_ID: run_id, SCAN_MADE: scan_made})

    def read(self, api: DataMaps, recorded: JsonObject) -> Record | None:
        """As recorded, as long as it is the same scan: what became of the run is asked for, not stored."""
        known = ScanRunWish.model_validate({n: recorded[n] for n in ScanRunWish.model_fields if n in recorded})
        with Speaking(self.name, known, "could not be read"):
            scan = api.of(known.account_id).get(known.scan_path)
        if scan is None:
            return None
        now, then = when_made(scan), recorded[SCAN_MADE]
        # A service that does not say when it made the scan has not made another one, and one that moves that moment
        # with a change (nobody says that it does not) still has the run.
        if now and then and now != then and not _has_run(api.of(known.account_id), known, recorded[RUN_ID]):
            return None
        return _record(known, {name: recorded[name] for name in (RUN_ID, SCAN_MADE)})

    def update(self, api: DataMaps, recorded: JsonObject, wish: JsonObject) -> Record:
        """Another generation is another run; see :meth:`diff`."""
        del recorded
        return self.create(api, wish)

    def delete(self, api: DataMaps, recorded: JsonObject) -> None:
        """Nothing: a run belongs to its scan, goes with it, and goes on where the scan stays."""


def _has_run(there: DataMap, wanted: ScanRunWish, run_id: str) -> bool:
    return there.get(f"{wanted.scan_path}/runs/{run_id}") is not None


def _run_before(there: DataMap, wanted: ScanRunWish, derived: str, scan_made: str) -> str:
    """The run that counts as the wished one already; empty where there is none.

    The very run, where it was asked for before: that a service which hears its id again starts no other is not
    documented (docs/facts.md, purview 2.7). Or, as the first one, somebody's before the scan was taken over. A second
    full run would ingest every interaction again. Whether the service keeps the runs of an earlier scan of that name
    is not known, so none that began before this one was made counts.
    """
    for one in there.list(f"{wanted.scan_path}/runs"):
        run = RunReport.of(one)
        if run.id == derived:
            return derived
        if wanted.generation != 1:
            continue
        if run.succeeded and run.level in (wanted.level, "") and not began_before(run.started, scan_made):
            there.patience.tell(f"{wanted.tenant}: run {run.id} of scan {wanted.scan} counts as the first one")
            return run.id
    return ""


def began_before(started: str | None, scan_made: str) -> bool:
    """Whether a run began before its scan was made, as far as the service says when they were."""
    begun, made = read_moment(started), read_moment(scan_made)
    return begun is not None and made is not None and begun < made


def _started(there: DataMap, wanted: ScanRunWish, run_id: str) -> str:
    """Start the run, and say which one it is."""
    try:
        there.post(f"{wanted.scan_path}:run", runId=run_id, scanLevel=wanted.level)
    except RefusedError as refusal:
        if refusal.code == ACTIVE_RUN:
            return _active(there, wanted)
        if not _has_run(there, wanted, run_id):
            raise
    return run_id


def _active(there: DataMap, wanted: ScanRunWish) -> str:
    """The run that goes on already; one of the wished level counts as the wished one, another one is waited for."""
    going = [run for one in there.list(f"{wanted.scan_path}/runs") if not (run := RunReport.of(one)).over]
    for run in going:
        if run.level in (wanted.level, ""):
            there.patience.tell(f"{wanted.tenant}: a run of scan {wanted.scan} goes on already: {run.id}")
            return run.id
    what = f"{going[0].level.lower()} run {going[0].id}" if going else "another run"
    msg = (
        f"{what} of scan {wanted.scan} goes on, and a scan has one at a time; to wait longer for its end: "
        "sources.<name>.scan.wait_minutes"
    )
    raise NotYetError(msg)


def _require_end(there: DataMap, wanted: ScanRunWish, run_id: str) -> None:
    found = there.get(f"{wanted.scan_path}/runs/{run_id}")
    run = RunReport.of(found or {"id": run_id})
    if not run.over:
        msg = f"the run of scan {wanted.scan} is {run.status}, {run.discovered or 0} discovered"
        raise NotYetError(msg)
    if not run.succeeded:
        raise ObjectError(
            wanted.tenant,
            f"run {run_id} of scan {wanted.scan} did not succeed",
            f"{run.status}: {run.reason or 'no reason given'}",
            "Mend the reason, then start another run: sources.<name>.scan.generation, one higher.\n"
            "  docs/troubleshooting.md#run-failed",
        )


def _record(wish: ScanRunWish, remembered: JsonObject) -> Record:
    place = f"{wish.account_id}{wish.scan_path}/runs"
    return Record(place, wish.fields(), {ADOPTED: False, **remembered})
