"""Key vaults, their access policies and secrets in the control plane (Microsoft.KeyVault)."""

from __future__ import annotations

import re
import time
from typing import Any

from local_azure.arm.access import require
from local_azure.arm.resources import group_of, subscription_of
from local_azure.call import Answer, Call, JsonObject, Operation, items, objects, part
from local_azure.errors import ServiceError
from local_azure.vault_keys import purge_keys
from local_azure.vaults import (
    Secret,
    Vault,
    Version,
    live_secret,
    live_vault,
    new_version,
    purge,
    purge_protected,
    set_secret,
    soft_delete,
    stamp,
)

_TYPE = "Microsoft.KeyVault/vaults"
REGISTERING_S = 0.2
"""How long a new vault's name takes to be registered."""
_NAME = re.compile(r"^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$")
_KEPT = (
    "sku",
    "tenantId",
    "accessPolicies",
    "enabledForDeployment",
    "enabledForDiskEncryption",
    "enabledForTemplateDeployment",
    "enableSoftDelete",
    "softDeleteRetentionInDays",
    "enableRbacAuthorization",
    "enablePurgeProtection",
    "networkAcls",
    "publicNetworkAccess",
)


def vault_id(call: Call) -> str:
    """The ARM id that the path spells."""
    group = f"/subscriptions/{subscription_of(call).id}/resourceGroups/{call.params['group']}"
    return f"{group}/providers/{_TYPE}/{call.params['vault']}"


def _shown(vault: Vault) -> dict[str, Any]:
    ready = time.time() >= vault.ready_at
    return {
        "id": vault.id,
        "name": vault.name,
        "type": _TYPE,
        "location": vault.location,
        "tags": vault.tags,
        "properties": {
            **vault.properties,
            "vaultUri": vault.uri,
            "provisioningState": "Succeeded" if ready else "RegisteringDns",
        },
    }


def vault_of(call: Call) -> Vault:
    """The vault that the path names, or 404."""
    vault = live_vault(call.azure, call.params["vault"])
    if vault is None or vault.id.lower() != vault_id(call).lower():
        says = (
            f"The Resource 'Microsoft.KeyVault/vaults/{call.params['vault']}' under resource group "
            f"'{call.params['group']}' was not found."
        )
        raise ServiceError(404, "ResourceNotFound", says)
    return vault


def get_vault(call: Call) -> Answer:
    """``GET`` of one vault."""
    require(call, vault_id(call), f"{_TYPE}/read")
    return Answer(200, _shown(vault_of(call)))


def list_vaults(call: Call) -> Answer:
    """``GET`` of all vaults in a resource group or subscription."""
    subscription = subscription_of(call)
    scope = f"/subscriptions/{subscription.id}"
    if "group" in call.params:
        scope += f"/resourceGroups/{call.params['group']}"
    require(call, scope, f"{_TYPE}/read")
    vaults = [v for v in call.azure.store.all(Vault) if v.id.lower().startswith(scope.lower() + "/")]
    return items([_shown(vault) for vault in vaults if vault.deleted is None])


def put_vault(call: Call) -> Answer:
    """``PUT``: create, replace the properties, or recover (docs/facts.md, providers 44)."""
    group = group_of(call) if call.azure.rules.on("group-must-exist") else None
    require(call, vault_id(call), f"{_TYPE}/write")
    name = call.params["vault"]
    if not _NAME.match(name) and call.azure.rules.on("vault-names"):
        says = f"The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric characters."
        raise ServiceError(400, "VaultNameNotValid", says)
    properties = part(call.body, "properties")
    existing = _existing(call, name, str(properties.get("createMode", "default")))
    made = Vault(
        subscription_id=call.params["subscription"],
        group=group.name if group else call.params["group"],
        name=existing.name if existing else name,
        location=str(call.body.get("location", "")).replace(" ", "").lower(),
        suffix=call.address.cloud.vault_suffix,
        tags=call.body.get("tags") or {},
        properties=_checked_properties(call, properties, existing),
        ready_at=existing.ready_at if existing else time.time() + REGISTERING_S,
    )
    call.azure.store.put(made)
    return Answer(200 if existing and existing.deleted is None else 201, _shown(made))


