"""Looking a service principal up by its application: two calls, one of them to beta (fact 53)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stand_ins.azuread.bridge import DiagnosedError
from stand_ins.failures import ProviderError

if TYPE_CHECKING:
    from stand_ins.azuread.graph import Graph
    from stand_ins.patience import Patience
    from stand_ins.values import Values

NAME = "azuread:index/getServicePrincipal:getServicePrincipal"
"""Its token, as Pulumi says."""

_TEXTS = {
    "applicationTenantId": "appOwnerOrganizationId",
    "clientId": "appId",
    "description": "description",
    "displayName": "displayName",
    "homepageUrl": "homepage",
    "loginUrl": "loginUrl",
    "logoutUrl": "logoutUrl",
    "notes": "notes",
    "objectId": "id",
    "preferredSingleSignOnMode": "preferredSingleSignOnMode",
    "signInAudience": "signInAudience",
    "type": "servicePrincipalType",
}
_LISTS = {
    "alternativeNames": "alternativeNames",
    "notificationEmailAddresses": "notificationEmailAddresses",
    "redirectUris": "replyUrls",
    "tags": "tags",
}
_SCOPE_TEXTS = (
    "adminConsentDescription",
    "adminConsentDisplayName",
    "id",
    "type",
    "userConsentDescription",
    "userConsentDisplayName",
    "value",
)
_FEATURES = {
    "customSingleSignOn": "WindowsAzureActiveDirectoryCustomSingleSignOnApplication",
    "enterprise": "WindowsAzureActiveDirectoryIntegratedApp",
    "gallery": "WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1",
    "hide": "HideApp",
}
"""What the provider reads out of a service principal's tags."""


def look_up(graph: Graph, args: Values, patience: Patience) -> Values:
    """The service principal of an application."""
    client_id = args.get("clientId")
    if not isinstance(client_id, str) or len(args) != 1:
        msg = "the stand-in looks service principals up by clientId, and by that alone"
        raise ProviderError(msg)
    principal = _found(graph, client_id, patience)
    return outputs(graph, principal, patience)


def outputs(graph: Graph, principal: Values, patience: Patience) -> Values:
    """What is told of a service principal: Graph's answer, and beta's for what only beta has."""
    object_id = principal["id"]
    try:
        extra = graph.get(f"/servicePrincipals/{object_id}?%24select=samlMetadataUrl", patience, "beta")
    except ProviderError as error:
        summary = f"Retrieving {described(object_id)} (beta API)"
        raise DiagnosedError(summary, error) from error
    saml_url = extra.get("samlMetadataUrl") or ""
    return {**_outputs(principal), "id": f"/servicePrincipals/{object_id}", "samlMetadataUrl": saml_url}


def described(object_id: str) -> str:
    """A service principal in the provider's errors."""
    return f'Service Principal (Service Principal: "{object_id}")'


def _found(graph: Graph, client_id: str, patience: Patience) -> Values:
    condition = f"appId eq '{client_id}'"
    try:
        listed = list(graph.list("/servicePrincipals", condition, patience))
    except ProviderError as error:
        summary = f'Listing service principals for filter "{condition}"'
        raise DiagnosedError(summary, error) from error
    for principal in listed:
        if str(principal.get("appId")).lower() == client_id.lower():
            return principal
    summary = "No service principal found"
    raise DiagnosedError(summary, "no service principal found")


def _outputs(principal: Values) -> Values:
    tags: list[str] = principal.get("tags") or []
    roles: list[Values] = principal.get("appRoles") or []
    scopes: list[Values] = principal.get("oauth2PermissionScopes") or []
    features = {name: tag in tags for name, tag in _FEATURES.items()}
    saml: Values | None = principal.get("samlSingleSignOnSettings")
    return {
        **{name: principal.get(wire) or "" for name, wire in _TEXTS.items()},
        **{name: principal.get(wire) or [] for name, wire in _LISTS.items()},
        "accountEnabled": bool(principal.get("accountEnabled")),
        "appRoleAssignmentRequired": bool(principal.get("appRoleAssignmentRequired")),
        "appRoleIds": _ids(roles),
        "appRoles": [_role(role) for role in roles],
        "featureTags": [features],
        "features": [
            {
                "customSingleSignOnApp": features["customSingleSignOn"],
                "enterpriseApplication": features["enterprise"],
                "galleryApplication": features["gallery"],
                "visibleToUsers": not features["hide"],
            }
        ],
        "oauth2PermissionScopeIds": _ids(scopes),
        "oauth2PermissionScopes": [_scope(scope) for scope in scopes],
        "samlSingleSignOns": [{"relayState": saml.get("relayState") or ""}] if saml else [],
        "servicePrincipalNames": _names(principal),
    }


def _names(principal: Values) -> list[str]:
    """All names but the application's own id."""
    app_id = str(principal.get("appId")).lower()
    names: list[str] = principal.get("servicePrincipalNames") or []
    return [name for name in names if name.lower() != app_id]


def _ids(found: list[Values]) -> Values:
    return {item["value"]: item["id"] for item in found if item.get("value")}


def _role(role: Values) -> Values:
    return {
        "allowedMemberTypes": role.get("allowedMemberTypes") or [],
        "enabled": bool(role.get("isEnabled")),
        **{name: role.get(name) or "" for name in ("description", "displayName", "id", "value")},
    }


def _scope(scope: Values) -> Values:
    return {
        "enabled": bool(scope.get("isEnabled")),
        **{name: scope.get(name) or "" for name in _SCOPE_TEXTS},
    }
