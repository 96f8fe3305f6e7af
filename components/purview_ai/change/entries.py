"""Lists of a preview, compared. What it does not know yet may be anything."""

from __future__ import annotations

import json
from typing import Any

from purview_ai.change.preview import UNKNOWN
from purview_ai.json_values import is_list


def grows(was: Any, now: Any) -> bool:
    """Whether there is something now that was not there."""
    return UNKNOWN in (was, now) or not set(entries(now)) <= set(entries(was))


def shrinks(was: Any, now: Any) -> bool:
    """Whether something is not there any more."""
    return grows(now, was)


def entries(value: Any) -> list[str]:
    """What stands in a list, each entry as a text; one value is a list of one."""
    if value is None or value in ([], {}):
        return []
    return [json.dumps(one, sort_keys=True) for one in (value if is_list(value) else [value])]
