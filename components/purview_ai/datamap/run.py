"""The first run of a scan: it is asked for once, and its progress is never state."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from purview_ai.datamap.errors import RefusedError
from purview_ai.datamap.object_kind import ADOPTED, Checked, Difference, Record, Speaking, checked, compared
from purview_ai.datamap.wish import DataMapName, Wish

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap, DataMaps
    from purview_ai.json_values import JsonObject

ACTIVE_RUN = "ScanHistory_ActiveRunExist"
ENDED = ("Succeeded", "Failed", "Canceled", "Cancelled")
"""Both spellings of the last occur (docs/facts.md, purview 6.10)."""


class ScanLevel(StrEnum):
    """How much a run looks at."""

    FULL = "Full"
    INCREMENTAL = "Incremental"


class ScanRunWish(Wish):
    """A run that shall have been started."""

    data_source: DataMapName
    scan: DataMapName
    run_id: str = Field(pattern=r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")
    level: ScanLevel = ScanLevel.FULL

    @property
    def scan_path(self) -> str:
        """The scan's path."""
        return f"/datasources/{self.data_source}/scans/{self.scan}"


class ScanRun:
    """Starting a run. Its id is derived, so a repeated request is the same run."""

    name = "run"
    _identity = ("account_id", "data_source", "scan", "run_id")

    def check(self, given: JsonObject) -> Checked:
        """See :class:`~purview_ai.datamap.object_kind.Lifecycle`."""
        return checked(ScanRunWish, given)

    def diff(self, old: JsonObject, new: JsonObject) -> Difference:
        """Another run id is another run; the level of one that was started changes nothing."""
        changed = [name for name in compared(old, new, ()).changed if name in self._identity]
        return Difference(changed, changed)

    def create(self, maps: DataMaps, wish: JsonObject) -> Record:
        """Start the run, unless it was started before or another one goes on."""
        wanted = ScanRunWish.model_validate(wish)
        with Speaking(self, wanted, f'of scan "{wanted.scan}" was not started'):
            there = maps.scanning(wanted.account_id)
            try:
                there.post(f"{wanted.scan_path}:run", runId=wanted.run_id, scanLevel=wanted.level)
            except RefusedError as refusal:
                if refusal.code != ACTIVE_RUN and not self._exists(there, wanted):
                    raise
        return Record(
            f"{wanted.account_id}{wanted.scan_path}/runs/{wanted.run_id}",
            {**wanted.model_dump(), ADOPTED: False},
        )

    @staticmethod
    def _exists(there: DataMap, wanted: ScanRunWish) -> bool:
        return there.get(f"{wanted.scan_path}/runs/{wanted.run_id}") is not None

    def read(self, maps: DataMaps, recorded: JsonObject) -> Record | None:
        """As recorded: what became of the run is asked for, not stored."""
        del maps
        path = f"/datasources/{recorded['data_source']}/scans/{recorded['scan']}/runs/{recorded['run_id']}"
        return Record(f"{recorded['account_id']}{path}", recorded)

    def update(self, maps: DataMaps, recorded: JsonObject, wish: JsonObject) -> Record:
        """Nothing of a run can be changed; see :meth:`diff`."""
        del recorded
        return self.create(maps, wish)

    def delete(self, maps: DataMaps, recorded: JsonObject) -> None:
        """Cancel the run if it still goes on, so that its scan can be deleted."""
        known = ScanRunWish.model_validate({n: recorded[n] for n in ScanRunWish.model_fields if n in recorded})
        with Speaking(self, known, f'of scan "{known.scan}" was not cancelled'):
            there = maps.scanning(known.account_id)
            run = there.get(f"{known.scan_path}/runs/{known.run_id}")
            if run is not None and run.get("status") not in ENDED:
                there.post(f"{known.scan_path}/runs/{known.run_id}:cancel")
