"""Gathers what a report shows of a tenant, from the same looks as the other commands."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, TypeVar

from purview_ai.apps.capability import Answer
from purview_ai.apps.way import Route
from purview_ai.calls.speaking import remedy_for_silence, unexpected
from purview_ai.calls.threads import in_a_thread, in_seconds
from purview_ai.calls.weather import may_pass_again
from purview_ai.datamap.wishes import ScanLevel
from purview_ai.drift.backend import backend_of
from purview_ai.drift.checkpoint import CheckpointError
from purview_ai.drift.looking import Wanted, Watcher
from purview_ai.governance.plan import links_of
from purview_ai.governance.scripts.catalogue import LOOK
from purview_ai.inspection.checklist import steps_of
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import inspected
from purview_ai.inspection.keys import expiry_of, newest_version
from purview_ai.inspection.runs import history_of
from purview_ai.inspection.verify import chain, not_looked_at
from purview_ai.objects.failures import RefusedError, UnreachableError
from purview_ai.objects.sameness import read_moment
from purview_ai.report.contents import (
    Capability,
    KeyExpiry,
    Matrix,
    RunHistory,
    Source,
    StepShown,
    StepState,
    TenantPage,
    Unseen,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from purview_ai.apps.app import App
    from purview_ai.apps.way import Way
    from purview_ai.datamap.run_report import RunReport
    from purview_ai.drift.change import Drift
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.inspection.step import Step
    from purview_ai.inspection.verify import Limits
    from purview_ai.settings.files import Project

T = TypeVar("T")
_BY_LEVEL = {"full-scan": ScanLevel.FULL, "incremental-scan": ScanLevel.INCREMENTAL}
"""What a run shows by its level."""
_WITH_A_SCAN = {*_BY_LEVEL, "metadata-extraction"}
"""What a scan does of itself, without anybody's wish."""
_MORE_FOR_ALL_S = 5.0
"""So much longer a comparison as a whole may take than each of its objects."""
NOT_ASKED = "not looked at, because nobody asked for it (--no-drift)"


@dataclass(frozen=True)
class Gathering:
    """How much is looked at, and by what it is compared with the state."""

    limits: Limits
    patience_s: float
    watcher: Watcher | Unseen


def watcher_of(project: Project, patience_s: float) -> Watcher | Unseen:
    """What compares all stacks of a project, where it is known who keeps their states."""
    try:
        return Watcher(backend_of(project.folder, os.environ), limit_s=patience_s)
    except CheckpointError as error:
        return Unseen(str(error))


def made_by() -> str:
    """The program and its version."""
    return f"purview-ai {metadata.version('purview-ai')}"


async def page_of(estate: Estate, how: Gathering, tell: Callable[[Finding], None]) -> TenantPage:
    """What the page of one stack shows. All is looked at side by side, and nothing is waited for longer than asked."""
    settings, patience_s = estate.settings, how.patience_s
    secrets = dict.fromkeys(key.secret for key in settings.keys.values())
    findings, account, drift, runs, keys = await asyncio.gather(
        inspected(chain(estate, how.limits), patience_s, tell),
        _account(estate, patience_s),
        _drift(estate, how),
        asyncio.gather(*(_runs(estate, source, patience_s) for source in settings.captured)),
        asyncio.gather(*(_key(estate, secret, patience_s) for secret in secrets)),
    )
    steps = steps_of(estate.stack, settings, audit_search=estate.azure.cloud.audit_search)
    return TenantPage(
        stack=estate.stack,
        made=datetime.now(UTC),
        made_by=made_by(),
        account=account,
        sources=tuple(Source(name, one.application.title, one.workspace_id) for name, one in settings.sources.items()),
        chain=tuple(findings),
        runs=tuple(runs),
        matrices=matrices_of(estate, findings, runs),
        keys=tuple(keys),
        drift=drift,
        steps=tuple(StepShown(step, state_of(step, findings)) for step in steps),
        not_looked_at=tuple(not_looked_at(estate)),
    )


async def _asked(ask: Callable[[], T], patience_s: float) -> T | Unseen:
    """What is found, or why it is not, within the same limit as a link of the chain."""
    try:
        return await asyncio.wait_for(in_a_thread(ask), patience_s)
    except Exception as error:  # noqa: BLE001  # the rest of the page is worth having
        return Unseen(_why(error, patience_s), may_pass_again(error))


def _why(error: Exception, patience_s: float) -> str:
    match error:
        case TimeoutError():
            return f"no answer within {in_seconds(patience_s)}"
        case RefusedError() | CheckpointError():
            return str(error)
        case UnreachableError():
            return f"{error}. {remedy_for_silence(error).splitlines()[0]}"
        case _:
            return unexpected(error)


