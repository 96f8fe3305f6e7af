"""Whether a vendor's key would be told of at another time, or could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.change.preview import Action
from purview_ai.drift.azure_types import SECRET
from purview_ai.vaults.secret import VAULT_SECRET

if TYPE_CHECKING:
    from purview_ai.change.preview import Change

_EXPIRES = {VAULT_SECRET.name: "expires", SECRET: "properties.attributes.expires"}
_KEY = {VAULT_SECRET.name: "fingerprint", SECRET: "properties.value"}
"""What is another one where the key is; a native secret's is never shown."""


def moved_expiry(change: Change) -> str:
    """Whether a key that stays the same gets another last day, which no vendor gives it."""
    found = change.changed(_EXPIRES.get(change.type, ""))
    if found is None or found.was is None or change.action is not Action.CHANGE:
        return ""
    key = _KEY[change.type]
    another = change.changed(key) is not None or key in change.hidden
    return "" if another else "would have another last day, and is the same key"
