"""Purview accounts and collections, and who may do what in them."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from local_azure.call import JsonObject
from local_azure.errors import BareError, ServiceError
from local_azure.hosts import Service
from local_azure.store import Document

if TYPE_CHECKING:
    from local_azure.azure import Azure
    from local_azure.call import Call
    from local_azure.hosts import Address


COLLECTION_ADMIN = "collection-administrator"
SOURCE_ADMIN = "data-source-administrator"
READER = "purview-reader"
CURATOR = "data-curator"
DOMAINS_SINCE = "2023"
"""The api-versions from this year on tell of domains."""
_COLLECTION_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{2,35}$")
OPTIONS = {
    "ingestionStorage": "2023-05-01-preview",
    "managedEventHubState": "2021-12-01",
    "managedResourceGroupName": "2021-07-01",
    "managedResourcesPublicNetworkAccess": "2021-12-01",
    "publicNetworkAccess": "2021-07-01",
    "tenantEndpointState": "2024-04-01-preview",
}
"""What can be asked of an account in ARM, and the api-version that began to tell of it."""
READING = (SOURCE_ADMIN, READER, CURATOR, COLLECTION_ADMIN)


ProvisioningState = Literal["Succeeded", "Creating", "Moving", "SoftDeleting", "SoftDeleted", "Failed"]


class Circumstances(BaseModel):
    """In what accounts differ from each other; an account begins with the defaults."""

    model_config = ConfigDict(extra="forbid")

    host: Literal["classic", "tenant", "tenant-only"] = "classic"
    """Where ARM says that it answers; with ``tenant-only`` there is no host of the account's own name."""
    scan_endpoint: Literal["with-path", "bare", "missing"] = "with-path"
    """Whether ARM's address ends in ``/scan``; without any, the account looks like one that only carries billing."""
    tenant_host_refuses_applications: bool = False
    """Whether the tenant's host answers applications with 403 and not a word, roles or not."""
    takes_triggers: bool = True
    tests_connections: bool = True
    cancels_at_once: bool = True
    """Whether a run is over once it is asked to cancel, or only a while later (docs/facts.md, assumed 78)."""
    page_size: int | None = Field(default=None, ge=1)
    """How many objects come on one page of a list; all of them by default."""
    identity: Literal["system-assigned", "user-assigned", "none"] = "system-assigned"
    """Which kind of managed identity it has; only the first is the account's own."""
    provisioning_state: Literal["Succeeded", "Creating", "Moving", "SoftDeleting", "SoftDeleted", "Failed"] = (
        "Succeeded"
    )
    """What ARM says of it, whatever the Data Map does."""
    billing_only: bool = False
    """Whether it is a pay-as-you-go meter: the same in ARM, without a Data Map (docs/facts.md, purview 4)."""
    default_of_tenant: bool = True
    """Whether ``getDefaultAccount`` names it; where no account is, the tenant has none."""


