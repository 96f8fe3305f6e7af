"""What is told to do: commands that work as they stand."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from estates import estate_with, look
from purview_ai.directory.app_roles import READ_USERS
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.grants import held
from purview_ai.inspection.inspector import Link, inspected
from purview_ai.inspection.remedies import again
from purview_ai.inspection.sign_in import kind_of
from purview_ai.inspection.state import StateUnreadError
from purview_ai.inspection.vault import reachable

if TYPE_CHECKING:
    from collections.abc import Callable

BOTH_WAYS = "pulumi refresh --stack sandbox (where it was ever deployed), then pulumi up --stack sandbox"


def test_a_stack_that_was_never_deployed_has_nothing_to_refresh() -> None:
    estate = estate_with({"vault": None}, frozenset)
    found = look(reachable(estate))
    assert (found.verdict, found.remedy) == (Verdict.FAILED, "pulumi up --stack sandbox makes it.")


def test_a_state_that_knows_what_is_gone_is_refreshed_first() -> None:
    assert again(estate_with()).startswith("pulumi refresh --stack sandbox, then pulumi up")


def test_a_state_that_cannot_be_read_may_know_it() -> None:
    def unread() -> frozenset[str]:
        msg = "the state is no JSON"
        raise StateUnreadError(msg)

    assert again(estate_with(read_state=unread)) == BOTH_WAYS


def odd() -> frozenset[str]:
    """A state that nobody foresaw."""
    raise AttributeError


def hanging() -> frozenset[str]:
    """A state that nobody hands over."""
    threading.Event().wait(60.0)
    return frozenset()


@pytest.mark.parametrize("read_state", [odd, hanging])
def test_what_is_known_to_be_broken_stays_so_whatever_befalls_the_state(
    read_state: Callable[[], frozenset[str]],
) -> None:
    answers = {"account": {"identity": {"principalId": "an-identity"}}, "app roles": list[object]()}
    estate = estate_with(answers, read_state, patience_s=1.0)
    [found] = asyncio.run(inspected([held(estate, READ_USERS)], 1.0, lambda _: None))
    assert (found.verdict, found.remedy) == (Verdict.FAILED, f"{BOTH_WAYS} gives it.")


def test_a_state_is_waited_for_as_long_as_the_very_look_may_take() -> None:
    def slow() -> frozenset[str]:
        threading.Event().wait(0.2)
        return frozenset({"something"})

    # However long ago the estate was made: a link that comes late has all its time before it.
    estate = estate_with(read_state=slow, patience_s=0.01)
    late = Link("late", "Late", lambda link: link.failed("it is gone", again(estate)))
    [found] = asyncio.run(inspected([late], 60.0, lambda _: None))
    assert found.remedy == "pulumi refresh --stack sandbox, then pulumi up --stack sandbox"


def test_who_waits_for_a_state_itself_is_told_that_it_was_not_read() -> None:
    with pytest.raises(StateUnreadError, match=r"not read within 0\.9 seconds: run the command again"):
        estate_with(read_state=hanging, patience_s=1.0).is_own("something")
    with pytest.raises(StateUnreadError, match=r"reading the state failed unexpectedly \(AttributeError\)"):
        estate_with(read_state=odd).is_own("something")


def test_a_role_is_given_to_a_person_or_to_an_application() -> None:
    assert kind_of({"oid": "1", "scp": "user_impersonation"}) == "User"
    assert kind_of({"oid": "1", "idtyp": "user"}) == "User"
    assert kind_of({"oid": "1", "idtyp": "app"}) == kind_of({"oid": "1"}) == "ServicePrincipal"
