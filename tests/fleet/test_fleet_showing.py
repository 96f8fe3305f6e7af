"""What a person sees while a fleet works."""

from __future__ import annotations

import io

from purview_ai.fleet.results import Ending, StackResult
from purview_ai.operate.fleet_showing import Showing
from rich.console import Console


def test_the_table_tells_how_far_it_is_and_how_long_the_rest_takes() -> None:
    seen = io.StringIO()
    console = Console(file=seen, force_terminal=True, width=120, color_system=None)
    waves = (("contoso", "fabrikam", "northwind", "one", "two", "three"), ("four",))
    showing = Showing("up", waves, parallel=2, console=console)
    with showing.shown():
        for stack in ("contoso", "fabrikam"):
            showing.began(stack)
            showing.ended(StackResult(stack=stack, ending=Ending.SUCCEEDED, seconds=60))
        showing.began("northwind")
    # Four are left of the wave, one of them at work, two at a time, a minute each; and then one more.
    assert "fleet up: 2 of 7 stacks, about 3 min 0 s left  2 succeeded" in seen.getvalue()
    assert "northwind" in seen.getvalue()
