"""Microsoft Graph's Conditional Access policies (docs/facts.md, graph 20 and 21)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from local_azure.call import Answer, Call, JsonObject, Operation, is_object, part
from local_azure.directory import principal_by_app
from local_azure.errors import PlainError, ServiceError
from local_azure.graph_calls import graph_page
from local_azure.groups import kind_of
from local_azure.store import Document

if TYPE_CHECKING:
    from collections.abc import Callable

READ_POLICIES = "Policy.Read.All"
WRITE_POLICIES = "Policy.ReadWrite.ConditionalAccess"
PAGE, PAGE_AT_MOST = 100, 999
STATES = ("enabled", "disabled", "enabledForReportingButNotEnforced")
RISKS = ("minor", "moderate", "elevated")
GUESTS = (
    "internalGuest",
    "b2bCollaborationGuest",
    "b2bCollaborationMember",
    "b2bDirectConnectUser",
    "otherExternalUser",
    "serviceProvider",
)
"""The kinds of guests, in the order in which they come back."""
CONTROLS = (
    "block",
    "mfa",
    "compliantDevice",
    "domainJoinedDevice",
    "approvedApplication",
    "compliantApplication",
    "passwordChange",
)
CLIENTS = ("all", "browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "easSupported", "other")
_APPLICATION_WORDS = ("All", "None", "Office365", "MicrosoftAdminPortals")
_USER_WORDS = ("All", "None", "GuestsOrExternalUsers")
_CONDITIONS: JsonObject = {
    "applications": None,
    "authenticationFlows": None,
    "clientAppTypes": [],
    "clientApplications": None,
    "devices": None,
    "insiderRiskLevels": None,
    "locations": None,
    "platforms": None,
    "servicePrincipalRiskLevels": [],
    "signInRiskLevels": [],
    "userRiskLevels": [],
    "users": None,
}
_APPLICATIONS: JsonObject = {
    "applicationFilter": None,
    "excludeApplications": [],
    "includeApplications": [],
    "includeAuthenticationContextClassReferences": [],
    "includeUserActions": [],
}
_USERS: JsonObject = {
    **{f"{way}{who}": [] for way in ("exclude", "include") for who in ("Groups", "Roles", "Users")},
    "excludeGuestsOrExternalUsers": None,
    "includeGuestsOrExternalUsers": None,
}
_GRANT_CONTROLS: JsonObject = {
    "authenticationStrength": None,
    "builtInControls": [],
    "customAuthenticationFactors": [],
    "operator": None,
    "termsOfUse": [],
}
_WRITTEN = ("displayName", "state", "conditions", "grantControls", "sessionControls")


class AccessPolicy(Document):
    """Who must prove what before an application opens."""

    id: str
    tenant_id: str
    written: JsonObject
    created: str
    modified: str | None = None

    @property
    def key(self) -> str:
        """The policy's id."""
        return self.id

    @property
    def shown(self) -> JsonObject:
        """The policy as Graph tells of it."""
        conditions = {**_CONDITIONS, **self.written["conditions"]}
        conditions["applications"] = {**_APPLICATIONS, **part(conditions, "applications")}
        conditions["users"] = {**_USERS, **part(conditions, "users")}
        controls = self.written.get("grantControls")
        return {
            "id": self.id,
            "templateId": None,
            "displayName": self.written["displayName"],
            "createdDateTime": self.created,
            "modifiedDateTime": self.modified,
            "state": self.written["state"],
            "sessionControls": self.written.get("sessionControls"),
            "conditions": conditions,
            "grantControls": {**_GRANT_CONTROLS, **controls} if controls else None,
        }


def _malformed(says: str) -> ServiceError:
    """What Graph says of a policy that it does not take: the reason is an inner one."""
    inner = {"message": says}
    message = "The server could not process the request because it is malformed or incorrect."
    body = {"error": {"code": "BadRequest", "message": message, "innerError": inner}}
    return PlainError(400, "BadRequest", message, body)


def _require(call: Call, *permissions: str) -> None:
    """Stop a caller who lacks one of these: unlike elsewhere in Graph, all of them are needed."""
    if call.azure.rules.on("policy-permissions") and not call.caller.app_roles.issuperset(permissions):
        says = "You cannot perform the requested operation, required scopes are missing in the token."
        raise ServiceError(403, "AccessDenied", says)


def _policy(call: Call) -> AccessPolicy:
    found = call.azure.store.get(AccessPolicy, call.params["policy"])
    if found is None or found.tenant_id != call.caller.tenant_id:
        raise ServiceError(404, "ResourceNotFound", f"{call.params['policy']} does not exist in the directory.")
    return found


def _words(body: object, name: str) -> list[str]:
    found: object = part(body).get(name)
    return [str(one) for one in cast("list[object]", found)] if isinstance(found, list) else []


def _checked(call: Call, written: JsonObject) -> JsonObject:
    """A policy that can be kept; anything else is refused."""
    conditions = part(written, "conditions")
    if not written.get("displayName"):
        says = "displayName is required."
        raise _malformed(says)
    if written.get("state") not in STATES:
        says = f"state must be one of {', '.join(STATES)}."
        raise _malformed(says)
    clients = _words(conditions, "clientAppTypes")
    if not clients or not set(clients) <= set(CLIENTS):
        says = f"1064: 'clientAppTypes' condition does not support {json.dumps(clients)}."
        raise _malformed(says)
    risk = conditions.get("insiderRiskLevels")
    if risk is not None and risk not in RISKS:
        says = f"insiderRiskLevels does not support {risk}."
        raise _malformed(says)
    _check_applications(call, part(conditions, "applications"))
    users = part(conditions, "users")
    if not any(_words(users, f"include{who}") for who in ("Users", "Groups", "Roles")):
        says = "'users' condition includes nobody."
        raise _malformed(says)
    _check_people(call, users)
    _check_controls(call, written)
    return {**written, "conditions": {**conditions, "users": {**users, **_guests(users)}}}


