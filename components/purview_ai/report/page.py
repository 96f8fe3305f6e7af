"""Turns contents into a page: one file that needs nothing else, asks the network for nothing and runs no script."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from purview_ai.fleet.results import Ending
from purview_ai.fleet.summary import changes_in_words, in_time
from purview_ai.inspection.finding import Verdict
from purview_ai.objects.sameness import read_moment
from purview_ai.report import summary
from purview_ai.report.charts import charts_of
from purview_ai.report.contents import Unseen
from purview_ai.report.runs import last_success, timed_runs
from purview_ai.report.times import age, age_in_days, duration, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from purview_ai.apps.capability import Document
    from purview_ai.report.charts import Chart
    from purview_ai.report.contents import FleetPage, IndexPage, Matrix, RunHistory, StackRow, TenantPage
    from purview_ai.report.runs import TimedRun


@dataclass(frozen=True)
class _Runs:
    """The runs of a source, ready to be shown."""

    source: str
    unseen: str
    runs: list[TimedRun]
    """The newest first."""
    charts: tuple[Chart, ...]
    last_success: datetime | None


def tenant_page(page: TenantPage) -> str:
    """The page of one stack."""
    return _rendered(
        "tenant.html",
        page,
        standing=summary.worst_of(page),
        headline=summary.headline(page),
        findings=[] if isinstance(page.chain, Unseen) else page.chain,
        histories=[_shown(history, page) for history in page.runs],
        documents=[_documents_of(matrix) for matrix in page.matrices],
        newest_success=summary.newest_success(page),
        next_key=summary.next_key(page),
        drifted=summary.drifted(page),
        open_steps=summary.open_steps(page),
        unknown_steps=summary.unknown_steps(page),
        soon_days=summary.SOON_DAYS,
    )


def index_page(page: IndexPage) -> str:
    """The page over all stacks; those that need somebody come first."""
    rows = sorted(page.rows, key=lambda row: (-_standing(row).badness, row.stack))
    worst = _standing(rows[0]) if rows else Verdict.PASSED
    return _rendered("index.html", page, rows=rows, worst=worst, headline=summary.index_headline(page))


def fleet_page(page: FleetPage) -> str:
    """The page over one run of a fleet; the stacks that need somebody come first."""
    totals = page.summary.totals
    return _rendered(
        "fleet.html",
        page,
        worst=next(iter(totals), Ending.SUCCEEDED),
        totals=totals,
        changes={one.stack: changes_in_words(one.changes, to_come=page.to_come) for one in page.summary.results},
        spent={one.stack: in_time(one.seconds) if one.attempts else "" for one in page.summary.results},
    )


def _standing(row: StackRow) -> Verdict:
    return Verdict.UNKNOWN if isinstance(row.seen, Unseen) else row.seen.standing


def _shown(history: RunHistory, page: TenantPage) -> _Runs:
    runs = timed_runs(history, page.made)
    return _Runs(
        source=history.source,
        unseen=history.runs.reason if isinstance(history.runs, Unseen) else "",
        runs=runs[::-1],
        charts=charts_of(runs) if runs else (),
        last_success=last_success(history, page.made),
    )


def _documents_of(matrix: Matrix) -> list[Document]:
    """What its rows cite, once each, in the order of the rows."""
    return list(dict.fromkeys(row.document for row in matrix.rows))


def _rendered(template: str, page: TenantPage | IndexPage | FleetPage, **values: Any) -> str:
    style = files(__package__ or "").joinpath("templates/style.css").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template(template)
        .render(
            page=page,
            style=Markup(style),  # noqa: S704  # our own file
            policy=_policy(style),
            ago=partial(age, now=page.made),
            in_days=partial(age_in_days, now=page.made),
            **values,
        )
    )


def _policy(style: str) -> str:
    """Nothing but this very style sheet: whatever a name smuggles in neither runs nor loads."""
    fingerprint = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{fingerprint}'; base-uri 'none'; form-action 'none'"


@cache
def _environment() -> Environment:
    made: Any = Environment(
        loader=PackageLoader("purview_ai.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(stamp=stamp, duration=duration, moment=read_moment, written=_written, web=_web)
    made.tests.update(unseen=_unseen)
    return made


def _unseen(value: object) -> bool:
    return isinstance(value, Unseen)


def _written(value: Any) -> str:
    """A recorded value, as JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _web(link: str) -> bool:
    """Whether a link may be followed: one that runs a script may not."""
    return link.startswith("https://")
