"""Scripts as they are rendered, for the tests."""

from __future__ import annotations

from typing import Any

from purview_ai.governance.scripts.rendering import render
from purview_ai.settings.scripts import ScriptsSettings

APP = "11111111-1111-1111-1111-111111111111"
OBJECT = "22222222-2222-2222-2222-222222222222"
POLICY = "Bob's \u2019AI\u2019 $(Remove-Item x) `n"
"""A name that does harm, where it is not only a name."""
EVERYTHING: dict[str, Any] = {
    "retention": {"name": POLICY, "days": 2555, "action": "keep-and-delete"},
    "capture": {},
    "network": {"name": "network of 'Bob'", "enabled": False},
    "ediscovery": {"name": "purview-ai", "app_id": APP, "object_id": OBJECT},
}


def rendered(**changes: Any) -> dict[str, str]:
    """All files, with changes to what everything asks for; None takes a block out."""
    asked = {name: value for name, value in {**EVERYTHING, **changes}.items() if value is not None}
    return render("contoso", ScriptsSettings.model_validate(asked))


def scripts(**changes: Any) -> dict[str, str]:
    """The scripts among them."""
    return {file: text for file, text in rendered(**changes).items() if file.endswith(".ps1")}
