"""The vendor's key goes from the encrypted stack file to one secret of the vault, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from leaks import CommandLines, leaks, packed
from local_azure import seed
from people import PURVIEW

if TYPE_CHECKING:
    from pathlib import Path

    from tenants import Outcome, Tenant

KEY = "sess/Ion+K3y=of&Contoso?0b7f19"
"""With letters that change in every encoding."""
NEXT_KEY = "sess/An0th+r=of&Contoso?4e21d8"
ALOUD = ("-v=9", "--logtostderr", "--logflow")
"""As much as the engine ever writes into its log."""
ENCRYPTED = "4dabf18193072939515e22adb298388d"
"""What marks an encrypted value in a state."""


@pytest.mark.parametrize("form", packed(KEY))
def test_a_key_that_is_leaked_on_purpose_is_found(form: str) -> None:
    assert leaks(packed(KEY)[form], KEY)
    assert not leaks(packed("another/K3y+that&nobody=looks?for")[form], KEY)


def written_by(tenant: Tenant) -> dict[str, bytes]:
    """Everything that was written down beside the vault itself."""
    files = [file for file in tenant.folder.rglob("*") if file.is_file() and not file.name.startswith("azure.db")]
    files += [_log_of(tenant)]
    return {str(file): file.read_bytes() for file in files}


def _log_of(tenant: Tenant) -> Path:
    return tenant.folder.parent / "azure" / "local-azure.log"


def test_the_key_is_found_nowhere_but_in_the_vault(tenant: Tenant) -> None:
    tenant.azure.set_vendor_key(KEY)
    tenant.set_key(KEY)
    with CommandLines() as lines:
        told = {
            "preview": tenant.preview("--show-config"),
            "up": tenant.up(*ALOUD),
            "no change": tenant.preview("--json", "--show-sames"),
            "refresh": tenant.refresh(),
        }
    for outcome in told.values():
        outcome.must_succeed()
    assert len(told["up"].output) > 100_000, "the engine's log was looked at"
    assert any("pulumi-resource-azure-native" in line or "stand_ins" in line for line in lines.seen)

    written = {
        **{name: outcome.output.encode() for name, outcome in told.items()},
        **written_by(tenant),
        "command lines": "\n".join(lines.seen).encode(),
        "journal": str(tenant.azure.requests()).encode(),
        "pickled provider": tenant.recorded("chatgpt-scan")["inputs"]["__provider"].encode(),
        "decrypted state": tenant.exported().encode(),
    }
    assert tenant.state_file.read_bytes() in written.values()
    assert b"/secrets/chatgpt-compliance-key" in _log_of(tenant).read_bytes(), "the sandbox logs what it is asked"
    assert {place: found for place, text in written.items() if (found := leaks(text, KEY))} == {}


def test_a_key_that_was_replaced_is_found_nowhere_either(tenant: Tenant) -> None:
    """The engine keeps the settings of now out of its log, and nothing that only the old state has."""
    tenant.azure.set_vendor_key(KEY)
    tenant.set_key(KEY)
    tenant.up().must_succeed()
    tenant.azure.set_vendor_key(NEXT_KEY)
    tenant.set_key(NEXT_KEY)
    told = {"preview": tenant.preview(*ALOUD), "up": tenant.up(*ALOUD)}
    assert told["up"].steps == {"custody-chatgpt-compliance-key": "update", "chatgpt-credential": "update"}
    assert_found_nowhere(tenant, told, KEY, NEXT_KEY)


def test_a_key_that_somebody_else_keeps_from_now_on_is_found_nowhere(tenant: Tenant) -> None:
    tenant.azure.set_vendor_key(KEY)
    tenant.set_key(KEY)
    tenant.up().must_succeed()
    tenant.change({"sources.chatgpt.key.origin": "vault"})
    tenant.set_config({"purview-ai:chatgpt-compliance-key": None})
    told = {
        "preview": tenant.preview(*ALOUD),
        "refresh": tenant.run("refresh", "--preview-only", *ALOUD),
        "up": tenant.up(*ALOUD),
        "no change": tenant.preview("--expect-no-changes", *ALOUD),
    }
    wanted = {"custody-chatgpt-compliance-key": "update", "chatgpt-credential": "update"}
    assert (told["preview"].steps, told["up"].steps) == (wanted, wanted)
    assert_found_nowhere(tenant, told, KEY)


def test_a_key_that_left_the_stack_file_before_a_destroy_is_found_nowhere(tenant: Tenant) -> None:
    tenant.azure.set_vendor_key(KEY)
    tenant.set_key(KEY)
    tenant.up().must_succeed()
    tenant.set_config({"purview-ai:chatgpt-compliance-key": None})
    told = {"destroy": tenant.run("destroy", "--yes", "--skip-preview", *ALOUD)}
    assert told["destroy"].steps["custody-chatgpt-compliance-key"] == "delete"
    assert_found_nowhere(tenant, told, KEY)


def assert_found_nowhere(tenant: Tenant, told: dict[str, Outcome], *keys: str) -> None:
    """None of these keys stands in a log of the engine, a file or the state, decrypted too."""
    for outcome in told.values():
        assert len(outcome.must_succeed().output) > 100_000, "the engine's log was looked at"
    written = {name: outcome.output.encode() for name, outcome in told.items()}
    written |= {**written_by(tenant), "decrypted state": tenant.exported().encode()}
    found = {(place, key): leaks(text, key) for place, text in written.items() for key in keys}
    assert {place: forms for place, forms in found.items() if forms} == {}


@pytest.mark.deployed
def test_nothing_in_the_state_would_have_to_be_encrypted(tenant: Tenant) -> None:
    assert ENCRYPTED not in tenant.state_file.read_text()
    assert tenant.recorded("custody-chatgpt-compliance-key")["outputs"]["version"]


def test_the_provider_is_told_where_and_as_whom_to_work_and_no_more(tenant: Tenant) -> None:
    tenant.change({"purview.endpoint": PURVIEW})
    tenant.up().must_succeed()
    assert tenant.recorded("purview-ai")["inputs"] == {
        "azure-native:subscriptionId": seed.SUBSCRIPTION,
        "purview-ai:tenant": f'{{"purview": {{"endpoint": "{PURVIEW}"}}}}',
    }


def test_a_key_in_the_wrong_place_is_found_in_the_state(tenant: Tenant) -> None:
    tenant.change({"vault.tags": {"note": KEY}})
    tenant.up().must_succeed()
    assert leaks(tenant.state_file.read_bytes(), KEY)


@pytest.mark.deployed
def test_the_provider_is_kept_by_name_and_not_by_value(tenant: Tenant) -> None:
    kept = {tenant.recorded(name)["inputs"]["__provider"] for name in ("chatgpt-scan", "custody-connection")}
    assert len(kept) == 1
    assert len(kept.pop()) < 200
