"""What a user reads when something is wrong: one message, no stack trace, nothing half done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from local_azure import seed
from people import PURVIEW

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant


def test_all_mistakes_of_a_stack_file_are_told_at_once_and_nothing_is_sent(tenant: Tenant) -> None:
    tenant.change(
        {
            "vault.name": "kv_contoso_with_an_impossible_name",
            "vault.colour": "blue",
            "sources.chatgpt.colour": "blue",
            "purview.accont": "contoso-purview",
            "purview.account": None,
            "sources.chatgpt.workspace_id": "org-A1b2C3",
            "sources.chatgpt.profile": None,
            "allow_rescan": ["nobody"],
        }
    )
    tenant.set_config(
        {
            "azure-native:subscriptionId": "6f0c9f0e-7d0e-4f0b-8f57",
            "azure-native:environment": "moon",
            "purview-ai:chatgpt-compliance-key": None,
        }
    )
    refused = tenant.up().must_fail()
    for path, value, reason, fix in (
        ("vault.name", "'kv_contoso_with_an_impossible_name'", "3 to 24 letters", "kv-contoso-ai"),
        ("vault.colour", "", "no such setting", "known here are"),
        ("purview.accont", "", "no such setting", "did you mean account?"),
        ("purview.account", "", "it is missing", "contoso-purview"),
        ("azure-native:environment", "'moon'", "no such cloud", "usgovernment"),
        ("purview-ai:chatgpt-compliance-key", "", "key is missing", "pulumi config set --secret"),
        ("azure-native:subscriptionId", "'6f0c9f0e-7d0e-4f0b-8f57'", "GUID", "ARM_SUBSCRIPTION_ID"),
        ("sources.chatgpt.workspace_id", "'org-A1b2C3'", "API platform organisation", "workspace"),
        ("sources.chatgpt.colour", "", "no such setting", "known here are"),
        (
            "sources.chatgpt.accept_unverified_profile",
            "",
            "profile that is shipped for it is unverified",
            "although nobody has verified it",
        ),
        ("allow_rescan", "'nobody'", "no source of that name", "chatgpt"),
    ):
        said = re.search(rf"^ *{re.escape(path)}( = .*)?\n +(.+)\n +fix: (.+)$", refused.output, re.MULTILINE)
        assert said is not None, path
        assert value in (said[1] or "")
        assert reason in said[2]
        assert fix in said[3]
    assert "sandbox: 11 settings are wrong" in refused.words
    assert tenant.azure.requests() == []


def test_a_key_in_plain_text_is_refused_and_not_shown(tenant: Tenant) -> None:
    tenant.set_config({"purview-ai:chatgpt-compliance-key": seed.VENDOR_KEY})
    refused = tenant.preview().must_fail()
    assert "stands in plain text" in refused.words
    assert "pulumi config set --secret purview-ai:chatgpt-compliance-key" in refused.words
    assert seed.VENDOR_KEY not in refused.output
    assert tenant.azure.requests() == []


def test_a_stack_file_without_a_tenant_names_the_template(tenant: Tenant) -> None:
    tenant.set_config({"purview-ai:tenant": None})
    refused = tenant.preview().must_fail()
    assert "stacks/tenant.example.yaml" in refused.words
    assert tenant.azure.requests() == []


def test_an_unusual_workspace_id_is_a_warning(tenant: Tenant) -> None:
    tenant.change({"sources.chatgpt.workspace_id": "workspace_42"})
    previewed = tenant.preview().must_succeed()
    assert "'workspace_42' does not look like the id of a ChatGPT Enterprise workspace" in previewed.words


def test_an_unverified_profile_stops_the_preview_too(tenant: Tenant, operator: Person) -> None:
    tenant.change({"sources.chatgpt.profile": None})
    for refused in (tenant.preview().must_fail(), tenant.up().must_fail()):
        assert "unverified" in refused.words
        assert "accept_unverified_profile: true" in refused.words
    assert tenant.azure.requests() == []

    # Accepted at one's own risk, the service itself says that it does not know the names.
    tenant.change({"sources.chatgpt.accept_unverified_profile": True})
    refused = tenant.up().must_fail()
    assert "400 InvalidInput" in refused.words
    assert "was not found among the" in refused.words
    assert "profile" in refused.words
    assert operator.get(f"{PURVIEW}/scan/datasources")["value"] == []


def test_a_wrong_client_secret_is_one_message(tenant: Tenant) -> None:
    tenant.environment["ARM_CLIENT_SECRET"] = "not-the-secret"
    refused = tenant.preview().must_fail()
    assert "AADSTS7000215" in refused.words
    assert "ARM_*" in refused.words
    assert refused.words.count("AADSTS7000215") == 1
    assert "not-the-secret" not in refused.output


def test_a_missing_purview_role_is_one_message_that_names_the_role(tenant: Tenant, operator: Person) -> None:
    policies = operator.get(f"{PURVIEW}/policystore/metadataPolicies", **{"api-version": "2021-07-01"})["values"]
    for policy in policies:
        for rule in policy["properties"]["attributeRules"]:
            for matcher in (m for part in rule["dnfCondition"] for m in part):
                if seed.DEPLOYER_ID in (members := matcher.get("attributeValueIncludedIn") or []):
                    members.remove(seed.DEPLOYER_ID)
        url = f"{PURVIEW}/policystore/metadataPolicies/{policy['id']}"
        operator.do("PUT", url, params={"api-version": "2021-07-01"}, json=policy)
    refused = tenant.up().must_fail()
    assert "403 Unauthorized" in refused.words
    assert "Data Source Administrator" in refused.words
    assert "(request " in refused.words


@pytest.mark.parametrize(
    ("service", "host"),
    [
        ("purview", "contoso-purview.purview.azure.com"),
        ("login", "login.microsoftonline.com"),
        ("arm", "management.azure.com"),
        ("graph", "graph.microsoft.com"),
    ],
)
def test_a_host_that_does_not_answer_is_named_and_the_network_is_looked_at(
    tenant: Tenant, service: str, host: str
) -> None:
    tenant.azure.weather(effect="cut-before", service=service, times=1000)
    refused = tenant.up().must_fail()
    assert host in refused.words
    assert "docs/troubleshooting.md#no-answer" in refused.words
