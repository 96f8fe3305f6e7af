"""Service principals of Microsoft's own applications belong to the whole Entra tenant, and outlive a stack.

Whose an application is cannot be told by its id, which a preview may not even know. One that is taken over with
use_existing was somebody's before, and azuread changes it and deletes it with the stack (docs/facts.md, providers 63).
So none is taken over, whichever its application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.directory.app_roles import APP_ROLES, COMPONENT
from pydantic import Field

from purview_policy.rule import Parameters, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_policy.judged import Judged

SERVICE_PRINCIPAL = "azuread:index/servicePrincipal:ServicePrincipal"
_FIRST_PARTY = frozenset(role.client_id for role in APP_ROLES)


class OtherFirstParty(Parameters):
    """What else is Microsoft's."""

    also: list[str] = Field(default=[], description="Application ids of other applications of Microsoft's own.")


def _goes_with_the_stack(principal: Judged, parameters: OtherFirstParty) -> Iterator[str]:
    if principal.value("useExisting") not in (None, False):
        yield "with use_existing the one that is there, whoever made it, is changed, and deleted with the stack"
    client_id = principal.value("clientId")
    if not isinstance(client_id, str) or client_id.lower() not in {*_FIRST_PARTY, *map(str.lower, parameters.also)}:
        return
    if not principal.protected:
        yield "it is not protected, so a destroy would take it from the whole Entra tenant"
    # A rule is not told whether a resource is retained on delete (docs/facts.md, policy 5); this component's is.
    if principal.parent_kind != COMPONENT:
        yield f"it does not belong to {COMPONENT}, which is known to keep it when the stack goes"


FIRST_PARTY = Rule(
    name="first-party-service-principals",
    says="A service principal of one of Microsoft's own applications is protected, and stays when the stack goes; none "
    "that is there is taken over.",
    remedy="leave it to grants.create_service_principal: true, or have an administrator make it and leave it out. In a "
    "program of your own, azuread.get_service_principal tells of one that is there, in the place of use_existing, and "
    "pulumi import takes over that of an application of your own.",
    settings=("grants.create_service_principal",),
    about=frozenset({SERVICE_PRINCIPAL}),
    wrong=_goes_with_the_stack,
    parameters=OtherFirstParty,
)
