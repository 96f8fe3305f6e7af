"""The world that a new sandbox begins with: a tenant that is ready for its first deployment, and no more."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local_azure.anthropic import Activity, Organisation, Scope, keep_key
from local_azure.arm.access import RoleAssignment
from local_azure.arm.log_analytics import LogWorkspace
from local_azure.arm.resources import ResourceGroup, Subscription
from local_azure.chatgpt import Conversation, VendorKey, Workspace
from local_azure.directory import (
    GRAPH_APP,
    GRAPH_ROLES,
    MICROSOFTS,
    PURVIEW_API_APP,
    AppRoleAssignment,
    ClientSecret,
    ServicePrincipal,
)
from local_azure.people import SPEAKERS, seed_people
from local_azure.purview.accounts import (
    COLLECTION_ADMIN,
    READER,
    SOURCE_ADMIN,
    PurviewAccount,
    add_role,
    new_collection,
)

if TYPE_CHECKING:
    from local_azure.azure import Azure

TENANT = "2f6c6dd2-51c7-4a8c-9a2e-0c0d5c7f1a01"
SUBSCRIPTION = "6f0c9f0e-7d0e-4f0b-8f57-3a9a4f4a0b02"
LOCATION = "westeurope"
OTHER_TENANT = "9b7e1c54-3d2a-4f6b-8c0d-5e4f3a2b1c0f"
OTHER_SUBSCRIPTION = "a1b2c3d4-5e6f-4a7b-8c9d-0e1f2a3b4c10"
"""Not there until a test brings in an account that lies in them."""
GOVERNANCE_GROUP = "rg-governance"
TENANT_GROUP = "rg-ai-governance"
ACCOUNT = "contoso-purview"
COLLECTION = "ai-interactions"
LOG_WORKSPACE = "law-contoso"
"""A Log Analytics workspace, in the tenant's own resource group."""
WORKSPACE = "f7f33107-5fb9-4ee1-8922-3eae76b5b5a0"
OTHER_WORKSPACE = "0b8f4a52-0f6e-4f3a-9a53-6a3f1f0e9d03"
VENDOR_KEY = "sandbox-compliance-key-0001"
"""Not a secret: it opens nothing but this sandbox."""
ROTATED_VENDOR_KEY = "sandbox-compliance-key-0002"
OTHER_VENDOR_KEY = "sandbox-compliance-key-0003"
"""Opens the other workspace."""
UNAPPROVED_VENDOR_KEY = "sandbox-compliance-key-without-its-scope"
"""OpenAI has not answered the mail yet."""
PLATFORM_KEY = "sandbox-platform-key-0001"
"""Of OpenAI's platform: the wrong kind."""
CLAUDE_ORGANISATION = "5d3c2b1a-0f9e-4d8c-b7a6-95847362510d"
CLAUDE_KEY = "sk-ant-api01-sandbox-opens-nothing"
"""A compliance access key with the three scopes that read."""
CLAUDE_ACTIVITY_KEY = "sk-ant-api01-sandbox-activities-only"
"""One with the scope of activities alone."""
CLAUDE_ADMIN_KEY = "sk-ant-admin01-sandbox-opens-nothing"
CLAUDE_API_KEY = "sk-ant-api03-sandbox-opens-nothing"
"""Keys of the two other kinds."""

DEPLOYER_APP = "8f0e2a63-3f9d-4c55-9b1d-2f5f6f3f7c04"
DEPLOYER_ID = "b6b8e0a7-6b0f-4a43-8f86-9d2f0c8c1e05"
DEPLOYER_SECRET = "sandbox-deployer-secret"
"""Signs in to this sandbox only."""
OPERATOR_APP = "d1f1c9a2-91f0-45c4-8a4b-7c9b0a4b2d06"
OPERATOR_ID = "e4d9b7c6-0a7e-4e0a-9c55-5b2e6e1c3f07"
OPERATOR_SECRET = "sandbox-operator-secret"
"""Somebody with all rights, who changes things behind Pulumi's back."""
STRANGER_APP = "a0c2d4e6-1b3d-4f5a-8c7e-9d0b2f4a6c08"
STRANGER_ID = "c3e5a7b9-2d4f-4a6b-9e8d-0f1a3c5e7b09"
STRANGER_SECRET = "sandbox-stranger-secret"
"""Somebody who can sign in and may do nothing."""

