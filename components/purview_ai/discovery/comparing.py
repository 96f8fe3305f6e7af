"""How one connector profile differs from another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from purview_ai.json_values import is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.apps.profile import ConnectorProfile


def profile_differences(one: ConnectorProfile, other: ConnectorProfile) -> list[str]:
    """Line by line what the one has instead of the other."""
    ours, theirs = dict(_leaves(one.model_dump())), dict(_leaves(other.model_dump()))
    changed = [f"{at}: {ours[at]} instead of {theirs[at]}" for at in ours if at in theirs and ours[at] != theirs[at]]
    more = [f"{at}: {ours[at]}, which the other one does not have" for at in ours if at not in theirs]
    less = [f"{at}: missing, where the other one has {theirs[at]}" for at in theirs if at not in ours]
    return [*changed, *more, *less]


def _leaves(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    if is_object(value) and value:
        for name, member in value.items():
            yield from _leaves(member, f"{at}.{name}".lstrip("."))
    else:
        yield at, value if isinstance(value, str) else json.dumps(value)