class PurviewAccount(Document):
    """A Purview account as ARM and the Data Map see it."""

    subscription_id: str
    group: str
    name: str
    tenant_id: str
    location: str
    tags: dict[str, str] = Field(default_factory=dict[str, str])
    principal_id: str
    """The object id of its system-assigned identity; empty where it has none."""
    options: JsonObject = Field(default_factory=JsonObject)
    """What else was asked for, by ARM's names."""
    busy: Literal["Creating", "Updating", "Deleting"] | None = None
    """What is done to it until ``ready_at``."""
    ready_at: float = 0.0
    """Seconds since 1970."""
    default_domain: str
    circumstances: Circumstances = Field(default_factory=Circumstances)
    purview_suffix: str
    purview_tenant_suffix: str
    created: str

    @property
    def key(self) -> str:
        """Account names are unique in the world."""
        return self.name

    @property
    def id(self) -> str:
        """The ARM id."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.group}"
            f"/providers/Microsoft.Purview/accounts/{self.name}"
        )

    @property
    def identity_id(self) -> str:
        """Whom a scan acts as; empty for an account without an identity of its own."""
        return self.principal_id if self.circumstances.identity == "system-assigned" else ""

    @property
    def state(self) -> str | None:
        """What is done to it now; None once that is over."""
        return self.busy if time.time() < self.ready_at else None

    @property
    def gone(self) -> bool:
        """Whether its deletion is over."""
        return self.busy == "Deleting" and self.state is None

    @property
    def has_data_map(self) -> bool:
        """Whether there is something behind its host names."""
        return not self.circumstances.billing_only and self.busy != "Deleting" and self.state != "Creating"

    @property
    def endpoint(self) -> str:
        """Where ARM says that its services answer, without a path."""
        if self.circumstances.host != "classic":
            return f"https://{self.tenant_id}-api.{self.purview_tenant_suffix}"
        return f"https://{self.name}.{self.purview_suffix}"

    def shown(self, version: str) -> JsonObject:
        """The account as ARM and the Data Map tell of it (docs/facts.md, purview 4)."""
        properties: JsonObject = {
            "friendlyName": self.name,
            "createdAt": self.created,
            "createdBy": "",
            "publicNetworkAccess": "Enabled",
            **{name: value for name, value in self.options.items() if version >= OPTIONS[name]},
            # Updating is no state of ARM's; the account's own status knows it.
            "provisioningState": self._told_state if self._told_state != "Updating" else "Succeeded",
        }
        if self.circumstances.scan_endpoint != "missing":
            path = "/scan" if self.circumstances.scan_endpoint == "with-path" else ""
            properties["endpoints"] = {"catalog": f"{self.endpoint}/catalog", "scan": f"{self.endpoint}{path}"}
            if version < DOMAINS_SINCE:
                properties["endpoints"]["guardian"] = f"{self.endpoint}/guardian"
        if version >= DOMAINS_SINCE:
            properties["defaultDomain"] = self.default_domain
            properties["accountStatus"] = {"accountProvisioningState": self._told_state}
        return {
            "id": self.id,
            "name": self.name,
            "type": "Microsoft.Purview/accounts",
            "location": self.location,
            "tags": self.tags,
            "sku": {"name": "Standard", "capacity": 1},
            "identity": self._identity,
            "systemData": {"createdAt": self.created, "lastModifiedAt": self.created},
            "properties": properties,
        }

    @property
    def _told_state(self) -> str:
        return self.state or self.circumstances.provisioning_state

    @property
    def _identity(self) -> JsonObject:
        if self.circumstances.identity == "user-assigned":
            group = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.group}"
            somebody = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-{self.name}"
            ids = {"clientId": self.subscription_id, "principalId": self.tenant_id}
            return {"type": "UserAssigned", "userAssignedIdentities": {somebody: ids}}
        if not self.identity_id:
            return {"type": "None"}
        return {"type": "SystemAssigned", "principalId": self.identity_id, "tenantId": self.tenant_id}


class Collection(Document):
    """A collection of an account's Data Map; the root has the account's name."""

    account: str
    name: str
    friendly_name: str
    description: str = ""
    parent: str | None
    """A collection or a domain; the root has none."""
    created: str
    modified: str = ""
    busy: Literal["Creating", "Moving"] | None = None
    """What is done to it until ``ready_at``."""
    ready_at: float = 0.0
    """Seconds since 1970."""

    @property
    def key(self) -> str:
        """The account and the name."""
        return f"{self.account}/{self.name}"

    @property
    def state(self) -> str:
        """Its provisioning state now."""
        return self.busy if self.busy and time.time() < self.ready_at else "Succeeded"


class MetadataPolicy(Document):
    """The roles on one collection; it lives and dies with the collection."""

    id: str
    account: str
    collection: str
    version: int
    properties: JsonObject

    @property
    def key(self) -> str:
        """The policy's id."""
        return self.id


def accounts(azure: Azure) -> list[PurviewAccount]:
    """All accounts but those whose deletion is over."""
    return [account for account in azure.store.all(PurviewAccount) if not account.gone]


def account_named(azure: Azure, name: str) -> PurviewAccount | None:
    """An account, unless its deletion is over."""
    account = azure.store.get(PurviewAccount, name)
    return account if account is not None and not account.gone else None


def account_of(call: Call) -> PurviewAccount:
    """The account that a request's host names, if it is the caller's."""
    address = call.address
    for account in accounts(call.azure):
        own = account.tenant_id if address.of_tenant else account.name.lower()
        asked = address.name == own and account.tenant_id == call.caller.tenant_id
        if asked and account.has_data_map and is_there(call.azure, address):
            if address.of_tenant and account.circumstances.tenant_host_refuses_applications:
                # Everybody who signs in here is an application.
                raise BareError(403)
            return account
    raise ServiceError(404, "AccountNotFound", f"The account {address.name} was not found.")


