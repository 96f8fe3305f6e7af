"""The secrets of a stack file that whoever previews a pull request could read."""

from __future__ import annotations

from typing import Any

import pytest
from purview_ai.operate.settings_commands import checked
from purview_ai.settings.files import Project
from purview_ai.settings.pipeline_secrets import in_a_pipeline, open_to_previews
from tenants import CHECKOUT

SANDBOX = Project(CHECKOUT)
KEY = "purview-ai:chatgpt-compliance-key"
ORIGIN = "sources.chatgpt.key.origin"
SEALED = {"secure": "v1:cipher"}


def open_in(config: dict[str, Any]) -> dict[str, str]:
    """What is found, with the value that is shown of it."""
    return {one.path: one.value for one in open_to_previews("contoso", config)}


def tenant(**keys: Any) -> dict[str, Any]:
    """A tenant whose sources have these keys, and little else."""
    return {"purview-ai:tenant": {"sources": {name: {"key": key} for name, key in keys.items()}}}


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ({"secret": "a", "origin": "config"}, "'config'"),
        ({"secret": "a"}, "'config', which is the default"),
        ({"secret": "a", "origin": None}, "(not shown)"),
        ({"secret": "a", "origin": "sk-compl-abc"}, "(not shown)"),
    ],
)
def test_a_key_that_pulumi_keeps_is_told_once(key: dict[str, Any], shown: str) -> None:
    vault = {"secret": "b", "origin": "vault"}
    found = open_in({**tenant(first=key, second=vault), "purview-ai:a": SEALED})
    assert found == {"sources.first.key.origin": shown}


def test_a_secret_that_was_forgotten_there_is_told() -> None:
    vault = {"secret": "b", "origin": "vault"}
    for forgotten in (SEALED, "sk-compl-abc", "opaque", {"key": "sk-compl-abc"}):
        assert open_in({**tenant(first=vault), "purview-ai:b": forgotten}) == {"purview-ai:b": "(not shown)"}


@pytest.mark.parametrize("block", ["purview-ai:tenant", "purview-ai:grants"])
def test_a_block_that_is_encrypted_as_a_whole_is_not_to_be_thrown_away(block: str) -> None:
    [found] = open_to_previews("contoso", {block: SEALED})
    assert found.path == block
    assert f"write it in plain text, without any key in it; pulumi config get {block} --stack contoso" in found.fix
    assert "config rm" not in found.fix


def test_the_name_of_a_source_that_looks_like_a_key_is_not_shown() -> None:
    config = tenant(**{"sk-compl-abc": {"secret": "a"}})
    assert list(open_in(config)) == ["sources.(not shown).key.origin"]
    assert "sk-compl" not in str(open_to_previews("contoso", config))


def told_in_a_pipeline(**changed: Any) -> list[tuple[str, str]]:
    """What is told of the sandbox's stack file with other settings, each with its fix; None takes one out."""
    config = {**SANDBOX.config_of("sandbox"), **changed}
    config = {name: value for name, value in config.items() if value is not None}
    wrong, _ = checked(SANDBOX, "sandbox", config)
    return [(one.path, one.fix) for one in in_a_pipeline("sandbox", config, wrong)]


@pytest.mark.parametrize("origin", [{}, {"origin": "config"}])
@pytest.mark.parametrize("key", [None, SEALED])
def test_nobody_is_told_to_put_a_key_into_the_file(origin: dict[str, str], key: object) -> None:
    block = SANDBOX.config_of("sandbox")["purview-ai:tenant"]
    block["sources"]["chatgpt"]["key"] |= origin
    [(path, fix)] = told_in_a_pipeline(**{"purview-ai:tenant": block, KEY: key})
    assert path == ORIGIN
    assert fix.startswith("origin: vault")


def test_a_key_in_plain_text_is_taken_out_and_replaced_and_put_nowhere_else() -> None:
    [(origin, _), (path, fix)] = told_in_a_pipeline(**{KEY: "sk-compl-abc"})
    assert (origin, path) == (ORIGIN, KEY)
    assert fix.startswith(f"pulumi config rm {KEY} --stack sandbox; and replace it")


def test_an_origin_that_is_none_is_told_as_any_wrong_setting_too() -> None:
    block = SANDBOX.config_of("sandbox")["purview-ai:tenant"]
    block["sources"]["chatgpt"]["key"]["origin"] = "valt"
    told = told_in_a_pipeline(**{"purview-ai:tenant": block})
    assert [path for path, _ in told] == [ORIGIN, ORIGIN]
    assert told[1][1] == "did you mean vault?"


def test_a_tenant_that_is_encrypted_as_a_whole_is_told_once() -> None:
    told = told_in_a_pipeline(**{"purview-ai:tenant": SEALED, KEY: None})
    assert [path for path, _ in told] == ["purview-ai:tenant"]


@pytest.mark.parametrize("value", [SEALED, "in plain"])
@pytest.mark.parametrize("setting", ["azure-native:clientSecret", "azuread:clientCertificate", "azuread:oidcToken"])
def test_what_signs_somebody_in_is_told_encrypted_or_not(setting: str, value: object) -> None:
    assert open_in({setting: value}) == {setting: "(not shown)"}


@pytest.mark.parametrize(
    "config",
    [
        tenant(first={"secret": "b", "origin": "vault"}),
        {"team:word": SEALED, "azuredevops:personalAccessToken": SEALED, "auth0:clientSecret": SEALED},
        {"azure-native:clientId": "11111111-1111-1111-1111-111111111111", "azure-native:oidcTokenFilePath": "token"},
        {"purview-ai:tenant": {"sources": ["chatgpt"]}},
        {"purview-ai:tenant": {"sources": {"chatgpt": {"key": None}}}},
        {"purview-ai:grants": {"account": "contoso-purview"}},
        {},
    ],
)
def test_nothing_else_is(config: dict[str, Any]) -> None:
    assert open_in(config) == {}
