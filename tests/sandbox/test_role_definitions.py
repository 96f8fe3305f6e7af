"""Roles that somebody makes, as Azure Resource Manager keeps them, and what they allow in a key vault."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from answers import refused
from local_azure import seed
from people import ARM
from state_estate import CRYPTO_USER, give, make_key
from whole_chain import GROUP, SUBSCRIPTION, VAULTS, role_body, role_url

if TYPE_CHECKING:
    import httpx
    from local_azure.process import LocalAzure
    from people import Person

VERSION = {"api-version": "2022-04-01"}
KEY_ACTIONS = "Microsoft.KeyVault/vaults/keys"
OTHER_GROUP = f"{SUBSCRIPTION}/resourceGroups/{seed.GOVERNANCE_GROUP}"
NAME = "Key user of contoso"


def role_id() -> str:
    return str(uuid.uuid4())


def definition_url(role: str, scope: str = GROUP) -> str:
    return f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}"


def definition(*data_actions: str, **properties: Any) -> dict[str, Any]:
    """A role that does this with keys, and can be given in the tenant's resource group."""
    return {
        "properties": {
            "roleName": NAME,
            "description": "",
            "type": "CustomRole",
            "assignableScopes": [GROUP.removeprefix(ARM)],
            "permissions": [{"dataActions": [f"{KEY_ACTIONS}/{one}" for one in data_actions]}],
            **properties,
        }
    }


def put(person: Person, role: str, body: dict[str, Any], scope: str = GROUP) -> httpx.Response:
    return person.ask("PUT", definition_url(role, scope), params=VERSION, json=body)


def made(operator: Person, *data_actions: str, **properties: Any) -> str:
    """A role that is there; its GUID."""
    role = role_id()
    assert put(operator, role, definition(*data_actions, **properties)).status_code == 201
    return role


def test_a_role_of_two_actions_does_these_with_a_key_and_nothing_else(operator: Person, stranger: Person) -> None:
    make_key(operator, "kv-state", "contoso")
    role = made(operator, "encrypt/action", "decrypt/action")
    give(operator, f"{VAULTS}/kv-state/keys/contoso", role)
    key = "https://kv-state.vault.azure.net/keys/contoso"
    value = {"alg": "RSA-OAEP-256", "value": "YQ"}
    sealed = stranger.do("POST", f"{key}/encrypt", json=value)["value"]
    assert stranger.do("POST", f"{key}/decrypt", json=value | {"value": sealed})["value"] == "YQ"
    disabled = {"attributes": {"enabled": False}}
    for method, url, body in (("PATCH", key, disabled), ("GET", key, None), ("POST", f"{key}/wrapkey", value)):
        assert refused(stranger.ask(method, url, json=body), 403, "Forbidden")
    wider = definition("encrypt/action", "decrypt/action", "update/action")
    assert put(operator, role, wider).status_code == 201
    stranger.do("PATCH", key, json=disabled)


def test_what_a_role_leaves_out_it_does_not_do(operator: Person, stranger: Person) -> None:
    make_key(operator, "kv-state", "contoso")
    permission = {"dataActions": [f"{KEY_ACTIONS}/*"], "notDataActions": [f"{KEY_ACTIONS}/update/action"]}
    give(operator, f"{VAULTS}/kv-state", made(operator, permissions=[permission]))
    key = "https://kv-state.vault.azure.net/keys/contoso"
    assert stranger.get(key)["attributes"]["enabled"]
    assert refused(stranger.ask("PATCH", key, json={"attributes": {"enabled": False}}), 403, "Forbidden")


def test_azure_names_a_role_by_the_subscription_wherever_it_was_made(operator: Person) -> None:
    role = made(operator, "read")
    found = operator.get(definition_url(role), **VERSION)
    assert found["id"] == definition_url(role, SUBSCRIPTION).removeprefix(ARM)
    assert found["properties"]["type"] == "CustomRole"
    assert found["properties"]["permissions"][0]["dataActions"] == [f"{KEY_ACTIONS}/read"]
    assert operator.get(ARM + found["id"], **VERSION) == found
    names = [{"$filter": f"roleName eq '{NAME}'"}, {"$filter": "type eq 'CustomRole'"}, {}]
    for wanted in names:
        listed = operator.get(definition_url("").rstrip("/"), **VERSION, **wanted)["value"]
        assert found in listed
        elsewhere = operator.get(definition_url("", OTHER_GROUP).rstrip("/"), **VERSION, **wanted)["value"]
        assert found not in elsewhere