def is_there(azure: Azure, address: Address) -> bool:
    """Whether a host name can be resolved: some accounts have none of their own (docs/facts.md, purview 1)."""
    if address.service in (Service.PURVIEW, Service.KEY_VAULT) and not azure.is_in(address.cloud):
        return False
    if address.service is not Service.PURVIEW or address.of_tenant:
        return True
    account = account_named(azure, address.name)
    return account is None or (account.circumstances.host != "tenant-only" and account.has_data_map)


def _derived(azure: Azure, account: PurviewAccount, principal_id: str) -> set[str]:
    """All rules of the account's policies that hold for a principal, followed until nothing is added."""
    rules: list[JsonObject] = []
    for policy in azure.store.all(MetadataPolicy):
        if policy.account == account.name:
            rules += policy.properties["attributeRules"]
    held: set[str] = set()
    grown = True
    while grown:
        grown = False
        for rule in rules:
            if rule["id"] not in held and any(_holds(part, principal_id, held) for part in rule["dnfCondition"]):
                held.add(rule["id"])
                grown = True
    return held


def _holds(conjunction: list[JsonObject], principal_id: str, held: set[str]) -> bool:
    """Whether all of a condition is true of a principal; what is not understood here is not.

    Groups are members under ``principal.microsoft.groups``, and nobody here is in one (docs/facts.md, assumed 56).
    """
    for matcher in conjunction:
        several: list[str] = matcher.get("attributeValueIncludedIn") or []
        included = {*several, str(matcher.get("attributeValueIncludes"))}
        holds = {
            "principal.microsoft.id": principal_id in included,
            "derived.purview.permission": bool(held.intersection(included)),
            # It says which role the rule is about, and asks nothing.
            "derived.purview.role": True,
        }
        if not holds.get(matcher["attributeName"], False):
            return False
    return bool(conjunction)


def has_role(
    azure: Azure, account: PurviewAccount, principal_id: str, roles: tuple[str, ...], collection: str | None
) -> bool:
    """Whether a principal holds one of the roles on a collection or above it (None: on any collection)."""
    held = _derived(azure, account, principal_id)
    if collection is None:
        names = [c.name for c in azure.store.all(Collection) if c.account == account.name]
    else:
        names = path_of(azure, account, collection)
    return any(f"purviewmetadatarole_builtin_{role}:{name}" in held for role in roles for name in names)


def path_of(azure: Azure, account: PurviewAccount, collection: str) -> list[str]:
    """A collection and all above it, itself first."""
    names: list[str] = []
    found = azure.store.get(Collection, f"{account.name}/{collection}")
    while found is not None and found.name not in names:
        names.append(found.name)
        found = azure.store.get(Collection, f"{account.name}/{found.parent}") if found.parent else None
    return names


def require_role(call: Call, roles: tuple[str, ...], collection: str | None = None) -> PurviewAccount:
    """The account, once the caller is known to hold one of these roles there."""
    account = account_of(call)
    if call.azure.rules.on("purview-roles") and not has_role(
        call.azure, account, call.caller.object_id, roles, collection
    ):
        raise ServiceError(403, "Unauthorized", f"Not authorized to access account {account.name}.")
    return account


def require_collection_name(azure: Azure, name: str) -> None:
    """Stop a new collection or domain whose name has another form."""
    if azure.rules.on("collection-names") and not _COLLECTION_NAME.match(name):
        raise ServiceError(400, "InvalidInput", f"The collection name {name} is not valid.")


def new_collection(
    azure: Azure,
    account: PurviewAccount,
    name: str,
    parent: str | None,
    admins: list[str],
    *,
    friendly: str = "",
) -> Collection:
    """Make a collection with a young policy: administrators only (docs/facts.md, purview 2.11)."""
    made = Collection(
        account=account.name, name=name, friendly_name=friendly or name, parent=parent, created=azure.now()
    )
    policy = MetadataPolicy(
        id=azure.new_id(),
        account=account.name,
        collection=name,
        version=1,
        properties=_young_policy(name, parent, admins),
    )
    azure.store.put(made, policy)
    if not azure.rules.on("young-policy"):
        for role in (SOURCE_ADMIN, READER, CURATOR):
            add_role(azure, account, name, role, admins[0])
    return made