def update_vault(call: Call) -> Answer:
    """``PATCH``: change the tags and properties that are given."""
    require(call, vault_id(call), f"{_TYPE}/write")
    vault = vault_of(call)
    vault.tags = call.body.get("tags", vault.tags)
    merged = {**vault.properties, **part(call.body, "properties")}
    vault.properties = _checked_properties(call, merged, vault)
    call.azure.store.put(vault)
    return Answer(200, _shown(vault))


def _existing(call: Call, name: str, create_mode: str) -> Vault | None:
    existing = call.azure.store.get(Vault, name)
    if existing is None:
        if create_mode == "recover" and call.azure.rules.on("recover-needs-a-deleted-vault"):
            says = f"The vault '{name}' does not exist in a deleted state, so it cannot be recovered."
            raise ServiceError(404, "SoftDeletedVaultDoesNotExist", says)
        return None
    elsewhere = existing.id.lower() != vault_id(call).lower()
    if elsewhere and call.azure.rules.on("vault-names-are-global"):
        says = f"The vault name '{name}' is already in use. Vault names are globally unique."
        raise ServiceError(409, "VaultAlreadyExists", says)
    if existing.deleted is not None and create_mode != "recover":
        if call.azure.rules.on("deleted-vault-keeps-its-name"):
            says = (
                "A vault with the same name already exists in deleted state. "
                "You need to either recover or purge existing key vault."
            )
            raise ServiceError(409, "ConflictError", says)
        purge(call.azure, existing)
        purge_keys(call.azure, existing)
        return None
    return existing


def _checked_properties(call: Call, properties: JsonObject, existing: Vault | None) -> JsonObject:
    for needed in ("tenantId", "sku"):
        if not properties.get(needed):
            says = f"The parameter {needed} is not specified."
            raise ServiceError(400, "BadRequest", says)
    before = existing.properties if existing else {}
    protected = existing is not None and purge_protected(call.azure, existing)
    if protected and properties.get("enablePurgeProtection") is False:
        says = (
            'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a '
            "vault is an irreversible action."
        )
        raise ServiceError(400, "BadRequest", says)
    days = properties.get("softDeleteRetentionInDays")
    changed = before and days is not None and days != before["softDeleteRetentionInDays"]
    if changed and call.azure.rules.on("retention-is-fixed"):
        says = 'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.'
        raise ServiceError(400, "BadRequest", says)
    defaults: JsonObject = {
        "accessPolicies": [],
        "enabledForDeployment": False,
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": before.get("softDeleteRetentionInDays", 90),
        "enableRbacAuthorization": False,
        "publicNetworkAccess": "Enabled",
    }
    kept = {name: properties[name] for name in _KEPT if properties.get(name) is not None}
    if protected:
        kept["enablePurgeProtection"] = True
    return {**defaults, **kept}


def delete_vault(call: Call) -> Answer:
    """``DELETE``: soft delete; 204 where there was none."""
    require(call, vault_id(call), f"{_TYPE}/delete")
    vault = live_vault(call.azure, call.params["vault"])
    if vault is None:
        return Answer(204)
    soft_delete(call.azure, vault)
    return Answer(200)


def _shown_deleted(vault: Vault) -> dict[str, Any]:
    since = vault.deleted or 0.0
    where = f"/subscriptions/{vault.subscription_id}/providers/Microsoft.KeyVault/locations/{vault.location}"
    return {
        "id": f"{where}/deletedVaults/{vault.name}",
        "name": vault.name,
        "type": "Microsoft.KeyVault/deletedVaults",
        "properties": {
            "vaultId": vault.id,
            "location": vault.location,
            "tags": vault.tags,
            "deletionDate": stamp(since),
            "scheduledPurgeDate": stamp(since + vault.retention_days * 86_400),
            "purgeProtectionEnabled": bool(vault.properties.get("enablePurgeProtection")),
        },
    }


def _deleted_vault(call: Call) -> Vault:
    vault = call.azure.store.get(Vault, call.params["vault"])
    if vault is None or vault.deleted is None or vault.subscription_id != subscription_of(call).id:
        says = f"The specified deleted vault '{call.params['vault']}' does not exist."
        raise ServiceError(404, "DeletedVaultNotFound", says)
    return vault


