"""Settings: what is right is typed, what is wrong is told in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from purview_ai.settings.key import KeySettings
from purview_ai.settings.mistakes import Mistake, SettingsError
from purview_ai.settings.reading import read
from purview_ai.settings.tenant import TenantSettings
from purview_ai.settings.whole_tenant import whole_tenant
from tenants import CHECKOUT

SANDBOX = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text())["config"]["purview-ai:tenant"]


def changed(path: str, value: Any) -> dict[str, Any]:
    """The sandbox's settings with one of them changed."""
    block = yaml.safe_load(yaml.safe_dump(SANDBOX))
    at = block
    *above, last = path.split(".")
    for step in above:
        at = at[step]
    at[last] = value
    return block


def mistakes(block: dict[str, Any]) -> list[Mistake]:
    """What is wrong with some settings, by themselves and together."""
    reading = read(block)
    assert reading.settings is not None, "whatever is wrong, the rest is looked at"
    return [*reading.mistakes, *whole_tenant("contoso", reading.settings, reading)]


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("vault.name", "kv--contoso", "3 to 24 letters"),
        ("vault.name", "1vault", "starts with a letter"),
        ("vault.resource_group", "rg.", "not ending with a full stop"),
        ("vault.access", "policies", "rbac"),
        ("vault.soft_delete_days", 3, "at least 7"),
        ("vault.network", None, "it is missing"),
        ("vault.existing", True, "leave it out, or take existing: true away"),
        ("sources.chatgpt.key.version", "3" * 32, "the version that it wrote"),
        ("sources.chatgpt.key.version", "3", "32 letters and digits"),
        ("vault.network", "public", "no effect on a vault with network: public"),
        ("sources.chatgpt.workspace_id", "org-123", "API platform organisation"),
        ("sources.chatgpt.workspace_id", "f7f33107-5fb9-4ee1-892-3eae76b5b5a0", "GUID with a mistake"),
        ("vault.allow_from", ["moon"], "Addresses that may reach"),
        ("sources.chatgpt.app", "gemini", "chatgpt-enterprise"),
        ("sources.chatgpt.capture_since", "yesterday", "date"),
        ("sources.chatgpt.key.secret", "chatgpt_key", "letters, digits and hyphens"),
        ("sources.chatgpt.key.secret", "sk-proj-abc", "looks like a vendor's key"),
        ("purview.account", "contoso-purview\n", "3 to 63 letters"),
        ("sources.chatgpt.profile.scan.properties", {"x": "{nobody}"}, "no placeholder"),
        ("sources", {}, "at least 1"),
        ("sources.X_1", {}, "lower-case"),
    ],
)
def test_a_wrong_value_is_told_with_its_place_and_reason(path: str, value: Any, reason: str) -> None:
    told = mistakes(changed(path, value))
    assert any(reason in mistake.reason or reason in mistake.fix for mistake in told), told
    assert all(mistake.fix for mistake in told)


def test_one_secret_is_not_read_from_access_policies() -> None:
    block = changed("vault.access", "access-policy")
    block["vault"]["purview_reads"] = "secret"
    [mistake] = mistakes(block)
    assert "access policies go by the whole vault" in mistake.reason


def test_sources_that_share_a_secret_say_the_same_of_it() -> None:
    other = SANDBOX["sources"]["chatgpt"] | {"workspace_id": "9" * 8 + "-1111-4111-8111-" + "9" * 12}
    assert TenantSettings.model_validate(changed("sources.second", other))
    [mistake] = mistakes(changed("sources.second", other | {"key": {**other["key"], "origin": "vault"}}))
    assert "chatgpt and second use secret chatgpt-compliance-key" in mistake.reason


def test_a_key_is_warned_of_while_it_counts() -> None:
    today = datetime.now(UTC).date()
    key = KeySettings(secret="a-key", warn_days=10)
    assert key.expiry_warning(None) == key.expiry_warning(today + timedelta(days=11)) == ""
    assert "expires on" in key.expiry_warning(today + timedelta(days=10))
    assert "expired on" in key.expiry_warning(today - timedelta(days=1))


def test_a_wrong_app_hides_no_wrong_workspace() -> None:
    block = changed("sources.chatgpt.workspace_id", "org-123")
    block["sources"]["chatgpt"]["app"] = "chatgpt"
    told = {mistake.path for mistake in mistakes(block)}
    assert {"sources.chatgpt.app", "sources.chatgpt.workspace_id"} <= told


