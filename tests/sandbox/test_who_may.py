"""Every operation that changes something is refused to somebody without a role, and changes nothing."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from answers import refused
from local_azure import graph, seed
from local_azure.app import ARM_OPERATIONS, PURVIEW_OPERATIONS, Table
from local_azure.key_operations import KEY_OPERATIONS
from local_azure.key_vault import KEY_VAULT_OPERATIONS
from people import ARM, GRAPH, PURVIEW, Person
from rights import STORE
from state_estate import IDENTITIES, IDENTITY_API, STORAGE, STORAGE_API, containers
from state_estate import account_body as state_account_body
from waiting import until
from whole_chain import (
    ACCOUNT,
    CONNECTION,
    CREDENTIAL,
    GROUP,
    LOG_WORKSPACE_ID,
    PORTAL_API,
    SCAN,
    SECRET,
    SECRETS_USER,
    SOURCE,
    SUBSCRIPTION,
    TRIGGER,
    USER_READ_ALL,
    VAULT,
    VAULT_URL,
    VAULTS,
    WholeChain,
    account_body,
    connection_body,
    credential_body,
    policy_for,
    reference,
    role_body,
    role_url,
    rule_body,
    scan_body,
    source_body,
    trigger_body,
    vault_body,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_azure.call import Operation
    from local_azure.process import LocalAzure

WRITING = ("PUT", "POST", "PATCH", "DELETE")
NO_CHANGE = ("/checkNameAvailability",)
"""Posted, and yet only a question that everybody may ask."""
DOMAIN = f"{PURVIEW}/account/domains/ai-domain"
DIAGNOSTICS = f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/audit"
ALERT_RULE = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules/failed-run"
PRINCIPALS = f"{GRAPH}/v1.0/servicePrincipals"
GONE = f"{VAULT_URL}/deletedsecrets/gone"
GONE_VAULT = (
    f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/{seed.LOCATION}/deletedVaults/kv-of-yesterday/purge"
)
SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
RUN = "99999999-9999-4999-8999-999999999999"

Asked = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


@pytest.fixture(scope="module")
def owner(azure: LocalAzure) -> Iterator[Person]:
    with azure.client() as client:
        yield Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)


@pytest.fixture(scope="module")
def places(owner: Person) -> dict[str, str]:
    """A tenant with one object of each kind, and the ids that the services gave."""
    chain = WholeChain(owner).build()
    role = role_url(VAULT)
    owner.do("PUT", TRIGGER, json=trigger_body())
    owner.do("PUT", DOMAIN, params={"api-version": "2023-12-01-preview"}, json={"friendlyName": "AI"})
    settings = {"workspaceId": LOG_WORKSPACE_ID, "logs": [{"categoryGroup": "audit", "enabled": True}]}
    owner.do("PUT", DIAGNOSTICS, params={"api-version": "2021-05-01-preview"}, json={"properties": settings})
    owner.do("PUT", ALERT_RULE, params={"api-version": "2025-01-01-preview"}, json=rule_body())
    owner.do("PUT", f"{VAULT}/secrets/gone", json={"properties": {"value": "of-yesterday"}})
    owner.do("PUT", role, json=role_body(SECRETS_OFFICER, seed.OPERATOR_ID))
    until(lambda: owner.ask("DELETE", f"{VAULT_URL}/secrets/gone").is_success, "the right to delete a secret")
    until(lambda: owner.ask("GET", GONE).is_success, "the deleted secret")
    owner.do("PUT", f"{VAULTS}/kv-of-yesterday", json=vault_body())
    owner.do("DELETE", f"{VAULTS}/kv-of-yesterday")
    [policy] = owner.get(f"{PURVIEW}/policystore/metadataPolicies", collectionName=seed.ACCOUNT, **STORE)["values"]
    owner.do("POST", f"{SCAN}:run", params={"runId": RUN, "scanLevel": "Full"})
    return {"role": role, "policy": policy["id"], "granted": chain.granted(seed.GRAPH)}


def asked(places: dict[str, str]) -> list[Asked]:
    """One request for each operation that changes something."""
    grant = {"principalId": seed.STRANGER_ID, "resourceId": seed.GRAPH, "appRoleId": USER_READ_ALL}
    held = places["granted"].rsplit("/", 1)[1]
    policies = {"properties": {"accessPolicies": [policy_for(seed.STRANGER_ID, "get")]}}
    key = {"properties": {"value": "another"}}
    diagnostics = {"properties": {"workspaceId": LOG_WORKSPACE_ID, "logs": []}}
    preview = {"params": {"api-version": "2021-05-01-preview"}}
    rules = {"params": {"api-version": "2025-01-01-preview"}}
    collection = {"parentCollection": reference(seed.ACCOUNT), "friendlyName": "Another"}
    return [
        ("PUT", GROUP, {"json": {"location": seed.LOCATION}}),
        ("PATCH", GROUP, {"json": {"tags": {}}}),
        ("DELETE", GROUP, {}),
        ("PUT", VAULT, {"json": vault_body()}),
        ("PATCH", VAULT, {"json": {"tags": {"by": "a stranger"}}}),
        ("DELETE", VAULT, {}),
        ("POST", GONE_VAULT, {}),
        ("PUT", f"{VAULT}/accessPolicies/add", {"json": policies}),
        ("PUT", f"{VAULT}/secrets/{SECRET}", {"json": key}),
        ("PATCH", f"{VAULT}/secrets/{SECRET}", {"json": key}),
        ("PUT", ARM + LOG_WORKSPACE_ID, {"json": {"location": seed.LOCATION}}),
        ("DELETE", ARM + LOG_WORKSPACE_ID, {}),
        ("PUT", ACCOUNT, {"json": account_body(), "params": {"api-version": "2021-12-01"}}),
        ("PATCH", ACCOUNT, {"json": {"tags": {}}, "params": {"api-version": "2021-12-01"}}),
        ("DELETE", ACCOUNT, {"params": {"api-version": "2021-12-01"}}),
        (
            "POST",
            f"{ACCOUNT}/addRootCollectionAdmin",
            {"json": {"objectId": seed.STRANGER_ID}, "params": {"api-version": "2021-12-01"}},
        ),
        ("PUT", role_url(VAULT, str(uuid.uuid4())), {"json": role_body(SECRETS_USER, seed.STRANGER_ID)}),
        ("DELETE", places["role"], {}),
        ("PUT", DIAGNOSTICS, {"json": diagnostics, **preview}),
        ("DELETE", DIAGNOSTICS, preview),
        ("PUT", ALERT_RULE, {"json": rule_body(), **rules}),
        ("PATCH", ALERT_RULE, {"json": {"tags": {"by": "a stranger"}}, **rules}),
        ("DELETE", ALERT_RULE, rules),
        ("POST", PRINCIPALS, {"json": {"appId": str(uuid.uuid4())}}),
        ("PATCH", f"{PRINCIPALS}/{seed.PURVIEW_API}", {"json": {"notes": "by a stranger"}}),
        ("DELETE", f"{PRINCIPALS}/{seed.PURVIEW_API}", {}),
        ("DELETE", f"{PRINCIPALS}/{seed.PURVIEW_API}/owners/{seed.OPERATOR_ID}/$ref", {}),
        ("POST", f"{PRINCIPALS}/{seed.GRAPH}/appRoleAssignedTo", {"json": grant}),
        ("DELETE", places["granted"], {}),
        ("POST", f"{PRINCIPALS}/{seed.STRANGER_ID}/appRoleAssignments", {"json": grant}),
        ("DELETE", f"{PRINCIPALS}/{seed.PURVIEW_IDENTITY}/appRoleAssignments/{held}", {}),
        ("PUT", f"{VAULT_URL}/secrets/{SECRET}", {"json": {"value": "another"}}),
        ("PATCH", f"{VAULT_URL}/secrets/{SECRET}/{'0' * 32}", {"json": {"tags": {}}}),
        ("DELETE", f"{VAULT_URL}/secrets/{SECRET}", {}),
        ("POST", f"{GONE}/recover", {}),
        ("DELETE", GONE, {}),
        ("PUT", CONNECTION, {"json": connection_body()}),
        ("DELETE", CONNECTION, {}),
        ("PUT", CREDENTIAL, {"json": credential_body()}),
        ("DELETE", CREDENTIAL, {}),
        ("PUT", SOURCE, {"json": source_body()}),
        ("DELETE", SOURCE, {}),
        ("PUT", SCAN, {"json": scan_body()}),
        ("DELETE", SCAN, {}),
        ("POST", f"{SCAN}/testConnectivity", {"json": {"scan": scan_body()}, "params": PORTAL_API}),
        ("POST", f"{SCAN}:run", {"params": {"runId": str(uuid.uuid4())}}),
        ("POST", f"{SCAN}/run", {}),
        ("PUT", f"{SCAN}/runs/{uuid.uuid4()}", {}),
        ("POST", f"{SCAN}/runs/{RUN}:cancel", {}),
        ("POST", f"{SCAN}/runs/{RUN}/:cancel", {}),
        ("PUT", TRIGGER, {"json": trigger_body()}),
        ("POST", f"{TRIGGER}:enable", {}),
        ("POST", f"{TRIGGER}:disable", {}),
        ("DELETE", TRIGGER, {}),
        (
            "PUT",
            f"{PURVIEW}/account/collections/another",
            {"json": collection, "params": {"api-version": "2019-11-01-preview"}},
        ),
        (
            "DELETE",
            f"{PURVIEW}/account/collections/{seed.COLLECTION}",
            {"params": {"api-version": "2019-11-01-preview"}},
        ),
        ("PUT", DOMAIN, {"json": {"friendlyName": "Mine"}, "params": {"api-version": "2023-12-01-preview"}}),
        ("PUT", f"{PURVIEW}/policystore/metadataPolicies/{places['policy']}", {"json": {}, "params": STORE}),
        *_asked_of_state(),
    ]


def _asked_of_state() -> list[Asked]:
    """The same of what pipelines keep their state and secrets with; whether it is there makes no difference."""
    account, identity = f"{STORAGE}/stcontosostate", f"{IDENTITIES}/id-contoso"
    credential = f"{identity}/federatedIdentityCredentials/github"
    role = f"{GROUP}/providers/Microsoft.Authorization/roleDefinitions/{uuid.uuid4()}"
    return [
        ("PUT", role, {"json": {}}),
        ("DELETE", role, {}),
        ("PUT", account, {"json": state_account_body(), "params": STORAGE_API}),
        ("DELETE", account, {"params": STORAGE_API}),
        ("PUT", f"{account}/blobServices/default", {"json": {}, "params": STORAGE_API}),
        ("PUT", f"{containers('stcontosostate')}/state-contoso", {"json": {}, "params": STORAGE_API}),
        ("DELETE", f"{containers('stcontosostate')}/state-contoso", {"params": STORAGE_API}),
        ("PUT", identity, {"json": {"location": seed.LOCATION}, "params": IDENTITY_API}),
        ("DELETE", identity, {"params": IDENTITY_API}),
        ("PUT", credential, {"json": {}, "params": IDENTITY_API}),
        ("DELETE", credential, {"params": IDENTITY_API}),
        ("PUT", f"{VAULT}/keys/contoso", {"json": {"properties": {"kty": "RSA"}}}),
        ("DELETE", f"{VAULT_URL}/keys/contoso", {}),
        *(
            ("PATCH", f"{VAULT_URL}/keys/contoso{version}", {"json": {"attributes": {"enabled": False}}})
            for version in ("", f"/{'0' * 32}")
        ),
        *(
            ("POST", f"{VAULT_URL}/keys/contoso{version}/{operation}", {"json": {"alg": "RSA-OAEP-256", "value": "YQ"}})
            for operation in ("encrypt", "decrypt", "wrapkey", "unwrapkey")
            for version in ("", f"/{'0' * 32}")
        ),
    ]


def test_a_stranger_changes_nothing(azure: LocalAzure, stranger: Person, places: dict[str, str]) -> None:
    granted = [path for method, path, more in asked(places) if stranger.ask(method, path, **more).status_code != 403]
    assert granted == []
    assert azure.requests()


def test_every_operation_that_changes_something_was_asked(places: dict[str, str]) -> None:
    left = _writing(ARM_OPERATIONS, graph.OPERATIONS, KEY_VAULT_OPERATIONS, KEY_OPERATIONS, PURVIEW_OPERATIONS)
    for method, url, _ in asked(places):
        found = Table.of(left).find({"type": "http", "method": method, "path": urlsplit(url).path, "headers": []})
        assert found is not None, url
        left.remove(found[0])
    assert [f"{operation.method} {operation.path}" for operation in left] == []


def _writing(*services: list[Operation]) -> list[Operation]:
    return [
        operation
        for operations in services
        for operation in operations
        if operation.method in WRITING and not operation.path.endswith(NO_CHANGE)
    ]


def test_a_role_elsewhere_is_no_role_on_a_scan(owner: Person, deployer: Person, places: dict[str, str]) -> None:
    """The deployer administers the sources of one collection; this one stands above it."""
    del places
    theirs = f"{PURVIEW}/scan/datasources/theirs"
    scan = f"{theirs}/scans/theirs-scan"
    owner.do("PUT", theirs, json=source_body(workspace=seed.OTHER_WORKSPACE, collection=seed.ACCOUNT))
    body = scan_body()
    body["properties"]["collection"] = reference(seed.ACCOUNT)
    owner.do("PUT", scan, json=body)
    owner.do("POST", f"{scan}:run", params={"runId": RUN, "scanLevel": "Full"})
    for method, path, more in [
        ("POST", ":run", {"params": {"runId": str(uuid.uuid4())}}),
        ("POST", f"/runs/{RUN}:cancel", {}),
        ("PUT", "/triggers/default", {"json": trigger_body()}),
        ("POST", "/testConnectivity", {"json": {"scan": body}, "params": PORTAL_API}),
        ("DELETE", "", {}),
    ]:
        answer = deployer.ask(method, f"{scan}{path}", **more)
        assert refused(answer, 403, "Unauthorized"), path
