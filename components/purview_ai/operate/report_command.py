"""``purview-ai report``: a page for each tenant, and an index over all of them."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer
from rich.console import Console
from rich.text import Text

from purview_ai.calls.speaking import OUR_FAULT, unexpected
from purview_ai.calls.threads import load
from purview_ai.fleet.looks import AT_ONCE
from purview_ai.inspection.records import Search
from purview_ai.inspection.verify import Limits
from purview_ai.operate.chosen_stack import selected_stack
from purview_ai.operate.estates import SignIns, estate_of
from purview_ai.operate.reporting import NOT_ASKED, Gathering, made_by, page_of, watcher_of
from purview_ai.operate.speaking import AsJson, Exit, Patience, SearchSeconds, Stacks, say
from purview_ai.operate.stack_file import WRONG
from purview_ai.report.contents import IndexPage, StackRow, Unseen
from purview_ai.report.page import index_page, tenant_page
from purview_ai.report.summary import glance_at, headline
from purview_ai.settings.files import Project, StackFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

EXAMPLES = "Examples: `purview-ai report --stack contoso` · `purview-ai report --all --out pages` · `… --json`"
INDEX = "index.html"
_UNLIKED = re.compile(r"[^\w. -]")
All = Annotated[bool, typer.Option("--all", help="All stacks of the project.")]
Out = Annotated[Path, typer.Option(help="The folder that the pages go to.", file_okay=False)]
NoDrift = Annotated[bool, typer.Option("--no-drift", help="Do not compare with the state.")]


def report(
    stack: Stacks = None,
    *,
    every: All = False,
    out: Out = Path("report"),
    no_drift: NoDrift = False,
    search: SearchSeconds = 20.0,
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> None:
    """Write a page for each tenant, and index.html over all of them: files that need no network to be read.

    Each shows the chain's state, what Purview supports and what is verified, the history of runs, drift, keys that
    expire, and open steps. Looks as verify and drift do, and changes nothing but the pages. Exit code: 0 the pages
    are written, whatever they say; 2 a stack file is wrong, whose stack the index names with the reason; 3 one page
    could not be made for a reason that nobody foresaw.
    """
    if every and stack:
        say("--all and --stack say two different things: give one of them", Exit.USAGE)
    try:
        project = Project.around(Path.cwd())
        stacks = list(project.stacks()) if every else stack or [selected_stack()]
    except StackFileError as error:
        say(str(error), Exit.USAGE)
    watcher = Unseen(NOT_ASKED) if no_drift else watcher_of(project, patience)
    how = Gathering(Limits(search=Search(wait_s=search)), patience, watcher)
    try:
        out.mkdir(parents=True, exist_ok=True)
        pages = _Pages(how, out, Console(stderr=True, highlight=False, emoji=False))
        rows = asyncio.run(pages.written(stacks))
        index = write_index(out, rows)
    except OSError as error:
        say(f"the pages cannot be written: {error}", Exit.USAGE)
    if as_json:
        files = {row.stack: str(out / row.page) if row.page else None for row in rows}
        typer.echo(json.dumps({"index": str(index), "pages": files}))
    else:
        typer.echo(f"{sum(bool(row.page) for row in rows)} of {len(rows)} pages written; begin with {index}")
    raise typer.Exit(pages.code)


def write_index(out: Path, rows: Iterable[StackRow]) -> Path:
    """Write the page over all; its file."""
    index = out / INDEX
    write_page(index, index_page(IndexPage(datetime.now(UTC), made_by(), tuple(rows))))
    return index


def write_page(file: Path, html: str) -> None:
    """Write a page, with a question mark for half a character, which a service may tell and no file can hold."""
    file.write_text(html, encoding="utf-8", errors="replace")


def files_of(stacks: Iterable[str]) -> dict[str, str]:
    """The file of each stack's page: its name, without what files do not like, and none that is taken already."""
    taken = {INDEX}
    files: dict[str, str] = {}
    for stack in dict.fromkeys(stacks):
        name = _UNLIKED.sub(lambda found: quote(found[0], safe=""), stack)
        # Some systems take two names for one where only the size of letters differs.
        while f"{name}.html".lower() in taken:
            name += "_"
        files[stack] = f"{name}.html"
        taken.add(files[stack].lower())
    return files


@dataclass
class _Pages:
    """Writes the pages of many stacks, some of them at once."""

    how: Gathering
    out: Path
    console: Console
    sign_ins: SignIns = field(default_factory=SignIns)
    done: int = 0
    code: Exit = Exit.GOOD

    async def written(self, stacks: Iterable[str]) -> list[StackRow]:
        """The rows of the index, in the order of the stacks."""
        files, gate = files_of(stacks), asyncio.Semaphore(AT_ONCE)
        load()
        with self._progress(len(files)) as told:
            return list(await asyncio.gather(*(self._row(stack, file, gate, told) for stack, file in files.items())))

    async def _row(self, stack: str, file: str, gate: asyncio.Semaphore, told: Callable[[str], None]) -> StackRow:
        async with gate:
            try:
                html, row = await self._made(stack, file, told)
            except WRONG as error:
                return self._without_page(stack, str(error), Exit.USAGE)
            except Exception as error:  # noqa: BLE001  # one stack's fault is no reason to lose the others' pages
                return self._without_page(stack, f"{stack}: {unexpected(error)}\n  {OUR_FAULT}", Exit.UNKNOWN)
            write_page(self.out / file, html)
        self.done += 1
        return row

    async def _made(self, stack: str, file: str, told: Callable[[str], None]) -> tuple[str, StackRow]:
        estate = estate_of(stack, self.how.patience_s, self.sign_ins.once)
        page = await page_of(estate, self.how, lambda one: told(f"{stack}: {one.title}"))
        self._say(f"{stack}: {headline(page)}")
        return tenant_page(page), StackRow(stack, glance_at(page), file)

    def _without_page(self, stack: str, reason: str, code: Exit) -> StackRow:
        """The row of a stack that has no page."""
        self.done += 1
        self.code = code if self.code is not Exit.USAGE else self.code
        self._say(reason)
        return StackRow(stack, Unseen(reason))

    def _say(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def _progress(self, stacks: int) -> Generator[Callable[[str], None]]:
        """Shows how far it is, on a terminal."""
        if not self.console.is_terminal:
            yield lambda _: None
            return
        of_all = f" of {stacks} stacks, " if stacks > 1 else ""
        with self.console.status(Text("looking")) as status:
            yield lambda at: status.update(Text(f"{f'{self.done}{of_all}' if of_all else ''}looking at {at}"))
