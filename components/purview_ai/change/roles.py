"""Whether a custom role allows more than it did, or less: says what, as the end of a sentence, or nothing.

What a preview does not know yet is no part of anything that was allowed.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from purview_ai.change.entries import grows
from purview_ai.json_values import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.change.preview import Change

_WITHOUT = {"actions": "notActions", "dataActions": "notDataActions"}
"""What a permission allows, and where it says what of that it does not."""
_Right = tuple[str, str, list[str]]
"""Of which kind, the action, and what is taken out of it."""


def wider(change: Change) -> str:
    """What the role allows, or where it can be given."""
    permissions, scopes = change.changed("permissions"), change.changed("assignableScopes")
    if permissions and _allows_more(permissions.was, permissions.now):
        return "would allow more to everybody who has it"
    if scopes and not all(any(_is_at(now, was) for was in _texts(scopes.was)) for now in _texts(scopes.now)):
        return "could be given in more places"
    return ""


def narrower(change: Change) -> str:
    """What the role allows no more."""
    permissions = change.changed("permissions")
    taken = permissions is not None and _allows_more(permissions.now, permissions.was)
    return "would take rights away from everybody who has it" if taken else ""


def _allows_more(was: Any, now: Any) -> bool:
    if not (_is_known(was or []) and _is_known(now or [])):
        return grows(was, now)
    before = list(_rights(was or []))
    return not all(any(_is_part(right, of) for of in before) for right in _rights(now or []))


def _is_known(permissions: Any) -> bool:
    return is_list(permissions) and all(map(is_object, permissions))


def _rights(permissions: list[Any]) -> Iterator[_Right]:
    for one in permissions:
        for kind, without in _WITHOUT.items():
            for action in _texts(one.get(kind)):
                yield kind, action, _texts(one.get(without))


def _is_part(right: _Right, of: _Right) -> bool:
    kind, action, without = right
    whole_kind, whole, whole_without = of
    kept = all(any(_covers(one, there) for one in without) for there in whole_without)
    return kind == whole_kind and _covers(whole, action) and kept


def _covers(pattern: str, action: str) -> bool:
    """Azure knows no case, and its ``*`` stands for anything."""
    return fnmatchcase(action.lower(), pattern.lower())


def _is_at(scope: str, above: str) -> bool:
    return f"{scope.lower()}/".startswith(f"{above.lower().rstrip('/')}/")


def _texts(value: Any) -> list[str]:
    return [str(one) for one in (value if is_list(value) else [value]) if one is not None]
