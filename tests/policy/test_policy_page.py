"""docs/policy.md says what the rules say."""

from __future__ import annotations

import json
import re

from purview_policy.configuration import mistakes
from purview_policy.page import parameters, rules
from tenants import CHECKOUT

PAGE = (CHECKOUT / "docs" / "policy.md").read_text()


def test_the_page_has_the_tables_that_the_rules_make() -> None:
    assert rules() in PAGE, "python -m purview_policy, in policy/"
    assert parameters() in PAGE, "python -m purview_policy, in policy/"


def test_every_piece_of_settings_that_the_page_shows_is_right() -> None:
    shown = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    assert shown
    for configuration in shown:
        blocks = {name: dict(one) if isinstance(one, dict) else {} for name, one in configuration.items()}
        for block in blocks.values():
            block.pop("enforcementLevel", None)
        assert mistakes(blocks) == []


def test_the_pipelines_leave_to_their_gate_what_the_page_says_and_nothing_else() -> None:
    shipped = (CHECKOUT / "policy" / "rules.json").read_text()
    assert json.loads(shipped) == {"no-rescan": "advisory"}
    assert f"which is shipped as\n\n```json\n{shipped}```" in PAGE
