"""The Purview account and the place in it where interactions go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.datamap.client import ACCOUNT, DOMAINS
from purview_ai.inspection import sign_in
from purview_ai.inspection.estate import seen
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.objects import READ_DATA_MAP
from purview_ai.json_values import take_from

if TYPE_CHECKING:
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding

FOUND, ENDPOINT, COLLECTION = "account.found", "account.endpoint", "account.collection"
_LOOK_AT_ACCOUNT = "Reader on the Purview account"


def found(estate: Estate) -> Link:
    """The account is there, in use, and has an identity."""
    purview = estate.settings.purview

    def look(link: Link) -> Finding:
        account = estate.account
        if account is None and purview.create:
            return link.passed("not yet; the stack makes it (purview.create)")
        if account is None:
            return link.failed(
                f"Azure knows no account {estate.account_id}", "Correct purview.account and purview.resource_group."
            )
        if purview.create:
            return link.failed(
                "it is there already, and purview.create asks for a new one",
                "Take purview.create out, which uses it as it is, unless this stack has made it.",
            )
        state = str(take_from(account, ("properties", "provisioningState")) or "unknown")
        if state != "Succeeded":
            return link.failed(f"Azure says that it is {state}", "Look at it in the Azure portal, or wait.")
        if not estate.purview_identity:
            return link.failed(
                "it has no system-assigned identity, as which it would read the vendor's key",
                "Turn it on: Azure portal > the account > Identity.",
            )
        who = f"{account.get('name')}, whose identity is {estate.purview_identity}"
        return link.passed("", seen(who, "Azure, the account"))

    return Link(FOUND, f"Purview account {purview.account}", look, (sign_in.AZURE,), _LOOK_AT_ACCOUNT)


def endpoint(estate: Estate) -> Link:
    """The account's Data Map answers."""

    def look(link: Link) -> Finding:
        if estate.account is None:
            return link.passed("not yet")
        there = estate.data_map
        there.get("/datasources")
        return link.passed("", seen(there.endpoint, "Purview, a list of data sources"))

    return Link(ENDPOINT, "Its Data Map answers", look, (FOUND, sign_in.PURVIEW), READ_DATA_MAP)


def domain(estate: Estate) -> Link | None:
    """The named domain is there; None where the account's default one is meant."""
    wanted = estate.settings.purview.domain
    if wanted is None:
        return None

    def look(link: Link) -> Finding:
        known = [str(one.get("name")) for one in estate.data_map.list("/domains", DOMAINS)]
        if any(one.lower() == wanted.lower() for one in known):
            return link.passed("", seen(wanted, "Purview, domains"))
        return link.failed(
            f"the account has no domain {wanted}; known are {', '.join(known)}", "Correct purview.domain."
        )

    return Link("account.domain", f"Domain {wanted}", look, (ENDPOINT,), READ_DATA_MAP)


def collection(estate: Estate) -> Link:
    """The collection is there and ready, or can be made."""
    purview = estate.settings.purview
    wanted = purview.collection

    def look(link: Link) -> Finding:
        if estate.account is None:
            return link.passed("not yet")
        there = estate.data_map.get(f"/collections/{wanted.name}", ACCOUNT)
        if there is None:
            if wanted.create:
                return link.passed("not yet; the stack makes it (purview.collection.create)")
            return link.failed(
                "the account has no collection of that short name",
                "Correct purview.collection: the address bar of the portal shows the short name. Or let the stack make "
                "it: purview.collection.create: true.",
            )
        state = str(there.get("collectionProvisioningState") or "unknown")
        if state != "Succeeded":
            return link.failed(f"Purview says that it is {state}", "Wait until that is over.")
        return link.passed("", seen(str(there.get("friendlyName") or wanted.name), "Purview, the collection"))

    return Link(COLLECTION, f"Collection {wanted.name}", look, (ENDPOINT,), "a role on the collection")