def _check_applications(call: Call, applications: JsonObject) -> None:
    included, excluded = _words(applications, "includeApplications"), _words(applications, "excludeApplications")
    if not included and not _words(applications, "includeUserActions"):
        says = "'applications' condition includes nothing."
        raise _malformed(says)
    named = [one for one in (*included, *excluded) if one not in _APPLICATION_WORDS]
    unknown = {
        one: "ServicePrincipalNotFound"
        for one in named
        if principal_by_app(call.azure, one, call.caller.tenant_id) is None
    }
    if unknown and call.azure.rules.on("policy-applications-exist"):
        says = f"1034: Policy contains invalid applications: {json.dumps(unknown, separators=(',', ':'))}"
        raise _malformed(says)


def _check_people(call: Call, users: JsonObject) -> None:
    for who, kind, words in (("Users", "user", _USER_WORDS), ("Groups", "group", ())):
        named = [*_words(users, f"include{who}"), *_words(users, f"exclude{who}")]
        unknown = [one for one in named if one not in words and kind_of(call, one) != kind]
        if unknown and call.azure.rules.on("policy-people-exist"):
            says = f"Policy contains invalid {who.lower()}: {json.dumps(unknown)}"
            raise _malformed(says)


def _check_controls(call: Call, written: JsonObject) -> None:
    controls, session = part(written, "grantControls"), written.get("sessionControls")
    asked = [*_words(controls, "builtInControls"), *_words(controls, "termsOfUse")]
    if not asked and not controls.get("authenticationStrength"):
        if not is_object(session) and call.azure.rules.on("policy-has-controls"):
            says = "A policy needs grant controls or session controls."
            raise _malformed(says)
        return
    if controls.get("operator") not in ("AND", "OR"):
        says = "grantControls need an operator: AND or OR."
        raise _malformed(says)
    built_in = _words(controls, "builtInControls")
    if not set(built_in) <= set(CONTROLS) or ("block" in built_in and len(asked) > 1):
        says = f"1032: ConditionalActionPolicy validation failed due to {json.dumps(asked)}."
        raise _malformed(says)


def _guests(users: JsonObject) -> JsonObject:
    """The kinds of guests in the service's own order, whatever theirs was."""
    found: JsonObject = {}
    for name in ("includeGuestsOrExternalUsers", "excludeGuestsOrExternalUsers"):
        said = users.get(name)
        if not is_object(said):
            continue
        kinds = [one.strip() for one in str(said.get("guestOrExternalUserTypes") or "").split(",")]
        if not set(kinds) <= set(GUESTS):
            says = f"guestOrExternalUserTypes does not support {json.dumps(kinds)}."
            raise _malformed(says)
        found[name] = {**said, "guestOrExternalUserTypes": ",".join(one for one in GUESTS if one in kinds)}
    return found


def _written(body: JsonObject) -> JsonObject:
    return {name: body[name] for name in _WRITTEN if name in body}


def list_policies(call: Call) -> Answer:
    """``GET …/policies``."""
    _require(call, READ_POLICIES)
    own = [one.shown for one in call.azure.store.all(AccessPolicy) if one.tenant_id == call.caller.tenant_id]
    return graph_page(call, own, "identity/conditionalAccess/policies", default=PAGE, most=PAGE_AT_MOST)


def create_policy(call: Call) -> Answer:
    """``POST …/policies``."""
    _require(call, READ_POLICIES, WRITE_POLICIES)
    made = AccessPolicy(
        id=call.azure.new_id(),
        tenant_id=call.caller.tenant_id,
        written=_checked(call, _written(call.body)),
        created=call.azure.now(),
    )
    call.azure.store.put(made)
    return _told(call, 201, made)


def get_policy(call: Call) -> Answer:
    """``GET …/policies/{id}``."""
    _require(call, READ_POLICIES)
    return _told(call, 200, _policy(call))


def update_policy(call: Call) -> Answer:
    """``PATCH …/policies/{id}``: what is sent takes the place of what was there, condition by condition."""
    _require(call, READ_POLICIES, WRITE_POLICIES)
    policy = _policy(call)
    sent = _written(call.body)
    conditions: dict[str, Any] = {**policy.written["conditions"], **part(sent, "conditions")}
    policy.written = _checked(call, {**policy.written, **sent, "conditions": conditions})
    policy.modified = call.azure.now()
    call.azure.store.put(policy)
    return Answer(204)


def delete_policy(call: Call) -> Answer:
    """``DELETE …/policies/{id}``."""
    _require(call, READ_POLICIES, WRITE_POLICIES)
    call.azure.store.delete(_policy(call))
    return Answer(204)


def _told(call: Call, status: int, policy: AccessPolicy) -> Answer:
    context = f"{call.url}/{call.params['version']}/$metadata#identity/conditionalAccess/policies/$entity"
    return Answer(status, {"@odata.context": context, **policy.shown})


_POLICIES = "/{version}/identity/conditionalAccess/policies"
_HANDLERS: list[tuple[str, str, Callable[[Call], Answer]]] = [
    ("GET", _POLICIES, list_policies),
    ("POST", _POLICIES, create_policy),
    ("GET", _POLICIES + "/{policy}", get_policy),
    ("PATCH", _POLICIES + "/{policy}", update_policy),
    ("DELETE", _POLICIES + "/{policy}", delete_policy),
]
CONDITIONAL_ACCESS_OPERATIONS = [Operation(*one) for one in _HANDLERS]
