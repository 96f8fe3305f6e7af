"""What ``make up`` closes with: what was made, how the newest run ended, what to try next."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.engine import Tally

_WIDTH = 66


def summary(stack: str, tally: Tally, watched: list[dict[str, Any]], begun: datetime) -> Iterator[str]:
    """The lines.

    Args:
        stack: The stack's name.
        tally: What the engine did.
        watched: What ``purview-ai scan watch --json`` told of each source; nothing where nobody could be asked.
        begun: When the command began: a run that started before it says nothing of what was changed.
    """
    changed = tally.azure["update"] + tally.data_map["update"]
    made = tally.azure["create"] + tally.data_map["create"]
    untried = [one for one in watched if made + changed and not _is_new(one, begun)]
    yield ""
    yield _headline(stack, watched, untried)
    counts = f"  {tally.azure['create']} Azure and {tally.data_map['create']} Purview objects created"
    yield f"{counts}, {changed} changed".ljust(_WIDTH) + f"{tally.seconds:.0f} s"
    for one in watched:
        yield f"  {one['source']}: {'' if _is_new(one, begun) else 'no new run; the last one: '}{_ending(one)}"
    for one in watched:
        if one in untried or not _succeeded(one):
            setting = f"sources.{one['source']}.scan.generation in stacks/Pulumi.{stack}.yaml"
            yield f"To start a run: raise {setting}, and make up."
    yield "Next: make preview   make refresh   make env   make destroy"


def _headline(stack: str, watched: list[dict[str, Any]], untried: list[dict[str, Any]]) -> str:
    if not watched:
        return f"{stack} is deployed; how its runs go could not be asked."
    if untried:
        return f"{stack} is deployed; no run has tried the change yet."
    if not all(map(_succeeded, watched)):
        return f"{stack} is deployed, but not every run succeeded."
    return f"{stack} is connected."


def _succeeded(one: dict[str, Any]) -> bool:
    return one["run"] is not None and one["run"]["status"] == "Succeeded"


def _is_new(one: dict[str, Any], begun: datetime) -> bool:
    run = one["run"]
    return run is None or not run["started"] or datetime.fromisoformat(run["started"]) >= begun


def _ending(one: dict[str, Any]) -> str:
    run = one["run"]
    if run is None:
        return f"scan {one['scan']} never ran"
    ended = f"{run['level'].lower()} run {run['status']}   "
    if run["status"] != "Succeeded":
        return ended + run["reason"]
    counts = f"{run['discovered']} discovered, {run['classified']} classified, {run['ingested']} ingested"
    return f"{ended}{counts}   docs/first-run.md"
