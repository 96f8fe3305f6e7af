"""The rules as tables for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from purview_policy.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable


def rules() -> str:
    """What must be so, how hard, and what to do where it is not."""
    rows = ((f"`{rule.name}`", rule.level.value, rule.says, rule.remedy) for rule in RULES)
    return _table(("rule", "level", "what must be so", "to put it right"), rows)


def parameters() -> str:
    """What can be set of the rules beside their levels."""
    rows = (
        (f"`{rule.name}`", f"`{name}`", f"`{json.dumps(field.default)}`", field.description or "")
        for rule in RULES
        for name, field in rule.parameters.model_fields.items()
    )
    return _table(("rule", "parameter", "default", "what it says"), rows)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(_plain, line))} |" for line in lines)


def _plain(cell: str) -> str:
    """A cell without what would end it or be taken for a tag."""
    return cell.replace("|", "\\|").replace("<", "\\<")