CHATGPT_APP = "2b5d7f90-1c3e-4a5b-8d7f-9e0a1b2c3d12"
CHATGPT_ID = "4d7f9b1c-3e5a-4c7d-9f0b-1a2c3d4e5f13"
"""The enterprise application through which people sign in to ChatGPT Enterprise."""

PURVIEW_IDENTITY = "0d9a8b7c-6e5f-4d3c-a2b1-f0e9d8c7b60a"
PURVIEW_API = "7c1d2e3f-4a5b-4c6d-8e9f-0a1b2c3d4e0b"
GRAPH = "5e6f7a8b-9c0d-4e1f-a2b3-c4d5e6f7a80c"

INTERACTIONS = 412
USERS = SPEAKERS
CLAUDE_ACTIVITIES = 9
FIRST_INTERACTION = datetime(2026, 1, 5, 9, tzinfo=UTC)

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
ACCESS_ADMIN = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
ACCOUNT_READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
VAULT_ADMIN = "00482a5a-887f-4fb3-b363-3b7fe8e74483"


def seed(azure: Azure) -> None:
    """Fill an empty store: directory, subscription, Purview account, workspaces."""
    if azure.store.get(Subscription, SUBSCRIPTION) is not None:
        return
    _directory(azure)
    seed_people(azure, TENANT)
    _subscription(azure)
    _purview(azure)
    _workspaces(azure)
    _claude(azure)


def _principal(azure: Azure, object_id: str, app_id: str, name: str, secret: str | None = None) -> None:
    azure.store.put(ServicePrincipal(id=object_id, app_id=app_id, tenant_id=TENANT, display_name=name))
    if secret:
        azure.store.put(ClientSecret(app_id=app_id, sha256=hashlib.sha256(secret.encode()).hexdigest()))


def _directory(azure: Azure) -> None:
    _principal(azure, DEPLOYER_ID, DEPLOYER_APP, "purview-ai deployer", DEPLOYER_SECRET)
    _principal(azure, OPERATOR_ID, OPERATOR_APP, "operator", OPERATOR_SECRET)
    _principal(azure, STRANGER_ID, STRANGER_APP, "stranger", STRANGER_SECRET)
    _principal(azure, CHATGPT_ID, CHATGPT_APP, "ChatGPT Enterprise")
    azure.store.put(
        ServicePrincipal(
            id=PURVIEW_IDENTITY,
            app_id="1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c0d",
            tenant_id=TENANT,
            display_name=ACCOUNT,
            kind="ManagedIdentity",
        ),
    )
    for object_id, app_id in ((PURVIEW_API, PURVIEW_API_APP), (GRAPH, GRAPH_APP)):
        known = MICROSOFTS[app_id]
        azure.store.put(
            ServicePrincipal(
                id=object_id,
                app_id=app_id,
                tenant_id=TENANT,
                display_name=known.display_name,
                app_roles=known.offered(),
            )
        )
    deployer = ("Application.Read.All", "AppRoleAssignment.ReadWrite.All")
    for principal, values in ((DEPLOYER_ID, deployer), (OPERATOR_ID, tuple(GRAPH_ROLES))):
        for value in values:
            azure.store.put(
                AppRoleAssignment(
                    id=f"{principal}{GRAPH_ROLES[value]}".replace("-", "")[:43],
                    app_role_id=GRAPH_ROLES[value],
                    principal_id=principal,
                    resource_id=GRAPH,
                    created=azure.now(),
                )
            )


