"""The unified audit log: what runs of a scan leave in it, and how a tenant's log differs from others.

Which records ChatGPT Enterprise's interactions make is not documented (docs/facts.md, graph 3 and 14), so what they
look like is the tenant's circumstances, and their defaults are assumed (docs/facts.md, assumed 72 and 73).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from local_azure.chatgpt import Conversation
from local_azure.store import Document
from local_azure.users import User

if TYPE_CHECKING:
    from local_azure.azure import Azure
    from local_azure.call import JsonObject
    from local_azure.purview.accounts import PurviewAccount

_NAMESPACE = uuid.UUID("0f6d8a53-6a0b-4f0d-8a8e-1f3a1cf1d9b2")
_DATA_TYPES = {
    "AIAppInteraction": "aiAppInteractionAuditRecord",
    "ConnectedAIAppInteraction": "connectedAIAppInteractionAuditRecord",
    "CopilotInteraction": "copilotInteractionAuditRecord",
}
"""What a record's data is called, by the record's type."""


class AuditCircumstances(BaseModel):
    """In what tenants' audit logs differ from each other; a tenant begins with the defaults."""

    model_config = ConfigDict(extra="forbid")

    auditing: bool = True
    """Whether the tenant records anything; what happens while it does not is never recorded."""
    held_back: bool = False
    """Whether what was recorded cannot be found yet."""
    record_type: str = "ConnectedAIAppInteraction"
    app_identity: str = "ConnectedAIApp.Connector.ChatGPTEnterprise"
    service: str = "ConnectedAIApp"
    dated_by: Literal["interaction", "ingestion"] = "interaction"
    """Which moment a record tells: when something was said, or when Purview took it in."""
    data_in: Literal["auditData", "dynamicProperties"] = "auditData"
    """Where a record's data stands: in ``auditData`` itself, or one level further down."""
    in_v1: bool = True
    """Whether the audit search is in v1.0; where it is not, it is in beta alone."""
    looks: int = Field(default=1, ge=0)
    """How many looks find a query running before it ends."""
    ends: Literal["succeeded", "failed", "cancelled"] = "succeeded"
    """How a query ends."""


class AuditLog(Document):
    """A tenant's audit log, once somebody has said in what it differs from others."""

    tenant_id: str
    circumstances: AuditCircumstances

    @property
    def key(self) -> str:
        """One for a tenant."""
        return self.tenant_id


class Ingestion(Document):
    """What a run took in that no run before it had."""

    tenant_id: str
    account: str
    workspace: str
    run: str
    moment: str
    audited: bool
    """Whether the tenant recorded it."""
    conversations: list[Conversation]

    @property
    def key(self) -> str:
        """The run's id."""
        return self.run


def circumstances_of(azure: Azure, tenant_id: str) -> AuditCircumstances:
    """In what a tenant's audit log differs from others."""
    log = azure.store.get(AuditLog, tenant_id)
    return log.circumstances if log else AuditCircumstances()


def take_in(azure: Azure, account: PurviewAccount, workspace: str, run: str, found: list[Conversation]) -> None:
    """Let what a run found be in Purview from now on; only what is new there is recorded."""
    known = {
        conversation.id
        for before in azure.store.all(Ingestion)
        if (before.account, before.workspace) == (account.name, workspace)
        for conversation in before.conversations
    }
    azure.store.put(
        Ingestion(
            tenant_id=account.tenant_id,
            account=account.name,
            workspace=workspace,
            run=run,
            moment=azure.now(),
            audited=circumstances_of(azure, account.tenant_id).auditing,
            conversations=[conversation for conversation in found if conversation.id not in known],
        )
    )


def records_of(azure: Azure, tenant_id: str) -> list[JsonObject]:
    """All records of a tenant that can be found now, newest first."""
    circumstances = circumstances_of(azure, tenant_id)
    if circumstances.held_back:
        return []
    users = [user for user in azure.store.all(User) if user.tenant_id == tenant_id]
    found = [
        _record(circumstances, ingestion, conversation, _name_of(users, conversation.user))
        for ingestion in azure.store.all(Ingestion)
        if ingestion.tenant_id == tenant_id and ingestion.audited
        for conversation in ingestion.conversations
    ]
    return sorted(found, key=lambda record: str(record["createdDateTime"]), reverse=True)


def _name_of(users: list[User], address: str) -> str:
    """Under which name somebody is recorded: the directory's, or the vendor's where that does not know them."""
    return next((user.principal_name for user in users if user.answers_to(address)), address)


def _record(
    circumstances: AuditCircumstances, ingestion: Ingestion, conversation: Conversation, name: str
) -> JsonObject:
    kind = circumstances.record_type
    identity = str(uuid.uuid5(_NAMESPACE, f"{ingestion.run}/{conversation.id}"))
    moment = conversation.created if circumstances.dated_by == "interaction" else ingestion.moment
    data: JsonObject = {
        "Id": identity,
        "CreationTime": moment,
        "OrganizationId": ingestion.tenant_id,
        "Operation": kind,
        "Workload": circumstances.service,
        "UserId": name,
        "AppIdentity": circumstances.app_identity,
    }
    nested = circumstances.data_in == "dynamicProperties"
    return {
        "id": identity,
        "createdDateTime": moment,
        "auditLogRecordType": kind,
        "operation": kind,
        "organizationId": ingestion.tenant_id,
        "userType": "Regular",
        "userId": name,
        "userPrincipalName": name,
        "service": circumstances.service,
        "objectId": "",
        "clientIp": None,
        "administrativeUnits": [],
        "auditData": {
            "@odata.type": f"#microsoft.graph.security.{_DATA_TYPES.get(kind, 'defaultAuditData')}",
            **({"dynamicProperties": data} if nested else data),
        },
    }
