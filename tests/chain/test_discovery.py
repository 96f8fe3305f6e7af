"""The first user of a real tenant: a source made by hand, in a Purview whose wire names nobody has told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from local_azure import seed
from operate.made_by_hand import CREDENTIAL, SCAN, SCAN_API, SOURCE, as_project, asked, register_by_hand
from whole_chain import SECRETS_USER, VAULT, role_body, role_url

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

A_VAULT_WITH_THE_KEY = {
    "vault.existing": True,
    "vault.network": None,
    "vault.allow_from": None,
    "vault.soft_delete_days": None,
    "vault.purview_reads": "expected",
    "sources.chatgpt.key.origin": "vault",
}


def names(operator: Person, kind: str) -> list[str]:
    """The names of the Data Map's objects of a kind."""
    return sorted(one["name"] for one in operator.get(f"{SCAN_API}/{kind}")["value"])


def test_what_was_made_by_hand_is_discovered_taken_over_and_never_made_twice(tenant: Tenant, operator: Person) -> None:
    register_by_hand(operator).grant_both()
    operator.do("PUT", role_url(VAULT), json=role_body(SECRETS_USER, seed.DEPLOYER_ID))
    as_project(tenant)
    tenant.set_config({"purview-ai:chatgpt-compliance-key": None})
    tenant.change(
        {**A_VAULT_WITH_THE_KEY, "sources.chatgpt.profile": None, "sources.chatgpt.capture_since": "2026-02-02"}
    )
    head = "# yaml-language-server: $schema=tenant.schema.json\n"
    tenant.file.write_text(head + tenant.file.read_text())
    tenant.azure.forget_requests()

    stopped = tenant.preview().must_fail()
    assert "purview-ai discover" in stopped.words
    assert tenant.azure.requests() == []

    code, out, err = asked(tenant, "discover", "--stack", "sandbox", "--update-stack-file")
    assert (code, out) == (0, ""), err
    assert "the scan captures since 2026-01-01, and the stack file says 2026-02-02" in err
    assert tenant.writes() == []
    source = tenant.config["purview-ai:tenant"]["sources"]["chatgpt"]
    assert source["adopt"] == {"data_source": SOURCE, "scan": SCAN}
    assert source["profile"]["data_source"]["kind"] == "Kestrel7"
    assert tenant.file.read_text().startswith(head)
    assert "accept_unverified_profile" not in source

    shown = tenant.preview().must_succeed()
    assert f'data source "{SOURCE}" is there already; it is taken over and left as it is' in shown.words
    assert f'scan "{SCAN}" is there already; it is taken over and changed: properties' in shown.words
    tenant.up().must_succeed()
    assert names(operator, "datasources") == [SOURCE]
    assert names(operator, f"datasources/{SOURCE}/scans") == [SCAN]
    assert names(operator, "credentials") == [CREDENTIAL, "sandbox-chatgpt"]
    assert operator.run_of(f"datasources/{SOURCE}/scans/{SCAN}")["status"] == "Succeeded"
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}

    # Asked again, it finds the same, now with the stack's own credential.
    code, out, _ = asked(tenant, "discover", "--stack", "sandbox")
    assert code == 0
    assert yaml.safe_load(out)["profile"] == source["profile"]
