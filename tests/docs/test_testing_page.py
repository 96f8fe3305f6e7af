"""The page on the tests names what runs at night, and all that has a size for the night runs then."""

from __future__ import annotations

import re
from pathlib import Path

from docs.pages import CHECKOUT

OF_THE_NIGHT = re.compile(r"^from nightly import|get_current_profile_name\(\)|HYPOTHESIS_PROFILE", re.MULTILINE)
BY_ITS_FLEET = {"tests/fleet/fleets.py": "tests/fleet/test_fleet_story.py"}


def at_night() -> list[str]:
    """The modules that ``make nightly`` runs."""
    [listed] = re.findall(r"^NIGHTLY := ((?:.*\\\n)*.*)$", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    return re.findall(r"tests/\S+\.py", listed)


def test_the_page_says_what_runs_at_night() -> None:
    page = (CHECKOUT / "docs" / "testing.md").read_text()
    assert re.findall(r"^\| `(tests/\S+)`", page, re.MULTILINE) == at_night()


def test_whatever_has_a_size_for_the_night_runs_then() -> None:
    sized = {
        str(file.relative_to(CHECKOUT))
        for file in (CHECKOUT / "tests").rglob("*.py")
        if OF_THE_NIGHT.search(file.read_text())
    } - {"tests/nightly.py", "tests/conftest.py", str(Path(__file__).relative_to(CHECKOUT))}
    assert {BY_ITS_FLEET.get(module, module) for module in sized} == set(at_night())
