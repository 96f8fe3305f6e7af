"""What a person sees while a fleet works."""

from __future__ import annotations

import io

from purview_ai.fleet.results import Ending, StackResult
from purview_ai.operate.fleet_showing import Showing
from rich.console import Console


def test_the_table_tells_how_far_it_is_and_how_long_the_rest_takes() -> None:
    seen = io.StringIO()
    console = Console(file=seen, force_terminal=True, width=120, color_system=None)
    showing = Showing("up", stacks=7, parallel=2, console=console)
    with showing.shown():
        for stack in ("contoso", "fabrikam"):
            showing.began(stack)
            showing.ended(StackResult(stack=stack, ending=Ending.SUCCEEDED, seconds=60))
        showing.began("northwind")
    # Five are left, one of them at work, two at a time, a minute each.
    assert "fleet up: 2 of 7 stacks, about 2 min 30 s left  2 succeeded" in seen.getvalue()
    assert "northwind" in seen.getvalue()