MANY = {
    "vault.name": "kv--contoso",
    "vault.network": "moon",
    "purview.account": None,
    "sources.chatgpt.accept_unverified_profile": "perhaps",
    "sources.chatgpt.profile": None,
    "sources.chatgpt.workspace_id": "org-123",
    "sources.chatgpt.scan.generation": 0,
    "sources.Second": {},
    "grants": 5,
}
TOGETHER = {"release": ["no-such-object"], "allow_rescan": ["nobody"]}


@pytest.mark.parametrize("path", [path for path in MANY if path not in ("vault.name", "sources.Second")])
def test_a_wrong_setting_hides_no_mistake_that_needs_several(path: str) -> None:
    block = changed(path, MANY[path]) | TOGETHER
    told = {mistake.path for mistake in mistakes(block)}
    assert {*TOGETHER, path} <= told | {"sources.chatgpt.profile"}
    if path == "sources.chatgpt.profile":
        assert "sources.chatgpt.accept_unverified_profile" in told


def test_what_hangs_on_a_wrong_setting_is_not_held_against_others() -> None:
    # Which names the objects have is not known here.
    for path in ("vault.name", "sources.Second"):
        told = {mistake.path for mistake in mistakes(changed(path, MANY[path]) | {"release": ["no-such-object"]})}
        assert "release" not in told


def test_missing_blocks_hide_nothing_either() -> None:
    block = {"allow_rescan": ["nobody"], "protect": "perhaps", "sources": SANDBOX["sources"]}
    assert [mistake.path for mistake in mistakes(block)] == ["purview", "vault", "protect", "allow_rescan"]


def test_an_app_role_can_be_released_by_its_value() -> None:
    assert mistakes(changed("release", ["User.Read.All", "chatgpt-scan"])) == []


def test_a_source_may_be_called_as_a_setting_is() -> None:
    block = changed("sources", {"key": SANDBOX["sources"]["chatgpt"] | {"colour": "blue"}})
    [mistake] = mistakes(block)
    assert mistake.path == "sources.key.colour"
    assert "known here are app, workspace_id" in mistake.fix


def test_two_sources_of_one_workspace_are_refused() -> None:
    block = changed("sources.second", SANDBOX["sources"]["chatgpt"])
    [mistake] = mistakes(block)
    assert mistake.path == "sources.second.workspace_id"
    assert "chatgpt and second are the same workspace" in mistake.reason


def test_a_key_written_into_the_wrong_place_is_never_shown() -> None:
    leaked = "sk-very-secret"
    for path in ("sources.chatgpt.key", "sources.chatgpt.key.secret_value", "vault.api_key"):
        error = SettingsError("contoso", mistakes(changed(path, leaked)))
        assert leaked not in str(error)


def test_an_unknown_setting_suggests_the_one_that_was_meant() -> None:
    [mistake] = mistakes(changed("vault.purge_protecton", "on"))
    assert mistake.path == "vault.purge_protecton"
    assert mistake.fix == "did you mean purge_protection?"


@pytest.mark.parametrize("spelt", ["2026-01-01", "2026-01-01 00:00:00 +0000 UTC", date(2026, 1, 1)])
def test_a_date_may_be_quoted_or_not(spelt: object) -> None:
    settings = TenantSettings.model_validate(changed("sources.chatgpt.capture_since", spelt))
    assert settings.sources["chatgpt"].since == date(2026, 1, 1)


def test_today_is_left_to_the_service() -> None:
    settings = TenantSettings.model_validate(changed("sources.chatgpt.capture_since", "today"))
    assert settings.sources["chatgpt"].since is None


def test_an_unusual_workspace_id_is_a_warning() -> None:
    settings = TenantSettings.model_validate(changed("sources.chatgpt.workspace_id", "workspace_42"))
    assert any("workspace_42" in warning for warning in settings.warnings())
    assert TenantSettings.model_validate(SANDBOX).warnings() == []


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)
places = st.sampled_from(
    [
        "purview",
        "purview.account",
        "vault",
        "vault.name",
        "vault.allow_from",
        "vault.tags",
        "tags",
        "vault.recover",
        "sources",
        "sources.chatgpt",
        "sources.chatgpt.key",
        "sources.chatgpt.profile",
        "sources.chatgpt.profile.scan.properties",
        "sources.chatgpt.capture_since",
        "protect",
        "unheard-of",
    ]
)