def role_rule(role: str, collection: str, members: list[str]) -> JsonObject:
    """The attribute rule that gives a role on a collection."""
    rule = f"purviewmetadatarole_builtin_{role}"
    return {
        "kind": "attributerule",
        "id": f"{rule}:{collection}",
        "name": f"{rule}:{collection}",
        "dnfCondition": [
            [
                {"attributeName": "principal.microsoft.id", "attributeValueIncludedIn": members},
                {"attributeName": "derived.purview.role", "attributeValueIncludes": rule},
            ]
        ],
    }


def permission_rule(collection: str, *roles: str) -> JsonObject:
    """The attribute rule that lets the holders of these roles into a collection."""
    return {
        "kind": "attributerule",
        "id": f"permission:{collection}",
        "name": f"permission:{collection}",
        "dnfCondition": [
            [{"attributeName": "derived.purview.permission", "attributeValueIncludes": role}] for role in roles
        ],
    }


def _young_policy(collection: str, parent: str | None, admins: list[str]) -> JsonObject:
    admin = role_rule(COLLECTION_ADMIN, collection, admins)
    permission = permission_rule(collection, admin["id"])
    if parent:
        above = f"purviewmetadatarole_builtin_{COLLECTION_ADMIN}:{parent}"
        admin["dnfCondition"].append([{"attributeName": "derived.purview.permission", "attributeValueIncludes": above}])
        permission["dnfCondition"].append(
            [
                {
                    "attributeName": "derived.purview.permission",
                    "attributeValueIncludes": f"permission:{parent}",
                }
            ]
        )
    decision = {
        "kind": "decisionrule",
        "effect": "Permit",
        "dnfCondition": [
            [
                {"attributeName": "resource.purview.collection", "attributeValueIncludes": collection},
                {
                    "attributeName": "derived.purview.permission",
                    "attributeValueIncludes": f"permission:{collection}",
                },
            ]
        ],
    }
    properties: JsonObject = {
        "description": "",
        "decisionRules": [decision],
        "attributeRules": [admin, permission],
        "collection": {"type": "CollectionReference", "referenceName": collection},
    }
    return properties | ({"parentCollectionName": parent} if parent else {})


def move_policy(azure: Azure, collection: Collection, old: str | None) -> None:
    """Let a moved collection's policy refer to its new parent wherever it referred to the old one."""
    for policy in azure.store.all(MetadataPolicy):
        if (policy.account, policy.collection) != (collection.account, collection.name):
            continue
        for rule in policy.properties["attributeRules"]:
            for matcher in (one for conjunction in rule["dnfCondition"] for one in conjunction):
                given, _, of = str(matcher.get("attributeValueIncludes")).rpartition(":")
                if matcher["attributeName"] == "derived.purview.permission" and of == old:
                    matcher["attributeValueIncludes"] = f"{given}:{collection.parent}"
        policy.properties["parentCollectionName"] = collection.parent
        policy.version += 1
        azure.store.put(policy)


def add_role(azure: Azure, account: PurviewAccount, collection: str, role: str, principal_id: str) -> None:
    """Give a role on a collection, as the portal's role page does."""
    for policy in azure.store.all(MetadataPolicy):
        if (policy.account, policy.collection) != (account.name, collection):
            continue
        rules: list[JsonObject] = policy.properties["attributeRules"]
        made = role_rule(role, collection, [principal_id])
        if not any(rule["id"] == made["id"] for rule in rules):
            rules.append(made)
            permission = next(rule for rule in rules if rule["id"] == f"permission:{collection}")
            permission["dnfCondition"].append(
                [{"attributeName": "derived.purview.permission", "attributeValueIncludes": made["id"]}]
            )
        else:
            existing = next(rule for rule in rules if rule["id"] == made["id"])
            members: list[str] = existing["dnfCondition"][0][0]["attributeValueIncludedIn"]
            members.extend({principal_id} - set(members))
        policy.version += 1
        azure.store.put(policy)