def test_a_roles_name_is_taken_once(operator: Person) -> None:
    first = made(operator, "read")
    assert refused(put(operator, role_id(), definition("read")), 409, "RoleDefinitionWithSameNameExists")
    assert put(operator, first, definition("encrypt/action")).status_code == 201
    as_azures = definition("read", roleName="Key Vault Crypto User")
    assert refused(put(operator, role_id(), as_azures), 409, "RoleDefinitionWithSameNameExists")


def test_a_role_is_given_on_its_scopes_and_nowhere_else(operator: Person) -> None:
    body = role_body(made(operator, "read"), seed.STRANGER_ID)
    for scope in (GROUP, f"{VAULTS}/kv-state/keys/contoso"):
        assert operator.ask("PUT", role_url(scope), json=body).status_code == 201
    for scope in (OTHER_GROUP, SUBSCRIPTION):
        answer = operator.ask("PUT", role_url(scope), json=body)
        assert refused(answer, 400, "RoleAssignmentScopeNotAssignableToRoleDefinition")


def test_a_role_that_somebody_holds_stays(operator: Person) -> None:
    role = made(operator, "read")
    grant = role_url(GROUP)
    operator.do("PUT", grant, json=role_body(role, seed.STRANGER_ID))
    assert refused(operator.ask("DELETE", definition_url(role), params=VERSION), 400, "RoleDefinitionHasAssignments")
    operator.do("DELETE", grant)
    assert operator.ask("DELETE", definition_url(role), params=VERSION).status_code == 200
    assert operator.ask("DELETE", definition_url(role), params=VERSION).status_code == 204
    gone = operator.ask("GET", definition_url(role), params=VERSION)
    assert refused(gone, 404, "RoleDefinitionDoesNotExist")


def test_who_makes_a_role_needs_the_right_on_all_its_scopes(operator: Person, stranger: Person) -> None:
    give(operator, GROUP, seed.ACCESS_ADMIN)
    both = [one.removeprefix(ARM) for one in (GROUP, OTHER_GROUP)]
    wider = put(stranger, role_id(), definition("read", assignableScopes=both))
    assert f"linked scope(s) '{both[1]}'" in refused(wider, 403, "LinkedAuthorizationFailed")
    role = role_id()
    assert put(stranger, role, definition("read")).status_code == 201
    # Whoever has rights on the group alone deletes it there, and not by the name that Azure gives it.
    by_its_id = stranger.ask("DELETE", definition_url(role, SUBSCRIPTION), params=VERSION)
    assert "'Microsoft.Authorization/roleDefinitions/delete'" in refused(by_its_id, 403, "AuthorizationFailed")
    assert stranger.ask("DELETE", definition_url(role), params=VERSION).status_code == 200


def test_who_gives_roles_by_a_condition_makes_none(operator: Person, stranger: Person) -> None:
    give(operator, GROUP, seed.CONTRIBUTOR)
    give(operator, GROUP, "8b54135c-b56d-4d72-a534-26097cfdc8d8")
    assert refused(put(stranger, role_id(), definition("read")), 403, "AuthorizationFailed")
    giving = stranger.ask("PUT", role_url(GROUP), json=role_body(made(operator, "read"), seed.DEPLOYER_ID))
    assert refused(giving, 403, "AuthorizationFailed")


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"roleName": ""}, "RoleDefinitionNameNullOrEmpty"),
        ({"type": "BuiltInRole"}, "InvalidRoleDefinitionType"),
        ({"assignableScopes": []}, "MissingAssignableScopes"),
        ({"assignableScopes": ["/"]}, "LinkedInvalidPropertyId"),
        ({"assignableScopes": ["/subscriptions/*"]}, "LinkedInvalidPropertyId"),
        ({"assignableScopes": [f"{VAULTS}/kv-state".removeprefix(ARM)]}, "LinkedInvalidPropertyId"),
    ],
)
def test_a_role_that_is_none_is_refused(operator: Person, properties: dict[str, Any], code: str) -> None:
    assert refused(put(operator, role_id(), definition("read", **properties)), 400, code)


def test_a_role_of_azures_own_is_not_changed(operator: Person) -> None:
    assert refused(put(operator, CRYPTO_USER, definition("read")), 409, "RoleDefinitionExists")
    assert refused(put(operator, "crypto-user", definition("read")), 400, "InvalidRoleDefinitionId")


def test_a_fresh_role_cannot_be_given_while_it_propagates(azure: LocalAzure, operator: Person) -> None:
    azure.weather(effect="slow-propagation", checks=1, times=1)
    body = role_body(made(operator, "read"), seed.STRANGER_ID)
    assert refused(operator.ask("PUT", role_url(GROUP), json=body), 400, "RoleDefinitionDoesNotExist")
    assert operator.ask("PUT", role_url(GROUP), json=body).status_code == 201
