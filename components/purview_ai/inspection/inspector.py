"""Looks at the links of a chain: each in its own time, so that a slow service holds up nothing but its own."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.speaking import OUR_FAULT, remedy_by_status, remedy_for_silence, unexpected
from purview_ai.calls.threads import in_a_thread, in_seconds, load
from purview_ai.calls.weather import may_pass_again
from purview_ai.inspection.finding import Evidence, Finding, Verdict
from purview_ai.inspection.state import StateUnreadError, look_ends
from purview_ai.objects.failures import ObjectError, RefusedError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_STOPS = (Verdict.FAILED, Verdict.UNKNOWN)


@dataclass(frozen=True)
class Link:
    """One link, and how to look at it."""

    name: str
    """See :attr:`Finding.link`."""
    title: str
    look: Callable[[Link], Finding] = field(compare=False)
    """Asked in a thread of its own. May raise what services raise."""
    after: tuple[str, ...] = ()
    """The links without which there is nothing to look at."""
    to_look: str = ""
    """What it takes to look, for whoever is refused."""
    more_s: float = 0.0
    """For how many seconds, beyond everybody's limit, it waits for something of its own."""
    beside: tuple[str, ...] = ()
    """The links whose look it waits for, whatever they find: it makes use of what they saw."""

    def passed(self, reason: str = "", *evidence: Evidence) -> Finding:
        """It is as it should be."""
        return Finding(self.name, self.title, Verdict.PASSED, reason, "", evidence)

    def failed(self, reason: str, remedy: str, *evidence: Evidence) -> Finding:
        """It is not."""
        return Finding(self.name, self.title, Verdict.FAILED, reason, remedy, evidence)

    def unknown(self, reason: str, remedy: str, *evidence: Evidence) -> Finding:
        """Nobody could tell."""
        return Finding(self.name, self.title, Verdict.UNKNOWN, reason, remedy, evidence)

    def told(self, verdict: Verdict, reason: str, remedy: str = "", *evidence: Evidence) -> Finding:
        """Anything else."""
        return Finding(self.name, self.title, verdict, reason, remedy, evidence)


async def inspected(links: Sequence[Link], limit_s: float, tell: Callable[[Finding], None]) -> list[Finding]:
    """The findings, in the order of the links; each is told as soon as it is there.

    A link whose service does not answer within ``limit_s`` seconds is unknown, and so is one that fails in a way that
    nobody foresaw.
    """
    load()
    tasks: dict[str, asyncio.Task[Finding]] = {}

    async def found(link: Link) -> Finding:
        for name in link.beside:
            if name in tasks:
                await tasks[name]
        before = [await tasks[name] for name in link.after if name in tasks]
        broken = next((one for one in before if one.verdict in _STOPS), None)
        finding = _not_looked_at(link, broken) if broken else await _looked_at(link, limit_s)
        tell(finding)
        return finding

    for link in links:
        tasks[link.name] = asyncio.create_task(found(link))
    return list(await asyncio.gather(*tasks.values()))


def _not_looked_at(link: Link, broken: Finding) -> Finding:
    return link.unknown(f"not looked at, because it needs what is {broken.verdict}: {broken.title}", "")


async def _looked_at(link: Link, limit_s: float) -> Finding:
    whole_s = limit_s + link.more_s
    try:
        return await asyncio.wait_for(in_a_thread(lambda: _look(link, time.monotonic() + whole_s)), whole_s)
    except Exception as error:  # noqa: BLE001  # one link's fault is no reason to be silent about the others
        return replace(link.unknown(*_told(link, error, limit_s)), may_pass_again=may_pass_again(error))


def _look(link: Link, until: float) -> Finding:
    look_ends(until)
    return link.look(link)


def _told(link: Link, error: Exception, limit_s: float) -> tuple[str, str]:
    """Why nothing was found, and what to do."""
    match error:
        case TimeoutError():
            told = (
                f"no answer within {in_seconds(limit_s)}",
                "Run the command again, with more time: --patience <seconds>",
            )
        case RefusedError():
            told = str(error), _remedy(link, error)
        case UnreachableError():
            told = str(error), remedy_for_silence(error)
        case StateUnreadError():
            told = "it is there; whether this stack made it, its state would tell", str(error)
        case ObjectError():
            # Its first line says whose and what, which the link's title does already.
            lines = [line.strip() for line in str(error).strip().splitlines()]
            told = lines[1] if len(lines) > 1 else lines[0], " ".join(lines[2:])
        case _:
            told = unexpected(error), OUR_FAULT
    return told


def _remedy(link: Link, refusal: RefusedError) -> str:
    if refusal.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) and link.to_look:
        return f"To look at it, the identity needs {link.to_look}."
    return remedy_by_status(refusal)[0]
