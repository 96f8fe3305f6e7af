"""Waiting until Graph's replicas agree, as the genuine provider does (facts 58, 60 and 61)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from stand_ins.azuread.bridge import DiagnosedError
from stand_ins.azuread.graph import GraphError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stand_ins.azuread.graph import Graph, Version
    from stand_ins.patience import Patience

LOOKS = 5
"""So many times in a row it must be as it should."""
UPDATE_S = 5
DELETION_S = 1


def wait_until(holds: Callable[[], bool], patience: Patience, *, looks: int = LOOKS, pause_s: float = UPDATE_S) -> None:
    """Look until it holds so many times in a row."""
    held = 0
    while True:
        held = held + 1 if holds() else 0
        if held == looks:
            return
        patience.wait(pause_s)


def is_there(
    graph: Graph, path: str, patience: Patience, version: Version = "v1.0", *, named: str | None = None
) -> bool:
    """Whether an object is there, under this name if one is given."""
    try:
        found = graph.get(path, patience, version)
    except GraphError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return False
        raise
    return named is None or found.get("displayName") == named


def wait_until_gone(graph: Graph, path: str, patience: Patience, what: str, version: Version = "v1.0") -> None:
    """Look until it is gone so many times in a row."""
    try:
        wait_until(lambda: not is_there(graph, path, patience, version), patience, pause_s=DELETION_S)
    except GraphError as error:
        summary = f"Waiting for deletion of {what}"
        raise DiagnosedError(summary, error) from error
