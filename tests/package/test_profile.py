"""Connector profiles: wire names as data, with placeholders."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from purview_ai.apps.catalogue import app_named
from purview_ai.apps.profile import ConnectorProfile, WireObject
from pydantic import ValidationError

VALUES: dict[str, object] = {
    "workspace_id": "w-1",
    "capture_since": date(2026, 1, 31),
    "credential": "contoso-chatgpt",
    "credential_kind": "Key",
}


def test_placeholders_are_filled_wherever_they_stand() -> None:
    wire = WireObject(
        kind="K",
        properties={
            "nested": {"id": "{workspace_id}", "both": "{credential}/{credential_kind}"},
            "list": ["{workspace_id}", 7],
            "since": "{capture_since}",
            "instant": "{capture_since:%Y-%m-%dT00:00:00Z}",
            "constant": True,
        },
    )
    assert wire.rendered(VALUES) == {
        "nested": {"id": "w-1", "both": "contoso-chatgpt/Key"},
        "list": ["w-1", 7],
        "since": "2026-01-31",
        "instant": "2026-01-31T00:00:00Z",
        "constant": True,
    }


def test_a_property_without_its_value_is_left_to_the_service() -> None:
    wire = WireObject(kind="K", properties={"since": "{capture_since}", "id": "{workspace_id}"})
    assert wire.rendered({**VALUES, "capture_since": None}) == {"id": "w-1"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"data_source": {"kind": "K", "properties": {"x": "{workspace}"}}},
        {"data_source": {"kind": "K", "properties": {"x": ["{capture_since}"]}}},
        {"scan": {"kind": "K", "properties": {"x": {"y": "{secret}"}}}},
        {"scan": {"kind": ""}},
        {"credential": {"kind": "K"}},
        {"colour": "blue"},
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    right = {
        "data_source": {"kind": "K"},
        "scan": {"kind": "K"},
        "credential": {"kind": "K", "secret_property": "key"},
    }
    ConnectorProfile.model_validate(right)
    with pytest.raises(ValidationError):
        ConnectorProfile.model_validate({**right, **wrong})


def test_the_shipped_profile_is_unverified() -> None:
    app = app_named("chatgpt-enterprise")
    assert app.connector
    assert not app.connector.verified
    assert app.connector.profile.data_source.rendered(VALUES)["workspaceId"] == "w-1"
