"""The kinds of objects that a comparison tells of, by the words that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.drift import azure, entra, own
from purview_ai.dynamic.families import KIND, families

if TYPE_CHECKING:
    from purview_ai.drift.checkpoint import Recorded

_SEEN_BY = {
    "collection role": "Collection Administrator on the collection",
    **{one.called: f"the Graph permission {one.permission}" for one in entra.TYPES.values() if one.permission},
}
"""What looking at these takes besides reading in Azure and in the Data Map (docs/facts.md, purview 2.11)."""


def called(recorded: Recorded) -> str:
    """What people call a resource."""
    if own.is_own(recorded):
        return str(recorded.outputs[KIND])
    return entra.called(recorded) if recorded.type.startswith(entra.PREFIX) else azure.called(recorded)


def known_kinds() -> set[str]:
    """All that a resource may be called whose fields are known here."""
    ours = {name for family in families() for name in family.kinds}
    theirs = {one.called for types in (azure.TYPES, entra.TYPES) for one in types.values()}
    return ours | theirs | {azure.POLICY_CALLED}


def why_left_out(kind: str) -> str:
    """What a reader is to know of an object of a kind that nobody was meant to look at."""
    takes = _SEEN_BY.get(kind)
    return f"--leave-out names its kind{f'; to look at it takes {takes}' if takes else ''}"
