"""Microsoft's own clients, unmodified, against the sandbox: nothing but environment variables leads them there."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncCredential
from clients import lead_clients_into
from local_azure import people, seed
from local_azure.directory_roles import ROLES
from local_azure.purview.accounts import Circumstances
from people import ARM, PURVIEW, Person
from whole_chain import (
    CONNECTION,
    CREDENTIAL,
    LOG_WORKSPACE_ID,
    PROCESS_CONVERSATIONS,
    SCAN,
    SECRETS_USER,
    SOURCE,
    WholeChain,
    connection_body,
    credential_body,
    policy_for,
    reference,
    role_body,
    scan_body,
    source_body,
    trigger_body,
    vault_body,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_azure.process import LocalAzure
    from msgraph.generated.models.security.audit_log_record import AuditLogRecord
    from msgraph.generated.models.user import User

AT_ONCE = {"polling_interval": 0}
"""How long a client waits between its looks at a long-running operation, in seconds."""


@pytest.fixture(autouse=True)
def _network(shared_azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    lead_clients_into(shared_azure, monkeypatch)


def async_operator() -> AsyncCredential:
    return AsyncCredential(seed.TENANT, seed.OPERATOR_APP, seed.OPERATOR_SECRET)


@pytest.fixture
def credential() -> ClientSecretCredential:
    return ClientSecretCredential(seed.TENANT, seed.OPERATOR_APP, seed.OPERATOR_SECRET)


@pytest.fixture
def vault(credential: ClientSecretCredential) -> str:
    """The name of a fresh vault."""
    from azure.mgmt.keyvault import KeyVaultManagementClient

    name = f"kv-{uuid.uuid4().hex[:12]}"
    client: Any = KeyVaultManagementClient(credential, seed.SUBSCRIPTION)
    made = client.vaults.begin_create_or_update(seed.TENANT_GROUP, name, vault_body(), **AT_ONCE).result()
    assert made.properties.provisioning_state == "Succeeded"
    return name


def test_azure_identity_gets_tokens_and_reports_a_wrong_secret(credential: ClientSecretCredential) -> None:
    first = credential.get_token(f"{ARM}/.default")
    assert credential.get_token(f"{ARM}/.default").token == first.token
    assert credential.get_token("https://purview.azure.net/.default").token != first.token
    wrong = ClientSecretCredential(seed.TENANT, seed.OPERATOR_APP, "wrong")
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        wrong.get_token(f"{ARM}/.default")


def test_azure_identity_gets_tokens_asynchronously_too() -> None:
    async def both() -> None:
        async with async_operator() as credential:
            assert (await credential.get_token(f"{ARM}/.default")).token
        async with AsyncCredential(seed.TENANT, seed.OPERATOR_APP, "wrong") as credential:
            with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
                await credential.get_token(f"{ARM}/.default")

    asyncio.run(both())


def test_azure_mgmt_resource_keeps_a_resource_group(credential: ClientSecretCredential) -> None:
    from azure.mgmt.resource.resources import ResourceManagementClient

    groups: Any = ResourceManagementClient(credential, seed.SUBSCRIPTION).resource_groups
    name = f"rg-{uuid.uuid4().hex[:8]}"
    assert groups.create_or_update(name, {"location": "West Europe"}).location == "westeurope"
    assert groups.check_existence(name)
    assert groups.update(name, {"tags": {"owner": "security"}}).tags == {"owner": "security"}
    assert name in [group.name for group in groups.list()]
    groups.begin_delete(name, **AT_ONCE).result()
    assert not groups.check_existence(name)
    with pytest.raises(ResourceNotFoundError, match="ResourceGroupNotFound"):
        groups.get(name)


def test_azure_mgmt_keyvault_keeps_a_vault_and_its_secrets(credential: ClientSecretCredential, vault: str) -> None:
    from azure.mgmt.keyvault import KeyVaultManagementClient

    client: Any = KeyVaultManagementClient(credential, seed.SUBSCRIPTION)
    group = seed.TENANT_GROUP
    assert client.vaults.update(group, vault, {"tags": {"owner": "security"}}).tags == {"owner": "security"}
    assert client.vaults.get(group, vault).properties.vault_uri == f"https://{vault}.vault.azure.net/"
    assert vault in [one.name for one in client.vaults.list_by_resource_group(group)]

    policies = {"properties": {"accessPolicies": [policy_for(seed.STRANGER_ID, "get")]}}
    added = client.vaults.update_access_policy(group, vault, "add", policies)
    assert [policy.object_id for policy in added.properties.access_policies] == [seed.STRANGER_ID]

    made = client.secrets.create_or_update(group, vault, "a-key", {"properties": {"value": "v"}})
    assert made.properties.secret_uri_with_version.startswith(f"https://{vault}.vault.azure.net/secrets/a-key/")
    assert made.properties.value is None
    assert client.secrets.update(group, vault, "a-key", {"tags": {"a": "b"}}).tags == {"a": "b"}
    assert [one.name for one in client.secrets.list(group, vault)] == ["a-key"]

    name = {"name": vault, "type": "Microsoft.KeyVault/vaults"}
    assert client.vaults.check_name_availability(name).reason == "AlreadyExists"
    assert client.vaults.check_name_availability({**name, "name": f"{vault}-no"}).name_available is True

    client.vaults.delete(group, vault)
    assert client.vaults.get_deleted(vault, seed.LOCATION).properties.vault_id.endswith(vault)
    assert vault in [one.name for one in client.vaults.list_deleted()]
    client.vaults.begin_purge_deleted(vault, seed.LOCATION, **AT_ONCE).result()
    with pytest.raises(ResourceNotFoundError):
        client.vaults.get_deleted(vault, seed.LOCATION)


def test_azure_mgmt_keyvault_tells_of_a_secrets_newest_version(credential: ClientSecretCredential, vault: str) -> None:
    from azure.mgmt.keyvault import KeyVaultManagementClient

    secrets: Any = KeyVaultManagementClient(credential, seed.SUBSCRIPTION).secrets
    attributes = {"enabled": False, "exp": 1_900_000_000}
    for value in ("one", "two"):
        wanted = {"properties": {"value": value, "attributes": attributes}}
        made = secrets.create_or_update(seed.TENANT_GROUP, vault, "a-key", wanted)
    found = secrets.get(seed.TENANT_GROUP, vault, "a-key").properties
    assert found.secret_uri_with_version == made.properties.secret_uri_with_version
    assert found.attributes.enabled is False
    assert found.attributes.expires.year == 2030
    assert found.attributes.created <= found.attributes.updated
    assert found.value is None


def test_azure_mgmt_authorization_tells_what_the_caller_may_do(credential: ClientSecretCredential, vault: str) -> None:
    from azure.mgmt.authorization import AuthorizationManagementClient

    permissions: Any = AuthorizationManagementClient(credential, seed.SUBSCRIPTION).permissions
    of_group = list(permissions.list_for_resource_group(seed.TENANT_GROUP))
    assert ["*"] in [one.actions for one in of_group]
    of_vault = list(permissions.list_for_resource(seed.TENANT_GROUP, "Microsoft.KeyVault", "", "vaults", vault))
    assert ["Microsoft.KeyVault/vaults/*"] in [one.data_actions for one in of_vault]
    assert [one.not_actions for one in of_vault] == [[], []]


def test_azure_mgmt_authorization_gives_and_takes_a_role(credential: ClientSecretCredential, vault: str) -> None:
    from azure.mgmt.authorization import AuthorizationManagementClient

    client: Any = AuthorizationManagementClient(credential, seed.SUBSCRIPTION)
    group = f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
    scope = f"{group}/providers/Microsoft.KeyVault/vaults/{vault}"
    name = str(uuid.uuid4())
    made = client.role_assignments.create(scope, name, role_body(SECRETS_USER, seed.STRANGER_ID))
    assert (made.principal_id, made.scope) == (seed.STRANGER_ID, scope)
    assert client.role_assignments.get(scope, name).id == made.id
    assert client.role_assignments.get_by_id(made.id).name == name
    wanted = f"principalId eq '{seed.STRANGER_ID}'"
    assert name in [one.name for one in client.role_assignments.list_for_scope(scope, filter=wanted)]
    assert name in [one.name for one in client.role_assignments.list_for_subscription()]
    [role] = client.role_definitions.list(scope, filter="roleName eq 'Key Vault Secrets User'")
    assert role.name == SECRETS_USER
    assert client.role_definitions.get(scope, SECRETS_USER).role_name == "Key Vault Secrets User"
    client.role_assignments.delete(scope, name)
    with pytest.raises(ResourceNotFoundError, match="RoleAssignmentNotFound"):
        client.role_assignments.get(scope, name)


def test_azure_mgmt_authorization_makes_changes_and_deletes_a_role(credential: ClientSecretCredential) -> None:
    from azure.mgmt.authorization import AuthorizationManagementClient

    roles: Any = AuthorizationManagementClient(credential, seed.SUBSCRIPTION).role_definitions
    scope, name = f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}", str(uuid.uuid4())
    actions = ["Microsoft.KeyVault/vaults/keys/encrypt/action", "Microsoft.KeyVault/vaults/keys/decrypt/action"]
    wanted = {"roleName": name, "assignableScopes": [scope], "permissions": [{"dataActions": actions}]}
    made = roles.create_or_update(scope, name, {"properties": wanted})
    assert (made.role_name, made.role_type, made.permissions[0].data_actions) == (name, "CustomRole", actions)
    assert name in [one.name for one in roles.list(scope, filter="type eq 'CustomRole'")]
    wanted["permissions"] = [{"dataActions": actions[1:]}]
    roles.create_or_update(scope, name, {"properties": wanted})
    assert roles.get_by_id(made.id).permissions[0].data_actions == actions[1:]
    assert roles.delete(scope, name).name == name
    assert roles.delete(scope, name) is None


def test_azure_mgmt_purview_finds_the_account(credential: ClientSecretCredential) -> None:
    from azure.mgmt.purview import PurviewManagementClient

    client: Any = PurviewManagementClient(credential, seed.SUBSCRIPTION)
    account = client.accounts.get(seed.GOVERNANCE_GROUP, seed.ACCOUNT)
    assert account.identity.principal_id == seed.PURVIEW_IDENTITY
    assert account.endpoints.scan == f"{PURVIEW}/scan"
    assert [one.name for one in client.accounts.list_by_subscription()] == [seed.ACCOUNT]
    assert [one.name for one in client.accounts.list_by_resource_group(seed.GOVERNANCE_GROUP)] == [seed.ACCOUNT]
    default = client.default_accounts.get(seed.TENANT, "Tenant")
    assert (default.account_name, default.resource_group_name) == (seed.ACCOUNT, seed.GOVERNANCE_GROUP)
    client.accounts.add_root_collection_admin(seed.GOVERNANCE_GROUP, seed.ACCOUNT, {"objectId": seed.OPERATOR_ID})
    with pytest.raises(ResourceNotFoundError):
        client.accounts.get(seed.GOVERNANCE_GROUP, "no-such-account")


def test_azure_mgmt_resource_keeps_a_diagnostic_setting_by_its_id(
    credential: ClientSecretCredential, vault: str
) -> None:
    # azure-mgmt-monitor 7 has no diagnostic settings any more; this client works with a resource of any type.
    from azure.mgmt.resource.resources import ResourceManagementClient

    resources: Any = ResourceManagementClient(credential, seed.SUBSCRIPTION).resources
    group = f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
    setting = f"{group}/providers/Microsoft.KeyVault/vaults/{vault}/providers/Microsoft.Insights/diagnosticSettings"
    version = {"api_version": "2021-05-01-preview"}
    wanted = {"properties": {"workspaceId": LOG_WORKSPACE_ID, "logs": [{"categoryGroup": "audit", "enabled": True}]}}
    made = resources.begin_create_or_update_by_id(f"{setting}/audit", wanted, **version, **AT_ONCE).result()
    assert made.properties["workspaceId"] == LOG_WORKSPACE_ID
    assert resources.get_by_id(f"{setting}/audit", **version).name == "audit"
    with pytest.raises(HttpResponseError, match="data sink"):
        resources.begin_create_or_update_by_id(f"{setting}/nowhere", {"properties": {}}, **version, **AT_ONCE)
    resources.begin_delete_by_id(f"{setting}/audit", **version, **AT_ONCE).result()
    with pytest.raises(ResourceNotFoundError):
        resources.get_by_id(f"{setting}/audit", **version)


def test_azure_keyvault_secrets_keeps_a_secret(credential: ClientSecretCredential, vault: str) -> None:
    from azure.keyvault.secrets import SecretClient

    with SecretClient(f"https://{vault}.vault.azure.net", credential) as client:
        first = client.set_secret("a-key", "one", content_type="text/plain", tags={"a": "b"})
        client.set_secret("a-key", "two")
        assert client.get_secret("a-key").value == "two"
        assert client.get_secret("a-key", first.properties.version).value == "one"
        updated = client.update_secret_properties("a-key", first.properties.version, enabled=False)
        assert updated.enabled is False
        with pytest.raises(HttpResponseError, match="disabled secret"):
            client.get_secret("a-key", first.properties.version)
        assert len(list(client.list_properties_of_secret_versions("a-key"))) == 2
        assert [one.name for one in client.list_properties_of_secrets()] == ["a-key"]
        deleted = client.begin_delete_secret("a-key").result()
        assert deleted.recovery_id == f"https://{vault}.vault.azure.net/deletedsecrets/a-key"
        assert [one.name for one in client.list_deleted_secrets()] == ["a-key"]
        assert client.begin_recover_deleted_secret("a-key").result().name == "a-key"
        client.begin_delete_secret("a-key").result()
        client.purge_deleted_secret("a-key")
        with pytest.raises(ResourceNotFoundError):
            client.get_deleted_secret("a-key")


def test_azure_keyvault_secrets_keeps_a_secret_asynchronously_too(vault: str) -> None:
    from azure.keyvault.secrets.aio import SecretClient

    async def story() -> None:
        async with (
            async_operator() as credential,
            SecretClient(f"https://{vault}.vault.azure.net", credential) as client,
        ):
            await client.set_secret("a-key", "one")
            assert (await client.get_secret("a-key")).value == "one"
            assert [one.name async for one in client.list_properties_of_secrets()] == ["a-key"]
            await client.delete_secret("a-key")
            assert (await client.recover_deleted_secret("a-key")).name == "a-key"
            await client.delete_secret("a-key")
            await client.purge_deleted_secret("a-key")
            with pytest.raises(ResourceNotFoundError):
                await client.get_secret("a-key")

    asyncio.run(story())


@pytest.mark.parametrize(
    "endpoint",
    [f"{PURVIEW}/scan", f"https://{seed.ACCOUNT}.scan.purview.azure.com"],
    ids=["classic", "older"],
)
def test_azure_purview_scanning_keeps_a_source_and_runs_its_scan(
    credential: ClientSecretCredential, endpoint: str
) -> None:
    from azure.core.rest import HttpRequest
    from azure.purview.scanning import PurviewScanningClient

    client: Any = PurviewScanningClient(endpoint, credential)
    client.key_vault_connections.create("contoso-vault", connection_body())
    assert [one["name"] for one in client.key_vault_connections.list_all()] == ["contoso-vault"]
    # This client is older than credentials.
    own = f"{endpoint}/credentials/chatgpt-key?api-version=2023-09-01"
    client.send_request(HttpRequest("PUT", own, json=credential_body())).raise_for_status()
    assert client.data_sources.create_or_update("chatgpt", source_body())["kind"] == "Kestrel7"
    assert [one["name"] for one in client.data_sources.list_all()] == ["chatgpt"]
    client.scans.create_or_update("chatgpt", "first", scan_body())
    assert [one["name"] for one in client.scans.list_by_data_source("chatgpt")] == ["first"]
    with pytest.raises(HttpResponseError, match="ResourceInUse"):
        client.data_sources.delete("chatgpt")

    assert client.triggers.create_trigger("chatgpt", "first", trigger_body())["name"] == "default"
    assert client.triggers.get_trigger("chatgpt", "first")["properties"]["state"] == "Enabled"
    assert client.triggers.delete_trigger("chatgpt", "first")["name"] == "default"
    with pytest.raises(ResourceNotFoundError):
        client.triggers.get_trigger("chatgpt", "first")

    run_id = str(uuid.uuid4())
    started = client.scan_result.run_scan("chatgpt", "first", run_id, scan_level="Full")
    assert (started["scanResultId"], started["status"]) == (run_id, "Accepted")
    assert client.scan_result.cancel_scan("chatgpt", "first", run_id)["scanResultId"] == run_id
    assert [run["id"] for run in client.scan_result.list_scan_history("chatgpt", "first")] == [run_id]

    assert client.scans.delete("chatgpt", "first")["name"] == "first"
    assert client.data_sources.delete("chatgpt")["name"] == "chatgpt"
    with pytest.raises(ResourceNotFoundError):
        client.data_sources.get("chatgpt")
    client.send_request(HttpRequest("DELETE", own)).raise_for_status()
    client.key_vault_connections.delete("contoso-vault")
    assert list(client.key_vault_connections.list_all()) == []


def test_azure_purview_administration_keeps_collections(credential: ClientSecretCredential) -> None:
    from azure.purview.administration.account import PurviewAccountClient

    client: Any = PurviewAccountClient(f"{PURVIEW}/account", credential)
    assert client.accounts.get_account_properties()["name"] == seed.ACCOUNT
    body = {"friendlyName": "From a client", "parentCollection": reference(seed.COLLECTION)}
    assert client.collections.create_or_update_collection("client", body)["friendlyName"] == "From a client"
    assert client.collections.get_collection("client")["parentCollection"]["referenceName"] == seed.COLLECTION
    assert "client" in [one["name"] for one in client.collections.list_collections()]
    assert [one["name"] for one in client.collections.list_child_collection_names(seed.COLLECTION)] == ["client"]
    path = client.collections.get_collection_path("client")
    assert path["parentNameChain"] == [seed.ACCOUNT, seed.COLLECTION]
    client.collections.delete_collection("client")
    with pytest.raises(ResourceNotFoundError):
        client.collections.get_collection("client")


def test_azure_purview_clients_follow_pages(shared_azure: LocalAzure, credential: ClientSecretCredential) -> None:
    from azure.purview.administration.account import PurviewAccountClient
    from azure.purview.scanning import PurviewScanningClient

    scanning: Any = PurviewScanningClient(f"{PURVIEW}/scan", credential)
    for name in ("page-one", "page-two", "page-three"):
        scanning.key_vault_connections.create(name, connection_body())
    shared_azure.set_circumstances(Circumstances(page_size=1))
    account: Any = PurviewAccountClient(f"{PURVIEW}/account", credential)
    collections = [one["name"] for one in account.collections.list_collections()]
    connections = [one["name"] for one in scanning.key_vault_connections.list_all()]
    shared_azure.set_circumstances(Circumstances())
    assert collections == [one["name"] for one in account.collections.list_collections()]
    assert {"page-one", "page-two", "page-three"} <= set(connections)
    for name in ("page-one", "page-two", "page-three"):
        scanning.key_vault_connections.delete(name)


def test_azure_purview_administration_changes_roles(credential: ClientSecretCredential) -> None:
    from azure.purview.administration.metadatapolicies import PurviewMetadataPoliciesClient

    client: Any = PurviewMetadataPoliciesClient(PURVIEW, credential)
    [policy] = client.metadata_policy.list_all(collection_name=seed.COLLECTION)
    rules = policy["properties"]["attributeRules"]
    [admins] = [rule for rule in rules if "collection-administrator" in rule["id"]]
    admins["dnfCondition"][0][0]["attributeValueIncludedIn"].append(seed.STRANGER_ID)
    changed = client.metadata_policy.update(policy["id"], policy)
    assert changed["version"] == policy["version"] + 1
    assert client.metadata_policy.get(policy["id"]) == changed


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_msgraph_sdk_looks_through_all_users_page_by_page() -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.users.users_request_builder import UsersRequestBuilder as Users
    from msgraph.graph_service_client import GraphServiceClient
    from msgraph_core.tasks.page_iterator import PageIterator

    async def story() -> None:
        async with async_operator() as credential:
            graph = GraphServiceClient(credential)
            wanted = Users.UsersRequestBuilderGetQueryParameters(
                select=["id", "userPrincipalName", "mail", "proxyAddresses", "accountEnabled", "assignedPlans"], top=15
            )
            first = await graph.users.get(RequestConfiguration(query_parameters=wanted))
            assert first is not None
            found: list[User] = []

            def keep(user: User) -> bool:
                found.append(user)
                return True

            pages = PageIterator(first, graph.request_adapter)
            await pages.iterate(keep)
            assert len({user.id for user in found}) == len(found) > 2 * 15
            with_mailbox = {
                user.user_principal_name
                for user in found
                if any((p.service, p.capability_status) == ("exchange", "Enabled") for p in user.assigned_plans or [])
            }
            assert {people.IN_CAPITALS, people.DISABLED, *people.SILENT} <= with_mailbox
            assert with_mailbox.isdisjoint(people.WITHOUT_MAILBOX)
            assert [user.user_principal_name for user in found if not user.account_enabled] == [people.DISABLED]

    asyncio.run(story())


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_msgraph_sdk_finds_users_by_their_addresses() -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.users.users_request_builder import UsersRequestBuilder as Users
    from msgraph.graph_service_client import GraphServiceClient

    async def story() -> None:
        async with async_operator() as credential:
            graph = GraphServiceClient(credential)
            for condition, name in (
                ("userPrincipalName in ('user04@contoso.example','user34@contoso.example')", people.IN_CAPITALS),
                ("proxyAddresses/any(p:p eq 'smtp:user05@contoso.example')", people.RENAMED),
                ("mail eq 'user06@contoso.example'", people.BY_MAIL),
            ):
                wanted = Users.UsersRequestBuilderGetQueryParameters(filter=condition)
                listed = await graph.users.get(RequestConfiguration(query_parameters=wanted))
                assert listed is not None
                assert [user.user_principal_name for user in listed.value or []] == [name]

    asyncio.run(story())


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_msgraph_sdk_finds_purview_and_grants_its_app_role() -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models.app_role_assignment import AppRoleAssignment
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError
    from msgraph.generated.service_principals.service_principals_request_builder import (
        ServicePrincipalsRequestBuilder as Principals,
    )
    from msgraph.graph_service_client import GraphServiceClient

    async def story() -> None:
        async with async_operator() as credential:
            graph = GraphServiceClient(credential)
            wanted = Principals.ServicePrincipalsRequestBuilderGetQueryParameters(
                filter="appId eq '9ec59623-ce40-4dc8-a635-ed0275b5d58a'"
            )
            listed = await graph.service_principals.get(RequestConfiguration(query_parameters=wanted))
            assert listed is not None
            [found] = listed.value or []
            by_app = graph.service_principals_with_app_id("9ec59623-ce40-4dc8-a635-ed0275b5d58a")
            assert (await by_app.get() or found).display_name == found.display_name
            roles = {role.value: str(role.id) for role in found.app_roles or []}
            assert roles["Purview.ProcessConversationMessages.All"] == PROCESS_CONVERSATIONS

            resource = graph.service_principals.by_service_principal_id(str(found.id))
            grant = AppRoleAssignment(
                principal_id=uuid.UUID(seed.PURVIEW_IDENTITY),
                resource_id=uuid.UUID(found.id),
                app_role_id=uuid.UUID(PROCESS_CONVERSATIONS),
            )
            made = await resource.app_role_assigned_to.post(grant)
            assert made is not None
            with pytest.raises(ODataError, match="already exists") as refused:
                await resource.app_role_assigned_to.post(grant)
            assert refused.value.response_status_code == 400
            identity = graph.service_principals.by_service_principal_id(seed.PURVIEW_IDENTITY)
            held = await identity.app_role_assignments.get()
            assert held is not None
            assert [one.id for one in held.value or []] == [made.id]
            await resource.app_role_assigned_to.by_app_role_assignment_id(str(made.id)).delete()
            held = await identity.app_role_assignments.get()
            assert held is not None
            assert held.value == []

    asyncio.run(story())


@pytest.fixture
def _scanned(shared_azure: LocalAzure) -> Iterator[None]:
    """A run has taken in what somebody said on five days of a year; nothing but its records stays."""
    shared_azure.add_conversations(*[("user04@contoso.example", f"2030-01-0{day}T12:00:00Z") for day in range(1, 6)])
    with shared_azure.client() as client:
        chain = WholeChain(Person(shared_azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)).build()
        assert chain.run()["status"] == "Succeeded"
        yield
        grants = [chain.granted(resource) for resource in (seed.GRAPH, seed.PURVIEW_API)]
        for made in (SCAN, SOURCE, CREDENTIAL, CONNECTION, *grants):
            chain.operator.do("DELETE", made)


@pytest.mark.usefixtures("_scanned")
@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_msgraph_sdk_searches_the_audit_log() -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models.security.audit_log_query import AuditLogQuery
    from msgraph.generated.models.security.audit_log_query_status import AuditLogQueryStatus as Status
    from msgraph.generated.models.security.audit_log_record_type import AuditLogRecordType
    from msgraph.generated.models.security.connected_a_i_app_interaction_audit_record import (
        ConnectedAIAppInteractionAuditRecord,
    )
    from msgraph.generated.security.audit_log.queries.item.records.records_request_builder import (
        RecordsRequestBuilder as Records,
    )
    from msgraph.graph_service_client import GraphServiceClient
    from msgraph_core.tasks.page_iterator import PageIterator

    async def story() -> None:
        async with async_operator() as credential:
            graph = GraphServiceClient(credential)
            wanted = AuditLogQuery(
                display_name="Did anything arrive?",
                filter_start_date_time=datetime(2030, 1, 1, tzinfo=UTC),
                filter_end_date_time=datetime(2030, 1, 4, 23, tzinfo=UTC),
                record_type_filters=[
                    AuditLogRecordType.ConnectedAIAppInteraction,
                    AuditLogRecordType.AIAppInteraction,
                ],
                user_principal_name_filters=["user04@contoso.example"],
            )
            queries = graph.security.audit_log.queries
            made = await queries.post(wanted)
            assert made is not None
            assert made.status is Status.NotStarted
            assert made.filter_start_date_time == wanted.filter_start_date_time
            assert made.record_type_filters == wanted.record_type_filters
            query = queries.by_audit_log_query_id(str(made.id))
            states = [getattr(await query.get(), "status", None) for _ in range(2)]
            assert states == [Status.Running, Status.Succeeded]
            two = Records.RecordsRequestBuilderGetQueryParameters(top=2)
            first = await query.records.get(RequestConfiguration(query_parameters=two))
            assert first is not None
            found: list[AuditLogRecord] = []

            def keep(record: AuditLogRecord) -> bool:
                found.append(record)
                return True

            await PageIterator(first, graph.request_adapter).iterate(keep)
            assert [record.user_principal_name for record in found] == [people.IN_CAPITALS] * 4
            assert found[0].audit_log_record_type is AuditLogRecordType.ConnectedAIAppInteraction
            assert found[0].created_date_time == datetime(2030, 1, 4, 12, tzinfo=UTC)
            data = found[0].audit_data
            assert isinstance(data, ConnectedAIAppInteractionAuditRecord)
            assert data.additional_data["AppIdentity"] == "ConnectedAIApp.Connector.ChatGPTEnterprise"
            listed = await queries.get()
            assert listed is not None
            assert made.id in [one.id for one in listed.value or []]

    asyncio.run(story())


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_msgraph_sdk_gives_a_role_to_a_new_group() -> None:
    from msgraph.generated.models.group import Group
    from msgraph.generated.models.reference_create import ReferenceCreate
    from msgraph.generated.models.unified_role_assignment import UnifiedRoleAssignment
    from msgraph.graph_service_client import GraphServiceClient

    async def story() -> None:
        async with async_operator() as credential:
            graph = GraphServiceClient(credential)
            wanted = Group(display_name="Compliance", mail_enabled=False, mail_nickname="compliance")
            wanted.security_enabled = wanted.is_assignable_to_role = True
            made = await graph.groups.post(wanted)
            assert made is not None
            assert made.id is not None
            member = f"https://graph.microsoft.com/v1.0/directoryObjects/{seed.OPERATOR_ID}"
            await graph.groups.by_group_id(made.id).members.ref.post(ReferenceCreate(odata_id=member))
            members = await graph.groups.by_group_id(made.id).members.get()
            assert members is not None
            assert [one.id for one in members.value or []] == [seed.OPERATOR_ID]
            roles = graph.role_management.directory.role_assignments
            role = UnifiedRoleAssignment(role_definition_id=ROLES["Compliance Administrator"], principal_id=made.id)
            role.directory_scope_id = "/"
            given = await roles.post(role)
            assert given is not None
            assert given.principal_id == made.id
            await graph.groups.by_group_id(made.id).delete()
            left = await roles.get()
            assert left is not None
            assert left.value == []

    asyncio.run(story())


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_msgraph_sdk_makes_a_conditional_access_policy_and_takes_it_away() -> None:
    from msgraph.generated.models.conditional_access_applications import ConditionalAccessApplications
    from msgraph.generated.models.conditional_access_client_app import ConditionalAccessClientApp
    from msgraph.generated.models.conditional_access_condition_set import ConditionalAccessConditionSet
    from msgraph.generated.models.conditional_access_grant_control import ConditionalAccessGrantControl
    from msgraph.generated.models.conditional_access_grant_controls import ConditionalAccessGrantControls
    from msgraph.generated.models.conditional_access_policy import ConditionalAccessPolicy
    from msgraph.generated.models.conditional_access_policy_state import ConditionalAccessPolicyState
    from msgraph.generated.models.conditional_access_users import ConditionalAccessUsers
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError
    from msgraph.graph_service_client import GraphServiceClient

    def policy(application: str) -> ConditionalAccessPolicy:
        return ConditionalAccessPolicy(
            display_name="Block",
            state=ConditionalAccessPolicyState.EnabledForReportingButNotEnforced,
            conditions=ConditionalAccessConditionSet(
                client_app_types=[ConditionalAccessClientApp.All],
                applications=ConditionalAccessApplications(include_applications=[application]),
                users=ConditionalAccessUsers(include_users=["All"]),
            ),
            grant_controls=ConditionalAccessGrantControls(
                operator="OR", built_in_controls=[ConditionalAccessGrantControl.Block]
            ),
        )

    async def story() -> None:
        async with async_operator() as credential:
            policies = GraphServiceClient(credential).identity.conditional_access.policies
            made = await policies.post(policy(seed.CHATGPT_APP))
            assert made is not None
            assert made.id is not None
            listed = await policies.get()
            assert listed is not None
            assert [one.display_name for one in listed.value or []] == ["Block"]
            with pytest.raises(ODataError, match="malformed or incorrect"):
                await policies.post(policy(seed.CHATGPT_ID))
            await policies.by_conditional_access_policy_id(made.id).delete()
            left = await policies.get()
            assert left is not None
            assert left.value == []

    asyncio.run(story())