def _subscription(azure: Azure) -> None:
    scope = f"/subscriptions/{SUBSCRIPTION}"
    azure.store.put(Subscription(id=SUBSCRIPTION, tenant_id=TENANT, display_name="Contoso sandbox"))
    for group in (GOVERNANCE_GROUP, TENANT_GROUP):
        azure.store.put(ResourceGroup(subscription_id=SUBSCRIPTION, name=group, location=LOCATION))
    vaults = f"{scope}/resourceGroups/{TENANT_GROUP}"
    azure.store.put(
        LogWorkspace(
            group_id=vaults,
            name=LOG_WORKSPACE,
            location=LOCATION,
            customer_id="4c1f7a0e-52d3-4b8e-9f60-7a8b9c0d1e0e",
            created=azure.now(),
        )
    )
    account = f"{scope}/resourceGroups/{GOVERNANCE_GROUP}/providers/Microsoft.Purview/accounts/{ACCOUNT}"
    # What README.md asks for, and no more: a deployment that needs more must fail here too.
    held = (
        (vaults, DEPLOYER_ID, CONTRIBUTOR),
        (vaults, DEPLOYER_ID, ACCESS_ADMIN),
        (account, DEPLOYER_ID, ACCOUNT_READER),
        (scope, OPERATOR_ID, OWNER),
        (scope, OPERATOR_ID, VAULT_ADMIN),
    )
    for place, principal, role in held:
        azure.store.put(
            RoleAssignment(
                name=azure.new_id(),
                scope=place,
                role_id=role,
                principal_id=principal,
                principal_type="ServicePrincipal",
                created=azure.now(),
            )
        )


def _purview(azure: Azure) -> None:
    account = PurviewAccount(
        subscription_id=SUBSCRIPTION,
        group=GOVERNANCE_GROUP,
        name=ACCOUNT,
        tenant_id=TENANT,
        location=LOCATION,
        principal_id=PURVIEW_IDENTITY,
        default_domain="x7k2qd",
        purview_suffix=azure.cloud.purview_suffix,
        purview_tenant_suffix=azure.cloud.purview_tenant_suffix,
        created=azure.now(),
    )
    azure.store.put(account)
    new_collection(azure, account, ACCOUNT, None, [OPERATOR_ID])
    new_collection(azure, account, COLLECTION, ACCOUNT, [OPERATOR_ID], friendly="AI interactions")
    for role in (SOURCE_ADMIN, READER):
        add_role(azure, account, COLLECTION, role, DEPLOYER_ID)
        add_role(azure, account, ACCOUNT, role, OPERATOR_ID)
    add_role(azure, account, ACCOUNT, COLLECTION_ADMIN, OPERATOR_ID)


def _workspaces(azure: Azure) -> None:
    conversations = [
        Conversation(
            id=f"conversation-{number:05}",
            user=f"user{number % USERS:02}@contoso.example",
            created=(FIRST_INTERACTION + timedelta(hours=17 * number)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        for number in range(INTERACTIONS)
    ]
    azure.store.put(
        Workspace(id=WORKSPACE, conversations=conversations),
        Workspace(id=OTHER_WORKSPACE, conversations=conversations[:7]),
    )
    known = {
        VENDOR_KEY: VendorKey(sha256="", workspace=WORKSPACE),
        ROTATED_VENDOR_KEY: VendorKey(sha256="", workspace=WORKSPACE),
        OTHER_VENDOR_KEY: VendorKey(sha256="", workspace=OTHER_WORKSPACE),
        UNAPPROVED_VENDOR_KEY: VendorKey(sha256="", workspace=WORKSPACE, approved=False),
        PLATFORM_KEY: VendorKey(sha256="", workspace=WORKSPACE, kind="platform"),
    }
    for key, vendor_key in known.items():
        vendor_key.sha256 = hashlib.sha256(key.encode()).hexdigest()
        azure.store.put(vendor_key)


def _claude(azure: Azure) -> None:
    created = FIRST_INTERACTION.strftime("%Y-%m-%dT%H:%M:%SZ")
    azure.store.put(Organisation(id=CLAUDE_ORGANISATION, name="Contoso", created=created))
    for number in range(CLAUDE_ACTIVITIES):
        moment = FIRST_INTERACTION + timedelta(hours=5 * number)
        azure.store.put(
            Activity(
                id=f"activity_{number:05}",
                type="claude_chat_created",
                created=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                actor=f"user{number % USERS:02}@contoso.example",
            )
        )
    reading = [Scope.ACTIVITIES, Scope.ORGANISATION, Scope.USERS]
    keep_key(azure, CLAUDE_KEY, reading)
    keep_key(azure, CLAUDE_ACTIVITY_KEY, [Scope.ACTIVITIES])
    for key in (CLAUDE_ADMIN_KEY, CLAUDE_API_KEY):
        keep_key(azure, key, [])
