"""Where an account's Data Map answers: what a user says, what ARM reports, what answers, and the classic form.

There are two forms of host, the account's and the tenant's, and neither is always right: a tenant's host was seen
to refuse a managed identity that the account's host let in, and accounts were seen that have no host of their own
(docs/facts.md, purview 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from purview_ai.clouds import leads_to_purview
from purview_ai.json_values import take_from
from purview_ai.objects.failures import RefusedError, UnreachableError

if TYPE_CHECKING:
    from purview_ai.calls.service import Service
    from purview_ai.clouds import Cloud

_PROBE = "/scan/datasources"
_PROBE_VERSION = "2023-09-01"
_LIMITS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class _Answer(IntEnum):
    """What an address did with a question, the better one last."""

    NOBODY = 0
    """There is no answer."""
    ODD = 1
    """Something answers, and not as a Data Map does that lets the caller in or keeps it out."""
    KEEPS_OUT = 2
    LETS_IN = 3


class NoAccountError(UnreachableError):
    """There is no account of that id, or not yet."""


@dataclass(frozen=True)
class Place:
    """An address without a path, and whether it may be relied on."""

    endpoint: str
    confirmed: bool = True


def find_endpoint(
    account_id: str, *, arm: Service, purview: Service, cloud: Cloud, explicit: str, arm_version: str
) -> Place:
    """The address of an account's Data Map; raises :class:`UnreachableError` where there is none to try."""
    if explicit:
        if not leads_to_purview(explicit):
            # The program refuses it, too, but runs neither for a refresh nor for drift.
            msg = f"purview.endpoint is {explicit!r}, which leads to no host of Purview, so no token is sent there"
            raise UnreachableError(msg, remedy="Correct purview.endpoint, or leave it out.")
        return Place(_without_scan(explicit))
    account = arm.get(f"https://{cloud.arm}{account_id}", **{"api-version": arm_version})
    if account is None:
        msg = f"ARM knows no Purview account {account_id}"
        raise NoAccountError(msg, remedy="Correct purview.account and purview.resource_group.")
    classic = f"https://{account_id.rsplit('/', 1)[-1].lower()}.{cloud.purview_suffix}"
    reported = take_from(account, ("properties", "endpoints", "scan"))
    if not isinstance(reported, str):
        return _classic_if_it_is_there(purview, classic, account_id)
    told = _without_scan(reported)
    if urlsplit(told).hostname == urlsplit(classic).hostname:
        # Nothing to choose between, so no request is spent on it.
        return Place(told)
    return _the_one_that_answers(purview, told, classic)


def _without_scan(address: str) -> str:
    """Some accounts report the address with /scan, some without (docs/facts.md, purview 1)."""
    return address.rstrip("/").removesuffix("/scan")


def _classic_if_it_is_there(purview: Service, classic: str, account_id: str) -> Place:
    """The classic form for an account of which ARM reports no address, unless it only carries the billing."""
    answer = _answer(purview, classic)
    if answer is _Answer.NOBODY:
        msg = f"{account_id} has no scanning endpoint; an account that only carries the billing has none"
        raise UnreachableError(msg, remedy="Set purview.account to the tenant's own account, or to default.")
    return Place(classic, confirmed=answer is _Answer.LETS_IN)


def _answer(purview: Service, candidate: str) -> _Answer:
    try:
        purview.send("GET", candidate + _PROBE, None, {"api-version": _PROBE_VERSION}, tries=1)
    except RefusedError as refusal:
        return _Answer.KEEPS_OUT if refusal.status in _LIMITS else _Answer.ODD
    except UnreachableError:
        return _Answer.NOBODY
    return _Answer.LETS_IN


def _the_one_that_answers(purview: Service, told: str, classic: str) -> Place:
    first = _answer(purview, told)
    if first is _Answer.LETS_IN:
        return Place(told)
    # Where both keep the caller out, for want of a role, what ARM says is the better guess until one is seen.
    second = _answer(purview, classic)
    return Place(classic if second > first else told, confirmed=second is _Answer.LETS_IN)
