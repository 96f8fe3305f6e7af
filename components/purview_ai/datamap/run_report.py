"""What became of a scan's runs, as the service tells it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from purview_ai.json_values import take_from
from purview_ai.objects.sameness import read_moment

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap
    from purview_ai.json_values import JsonObject

ENDED = ("Succeeded", "Failed", "Canceled", "Cancelled")
"""Both spellings of the last occur (docs/facts.md, purview 6.10)."""
_DISCOVERED = ("discoveryExecutionDetails", "statistics", "assets")
_INGESTED = ("ingestionExecutionDetails", "statistics", "assets")

_EVER, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class RunReport:
    """One run. Counts are of assets; the organisation itself is one (docs/facts.md, purview 2.7)."""

    id: str
    status: str
    level: str
    started: str | None
    ended: str | None
    discovered: int | None
    classified: int | None
    ingested: int | None
    reason: str

    @classmethod
    def of(cls, run: JsonObject) -> RunReport:
        """From the service's answer; figures that it does not give are None."""
        return cls(
            id=str(run.get("id", "")),
            status=str(run.get("status", "Unknown")),
            level=str(run.get("scanLevelType") or ""),
            started=_text(run.get("startTime")),
            ended=_text(run.get("endTime")),
            discovered=_count(run, (*_DISCOVERED, "discovered")),
            classified=_count(run, (*_DISCOVERED, "classified")),
            ingested=_count(run, (*_INGESTED, "succeeded")),
            reason=str(run.get("errorMessage") or take_from(run, ("error", "message")) or ""),
        )

    @property
    def over(self) -> bool:
        """Whether the run has ended, in whatever way."""
        return self.status in ENDED

    @property
    def seconds(self) -> int | None:
        """How long it took, or has taken so far; None where the service does not say when it began."""
        began, ended = read_moment(self.started), read_moment(self.ended) or datetime.now(UTC)
        return max(0, round((ended - began).total_seconds())) if began else None

    @property
    def succeeded(self) -> bool:
        """Whether it did what it should."""
        return self.status == "Succeeded"

    def as_json(self) -> dict[str, Any]:
        """Ready for machines."""
        return {**asdict(self), "seconds": self.seconds}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _count(run: JsonObject, steps: tuple[str, ...]) -> int | None:
    found = take_from(run, steps)
    return found if isinstance(found, int) else None


def runs_of(there: DataMap, data_source: str, scan: str) -> list[RunReport]:
    """All runs that the service tells of, the newest first."""
    runs = [RunReport.of(run) for run in there.list(f"/datasources/{data_source}/scans/{scan}/runs")]
    return sorted(runs, key=_age, reverse=True)


def _age(run: RunReport) -> datetime:
    """When a run began; one that goes on and has no time yet is the newest, and any other without one the oldest."""
    return read_moment(run.started) or (_EVER if run.over else _NEVER)
