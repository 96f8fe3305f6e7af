"""The policy pack over a tenant on the real engine: what passes, what is stopped, and who decides."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from leaks import leaks
from local_azure import seed
from policy.judging import LASTING, PACK, judged, violations
from tenants import CHECKOUT, Tenant

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure

CARELESS = {
    "vault.purge_protection": False,
    "vault.network": "public",
    "vault.allow_from": None,
    "vault.name": "keys-of-contoso",
}
WRONG = {
    ("vault-purge-protection", "custody-vault"),
    ("vault-firewall", "custody-vault"),
}
UNPROTECTED = {
    ("capture-protected", name)
    for name in ("custody-vault", "custody-chatgpt-compliance-key", "chatgpt-source", "chatgpt-scan")
}
LOOKS = {("names", "custody-vault"), ("required-tags", "custody-vault")}
VENDOR_KEY = "sk-0123456789abcdefghij"
KEY = "sess/Ion+K3y=of&Contoso?0b7f19"


def test_the_sandbox_passes_all_rules_before_and_while_it_is_deployed(tenant: Tenant) -> None:
    previewed = tenant.run("preview", "--policy-pack", PACK.name).must_succeed()
    assert "purview-ai@v0.1.0" in previewed.words, "the pack was asked"
    assert violations(previewed) == set()
    assert tenant.writes() == []
    assert violations(judged(tenant, "up", "--yes", "--skip-preview").must_succeed()) == set()
    assert violations(judged(tenant, "preview", "--expect-no-changes").must_succeed()) == set()


def test_a_tenant_with_all_settings_of_a_real_one_passes_all_rules(tenant: Tenant) -> None:
    tenant.change({"protect": None, "vault.tags": {"owner": "security"}, "grants": {"create_service_principal": True}})
    previewed = judged(tenant, "preview", rules=LASTING).must_succeed()
    assert {"grants-service-principal", "custody-vault", "chatgpt-scan"} <= previewed.steps.keys(), "all was judged"
    assert violations(previewed) == set()


def test_a_provider_may_be_told_what_it_signs_in_with_and_no_key(tenant: Tenant) -> None:
    for name in ("ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_TENANT_ID"):
        tenant.environment.pop(name)
    tenant.set_config({"azure-native:clientId": seed.DEPLOYER_APP})
    # Who encrypts an id has made no secret of it: it stands in the vault, in scopes, in names.
    tenant.set_key(seed.TENANT, name="tenantId", project="azure-native")
    tenant.set_key(seed.DEPLOYER_SECRET, name="clientSecret", project="azure-native")
    assert violations(judged(tenant, "preview").must_succeed()) == set()
    tenant.set_config({"azure-native:partnerId": VENDOR_KEY})
    leaking = judged(tenant, "preview").must_fail()
    assert {rule for rule, _ in violations(leaking)} == {"no-secret-in-resources", "no-secret-in-outputs"}
    assert VENDOR_KEY not in leaking.output


def test_the_program_for_the_grants_of_an_account_passes_all_rules(
    tmp_path: Path, azure: LocalAzure, pulumi_home: Path
) -> None:
    del pulumi_home
    grants = Tenant(tmp_path / "grants", azure, project=CHECKOUT / "grants")
    shutil.copy(CHECKOUT / "grants" / "account.example.yaml", grants.file)
    grants.set_config({"azure-native:subscriptionId": seed.SUBSCRIPTION})
    previewed = grants.run("preview", "--policy-pack", "../policy").must_succeed()
    assert "purview-ai@v0.1.0" in previewed.words
    assert violations(previewed) == set()


def test_what_a_stack_file_takes_away_stops_preview_and_up_and_nothing_is_sent(tenant: Tenant) -> None:
    tenant.change(CARELESS)
    for words in (("preview",), ("up", "--yes")):
        stopped = judged(tenant, *words, rules=LASTING).must_fail()
        assert violations(stopped, "mandatory") == WRONG | UNPROTECTED
        assert violations(stopped, "advisory") == LOOKS
        for setting in ("vault.purge_protection: true", "vault.network: trusted-services", "protect: true"):
            assert f"To put it right: {setting}" in stopped.words
    assert tenant.writes() == []


def test_without_its_preview_up_stops_where_it_meets_the_violation(tenant: Tenant) -> None:
    tenant.change({"protect": None, "allow_rescan": ["chatgpt"], "vault.tags": {"owner": "security"}})
    stopped = judged(tenant, "up", "--yes", "--skip-preview", rules=LASTING).must_fail()
    assert violations(stopped) == {("no-rescan", "chatgpt-source")}
    assert tenant.recorded("custody-vault"), "what came before was made"
    assert [write for write in tenant.writes() if "/datasources/" in write] == []


def test_what_is_only_advised_is_told_and_goes_on(tenant: Tenant) -> None:
    tenant.change(CARELESS)
    done = judged(tenant, "up", "--yes", "--skip-preview", rules=LASTING | {"all": "advisory"}).must_succeed()
    assert violations(done, "advisory") == WRONG | UNPROTECTED | LOOKS
    assert "trusted-services" in done.words
    assert tenant.recorded("chatgpt-scan")


def test_every_rule_has_a_level_of_its_own_and_a_disabled_one_is_silent(tenant: Tenant) -> None:
    tenant.change(CARELESS)
    rules = {
        "all": "disabled",
        "vault-firewall": {"enforcementLevel": "advisory"},
        "names": {"enforcementLevel": "mandatory", "vault": "^(kv|keys)-"},
    }
    told = judged(tenant, "preview", rules=rules).must_succeed()
    assert violations(told) == violations(told, "advisory") == {("vault-firewall", "custody-vault")}


def test_a_rule_that_was_only_advised_can_stop(tenant: Tenant) -> None:
    rules = LASTING | {"capture-protected": "disabled", "required-tags": {"except_stacks": [], "required": ["cost"]}}
    assert violations(judged(tenant, "preview", rules=rules).must_succeed(), "advisory")
    rules["required-tags"] |= {"enforcementLevel": "mandatory"}
    stopped = judged(tenant, "preview", rules=rules).must_fail()
    assert violations(stopped, "mandatory") == {("required-tags", "custody-vault")}
    assert "the tag cost is missing" in stopped.words


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"vault-firewal": "disabled"}, ["vault-firewal: there is no such rule; did you mean vault-firewall?"]),
        (
            {"required-tags": {"requird": ["cost"]}, "vault-purge-protection": {"open": True}, "names": {"vault": "("}},
            [
                "required-tags: there is no parameter requird; did you mean required?",
                "vault-purge-protection: there is no parameter open; it has none",
                "names: vault: it is no regular expression",
            ],
        ),
        ({"required-tags": {"required": "cost"}}, ["required-tags: required: Invalid type. Expected: array"]),
        ({"required-tags": "forbidden"}, ['"forbidden" is not a valid enforcement level']),
    ],
    ids=["rule", "parameters", "type", "level"],
)
def test_wrong_settings_of_the_rules_are_one_error(tenant: Tenant, rules: object, said: list[str]) -> None:
    stopped = judged(tenant, "preview", rules=rules).must_fail()
    for words in said:
        assert words in stopped.words
    told = set(re.findall(r"error: (.*)", stopped.output)) - {"validating policy config"}
    assert len(told) == 1, told
    assert violations(stopped) == set()
    assert not stopped.steps


def test_the_pack_leaves_the_key_in_no_log(tenant: Tenant) -> None:
    tenant.azure.set_vendor_key(KEY)
    tenant.set_key(KEY)
    loud = judged(tenant, "preview", "-v=9", "--logtostderr", "--logflow").must_succeed()
    assert "purview-ai@v0.1.0" in loud.words
    assert len(loud.output) > 100_000, "the engine's log was looked at"
    assert leaks(loud.output.encode(), KEY) == []


def test_the_pack_installs_nothing_of_its_own() -> None:
    assert [file.name for file in sorted(PACK.iterdir()) if file.name != "__pycache__"] == [
        "PulumiPolicy.yaml",
        "__main__.py",
        "purview_policy",
        "rules.json",
    ]
    assert (CHECKOUT / ".venv").is_dir()
