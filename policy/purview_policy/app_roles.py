"""App roles: only those that capturing needs are given to anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.directory.app_role_grant import APP_ROLE_GRANT
from purview_ai.directory.app_roles import APP_ROLES
from pydantic import Field

from purview_policy.rule import Parameters, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_policy.judged import Judged

ASSIGNMENT = "azuread:index/appRoleAssignment:AppRoleAssignment"
_KNOWN = {role.app_role_id: role.value for role in APP_ROLES}


class OtherAppRoles(Parameters):
    """What else may be given."""

    also: list[str] = Field(default=[], description="Ids of other app roles that may be given.")


def _unknown_role(grant: Judged, allowed: OtherAppRoles) -> Iterator[str]:
    if grant.value("expected") is True:
        return
    given = grant.value("appRoleId" if grant.kind == ASSIGNMENT else "app_role_id")
    if not isinstance(given, str):
        yield "which app role it gives is not known before it is given"
    elif given.lower() not in {*_KNOWN, *map(str.lower, allowed.also)}:
        yield f"it gives the app role {given}, which capturing does not need"
    elif given.lower() in _KNOWN and grant.value("role") not in (None, "", _KNOWN[given.lower()]):
        yield f"it gives {_KNOWN[given.lower()]}, and calls it {grant.value('role')}"


KNOWN_APP_ROLES = Rule(
    name="known-app-roles",
    says="Nobody is given an app role but those that capturing needs.",
    remedy=f"leave it to the settings below grants, which give {' and '.join(_KNOWN.values())}; the parameter also "
    "lets others through.",
    settings=("grants",),
    about=frozenset({APP_ROLE_GRANT.name, ASSIGNMENT}),
    wrong=_unknown_role,
    parameters=OtherAppRoles,
)
