"""Follows the newest runs of a tenant's scans to their end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.datamap.run_report import RunReport, runs_of
from purview_ai.objects.failures import RefusedError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from purview_ai.datamap.client import DataMap
    from purview_ai.operate.stack_file import Tenant


@dataclass(frozen=True)
class Sight:
    """What was seen of one source at one moment; no run means that there is none yet."""

    source: str
    scan: str
    run: RunReport | None
    trouble: str = ""
    """Why nothing new could be seen this time."""


@dataclass
class Watch:
    """The sources to watch, and how often to look."""

    tenant: Tenant
    sources: list[str]
    every_s: float
    wait: Callable[[float], None] = time.sleep

    def sights(self, there: DataMap) -> Iterator[Sight]:
        """One sight whenever something changed, until every run has ended or was never started.

        A lost connection is no end: it is told once, and the next look goes on.
        """
        last: dict[str, Sight] = {}
        going = list(self.sources)
        while going:
            for source in list(going):
                sight = self._look(there, source, last.get(source))
                if sight != last.get(source):
                    yield sight
                last[source] = sight
                if not sight.trouble and (sight.run is None or sight.run.over):
                    going.remove(source)
            if going:
                self.wait(self.every_s)

    def _look(self, there: DataMap, source: str, before: Sight | None) -> Sight:
        names = self.tenant.settings.sources[source].names(source)
        scan = names.scan
        try:
            return Sight(source, scan, next(iter(runs_of(there, names.data_source, scan)), None))
        except UnreachableError as error:
            return Sight(source, scan, before.run if before else None, trouble=str(error))
        except RefusedError as refusal:
            if refusal.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            return Sight(source, scan, before.run if before else None, trouble=str(refusal))
