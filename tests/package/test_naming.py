"""Physical names: deterministic, and within the services' limits."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st
from purview_ai import naming

words = st.text("abcxyz019", min_size=1, max_size=12)
keys = st.builds(lambda first, rest: "-".join(["a" + first, *rest]), words, st.lists(words, max_size=3)).filter(
    lambda key: naming.SOURCE_KEY.match(key) is not None
)


@given(keys)
def test_the_names_of_any_source_are_names_that_purview_takes(key: str) -> None:
    names = naming.source_names(key)
    assert naming.DATA_MAP_NAME.match(names.data_source)
    assert naming.DATA_MAP_NAME.match(names.scan)


@given(st.text("abcXYZ019-_.", min_size=1, max_size=20), keys)
def test_a_stacks_letters_never_break_a_credentials_name(stack: str, key: str) -> None:
    name = naming.credential(f"s{stack}", key)
    assert naming.DATA_MAP_NAME.match(name) or len(name) > 63


def test_the_same_grant_has_the_same_name_however_its_ids_are_spelt() -> None:
    once = naming.role_assignment("/subscriptions/A/resourceGroups/b", "C", "D")
    assert once == naming.role_assignment("/SUBSCRIPTIONS/a/resourcegroups/B", "c", "d")
    assert uuid.UUID(once).version == 5
    assert once != naming.role_assignment("/subscriptions/A/resourceGroups/b", "C", "E")


def test_a_run_that_is_asked_for_again_is_the_same_run() -> None:
    scan = "/datasources/chatgpt/scans/chatgpt-scan"
    once = naming.scan_run("/subscriptions/a", scan, "2026-01-01", 1)
    assert once == naming.scan_run("/subscriptions/A", scan, "2026-01-01", 1)
    assert once != naming.scan_run("/subscriptions/a", scan, "2026-01-02", 1)
    assert once != naming.scan_run("/subscriptions/a", scan, "2026-01-01", 2)


def test_state_outside_of_the_public_cloud_is_told_with_its_domain() -> None:
    assert naming.state_url("state-a", "sta", "core.windows.net") == "azblob://state-a?storage_account=sta"
    told = naming.state_url("state-a", "sta", "core.usgovcloudapi.net")
    assert told == "azblob://state-a?storage_account=sta&domain=blob.core.usgovcloudapi.net"
    assert naming.secrets_provider("KV-a", "vault.azure.cn", "a") == "azurekeyvault://kv-a.vault.azure.cn/keys/a"
