"""Follows the newest runs of a tenant's scans to their end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.patience import PROPAGATION_S
from purview_ai.datamap.run_report import RunReport, runs_of
from purview_ai.objects.failures import RefusedError, UnreachableError
from purview_ai.operate.scans import in_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from purview_ai.datamap.client import DataMap
    from purview_ai.operate.stack_file import Tenant

_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
_LONGEST_REST_S = 900.0
"""A service that wants to be left alone for longer is asked again all the same."""


@dataclass(frozen=True)
class Sight:
    """What was seen of one source at one moment; no run means that there is none yet."""

    source: str
    scan: str
    run: RunReport | None
    trouble: str = ""
    """Why nothing new could be seen this time."""
    rest_s: float = field(default=0.0, compare=False)
    """For how long the service wants to be left alone."""


@dataclass
class Watch:
    """The sources to watch, and how often to look."""

    tenant: Tenant
    sources: list[str]
    every_s: float
    patience_s: float
    """For how long the answer to one look is waited for."""
    run_id: str | None = None
    """Which run of the only source is meant; None: the newest."""
    wait: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def sights(self, there: DataMap) -> Iterator[Sight]:
        """One sight whenever something changed, until every run has ended or was never started.

        A lost connection and a busy service are no end: they are told once, and the next look goes on.
        """
        last: dict[str, Sight] = {}
        going, begun = list(self.sources), self.clock()
        while going:
            for source in list(going):
                sight = self._look(there, source, last.get(source))
                if sight != last.get(source):
                    yield sight
                last[source] = sight
                if self._ended(sight, begun):
                    going.remove(source)
            if going:
                rest_s = max(last[source].rest_s for source in going)
                self.wait(max(self.every_s, min(rest_s, _LONGEST_REST_S)))

    def _ended(self, sight: Sight, begun: float) -> bool:
        if sight.trouble:
            return False
        if sight.run is None:
            # A run that was started a moment ago may not be listed yet.
            return self.run_id is None or self.clock() - begun > PROPAGATION_S
        return sight.run.over

    def _look(self, there: DataMap, source: str, before: Sight | None) -> Sight:
        names = self.tenant.settings.sources[source].names(source)
        seen = before.run if before else None
        try:
            runs = in_time(self.patience_s, lambda: runs_of(there, names.data_source, names.scan))
        except UnreachableError as error:
            return Sight(source, names.scan, seen, trouble=str(error))
        except RefusedError as refusal:
            if refusal.status < HTTPStatus.INTERNAL_SERVER_ERROR and refusal.status not in _BUSY:
                raise
            return Sight(source, names.scan, seen, trouble=refusal.without_request, rest_s=refusal.retry_after_s)
        return Sight(source, names.scan, next((run for run in runs if self.run_id in (None, run.id)), None))
