"""Queries of eDiscovery in KQL (docs/facts.md, graph 33)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


def query_of(item_classes: Iterable[str], since: date | None = None, until: date | None = None) -> str:
    """All items of any of these classes, within these days, both included; times are UTC."""
    clauses = ["(" + " OR ".join(f"ItemClass:{_written(one)}" for one in item_classes) + ")"]
    clauses += [f"Date>={since.isoformat()}"] if since else []
    clauses += [f"Date<={until.isoformat()}"] if until else []
    return " AND ".join(clauses)


def _written(item_class: str) -> str:
    """Quoted, so that no bracket is read as an operator; with a wildcard as it is documented of ItemClass."""
    return item_class if item_class.endswith("*") else f'"{item_class}"'
