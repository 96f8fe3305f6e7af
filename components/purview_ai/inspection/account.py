"""The Purview account and the place in it where interactions go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from purview_ai.datamap.client import ACCOUNT, DOMAINS
from purview_ai.datamap.endpoints import NoAccountError
from purview_ai.inspection import sign_in
from purview_ai.inspection.estate import seen
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.remedies import again
from purview_ai.json_values import take_from

if TYPE_CHECKING:
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.json_values import JsonObject

FOUND, ENDPOINT, COLLECTION = "account.found", "account.endpoint", "account.collection"
READ_DATA_MAP = "the role Data Reader on the collection"
_LOOK_AT_ACCOUNT = "Reader on the Purview account"


def present(estate: Estate) -> Link:
    """The account is there, in use, and has an identity: all else is about it."""
    purview = estate.settings.purview

    def look(link: Link) -> Finding:
        try:
            account = estate.account
        except NoAccountError as error:
            return link.failed(str(error), "Set purview.account to the account's name or id, and not to default.")
        if account is not None:
            return _as_it_is(link, estate, account)
        gone = f"Azure knows no account {estate.account_id}"
        if purview.create:
            return link.failed(gone, f"{again(estate)} makes it (purview.create).")
        return link.failed(gone, "Correct purview.account and purview.resource_group.")

    return Link(FOUND, f"Purview account {purview.account}", look, to_look=_LOOK_AT_ACCOUNT)


def found(estate: Estate) -> Link:
    """Before a deployment: the account is there, or can be made."""
    link = present(estate)
    if not estate.settings.purview.create:
        return replace(link, after=(sign_in.AZURE,))

    def look(link: Link) -> Finding:
        account = estate.account
        if account is not None and estate.is_own(estate.account_id):
            return _as_it_is(link, estate, account)
        if account is not None:
            return link.failed(
                "it is there already, this stack has not made it, and purview.create asks for a new one",
                "Take purview.create out, which uses it as it is.",
            )
        if named := estate.data_maps.default_account():
            return link.failed(
                f"the tenant has an account already, {named}, and a tenant has one",
                "Take purview.create and purview.resource_group out, and set purview.account: default.",
            )
        return link.passed("not yet; the stack makes it (purview.create)")

    return replace(link, look=look, after=(sign_in.AZURE,))


def _as_it_is(link: Link, estate: Estate, account: JsonObject) -> Finding:
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


def needed(estate: Estate) -> tuple[str, ...]:
    """What the Data Map's links come after: the account, unless the stack file says where its Data Map answers."""
    purview = estate.settings.purview
    return () if purview.endpoint and not purview.of_tenant else (FOUND,)


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
        there = estate.once("collection", lambda: estate.data_map.get(f"/collections/{wanted.name}", ACCOUNT))
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
