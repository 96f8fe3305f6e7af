"""What is told to do: commands that work as they stand."""

from __future__ import annotations

from estates import estate_with, look
from purview_ai.inspection.estate import StateUnreadError
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.remedies import again
from purview_ai.inspection.sign_in import kind_of
from purview_ai.inspection.vault import reachable


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

    assert again(estate_with(read_state=unread)).startswith("pulumi refresh")


def test_a_role_is_given_to_a_person_or_to_an_application() -> None:
    assert kind_of({"oid": "1", "scp": "user_impersonation"}) == "User"
    assert kind_of({"oid": "1", "idtyp": "user"}) == "User"
    assert kind_of({"oid": "1", "idtyp": "app"}) == kind_of({"oid": "1"}) == "ServicePrincipal"
