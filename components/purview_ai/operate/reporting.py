"""Gathers what a report shows of a tenant, from the same looks as the other commands."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from typing import TYPE_CHECKING

from purview_ai.calls.speaking import remedy_for_silence
from purview_ai.drift.backend import backend_of
from purview_ai.drift.checkpoint import CheckpointError
from purview_ai.drift.looking import Wanted, Watcher
from purview_ai.inspection.checklist import steps_of
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import inspected
from purview_ai.inspection.keys import expiry_of, newest_version
from purview_ai.inspection.runs import history_of, stale_after
from purview_ai.inspection.verify import Limits, chain
from purview_ai.objects.failures import RefusedError, UnreachableError
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
from purview_ai.report.times import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from purview_ai.apps.app import App
    from purview_ai.drift.change import Drift
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.inspection.step import Step
    from purview_ai.settings.files import Project

_SHOWN_BY = {
    "auditing": "records",
    "metadata-extraction": "runs",
    "full-scan": "runs",
    "incremental-scan": "runs",
}
"""The links that show a capability at work; of the others, nothing can be read back."""
_STALE = timedelta(days=2)
_NOT_ASKED = "not looked at, because nobody asked for it (--no-drift)"


@dataclass(frozen=True)
class Gathering:
    """How much is looked at."""

    limits: Limits
    patience_s: float
    drift: bool = True


def made_by() -> str:
    """The program and its version."""
    return f"purview-ai {metadata.version('purview-ai')}"


def page_of(estate: Estate, project: Project, how: Gathering, tell: Callable[[Finding], None]) -> TenantPage:
    """What the page of one stack shows."""
    wait_s = how.patience_s + how.limits.search.wait_s
    findings = asyncio.run(inspected(chain(estate, how.limits), wait_s, tell))
    settings = estate.settings
    schedules = [stale_after(source.scan) or _STALE for source in settings.captured.values()]
    return TenantPage(
        stack=estate.stack,
        made=datetime.now(UTC),
        made_by=made_by(),
        account=_account(estate),
        sources=tuple(Source(name, one.application.title, one.workspace_id) for name, one in settings.sources.items()),
        chain=tuple(findings),
        runs=tuple(_runs(estate, source) for source in settings.captured),
        matrices=_matrices(estate, findings),
        keys=tuple(_key(estate, secret) for secret in dict.fromkeys(key.secret for key in settings.keys.values())),
        drift=_drift(estate, project) if how.drift else Unseen(_NOT_ASKED),
        steps=tuple(StepShown(step, _state(step, findings)) for step in steps_of(estate.stack, settings)),
        stale_after=max([*schedules, how.limits.stale_after or timedelta(), _STALE]),
    )


def _account(estate: Estate) -> str:
    try:
        return estate.account_id.rsplit("/", 1)[-1]
    except (RefusedError, UnreachableError):
        return estate.settings.purview.account


def _runs(estate: Estate, source: str) -> RunHistory:
    try:
        return RunHistory(source, tuple(history_of(estate, source).runs))
    except RefusedError as refusal:
        return RunHistory(source, Unseen(str(refusal)))
    except UnreachableError as error:
        return RunHistory(source, Unseen(f"{error}. {remedy_for_silence(error).splitlines()[0]}"))


def _matrices(estate: Estate, findings: Sequence[Finding]) -> tuple[Matrix, ...]:
    by_app: dict[str, list[str]] = {}
    for name, source in estate.settings.sources.items():
        by_app.setdefault(source.app, []).append(name)
    return tuple(
        _matrix(estate.settings.sources[names[0]].application, names, estate, findings) for names in by_app.values()
    )


def _matrix(app: App, sources: Sequence[str], estate: Estate, findings: Sequence[Finding]) -> Matrix:
    wished = {wish for name in sources for wish in estate.settings.sources[name].capabilities}
    rows: list[Capability] = []
    for name, cell in app.cells.items():
        shown = [one for one in findings if one.link in {f"{_SHOWN_BY.get(name, '')}.{source}" for source in sources}]
        worst = min(shown, key=lambda one: list(_BADNESS).index(one.verdict), default=None)
        seen_at = moment(worst.evidence[0].when) if worst and worst.evidence else None
        configured = name in wished or bool(shown)
        rows.append(Capability(cell, app.document_of(cell), configured, worst.verdict if worst else None, seen_at))
    return Matrix(app.title, tuple(rows))


_BADNESS = (Verdict.FAILED, Verdict.UNKNOWN, Verdict.PENDING, Verdict.TOO_EARLY, Verdict.PASSED)


def _key(estate: Estate, secret: str) -> KeyExpiry:
    vault = estate.settings.vault.name
    said = next((key.expires for key in estate.settings.keys.values() if key.secret == secret), None)
    try:
        found = estate.secret(secret)
    except (RefusedError, UnreachableError):
        found = None
    if found is None:
        return KeyExpiry(secret, f"vault {vault}", said)
    return KeyExpiry(secret, f"vault {vault}, version {newest_version(found)}", expiry_of(found) or said)


def _drift(estate: Estate, project: Project) -> Drift | Unseen:
    try:
        backend = backend_of(project.folder, os.environ)
        [found] = Watcher(backend, lambda _done, _all: None).drifts([Wanted(estate.stack, estate.azure)])
    except CheckpointError as error:
        return Unseen(str(error))
    return Unseen(found.problem) if found.problem else found


def _state(step: Step, findings: Sequence[Finding]) -> StepState:
    """Done where all that shows it passed; open where one of them failed."""
    shown = [finding.verdict for finding in findings if finding.link in step.shown_by]
    if Verdict.FAILED in shown:
        return StepState.OPEN
    return StepState.DONE if shown and set(shown) == {Verdict.PASSED} else StepState.UNKNOWN
