"""``purview-ai report``: a page for each tenant, and an index over all of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from purview_ai.clouds import UnknownCloudError
from purview_ai.identity import IdentityError
from purview_ai.inspection.estate import Estate
from purview_ai.inspection.records import Search
from purview_ai.inspection.verify import Limits
from purview_ai.operate.chosen_stack import selected_stack
from purview_ai.operate.inspecting import Patience  # noqa: TC001  # typer reads it
from purview_ai.operate.reporting import Gathering, made_by, page_of
from purview_ai.operate.speaking import Exit, say
from purview_ai.operate.stack_file import tenant_of
from purview_ai.report.contents import IndexPage, StackRow, TenantPage, Unseen
from purview_ai.report.page import index_page, tenant_page
from purview_ai.report.summary import glance_at, headline
from purview_ai.settings.files import Project, StackFileError
from purview_ai.settings.mistakes import SettingsError

EXAMPLES = "Examples: `purview-ai report --stack contoso` · `purview-ai report --all --out pages` · `… --json`"
Stacks = Annotated[
    list[str] | None, typer.Option("--stack", help="A stack; may be repeated. Default: the selected one.")
]
All = Annotated[bool, typer.Option("--all", help="All stacks of the project.")]
Out = Annotated[Path, typer.Option(help="The folder that the pages go to.", file_okay=False)]
NoDrift = Annotated[bool, typer.Option("--no-drift", help="Do not compare with the state.")]
Seconds = Annotated[
    float, typer.Option(help="For how many seconds the end of a search in the audit log is waited for.", min=0)
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object that names the files, for machines.")]


def report(
    stack: Stacks = None,
    *,
    every: All = False,
    out: Out = Path("report"),
    no_drift: NoDrift = False,
    search: Seconds = 20.0,
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> None:
    """Write a page for each tenant, and index.html over all of them: files that need no network to be read.

    Each shows the chain's state, what Purview supports and what is verified, the history of runs, drift, keys that
    expire, and open steps. Looks as verify and drift do, and changes nothing but the pages. Exit code: 0 the pages
    are written, whatever they say; 2 a stack file is wrong, whose stack the index names with the reason.
    """
    try:
        project = Project.around(Path.cwd())
        stacks = list(project.stacks()) if every else stack or [selected_stack()]
    except StackFileError as error:
        say(str(error), Exit.USAGE)
    out.mkdir(parents=True, exist_ok=True)
    how = Gathering(Limits(search=Search(wait_s=search)), patience, drift=not no_drift)
    rows = [_row(name, project, how, out) for name in dict.fromkeys(stacks)]
    index = out / "index.html"
    index.write_text(index_page(IndexPage(datetime.now(UTC), made_by(), tuple(rows))), encoding="utf-8")
    wrong = [row for row in rows if isinstance(row.seen, Unseen)]
    if as_json:
        pages = {row.stack: str(out / row.page) if row.page else None for row in rows}
        typer.echo(json.dumps({"index": str(index), "pages": pages}))
    else:
        typer.echo(f"{len(rows) - len(wrong)} of {len(rows)} pages written; begin with {index}")
    if wrong:
        raise typer.Exit(Exit.USAGE)


def _row(stack: str, project: Project, how: Gathering, out: Path) -> StackRow:
    console = Console(stderr=True, highlight=False)
    try:
        tenant = tenant_of(stack)
        estate = Estate(tenant.stack, tenant.settings, tenant.azure)
        page = _looked_at(estate, project, how, console)
    except (StackFileError, SettingsError, IdentityError, UnknownCloudError) as error:
        console.print(str(error), markup=False)
        return StackRow(stack, Unseen(str(error)))
    file = f"{stack}.html"
    (out / file).write_text(tenant_page(page), encoding="utf-8")
    console.print(f"{stack}: {headline(page)}", markup=False, soft_wrap=True)
    return StackRow(stack, glance_at(page), file)


def _looked_at(estate: Estate, project: Project, how: Gathering, console: Console) -> TenantPage:
    if not console.is_terminal:
        return page_of(estate, project, how, lambda _: None)
    with console.status(f"{estate.stack}: looking at its chain") as status:
        return page_of(estate, project, how, lambda one: status.update(f"{estate.stack}: {one.title}"))
