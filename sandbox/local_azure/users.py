"""Microsoft Graph's users, as far as mailboxes and addresses go (docs/facts.md, graph 10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from pydantic import BaseModel, Field

from local_azure.call import Answer, Call, JsonObject, Operation
from local_azure.errors import ServiceError
from local_azure.graph_calls import graph_page, require_permission
from local_azure.store import Document

READ_USERS = ("User.Read.All", "Directory.Read.All")
PAGE, PAGE_AT_MOST = 100, 999
VALUES_AT_MOST = 15
"""How many expressions a filter may have."""
EXCHANGE_PLAN = "efb87545-963c-4e0d-99df-69c6916d9eb0"
"""Exchange Online (Plan 2)."""
OFFICE_PLAN = "43de0ff5-c92c-492b-9116-175376d08c38"
"""Microsoft 365 Apps for enterprise."""
DEFAULTS = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)
"""What comes where nothing is selected."""
_FILTERED = ("id", "userPrincipalName", "mail", "accountEnabled", "userType", "proxyAddresses")
_TEXT = r"'(?:[^']|'')*'"
_CLAUSE = re.compile(
    rf"(?P<field>\w+) (?:eq (?P<one>{_TEXT}|true|false)|in \((?P<some>{_TEXT}(?:,\s*{_TEXT})*)\))"
    rf"|(?P<list>\w+)/any\((?P<each>\w+):\s*(?P=each) eq (?P<item>{_TEXT})\)"
)
_JOINT = re.compile(r"\s+(and|or)\s+")

Capability = Literal["Enabled", "Warning", "Suspended", "Deleted", "LockedOut"]


class AssignedPlan(BaseModel):
    """A service that a licence gives to a user."""

    service: str
    plan: str
    capability: Capability = "Enabled"
    assigned: str


class User(Document):
    """Somebody in a tenant's directory."""

    id: str
    tenant_id: str
    principal_name: str
    display_name: str
    mail: str | None = None
    proxy_addresses: list[str] = Field(default_factory=list[str])
    """``SMTP:`` before the primary address, ``smtp:`` before the others."""
    enabled: bool = True
    kind: Literal["Member", "Guest"] = "Member"
    plans: list[AssignedPlan] = Field(default_factory=list[AssignedPlan])

    @property
    def key(self) -> str:
        """User principal names are unique in the world."""
        return self.principal_name

    def answers_to(self, address: str) -> bool:
        """Whether mail to this address reaches this user; addresses know no case."""
        own = [self.principal_name, self.mail or "", *(one.partition(":")[2] for one in self.proxy_addresses)]
        return address.lower() in [one.lower() for one in own]

    @property
    def shown(self) -> JsonObject:
        """All that Graph can tell of the user."""
        return {
            **dict.fromkeys(DEFAULTS),
            "businessPhones": [],
            "id": self.id,
            "displayName": self.display_name,
            "userPrincipalName": self.principal_name,
            "mail": self.mail,
            "proxyAddresses": self.proxy_addresses,
            "accountEnabled": self.enabled,
            "userType": self.kind,
            "assignedPlans": [
                {
                    "assignedDateTime": plan.assigned,
                    "capabilityStatus": plan.capability,
                    "service": plan.service,
                    "servicePlanId": plan.plan,
                }
                for plan in self.plans
            ],
        }


@dataclass(frozen=True)
class _Clause:
    """One condition of a filter: a property has one of these values, whatever their case."""

    name: str
    values: tuple[str, ...]

    def holds(self, shown: JsonObject) -> bool:
        """Whether a user meets it."""
        found: object = shown[self.name]
        own = cast("list[object]", found) if isinstance(found, list) else [found]
        return any(str(one).lower() in self.values for one in own if one is not None)


def _clause(match: re.Match[str]) -> _Clause:
    name = match["field"] or match["list"]
    if match["one"] in ("true", "false"):
        return _Clause(name, (match["one"],))
    return _Clause(name, tuple(text[1:-1].replace("''", "'").lower() for text in re.findall(_TEXT, match[0])))


def _unsupported(says: str) -> ServiceError:
    return ServiceError(400, "Request_UnsupportedQuery", says)


def _clauses(wanted: str) -> tuple[str, list[_Clause]]:
    """The conditions of a filter, and whether all must hold or any."""
    place, joints, clauses = 0, list[str](), list[_Clause]()
    while match := _CLAUSE.match(wanted, place):
        clauses.append(_clause(match))
        place = match.end()
        if joint := _JOINT.match(wanted, place):
            joints.append(joint[1])
            place = joint.end()
    whole = place == len(wanted) and len(joints) == len(clauses) - 1
    if not whole or len(set(joints)) > 1 or not all(clause.name in _FILTERED for clause in clauses):
        says = f"Unsupported or invalid query filter clause specified for the resource 'User': {wanted}."
        raise _unsupported(says)
    return (joints or ["or"])[0], clauses


def _chosen(call: Call, users: list[JsonObject]) -> list[JsonObject]:
    wanted = call.query.get("$filter")
    if not wanted:
        return users
    joint, clauses = _clauses(wanted)
    asked = sum(len(clause.values) for clause in clauses)
    if asked > VALUES_AT_MOST and call.azure.rules.on("graph-filter-values"):
        says = (
            "Too many child clauses specified in search filter expression containing 'OR' operators: "
            f"{asked}. Max allowed: {VALUES_AT_MOST}."
        )
        raise _unsupported(says)
    holds = all if joint == "and" else any
    return [user for user in users if holds(clause.holds(user) for clause in clauses)]


def _selected(call: Call, shown: JsonObject) -> JsonObject:
    names = call.query["$select"].split(",") if call.query.get("$select") else DEFAULTS
    for name in names:
        if name not in shown:
            says = f"Could not find a property named '{name}' on type 'microsoft.graph.user'."
            raise ServiceError(400, "BadRequest", f"Parsing OData Select and Expand failed: {says}")
    return {name: shown[name] for name in names}


def _all(call: Call) -> list[User]:
    return [user for user in call.azure.store.all(User) if user.tenant_id == call.caller.tenant_id]


def list_users(call: Call) -> Answer:
    """``GET /users`` with ``$select``, ``$filter`` and ``$top``."""
    require_permission(call, READ_USERS)
    found = _chosen(call, [user.shown for user in _all(call)])
    shown = [_selected(call, user) for user in found]
    return graph_page(call, shown, "users", default=PAGE, most=PAGE_AT_MOST)


def get_user(call: Call) -> Answer:
    """``GET /users/{id}``, by the object id or the user principal name."""
    require_permission(call, READ_USERS)
    wanted = call.params["id"].lower()
    for user in _all(call):
        if wanted in (user.id, user.principal_name.lower()):
            context = f"{call.url}/{call.params['version']}/$metadata#users/$entity"
            return Answer(200, {"@odata.context": context, **_selected(call, user.shown)})
    says = f"Resource '{call.params['id']}' does not exist or one of its queried reference-property objects are not"
    raise ServiceError(404, "Request_ResourceNotFound", f"{says} present.")


USER_OPERATIONS = [
    Operation("GET", "/{version}/users", list_users),
    Operation("GET", "/{version}/users/{id}", get_user),
]
