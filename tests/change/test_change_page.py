"""The page lists the gate's rules, all of them and no others."""

from __future__ import annotations

import re

from purview_ai.change.rules import RULES
from tenants import CHECKOUT


def test_the_page_lists_each_rule_of_the_gate() -> None:
    table = (CHECKOUT / "docs" / "pipelines.md").read_text().split("| rule | stops |")[1].split("\n\n")[0]
    first = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert sorted(re.findall(r"`([\w-]+)`", first)) == sorted(rule.name for rule in RULES)
