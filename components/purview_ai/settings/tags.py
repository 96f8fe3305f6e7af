"""Tags, by which people find and choose what belongs together, as Azure takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from purview_ai import naming
from purview_ai.settings.forms import Form

if TYPE_CHECKING:
    from collections.abc import Mapping


def _once_each(given: dict[str, str]) -> dict[str, str]:
    names = [name.lower() for name in given]
    if twice := next((name for name in given if names.count(name.lower()) > 1), ""):
        msg = f"{twice} stands twice: Azure does not tell capitals from small letters in the names of tags"
        raise ValueError(msg)
    if len(given) > naming.TAGS:
        msg = f"there may be {naming.TAGS} tags, and it has {len(given)}"
        raise ValueError(msg)
    return given


TagName = Annotated[str, Form(naming.TAG_NAME, naming.TAG_NAME_RULE)]
TagValue = Annotated[str, Form(naming.TAG_VALUE, naming.TAG_VALUE_RULE)]
Tags = Annotated[dict[TagName, TagValue], AfterValidator(_once_each)]
"""Names with their values; what Azure takes is in docs/facts.md, graph 50."""


def together(tags: Mapping[str, str], nearer: Mapping[str, str]) -> dict[str, str]:
    """Both, where the nearer ones add to the others and override them, whatever their capitals."""
    overridden = {name.lower() for name in nearer}
    return {name: value for name, value in tags.items() if name.lower() not in overridden} | dict(nearer)
