"""The secrets of a stack file that whoever previews a pull request could read."""

from __future__ import annotations

from typing import Any

import pytest
from purview_ai.settings.pipeline_secrets import open_to_previews

SEALED = {"secure": "v1:cipher"}


def open_in(config: dict[str, Any]) -> dict[str, str]:
    """What is found, with the value that is shown of it."""
    return {one.path: one.value for one in open_to_previews("contoso", config)}


def tenant(**keys: Any) -> dict[str, Any]:
    """A tenant whose sources have these keys, and little else."""
    return {"purview-ai:tenant": {"sources": {name: {"key": key} for name, key in keys.items()}}}


@pytest.mark.parametrize(
    ("key", "shown"),
    [({"secret": "a", "origin": "config"}, "'config'"), ({"secret": "a"}, "'config', which is the default")],
)
def test_a_key_that_pulumi_keeps_is_told_once(key: dict[str, str], shown: str) -> None:
    vault = {"secret": "b", "origin": "vault"}
    found = open_in({**tenant(first=key, second=vault), "purview-ai:a": SEALED})
    assert found == {"sources.first.key.origin": shown}


def test_a_secret_that_was_forgotten_there_is_told() -> None:
    vault = {"secret": "b", "origin": "vault"}
    assert open_in({**tenant(first=vault), "purview-ai:b": SEALED}) == {"purview-ai:b": "(not shown)"}
    assert open_in({"purview-ai:tenant": SEALED}) == {"purview-ai:tenant": "(not shown)"}


@pytest.mark.parametrize("value", [SEALED, "in plain"])
@pytest.mark.parametrize("setting", ["azure-native:clientSecret", "azuread:clientCertificate", "azuread:oidcToken"])
def test_what_signs_somebody_in_is_told_encrypted_or_not(setting: str, value: object) -> None:
    assert open_in({setting: value}) == {setting: "(not shown)"}


@pytest.mark.parametrize(
    "config",
    [
        tenant(first={"secret": "b", "origin": "vault"}),
        {"team:word": SEALED},
        {"azure-native:clientId": "11111111-1111-1111-1111-111111111111", "azure-native:oidcTokenFilePath": "token"},
        {"purview-ai:tenant": {"sources": ["chatgpt"]}},
        {"purview-ai:tenant": {"sources": {"chatgpt": {"key": None}}}},
        {"purview-ai:grants": {"account": "contoso-purview"}},
        {},
    ],
)
def test_nothing_else_is(config: dict[str, Any]) -> None:
    assert open_in(config) == {}