def get_deleted_vault(call: Call) -> Answer:
    """``GET`` of a soft-deleted vault."""
    scope = f"/subscriptions/{call.params['subscription']}"
    require(call, scope, "Microsoft.KeyVault/locations/deletedVaults/read")
    return Answer(200, _shown_deleted(_deleted_vault(call)))


def list_deleted_vaults(call: Call) -> Answer:
    """``GET`` of all soft-deleted vaults of a subscription."""
    subscription = subscription_of(call)
    require(call, f"/subscriptions/{subscription.id}", "Microsoft.KeyVault/deletedVaults/read")
    vaults = [v for v in call.azure.store.all(Vault) if v.subscription_id == subscription.id]
    return items([_shown_deleted(vault) for vault in vaults if vault.deleted is not None])


def check_name(call: Call) -> Answer:
    """``POST …/checkNameAvailability``: whether a vault of this name could be made (docs/facts.md, graph 12)."""
    subscription = subscription_of(call)
    require(call, f"/subscriptions/{subscription.id}", "Microsoft.KeyVault/checkNameAvailability/read")
    name = str(call.body.get("name", ""))
    if call.body.get("type") != _TYPE:
        raise ServiceError(400, "BadRequest", f"The parameter type is not {_TYPE}.")
    if not _NAME.match(name) and call.azure.rules.on("vault-names"):
        return _not_available("AccountNameInvalid", f"The vault name '{name}' is invalid.")
    taken = call.azure.store.get(Vault, name)
    if taken is None:
        return Answer(200, {"nameAvailable": True})
    where = "already in use" if taken.deleted is None else "held by a vault in deleted state"
    return _not_available("AlreadyExists", f"The vault name '{name}' is {where}. Vault names are globally unique.")


def _not_available(reason: str, says: str) -> Answer:
    return Answer(200, {"nameAvailable": False, "reason": reason, "message": says})


def purge_vault(call: Call) -> Answer:
    """``POST …/purge``: for good, unless purge protection is on."""
    scope = f"/subscriptions/{call.params['subscription']}"
    require(call, scope, "Microsoft.KeyVault/locations/deletedVaults/purge/action")
    vault = _deleted_vault(call)
    if purge_protected(call.azure, vault):
        says = "Operation 'DeletedVaultPurge' is not allowed because purge protection is enabled for this vault."
        raise ServiceError(400, "MethodNotAllowed", says)
    purge(call.azure, vault)
    purge_keys(call.azure, vault)
    return Answer(200)


def change_policies(call: Call) -> Answer:
    """``PUT …/accessPolicies/{add|replace|remove}`` (docs/facts.md, providers 43)."""
    require(call, vault_id(call), f"{_TYPE}/accessPolicies/write")
    vault = vault_of(call)
    changed = [_without_empty_application(p) for p in objects(part(call.body, "properties"), "accessPolicies")]
    policies = objects(vault.properties, "accessPolicies")
    kind = call.params["kind"].lower()
    for entry in changed:
        others = [p for p in policies if p["objectId"] != entry["objectId"]]
        before = [p for p in policies if p["objectId"] == entry["objectId"]]
        policies = others if kind == "remove" else [*others, _merged(before, entry) if kind == "add" else entry]
    vault.properties["accessPolicies"] = policies
    call.azure.store.put(vault)
    body = {
        "id": f"{vault.id}/accessPolicies/",
        "type": "Microsoft.KeyVault/vaults/accessPolicies",
        "properties": {"accessPolicies": policies},
    }
    return Answer(200, body)


def _without_empty_application(policy: JsonObject) -> JsonObject:
    """An entry as it is kept: azure-native sends an application where there is none (docs/facts.md, assumed 57)."""
    return {name: value for name, value in policy.items() if name != "applicationId" or value}


def _merged(before: list[JsonObject], entry: JsonObject) -> JsonObject:
    permissions: dict[str, list[str]] = {}
    for policy in [*before, entry]:
        for kind, granted in part(policy, "permissions").items():
            permissions[kind] = sorted({*permissions.get(kind, []), *(granted or [])})
    return {**entry, "permissions": permissions}


