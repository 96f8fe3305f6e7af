"""The users of a tenant, as far as an interaction can be put into their mailboxes."""

# pyright: reportMissingTypeStubs=false
# The client has its types in its code, and no marker that says so.

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msgraph.generated.models.user import User
    from msgraph.graph_service_client import GraphServiceClient

    from purview_ai.m365.client import Graph

_PAGE = 999
"""The most that Graph gives at once."""


@dataclass(frozen=True)
class EntraUser:
    """A user and whether there is a mailbox."""

    addresses: frozenset[str]
    """Every name that an app may know the user by, in small letters."""
    mailbox: bool
    """Whether a plan with Exchange is in force."""


def entra_users(graph: Graph) -> list[EntraUser]:
    """All users of the tenant."""
    return graph.ask(_all)


async def _all(client: GraphServiceClient) -> list[EntraUser]:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.users.users_request_builder import UsersRequestBuilder

    wanted = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        select=["id", "userPrincipalName", "mail", "proxyAddresses", "assignedPlans"], top=_PAGE
    )
    page = await client.users.get(RequestConfiguration(query_parameters=wanted))
    found: list[EntraUser] = []
    while page is not None:
        found += [EntraUser(frozenset(_addresses(user)), _has_mailbox(user)) for user in page.value or []]
        following = page.odata_next_link
        page = await client.users.with_url(following).get() if following else None
    return found


def _addresses(user: User) -> Iterator[str]:
    for name in (user.user_principal_name, user.mail):
        if name:
            yield name.lower()
    for address in user.proxy_addresses or []:
        kind, _, name = address.partition(":")
        if kind.lower() == "smtp":
            yield name.lower()


def _has_mailbox(user: User) -> bool:
    plans = user.assigned_plans or []
    return any((plan.service or "").lower() == "exchange" and plan.capability_status == "Enabled" for plan in plans)
