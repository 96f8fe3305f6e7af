"""What ``make up`` closes with: what was made, how the first run ended, what to try next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.engine import Tally

_WIDTH = 66


def summary(stack: str, tally: Tally, watched: list[dict[str, Any]]) -> Iterator[str]:
    """The lines; ``watched`` is what ``purview-ai scan watch --json`` told of each source."""
    good = bool(watched) and all(one["run"] and one["run"]["status"] == "Succeeded" for one in watched)
    yield ""
    yield f"{stack} is connected." if good else f"{stack} is deployed, but its first run did not succeed."
    made = f"  {tally.azure['create']} Azure and {tally.data_map['create']} Purview objects created"
    changed = tally.azure["update"] + tally.data_map["update"]
    yield f"{made}, {changed} changed".ljust(_WIDTH) + f"{tally.seconds:.0f} s"
    for one in watched:
        yield f"  {one['source']}: {_ending(one)}"
    yield "Next: make preview   make refresh   make env   make destroy"


def _ending(one: dict[str, Any]) -> str:
    run = one["run"]
    if run is None:
        return f"scan {one['scan']} never ran"
    if run["status"] != "Succeeded":
        return f"first full run {run['status']}   {run['reason']}"
    counts = f"{run['discovered']} discovered, {run['classified']} classified, {run['ingested']} ingested"
    return f"first full run Succeeded   {counts}   docs/first-run.md"