@given(places, anything)
def test_whatever_stands_in_a_stack_file_is_taken_or_explained(path: str, value: Any) -> None:
    block = changed(path, value)
    found = mistakes(block)
    if not found:
        TenantSettings.model_validate(block).warnings()
    for mistake in found:
        assert mistake.path
        assert mistake.reason
        assert mistake.fix


@pytest.mark.parametrize(
    "path",
    ["sources.chatgpt.workspace_id", "sources.chatgpt.app", "purview.account", "vault.name", "release", "colour"],
)
def test_a_key_is_refused_and_not_shown_wherever_it_stands(path: str) -> None:
    key = "sk-proj-Abc123Def456"
    for value in (key, f" {key}", [key]):
        found = mistakes(changed(path, value))
        assert any("looks like a vendor's key" in one.reason and one.path == path for one in found), found
        assert key not in str(SettingsError("contoso", found))


@pytest.mark.parametrize(("path", "value"), [("grants", "mangd"), ("purview.collection", "")])
def test_a_mistake_in_a_short_form_hides_no_other(path: str, value: str) -> None:
    told = {one.path for one in mistakes(changed(path, value) | {"allow_rescan": ["nobody"]})}
    assert "allow_rescan" in told
    assert len(told) == 2


def test_a_near_word_is_suggested() -> None:
    [mistake] = mistakes(changed("grants", "mangd"))
    assert mistake.fix == "did you mean managed?"


def test_two_sources_are_not_one_data_source() -> None:
    other = SANDBOX["sources"]["chatgpt"] | {"workspace_id": "9" * 8 + "-1111-4111-8111-" + "9" * 12}
    block = changed("sources.second", other | {"adopt": {"data_source": "ChatGPT"}})
    [mistake] = mistakes(block)
    assert mistake.path == "sources.second.adopt.data_source"
    assert "chatgpt and second are the same data source" in mistake.reason


def test_names_of_secrets_do_not_tell_capitals_apart() -> None:
    other = SANDBOX["sources"]["chatgpt"] | {"workspace_id": "9" * 8 + "-1111-4111-8111-" + "9" * 12}
    block = changed("sources.second", other | {"key": {"secret": "ChatGPT-compliance-key"}})
    [mistake] = mistakes(block)
    assert mistake.path == "sources.second.key"


def test_the_tenants_own_block_is_no_secret() -> None:
    assert "give the secret another name" in mistakes(changed("sources.chatgpt.key.secret", "tenant"))[0].reason


def test_a_key_in_the_place_of_a_name_is_not_shown() -> None:
    key = "sk-proj-Abc123Def456"
    for block in (changed(f"vault.{key}", key), changed("vault.tags", {key: 7})):
        found = mistakes(block)
        assert found
        assert key not in str(SettingsError("contoso", found))


def test_the_vault_gets_the_tenants_tags_and_its_own_override_them() -> None:
    block = changed("tags", {"Owner": "msp", "wave": "canary"})
    block["vault"] = block["vault"] | {"tags": {"owner": "security", "cost": "7"}}
    settings = TenantSettings.model_validate(block)
    assert settings.tagged_vault.tags == {"wave": "canary", "owner": "security", "cost": "7"}
    assert settings.tags == {"Owner": "msp", "wave": "canary"}


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"wa%ve": "x"}, "1 to 512 letters, and none of"),
        ({"w" * 513: "x"}, "1 to 512 letters, and none of"),
        ({"wave": "x" * 257}, "at most 256 letters"),
        ({"wave": 1}, "it must be a text; put it in quotes"),
        ({"wave": "x", "Wave": "y"}, "wave stands twice"),
        ({f"t{number}": "" for number in range(51)}, "there may be 50 tags, and it has 51"),
    ],
)
@pytest.mark.parametrize("path", ["tags", "vault.tags"])
def test_tags_are_what_azure_takes(path: str, tags: dict[str, Any], reason: str) -> None:
    [mistake] = mistakes(changed(path, tags))
    assert mistake.path.startswith(path)
    assert reason in mistake.reason


def test_a_vault_does_not_get_more_tags_than_it_may_have() -> None:
    block = changed("tags", {f"t{number}": "" for number in range(30)})
    block["vault"] = block["vault"] | {"tags": {f"v{number}": "" for number in range(21)}}
    [mistake] = mistakes(block)
    assert (mistake.path, "the vault would have 51 tags" in mistake.reason) == ("vault.tags", True)
    block["vault"] = block["vault"] | {"tags": {f"t{number}": "" for number in range(21)}}
    assert mistakes(block) == []
