"""What a pipeline's identity gets, from the table of the least that each identity needs."""

from __future__ import annotations

import pytest
from purview_ai.bootstrap import roles
from purview_ai.bootstrap.roles import Grant, Store
from purview_ai.permissions import NEEDS, STATE_KEY_ACTIONS, STATE_KEY_ROLE, Identity, Place
from purview_ai.settings.bootstrap import GITHUB_ISSUER, DeployedTenant, GitHubSettings, IdentitySettings
from purview_ai.settings.pipeline_environments import APPLY, JobEnvironment
from purview_ai.settings.tenant import TenantSettings
from settings_blocks import block
from tenants import CHECKOUT

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
KEY_ROLE = "99999999-9999-9999-9999-999999999999"
STORE = Store("/subscriptions/s/containers/state-contoso", "/subscriptions/s/keys/contoso", KEY_ROLE)
LOGS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/a/providers/Microsoft.OperationalInsights/workspaces/b"


def tenant(**changes: object) -> DeployedTenant:
    """A tenant whose stack gives nothing to whoever deploys it, with changes."""
    found = block(grants="expected", vault__deployer_access=False, **changes)
    return DeployedTenant(SUBSCRIPTION, TenantSettings.model_validate(found), "production")


def at(grants: tuple[Grant, ...], end: str) -> set[str]:
    """The roles on the scopes that end like this."""
    return {grant.role for grant in grants if grant.scope.endswith(end)}


def test_who_previews_reads_and_no_more() -> None:
    rights = roles.of_plan([tenant()], STORE)
    assert {grant.role for grant in rights.azure} == {"Storage Blob Data Reader", STATE_KEY_ROLE, "Reader"}
    assert rights.graph == ("Application.Read.All",)
    readers = tenant(purview__roles={"purview-reader": [SUBSCRIPTION]})
    assert "Collection Administrator" in str(roles.of_apply([readers], STORE).remaining)
    assert "Collection Administrator" not in str(roles.of_plan([readers], STORE).remaining)


def test_who_starts_scans_opens_neither_state_nor_vault() -> None:
    rights = roles.of_scan([tenant()], STORE)
    assert [(grant.role, grant.scope.rsplit("/", 2)[1]) for grant in rights.azure] == [("Reader", "accounts")]
    assert rights.graph == ()
    assert rights.remaining == ("the collection in Purview: Data Source Administrator",)


def test_who_deploys_gets_the_smaller_role_where_there_is_one() -> None:
    rights = roles.of_apply([tenant()], STORE)
    assert at(rights.azure, "containers/state-contoso") == {"Storage Blob Data Contributor"}
    vault_group = "/" + tenant().settings.vault.resource_group
    assert at(rights.azure, vault_group) == {"Key Vault Contributor", "Key Vault Data Access Administrator"}
    assert rights.graph == ("Application.Read.All",)


def test_who_deploys_logs_and_alerts_gets_roles_where_these_are() -> None:
    rights = roles.of_apply([tenant(diagnostics={"workspace": LOGS}, alerts={})], STORE)
    assert at(rights.azure, "workspaces/b") == {"Log Analytics Contributor"}
    assert "Monitoring Contributor" in at(rights.azure, "/" + tenant().settings.vault.resource_group)


def test_a_states_key_is_opened_with_the_role_that_was_made_for_it() -> None:
    for rights in (roles.of_plan([tenant()], STORE), roles.of_apply([tenant()], STORE)):
        assert [grant.role_id for grant in rights.azure if grant.scope == STORE.key] == [KEY_ROLE]


def test_the_page_tells_what_that_role_does() -> None:
    page = (CHECKOUT / "docs" / "bootstrap.md").read_text()
    assert "```\n" + "\n".join(STATE_KEY_ACTIONS) + "\n```" in page


def test_what_azures_roles_do_not_reach_is_told() -> None:
    told = "\n".join(roles.of_apply([tenant()], STORE).remaining)
    assert "the collection in Purview: Data Source Administrator and Data Reader" in told
    assert "the vault: Key Vault Secrets Officer" in told
    by_default = roles.of_apply([tenant(purview__account="default", purview__resource_group=None)], STORE)
    assert "the Purview account in Azure: Reader" in "\n".join(by_default.remaining)


def test_who_deploys_the_grants_gets_what_is_rare_and_no_tenants_place() -> None:
    rights = roles.of_grants([tenant(), tenant()], STORE)
    assert rights.graph == ("Application.Read.All", "AppRoleAssignment.ReadWrite.All")
    assert {grant.role for grant in rights.azure} == {
        "Storage Blob Data Contributor",
        STATE_KEY_ROLE,
        "Reader",
    }


def test_who_previews_the_grants_gives_none() -> None:
    rights = roles.of_grants_plan([tenant()], STORE)
    assert rights.graph == ("Application.Read.All",)
    assert {grant.role for grant in rights.azure} == {"Storage Blob Data Reader", STATE_KEY_ROLE, "Reader"}
    assert at(rights.azure, "/" + tenant().settings.vault.resource_group) == set()


def test_tenants_that_share_an_identity_share_its_roles() -> None:
    rights = roles.of_plan([tenant(), tenant(vault__resource_group="rg-other")], STORE)
    assert at(rights.azure, "/rg-other") == at(rights.azure, "/rg-ai-governance") == {"Reader"}
    assert len(set(rights.azure)) == len(rights.azure)


def test_every_role_of_the_table_that_a_pipeline_may_get_has_its_id() -> None:
    given = {Identity.PREVIEWER, Identity.APPLIER, Identity.DEPLOYER, Identity.SCANNER}
    given |= {Identity.GRANTER, Identity.GRANTS_PREVIEWER}
    elsewhere = (Place.GRAPH, Place.COLLECTION, Place.PARENT, Place.COMPLIANCE, Place.SUBSCRIPTION)
    for need in NEEDS:
        if need.identity in given and need.place not in elsewhere and not need.by_stack:
            named = {need.smaller} if need.smaller else {*need.roles}
            assert named <= {*roles.ROLE_IDS, STATE_KEY_ROLE}, need


@pytest.mark.parametrize(
    ("github", "subjects"),
    [
        ({}, {"repo:contoso/purview:environment:prod"}),
        (
            {"organization_id": 1, "repository_id": 2},
            {"repo:contoso/purview:environment:prod", "repo:contoso@1/purview@2:environment:prod"},
        ),
        (
            {"organization_id": 1, "repository_id": 2, "names": False},
            {"repo:contoso@1/purview@2:environment:prod"},
        ),
    ],
)
def test_githubs_subjects_come_in_two_forms(github: dict[str, object], subjects: set[str]) -> None:
    settings = GitHubSettings.model_validate({"organization": "contoso", "repository": "purview", **github})
    tokens = IdentitySettings().tokens(settings, [JobEnvironment("prod", APPLY, reviewed=True)])
    assert {token.subject for token in tokens.values()} == subjects
    assert {token.issuer for token in tokens.values()} == {GITHUB_ISSUER}
