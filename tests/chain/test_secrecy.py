"""The vendor's key goes from the encrypted stack file to one secret of the vault, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from leaks import CommandLines, leaks, packed

if TYPE_CHECKING:
    from pathlib import Path

    from tenants import Tenant

KEY = "sess/Ion+K3y=of&Contoso?0b7f19"
"""With letters that change in every encoding."""


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
            "up": tenant.up("-v=9", "--logtostderr", "--logflow"),
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
    }
    assert tenant.state_file.read_bytes() in written.values()
    assert b"/secrets/chatgpt-compliance-key" in _log_of(tenant).read_bytes(), "the sandbox logs what it is asked"
    assert {place: found for place, text in written.items() if (found := leaks(text, KEY))} == {}


def test_a_key_in_the_wrong_place_is_found_in_the_state(tenant: Tenant) -> None:
    tenant.change({"vault.tags": {"note": KEY}})
    tenant.up().must_succeed()
    assert leaks(tenant.state_file.read_bytes(), KEY)


def test_the_provider_is_kept_by_name_and_not_by_value(tenant: Tenant) -> None:
    tenant.up().must_succeed()
    kept = {tenant.recorded(name)["inputs"]["__provider"] for name in ("chatgpt-scan", "custody-connection")}
    assert len(kept) == 1
    assert len(kept.pop()) < 200
