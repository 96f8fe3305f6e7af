"""What a scan needs, link by link: its credential, the vault, the key's version, the app roles, the vendor's yes.

A run goes through all of it, a test of the connection through all but the app roles. Where a link is missing, the
error is the reason that an operator would see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from local_azure.chatgpt import Workspace, workspace_for
from local_azure.directory import (
    PROCESS_CONVERSATIONS,
    USER_READ_ALL,
    ServicePrincipal,
    has_app_role,
)
from local_azure.errors import ServiceError
from local_azure.purview.connectors import CHATGPT, value_at
from local_azure.purview.objects import DataMapObject
from local_azure.purview.scan import scan_credential, secret_reference
from local_azure.vaults import GET, LIST, Origin, Reader, authorise, live_vault, read_version

if TYPE_CHECKING:
    from local_azure.azure import Azure
    from local_azure.call import JsonObject
    from local_azure.purview.accounts import PurviewAccount

NEEDED_GRANTS = (
    ("grant-process-conversations", PROCESS_CONVERSATIONS, "Purview.ProcessConversationMessages.All"),
    ("grant-user-read-all", USER_READ_ALL, "User.Read.All"),
)


def object_at(azure: Azure, account: str, path: str) -> DataMapObject:
    """An object by its path, or 404."""
    found = azure.store.get(DataMapObject, f"{account}/{path}")
    if found is None:
        raise ServiceError(404, "ResourceNotFound", f"{path} was not found.")
    return found


def read_key(azure: Azure, account: PurviewAccount, scan: JsonObject) -> str:
    """The vendor's key, read from the vault as the account's identity and as a trusted service."""
    credential = object_at(azure, account.name, f"credentials/{scan_credential(scan)}")
    reference = secret_reference(credential.body)
    connection = object_at(azure, account.name, f"azureKeyVaults/{reference['store']['referenceName']}")
    url = str(connection.body["properties"]["baseUrl"])
    vault = live_vault(azure, (urlsplit(url).hostname or "").split(".")[0])
    if vault is None:
        raise ServiceError(404, "KeyVaultNotFound", f"The key vault {url} does not exist.")
    identity = azure.store.get(ServicePrincipal, account.identity_id)
    reader = Reader(account.identity_id, identity.app_id if identity else "", Origin.TRUSTED_SERVICE)
    name, version = str(reference["secretName"]), str(reference.get("secretVersion") or "")
    try:
        authorise(azure, vault, reader, GET, name)
        if azure.rules.on("purview-lists-secrets") and not vault.properties.get("enableRbacAuthorization"):
            # Its documentation asks for both in an access policy; a role on a single secret is enough for one.
            authorise(azure, vault, reader, LIST)
        return read_version(azure, vault, name, version).value
    except ServiceError as error:
        who = f"The identity of account {account.name} could not read secret '{name}' of {url}"
        says = f"{who} ({error.inner or error.code}): {error.message}"
        raise ServiceError(error.status, "KeyVaultAccessFailed", says) from error


def need_app_roles(azure: Azure, account: PurviewAccount) -> None:
    """Both app roles are granted to the account's identity and seen by now."""
    for rule, app_role, value in NEEDED_GRANTS:
        if azure.rules.on(rule) and not has_app_role(azure, account.identity_id, app_role):
            says = f"The identity of account {account.name} lacks the app role {value}."
            raise ServiceError(403, "AppRoleMissing", says)


def open_workspace(azure: Azure, key: str, source: JsonObject) -> Workspace:
    """The data source's workspace, if the vendor opens it to the key."""
    workspace_id = str(value_at(source["properties"], CHATGPT.workspace))
    try:
        return workspace_for(azure, key, workspace_id)
    except ServiceError as error:
        says = f"The key was rejected by api.chatgpt.com for workspace {workspace_id}: {error.status} {error.message}"
        raise ServiceError(error.status, "SourceAuthenticationFailed", says) from error
