"""``purview-ai preflight``: all that a deployment needs, each lacking thing named by its own check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from command_line import DEPLOYER, STRANGER, said
from local_azure import seed
from local_azure.ediscovery import EdiscoveryCircumstances
from local_azure.purview.accounts import Circumstances
from people import GRAPH, PURVIEW, Person
from tenants import Tenant
from whole_chain import (
    ACCOUNT,
    ACTION_GROUP_ID,
    GROUP,
    LOG_WORKSPACE_ID,
    SOURCE,
    VAULT,
    account_body,
    role_body,
    role_url,
    settled_account,
    source_body,
    vault_body,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure

GOOD, FAILED, USAGE, UNKNOWN = 0, 1, 2, 3
READ_USERS = "df021288-bdef-4463-88db-98f22de89214"


@pytest.fixture
def fresh(tmp_path: Path, azure: LocalAzure, pulumi_home: Path) -> Tenant:
    """A tenant that nobody has deployed yet."""
    del pulumi_home
    return Tenant(tmp_path / "tenant", azure)


@pytest.fixture
def people(azure: LocalAzure) -> Iterator[Person]:
    with azure.client() as client:
        yield Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)


def test_all_is_well_before_the_first_deployment(fresh: Tenant) -> None:
    fresh.azure.forget_requests()
    told = said(fresh, "preflight", "--json")
    assert told.code == GOOD, told.out
    assert set(told.verdicts.values()) == {"passed"}
    assert told.json["verdict"] == "passed"
    asked = fresh.azure.requests()
    assert not [one for one in asked if "conversation" in one["path"]], "no conversation is read"
    # A question of a POST's form is all that is not a GET.
    assert {
        one["path"].rsplit("/", 1)[-1] for one in asked if one["method"] != "GET" and one["service"] != "login"
    } == {"checkNameAvailability"}


def test_a_tenant_with_alerts_can_pass(fresh: Tenant) -> None:
    logs = {"workspace": LOG_WORKSPACE_ID, "category_group": "allLogs", "account": True}
    fresh.change({"diagnostics": logs, "alerts": {"action_groups": [ACTION_GROUP_ID]}})
    told = said(fresh, "preflight", "--json")
    assert told.code == GOOD, told.out
    assert told.verdicts["deployer.action-groups.reader"] == "passed"


def test_people_read_a_summary(fresh: Tenant) -> None:
    told = said(fresh, "preflight")
    assert told.code == GOOD
    assert "checks passed." in told.out.splitlines()[-1]
    assert "@contoso.example" not in told.out


def test_who_deploys_sees_what_it_may_and_how_to_find_out_the_rest(fresh: Tenant) -> None:
    told = said(fresh, "preflight", "--json", **DEPLOYER)
    assert told.code == UNKNOWN
    unknown = {link for link, verdict in told.verdicts.items() if verdict == "unknown"}
    assert unknown == {"deployer.collection.data-source-administrator", "vault.name", "users.chatgpt"}
    assert told.finding("users.chatgpt")["remedy"].endswith("the Graph permission User.Read.All.")
    assert "Reader on the subscription" in told.finding("vault.name")["remedy"]


def test_a_stranger_fails_where_it_may_nothing(fresh: Tenant) -> None:
    told = said(fresh, "preflight", "--json", **STRANGER)
    assert told.code == FAILED
    assert told.verdicts["sign-in.azure"] == "passed"
    assert told.verdicts["deployer.graph.application-read-all"] == "failed"
    assert told.verdicts["vendor-key.chatgpt"] == "passed"
    assert "failed" not in {told.verdicts["account.found"], told.verdicts["account.endpoint"]}


def test_a_wrong_secret_fails_the_sign_in_and_nothing_else_is_asked(fresh: Tenant) -> None:
    told = said(fresh, "preflight", "--json", ARM_CLIENT_SECRET="wrong")
    assert told.code == FAILED
    failed = {link for link, verdict in told.verdicts.items() if verdict == "failed"}
    assert failed == {"sign-in.azure", "sign-in.graph", "sign-in.purview"}
    assert "needs what is failed: Sign-in to Azure" in told.finding("account.found")["reason"]


def test_offline_everything_is_unknown(fresh: Tenant) -> None:
    nobody = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    told = said(fresh, "preflight", "--json", "--patience", "20", **nobody)
    assert told.code == UNKNOWN
    assert set(told.verdicts.values()) == {"unknown"}


def test_one_slow_service_holds_up_nothing_but_its_own(fresh: Tenant) -> None:
    fresh.azure.weather(effect="latency", service="chatgpt", method="GET", path="users", seconds=30.0)
    told = said(fresh, "preflight", "--json", "--patience", "3")
    fresh.azure.fine_weather()
    assert told.code == UNKNOWN
    assert {link for link, verdict in told.verdicts.items() if verdict == "unknown"} == {
        "vendor-key.chatgpt",
        "users.chatgpt",
    }
    assert told.finding("vendor-key.chatgpt")["reason"] == "no answer within 3 seconds"


def test_throttling_is_waited_for(fresh: Tenant) -> None:
    for service in ("arm", "purview", "graph"):
        fresh.azure.weather(
            effect="status", service=service, status=429, code="TooManyRequests", retry_after=1, times=2
        )
    told = said(fresh, "preflight", "--json")
    assert told.code == GOOD, told.out


@pytest.mark.parametrize(
    ("settings", "link"),
    [
        ({"purview.account": "nobodys-purview"}, "account.found"),
        ({"purview.collection": "nowhere"}, "account.collection"),
        ({"purview.domain": "nowhere"}, "account.domain"),
        ({"grants": "expected"}, "grants.read-users"),
        ({"purview.create": True}, "account.found"),
        ({"sources.chatgpt.workspace_id": "11111111-2222-4333-8444-555555555555"}, "vendor-key.chatgpt"),
    ],
)
def test_what_the_stack_file_has_wrong_is_named(fresh: Tenant, settings: dict[str, Any], link: str) -> None:
    fresh.change(settings)
    told = said(fresh, "preflight", "--json")
    assert told.code == FAILED
    assert told.verdicts[link] == "failed"
    assert told.finding(link)["remedy"]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("nobodys-key", "answered 401"),
        (seed.PLATFORM_KEY, "the key is of another kind"),
        (seed.UNAPPROVED_VENDOR_KEY, "its scope is not set yet"),
        (seed.OTHER_VENDOR_KEY, "or the workspace is another one"),
        ("sk-ant-admin01-of-another-vendor", "key of Anthropic"),
    ],
)
def test_a_key_that_does_not_open_the_workspace_is_told_and_not_shown(fresh: Tenant, key: str, words: str) -> None:
    fresh.set_key(key)
    told = said(fresh, "preflight", "--json")
    assert told.code == FAILED
    assert told.verdicts["vendor-key.chatgpt"] == "failed"
    assert words in told.finding("vendor-key.chatgpt")["reason"]
    assert key not in told.out + told.err


def test_a_key_that_cannot_be_decrypted_is_unknown(fresh: Tenant) -> None:
    told = said(fresh, "preflight", "--json", PULUMI_CONFIG_PASSPHRASE="wrong")
    assert told.code == UNKNOWN
    assert "pulumi does not decrypt" in told.finding("vendor-key.chatgpt")["reason"]


def test_a_key_that_somebody_else_keeps_is_read_from_the_vault(fresh: Tenant, people: Person) -> None:
    fresh.change({"sources.chatgpt.key.origin": "vault", "vault.existing": True, "vault.network": None})
    fresh.change({"vault.allow_from": None, "vault.purge_protection": None, "vault.soft_delete_days": None})
    fresh.set_config({"purview-ai:chatgpt-compliance-key": None})
    people.do("PUT", VAULT, json=vault_body())
    missing = said(fresh, "preflight", "--json")
    assert missing.code == FAILED
    assert "has no secret chatgpt-compliance-key" in missing.finding("key.chatgpt")["reason"]
    people.do("PUT", f"{VAULT}/secrets/chatgpt-compliance-key", json={"properties": {"value": seed.VENDOR_KEY}})
    told = said(fresh, "preflight", "--json")
    assert told.verdicts["vendor-key.chatgpt"] == "passed", told.finding("vendor-key.chatgpt")


def test_users_are_counted_and_named_only_where_asked(fresh: Tenant) -> None:
    counted = said(fresh, "preflight", "--json").finding("users.chatgpt")
    assert counted["reason"] == "31 users can be captured, 3 cannot (no mailbox), 3 are unknown to Entra"
    named = said(fresh, "preflight", "--json", "--names").finding("users.chatgpt")
    assert named["reason"].count("@contoso.example") == 3 + 3


def test_a_vault_that_somebody_else_has_is_told(fresh: Tenant, people: Person) -> None:
    people.do("PUT", VAULT, json=vault_body())
    told = said(fresh, "preflight", "--json")
    assert told.verdicts["vault.name"] == "failed"
    assert "vault.existing: true" in told.finding("vault.name")["remedy"]
    people.ask("DELETE", VAULT)
    deleted = said(fresh, "preflight", "--json").finding("vault.name")
    assert (deleted["verdict"], deleted["reason"]) == ("failed", "a soft-deleted vault has this name")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"enableRbacAuthorization": False, "accessPolicies": []}, "Set vault.access: access-policy"),
        ({"networkAcls": {"bypass": "None", "defaultAction": "Deny"}}, "allow trusted Microsoft services"),
    ],
)
def test_an_existing_vault_must_be_what_the_stack_file_says(
    fresh: Tenant, people: Person, wrong: dict[str, Any], words: str
) -> None:
    fresh.change({"vault.existing": True, "vault.network": None, "vault.allow_from": None})
    fresh.change({"vault.purge_protection": None, "vault.soft_delete_days": None})
    people.do("PUT", VAULT, json=vault_body(**wrong))
    told = said(fresh, "preflight", "--json")
    assert told.verdicts["vault.name"] == "failed"
    assert words in told.finding("vault.name")["remedy"]


def test_names_that_are_taken_are_told_as_a_preview_would(fresh: Tenant, people: Person) -> None:
    people.do("PUT", SOURCE, json=source_body(seed.OTHER_WORKSPACE))
    told = said(fresh, "preflight", "--json")
    assert told.verdicts["names.chatgpt"] == "failed"
    assert "One of that name exists already and differs" in told.finding("names.chatgpt")["reason"]


def test_a_name_that_nobody_may_look_at_is_unknown(fresh: Tenant) -> None:
    fresh.azure.weather(effect="status", service="purview", method="GET", path="/datasources/chatgpt", status=403)
    told = said(fresh, "preflight", "--json")
    assert (told.verdicts["names.connection"], told.verdicts["names.chatgpt"]) == ("passed", "unknown"), told.out
    assert "Data Reader" in told.finding("names.chatgpt")["remedy"]


def test_a_state_that_is_unread_matters_only_where_something_is_there(fresh: Tenant, people: Person) -> None:
    nowhere = {"PULUMI_BACKEND_URL": "azblob://"}
    told = said(fresh, "preflight", "--json", **nowhere)
    assert (told.verdicts["names.connection"], told.verdicts["names.chatgpt"]) == ("passed", "passed"), told.out
    people.do("PUT", SOURCE, json=source_body(seed.OTHER_WORKSPACE))
    told = said(fresh, "preflight", "--json", **nowhere)
    assert (told.verdicts["names.connection"], told.verdicts["names.chatgpt"]) == ("passed", "unknown"), told.out
    assert told.finding("names.chatgpt")["reason"].startswith("it is there; whether this stack made it")


def test_an_account_without_an_identity_is_told(fresh: Tenant, people: Person) -> None:
    people.ask("PUT", ACCOUNT, json=account_body(identity={"type": "None"}))
    settled_account(people)
    told = said(fresh, "preflight", "--json")
    assert told.verdicts["account.found"] == "failed"
    assert "no system-assigned identity" in told.finding("account.found")["reason"]


def test_a_role_of_the_deployer_that_is_missing_is_named_with_the_command(fresh: Tenant, people: Person) -> None:
    listed = people.get(f"{GROUP}/providers/Microsoft.Authorization/roleAssignments")["value"]
    for one in listed:
        if one["properties"]["principalId"] == seed.DEPLOYER_ID:
            people.ask("DELETE", f"{GROUP.split('/subscriptions')[0]}{one['id']}")
    people.do("PUT", role_url(GROUP), json=role_body(seed.ACCOUNT_READER, seed.DEPLOYER_ID))
    told = said(fresh, "preflight", "--json", **DEPLOYER)
    assert told.code == FAILED
    wanting = told.finding("deployer.vault-group.contributor")
    assert "Microsoft.KeyVault/vaults/write" in wanting["reason"]
    assert 'az role assignment create --role "Key Vault Contributor"' in wanting["remedy"]
    assert "--assignee-principal-type ServicePrincipal" in wanting["remedy"]


def test_who_was_not_let_in_to_ediscovery_is_told_so(fresh: Tenant) -> None:
    fresh.change({"governance": {"ediscovery": {"case": {"name": "AI interactions"}}}})
    assert said(fresh, "preflight", "--json").code == GOOD
    link = "deployer.compliance.new-serviceprincipal"
    fresh.azure.set_ediscovery(EdiscoveryCircumstances(authorised=False))
    told = said(fresh, "preflight", "--json")
    assert told.verdicts["deployer.graph.ediscovery-readwrite-all"] == "passed"
    assert told.finding(link)["verdict"] == "failed"
    assert "Add-RoleGroupMember eDiscoveryManager" in told.finding(link)["remedy"]
    fresh.azure.set_ediscovery(EdiscoveryCircumstances())
    told = said(fresh, "preflight", "--json", **DEPLOYER)
    assert told.finding("deployer.graph.ediscovery-readwrite-all")["verdict"] == "failed"
    assert told.finding(link)["verdict"] == "failed"


def test_a_service_principal_that_the_tenant_lacks_is_named(fresh: Tenant, people: Person) -> None:
    people.ask("DELETE", f"{GRAPH}/v1.0/servicePrincipals/{seed.PURVIEW_API}")
    told = said(fresh, "preflight", "--json")
    assert told.verdicts["offered.process-conversations"] == "failed"
    assert "New-AzADServicePrincipal -ApplicationId" in told.finding("offered.process-conversations")["remedy"]


def test_what_the_stack_has_made_itself_is_not_in_its_way(fresh: Tenant) -> None:
    fresh.up().must_succeed()
    told = said(fresh, "preflight", "--json")
    assert told.code == GOOD, told.out
    fresh.state_file.write_text("{")
    unread = said(fresh, "preflight", "--json")
    assert unread.verdicts["vault.name"] == "unknown"
    assert "its state would tell" in unread.finding("vault.name")["reason"]


def test_a_resource_group_that_is_not_there_is_told(fresh: Tenant) -> None:
    fresh.change({"vault.resource_group": "rg-nowhere"})
    missing = said(fresh, "preflight", "--json")
    failed = {link for link, verdict in missing.verdicts.items() if verdict == "failed"}
    assert failed == {"vault.name"}
    assert "vault.create_resource_group: true" in missing.finding("vault.name")["remedy"]
    assert missing.verdicts["deployer.vault-group.contributor"] == "unknown"
    fresh.change({"vault.create_resource_group": True})
    told = said(fresh, "preflight", "--json")
    assert told.code == GOOD, told.out


def test_a_tenant_that_has_an_account_gets_no_other(fresh: Tenant) -> None:
    fresh.change({"purview.account": "another-purview", "purview.create": True})
    told = said(fresh, "preflight", "--json")
    assert told.verdicts["account.found"] == "failed"
    assert seed.ACCOUNT in told.finding("account.found")["reason"]
    assert "purview.account: default" in told.finding("account.found")["remedy"]


def test_a_tenant_without_a_default_account_is_told_which_setting(fresh: Tenant) -> None:
    fresh.change({"purview": {"account": "default", "collection": seed.COLLECTION}})
    there = said(fresh, "preflight", "--json")
    assert there.code == GOOD, there.out
    fresh.azure.set_circumstances(Circumstances(default_of_tenant=False))
    told = said(fresh, "preflight", "--json")
    assert {link for link, verdict in told.verdicts.items() if verdict == "failed"} == {"account.found"}
    assert "network" not in told.finding("account.found")["remedy"]


def test_a_collection_that_was_made_a_moment_ago_passes(fresh: Tenant, people: Person) -> None:
    made = {"friendlyName": "New", "parentCollection": {"referenceName": seed.ACCOUNT, "type": "CollectionReference"}}
    where = f"{PURVIEW}/account/collections/fresh-one"
    people.do("PUT", where, json=made, params={"api-version": "2019-11-01-preview"})
    fresh.change({"purview.collection": "fresh-one"})
    assert said(fresh, "preflight", "--json").verdicts["account.collection"] == "passed"


def test_a_key_for_a_vault_that_is_yet_to_be_made_comes_after_up(fresh: Tenant) -> None:
    fresh.change({"sources.chatgpt.key.origin": "vault"})
    fresh.set_config({"purview-ai:chatgpt-compliance-key": None})
    told = said(fresh, "preflight", "--json")
    assert told.code == GOOD, told.out
    for link in ("key.chatgpt", "vendor-key.chatgpt"):
        assert told.finding(link)["reason"].startswith("not yet: run pulumi up --stack sandbox, which makes vault")


def test_a_wrong_stack_file_ends_with_2(fresh: Tenant) -> None:
    fresh.change({"purview.account": None})
    told = said(fresh, "preflight")
    assert (told.code, told.out) == (USAGE, "")
    assert "purview.account" in told.err