async def _account(estate: Estate, patience_s: float) -> str:
    found = await _asked(lambda: estate.account_id, patience_s)
    return estate.settings.purview.account if isinstance(found, Unseen) else found.rsplit("/", 1)[-1]


async def _runs(estate: Estate, source: str, patience_s: float) -> RunHistory:
    return RunHistory(source, await _asked(lambda: tuple(history_of(estate, source).runs), patience_s))


def matrices_of(estate: Estate, findings: Sequence[Finding], histories: Sequence[RunHistory]) -> tuple[Matrix, ...]:
    """What Purview does for each app of a stack, and what shows it."""
    by_app: dict[str, list[str]] = {}
    for name, source in estate.settings.sources.items():
        by_app.setdefault(source.app, []).append(name)
    return tuple(_matrix(names, estate, findings, histories) for names in by_app.values())


def _matrix(
    sources: Sequence[str], estate: Estate, findings: Sequence[Finding], histories: Sequence[RunHistory]
) -> Matrix:
    settings = estate.settings
    app = settings.sources[sources[0]].application
    wished = {wish for name in sources for wish in settings.sources[name].capabilities}
    if any(name in settings.captured for name in sources):
        wished |= _WITH_A_SCAN
    runs = [run for one in histories if one.source in sources and not isinstance(one.runs, Unseen) for run in one.runs]
    rows: list[Capability] = []
    for name, cell in app.cells.items():
        way = app.ways.get(name)
        links = links_of(way, settings, sources) if way else ()
        verified, seen_at = _by_runs(name, runs) or _by_links([one for one in findings if one.link in links])
        asked_for = name in wished or bool(way and settings.asks_for(way.setting))
        # A script that nobody may have run, and a step that nobody may have taken, are asked for and no more.
        configured = verified is Verdict.PASSED or (asked_for and (way is None or way.route is Route.DECLARED))
        seen = Capability(cell, app.document_of(cell), configured, verified, seen_at, _way_to(app, name))
        row = replace(seen, asked_for=asked_for)
        rows.append(replace(row, setting=way.setting, read_by=_reader_of(way)) if way else row)
    return Matrix(app.title, tuple(rows))


def _way_to(app: App, name: str) -> str:
    if name in app.ways:
        return app.ways[name].route.value
    return "with the scan" if app.cells[name].answer is Answer.YES else ""


def _reader_of(way: Way) -> str:
    return LOOK if way.route is Route.SCRIPT else ""


def _by_links(shown: Sequence[Finding]) -> tuple[Verdict | None, datetime | None]:
    worst = max(shown, key=lambda one: one.verdict.badness, default=None)
    return worst.verdict if worst else None, read_moment(worst.evidence[0].when) if worst and worst.evidence else None


def _by_runs(name: str, runs: Sequence[RunReport]) -> tuple[Verdict, datetime | None] | None:
    """What the newest run shows that did it; a run that did something else shows nothing."""
    shown = [run for run in runs if run.succeeded and _shows(run, name)]
    if not shown:
        return None
    return Verdict.PASSED, max((when for run in shown if (when := read_moment(run.ended or run.started))), default=None)


def _shows(run: RunReport, name: str) -> bool:
    if name == "classification":
        return bool(run.classified)
    return name in _BY_LEVEL and run.level == _BY_LEVEL[name]


async def _key(estate: Estate, secret: str, patience_s: float) -> KeyExpiry:
    vault = estate.settings.vault.name
    said = next((key.expires for key in estate.settings.keys.values() if key.secret == secret), None)
    found = await _asked(lambda: estate.secret(secret), patience_s)
    if found is None or isinstance(found, Unseen):
        return KeyExpiry(secret, f"vault {vault}", said, asked=found is None)
    return KeyExpiry(secret, f"vault {vault}, version {newest_version(found)}", expiry_of(found) or said)


async def _drift(estate: Estate, how: Gathering) -> Drift | Unseen:
    if isinstance(how.watcher, Unseen):
        return how.watcher
    # Each object has its own limit; a state that nobody can read, or a queue of silent objects, ends with this one.
    limit_s = how.patience_s + _MORE_FOR_ALL_S
    try:
        [found] = await asyncio.wait_for(how.watcher.found([Wanted(estate.stack, estate.azure)]), limit_s)
    except Exception as error:  # noqa: BLE001  # the rest of the page is worth having
        return Unseen(_why(error, how.patience_s), may_pass_again(error))
    return Unseen(found.problem, found.may_pass_again) if found.problem else found


def state_of(step: Step, findings: Sequence[Finding]) -> StepState:
    """Done where all that shows it passed; open where one of them failed."""
    shown = [finding.verdict for finding in findings if finding.link in step.shown_by]
    if Verdict.FAILED in shown:
        return StepState.OPEN
    return StepState.DONE if shown and set(shown) == {Verdict.PASSED} else StepState.UNKNOWN