def _shown_secret(vault: Vault, secret: Secret, version: Version) -> dict[str, Any]:
    where = f"{vault.uri}secrets/{secret.name}"
    properties: dict[str, Any] = {
        "attributes": version.attributes,
        "secretUri": where,
        "secretUriWithVersion": f"{where}/{version.id}",
    }
    return {
        "id": f"{vault.id}/secrets/{secret.name}",
        "name": secret.name,
        "type": f"{_TYPE}/secrets",
        "location": vault.location,
        "tags": version.tags,
        "properties": properties | ({"contentType": version.content_type} if version.content_type else {}),
    }


def get_secret(call: Call) -> Answer:
    """``GET`` of a secret's properties, never its value."""
    require(call, vault_id(call), f"{_TYPE}/secrets/read")
    vault = vault_of(call)
    secret = live_secret(call.azure, vault, call.params["secret"])
    return Answer(200, _shown_secret(vault, secret, secret.latest))


def list_secrets(call: Call) -> Answer:
    """``GET`` of all secrets' properties."""
    require(call, vault_id(call), f"{_TYPE}/secrets/read")
    vault = vault_of(call)
    found = [s for s in call.azure.store.all(Secret) if s.vault == vault.name and s.deleted is None]
    return items([_shown_secret(vault, secret, secret.latest) for secret in found])


def put_secret(call: Call) -> Answer:
    """``PUT``: a new version through the control plane, past the vault's firewall (docs/facts.md, graph 2.3)."""
    require(call, vault_id(call), f"{_TYPE}/secrets/write")
    vault = vault_of(call)
    properties = part(call.body, "properties")
    if not properties.get("value"):
        raise ServiceError(400, "BadRequest", "The property value of the secret is not specified.")
    made = new_version(str(properties["value"]))
    made.take(part(properties, "attributes"))
    made.content_type = properties.get("contentType")
    made.tags = call.body.get("tags") or {}
    secret = set_secret(call.azure, vault, call.params["secret"], made)
    return Answer(200 if len(secret.versions) > 1 else 201, _shown_secret(vault, secret, made))


def update_secret(call: Call) -> Answer:
    """``PATCH``: the attributes and tags of the newest version."""
    require(call, vault_id(call), f"{_TYPE}/secrets/write")
    vault = vault_of(call)
    secret = live_secret(call.azure, vault, call.params["secret"])
    newest = secret.latest
    newest.take(part(call.body, "properties", "attributes"))
    newest.tags = call.body.get("tags", newest.tags)
    call.azure.store.put(secret)
    return Answer(200, _shown_secret(vault, secret, newest))


_SUBSCRIPTION = "/subscriptions/{subscription}/providers/Microsoft.KeyVault"
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults"
_VAULT = _GROUP + "/{vault}"
OPERATIONS = [
    Operation("GET", _SUBSCRIPTION + "/vaults", list_vaults),
    Operation("POST", _SUBSCRIPTION + "/checkNameAvailability", check_name),
    Operation("GET", _SUBSCRIPTION + "/deletedVaults", list_deleted_vaults),
    Operation("GET", _SUBSCRIPTION + "/locations/{location}/deletedVaults/{vault}", get_deleted_vault),
    Operation("POST", _SUBSCRIPTION + "/locations/{location}/deletedVaults/{vault}/purge", purge_vault),
    Operation("GET", _GROUP, list_vaults),
    Operation("GET", _VAULT, get_vault),
    Operation("PUT", _VAULT, put_vault),
    Operation("PATCH", _VAULT, update_vault),
    Operation("DELETE", _VAULT, delete_vault),
    Operation("PUT", _VAULT + "/accessPolicies/{kind}", change_policies),
    Operation("GET", _VAULT + "/secrets", list_secrets),
    Operation("GET", _VAULT + "/secrets/{secret}", get_secret),
    Operation("PUT", _VAULT + "/secrets/{secret}", put_secret),
    Operation("PATCH", _VAULT + "/secrets/{secret}", update_secret),
]
