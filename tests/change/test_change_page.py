"""The page lists the gate's rules, all of them and no others."""

from __future__ import annotations

import re

from purview_ai.change.approvals import ALLOW, approvals_in
from purview_ai.change.rules import RULES
from purview_ai.code_hosts.host import lines_after
from tenants import CHECKOUT


def test_the_page_lists_each_rule_of_the_gate() -> None:
    table = (CHECKOUT / "docs" / "pipelines.md").read_text().split("| rule | stops |")[1].split("\n\n")[0]
    first = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert sorted(re.findall(r"`([\w-]+)`", first)) == sorted(rule.name for rule in RULES)


def test_the_lines_of_the_page_are_approvals_as_the_gate_reads_them() -> None:
    names = [rule.name for rule in RULES]
    block = (CHECKOUT / "docs" / "pipelines.md").read_text().split("```text\n")[1].split("```")[0]
    lines = lines_after(ALLOW, block)
    assert len(lines) == len(block.splitlines())
    found = [approval for line in lines for approval in approvals_in(line, names)]
    assert [(one.rule, one.stack) for one in found] == [
        ("replace-scan", "contoso"),
        ("delete-trigger", "contoso"),
        ("delete-trigger", "fabrikam"),
    ]
