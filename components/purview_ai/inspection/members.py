"""Which users of a workspace can be captured: only those that Entra knows, into their mailboxes.

docs/facts.md, graph 0.31.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.inspection import sign_in
from purview_ai.inspection.estate import seen
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.vendor_key import KeyUnknownError
from purview_ai.m365.users import entra_users
from purview_ai.vendor.client import NotListedError, Vendor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.m365.users import EntraUser


@dataclass
class Reach:
    """The users of a workspace, by what becomes of their interactions."""

    captured: list[str] = field(default_factory=list[str])
    """With a mailbox in Entra."""
    without_mailbox: list[str] = field(default_factory=list[str])
    """Known to Entra, and without a mailbox."""
    unknown: list[str] = field(default_factory=list[str])
    """Unknown to Entra under this address: an outsider, or somebody who goes by another address there."""


def reach_of(members: Sequence[str], users: Sequence[EntraUser]) -> Reach:
    """Compare by address, in whichever letters."""
    known = {address: user for user in users for address in user.addresses}
    reach = Reach()
    for member in sorted(set(members)):
        user = known.get(member.lower())
        group = reach.unknown if user is None else reach.captured if user.mailbox else reach.without_mailbox
        group.append(member)
    return reach


def captured(estate: Estate, source: str, key_of: Callable[[str], str], *, names: bool) -> Link:
    """How many users of a workspace can be captured; who they are is told only where it is asked for."""
    settings = estate.settings.sources[source]
    app = settings.application

    def look(link: Link) -> Finding:
        if app.members is None:
            return link.unknown(
                f"no documented request lists the users of a {app.title} {app.workspace.called}",
                "Compare the vendor's list of members with Entra by hand.",
            )
        try:
            members = list(Vendor(key_of(source)).members(app.members, settings.workspace_id))
        except KeyUnknownError as error:
            return link.unknown(str(error), error.remedy)
        except NotListedError as error:
            busy = error.status == HTTPStatus.TOO_MANY_REQUESTS or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            later = "Run the command again in a few minutes."
            scope = f"The key must be allowed to list users. It is made here: {app.key.made_at}."
            return link.unknown(str(error), later if busy else scope)
        reach = reach_of(members, estate.once("users", lambda: entra_users(estate.graph)))
        counted = (
            f"{len(reach.captured)} users can be captured, {len(reach.without_mailbox)} cannot (no mailbox), "
            f"{len(reach.unknown)} are unknown to Entra"
        )
        listed = "".join(
            f"; {title}: {', '.join(who)}"
            for title, who in (("no mailbox", reach.without_mailbox), ("unknown to Entra", reach.unknown))
            if names and who
        )
        proof = seen(counted, f"{app.members.url.split('/')[2]} and Microsoft Graph, users")
        if reach.captured or not members:
            return link.passed(f"{counted}{listed}", proof)
        return link.failed(
            f"{counted}{listed}", "Connect the workspace's sign-in to Entra, so that its users are Entra's.", proof
        )

    after = (f"vendor-key.{source}", sign_in.GRAPH)
    return Link(
        f"users.{source}",
        f"Users of {app.title} that can be captured",
        look,
        after,
        "the Graph permission User.Read.All",
    )
