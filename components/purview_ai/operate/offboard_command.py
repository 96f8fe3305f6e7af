"""``purview-ai offboard``: what destroy leaves behind, and how each of that is removed."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from purview_ai.drift.backend import backend_of, backend_url_of
from purview_ai.drift.checkpoint import CheckpointError
from purview_ai.offboarding.beside import items_beside
from purview_ai.offboarding.item import Fate
from purview_ai.offboarding.judging import items_of, unprotecting
from purview_ai.operate.estates import estate_of
from purview_ai.operate.speaking import AsJson, Exit, Patience, Stack, say
from purview_ai.operate.stack_file import WRONG
from purview_ai.settings.files import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.drift.checkpoint import Recorded
    from purview_ai.inspection.estate import Estate
    from purview_ai.offboarding.item import Item

EXAMPLES = "Examples: `purview-ai offboard` · `purview-ai offboard --stack contoso` · `… --stack contoso --json`"
_TITLES = {
    Fate.STOPS: "pulumi destroy stops at",
    Fate.REMOVED: "pulumi destroy removes",
    Fate.SOFT_DELETED: "deleted, and kept by the service for a while",
    Fate.STAYS: "stays",
    Fate.UNKNOWN: "could not be looked at",
}


def offboard(stack: Stack = None, patience: Patience = 60.0, as_json: AsJson = False) -> None:  # noqa: FBT002  # typer's way
    """Say what destroy removes, what it leaves behind and why, and how each of that is removed.

    Changes nothing. Before a destroy it reads the stack's state and asks no service; where the state is empty or gone,
    it looks what is still there. Exit code: 0 it is told, 1 destroy would stop at something, 2 the stack file is wrong,
    3 the state could not be read, or something could not be looked at.
    """
    try:
        estate = estate_of(stack, patience)
        project = Project.around(Path.cwd()).folder
        backend = _without_query(backend_url_of(estate.stack, project, os.environ))
    except (*WRONG, CheckpointError) as error:
        say(str(error), Exit.USAGE)
    try:
        found = backend_of(project, os.environ).find(estate.stack)
    except CheckpointError as error:
        say(str(error), Exit.UNKNOWN)
    resources = found.checkpoint.resources if found else []
    items, notes = _recorded(estate, resources) if resources else _looked_for(estate, patience)
    if found:
        from purview_ai.drift.looking import notes_of

        notes += notes_of(found)
    else:
        notes.append(
            f"there is no state of it in {backend}: it was removed, or never deployed, or pulumi keeps it elsewhere "
            "(PULUMI_BACKEND_URL, or pulumi whoami --verbose)"
        )
    told = _Told(
        estate.stack,
        "there" if resources else "empty" if found else "gone",
        unprotecting(resources, estate.stack),
        items,
        items_beside(estate.stack, estate.settings, backend),
        notes,
    )
    if as_json:
        typer.echo(json.dumps(asdict(told)))
    else:
        _show(told)
    raise typer.Exit(_code(told))


def _recorded(estate: Estate, resources: list[Recorded]) -> tuple[list[Item], list[str]]:
    items = items_of(resources, estate.azure.cloud, estate.settings.purview.endpoint or "")
    note = f"this is what the state has recorded: purview-ai drift --stack {estate.stack} says whether it is so still"
    return items, [note]


def _looked_for(estate: Estate, patience_s: float) -> tuple[list[Item], list[str]]:
    from purview_ai.offboarding.looking import NOT_LOOKED_FOR, still_there

    return still_there(estate, patience_s), [NOT_LOOKED_FOR]


def _without_query(url: str) -> str:
    return url.split("?", maxsplit=1)[0]


@dataclass(frozen=True)
class _Told:
    """All that there is to say of a stack."""

    stack: str
    state: str
    """There, empty or gone."""
    before_destroy: list[str]
    """What must be done before destroy begins at all."""
    objects: list[Item]
    """What the stack knows; or, without a state, what is there by the names of its stack file."""
    beside: list[Item]
    notes: list[str]


def _code(told: _Told) -> Exit:
    fates = {item.fate for item in told.objects}
    if told.before_destroy or Fate.STOPS in fates:
        return Exit.BAD
    return Exit.UNKNOWN if Fate.UNKNOWN in fates else Exit.GOOD


def _show(told: _Told) -> None:
    out = Console(highlight=False, emoji=False, soft_wrap=True)
    for line in _lines(told):
        out.print(line, style="" if line.startswith(" ") else "bold", markup=False)


def _lines(told: _Told) -> Iterator[str]:
    if told.before_destroy:
        yield "pulumi destroy refuses to begin, because objects are protected. First:"
        yield from (f"  {step}" for step in told.before_destroy)
    if told.state != "there":
        yield f"{told.stack}: the state is {told.state}. This is there by the names in the stack file:"
        if not told.objects:
            yield "  nothing"
    for fate, title in _TITLES.items():
        of_fate = [item for item in told.objects if item.fate is fate]
        yield from [f"{title}:"] if of_fate else []
        for item in of_fate:
            yield from _of(item, f"{item.kind} {item.name}")
    yield "beside the stack, which no destroy reaches:"
    for item in told.beside:
        yield from _of(item, item.name)
    yield from (f"note: {note}" for note in told.notes)


def _of(item: Item, title: str) -> Iterator[str]:
    days = f", {item.days} days" if item.days else ""
    yield f"  {title}{days}" + (f": {item.why}" if item.why else "")
    for way in item.ways:
        told = ", ".join(part for part in (way.who, way.mark, way.source) if part)
        yield f"    - {way.text} ({told})"
