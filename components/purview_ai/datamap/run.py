"""The first run of a scan: it is asked for once, and its progress is never state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai import naming
from purview_ai.datamap.errors import RefusedError
from purview_ai.datamap.object_kind import ADOPTED, Checked, Difference, Record, Speaking, changes, checked
from purview_ai.datamap.wish import DataMapName, Wish
from purview_ai.json_values import take_from

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMaps
    from purview_ai.json_values import JsonObject

ACTIVE_RUN = "ScanHistory_ActiveRunExist"
FULL = "Full"
ENDED = ("Succeeded", "Failed", "Canceled", "Cancelled")
"""Both spellings of the last occur (docs/facts.md, purview 6.10)."""


class ScanRunWish(Wish):
    """A scan whose first run shall have been started."""

    data_source: DataMapName
    scan: DataMapName

    @property
    def scan_path(self) -> str:
        """The scan's path."""
        return f"/datasources/{self.data_source}/scans/{self.scan}"


RUN_ID = "run_id"
"""Recorded with a run: which one was started."""


class ScanRun:
    """Starting the first run. Its id is derived from the very scan, so a repeated request is the same run."""

    name = "run"

    def check(self, given: JsonObject, before: JsonObject) -> Checked:
        """See :class:`~purview_ai.datamap.object_kind.Lifecycle`."""
        del before
        return checked(ScanRunWish, given)

    def diff(self, old: JsonObject, new: JsonObject) -> Difference:
        """Another scan has a first run of its own."""
        changed = changes(old, new)
        return Difference(changed, changed, same_place=False)

    def create(self, maps: DataMaps, wish: JsonObject) -> Record:
        """Start the run, unless it was started before or another one goes on."""
        wanted = ScanRunWish.model_validate(wish)
        with Speaking(self, wanted, f'of scan "{wanted.scan}" was not started'):
            there = maps.scanning(wanted.account_id)
            run_id = _first_run(wanted, there.made_or_found(wanted.scan_path) or {})
            try:
                there.post(f"{wanted.scan_path}:run", runId=run_id, scanLevel=FULL)
            except RefusedError as refusal:
                if refusal.code != ACTIVE_RUN and there.get(f"{wanted.scan_path}/runs/{run_id}") is None:
                    raise
        return Record(
            f"{wanted.account_id}{wanted.scan_path}/runs/{run_id}",
            {**wanted.model_dump(), RUN_ID: run_id, ADOPTED: False},
        )

    def read(self, maps: DataMaps, recorded: JsonObject) -> Record | None:
        """As recorded, as long as it is the same scan: what became of the run is asked for, not stored."""
        known = _known(recorded)
        with Speaking(self, known, f'of scan "{known.scan}" could not be read'):
            scan = maps.scanning(known.account_id).get(known.scan_path)
        if scan is None or _first_run(known, scan) != recorded[RUN_ID]:
            return None
        return Record(f"{known.account_id}{known.scan_path}/runs/{recorded[RUN_ID]}", recorded)

    def update(self, maps: DataMaps, recorded: JsonObject, wish: JsonObject) -> Record:
        """A run is replaced and never changed; see :meth:`diff`."""
        del recorded
        return self.create(maps, wish)

    def delete(self, maps: DataMaps, recorded: JsonObject) -> None:
        """Cancel the run if it still goes on, so that its scan can be deleted."""
        known = _known(recorded)
        with Speaking(self, known, f'of scan "{known.scan}" was not cancelled'):
            there = maps.scanning(known.account_id)
            run = there.get(f"{known.scan_path}/runs/{recorded[RUN_ID]}")
            if run is not None and run.get("status") not in ENDED:
                there.post(f"{known.scan_path}/runs/{recorded[RUN_ID]}:cancel")


def _known(recorded: JsonObject) -> ScanRunWish:
    return ScanRunWish.model_validate({n: recorded[n] for n in ScanRunWish.model_fields if n in recorded})


def _first_run(wanted: ScanRunWish, scan: JsonObject) -> str:
    made = take_from(scan, ("properties", "createdAt"))
    return naming.first_run(wanted.account_id, wanted.scan_path, str(made))
