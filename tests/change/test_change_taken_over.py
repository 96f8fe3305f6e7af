"""What was there before a stack is changed by it only after a yes, on the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from chain.test_living import ADOPTED, HAND_MADE, SCAN_BY_HAND, administered, set_up_by_hand
from change.test_change_on_the_engine import FROM, actions, shown, stopped_in
from local_azure import seed
from people import PURVIEW
from rights import STORE
from tenants import STACK
from whole_chain import source_body

if TYPE_CHECKING:
    from people import Person
    from repositories import Repository

__all__ = ["administered"]
TRIGGER = f"{SCAN_BY_HAND}/triggers/default"
RULE = "take-over-changed"
DAILY = {"every": "1 day", "at": "01:00", "start": "2026-01-05T01:00:00Z", "patience_minutes": 0}


@pytest.fixture
def by_hand(repository: Repository, operator: Person) -> Repository:
    """A tenant with a daily trigger, none of which is in a state yet; its stack file adopts it."""
    set_up_by_hand(repository, operator)
    repository.change({**ADOPTED, "sources.chatgpt.scan": DAILY})
    return repository


def stopped(repository: Repository) -> dict[str, str]:
    """What is stopped because it is there and would be changed, by its resource."""
    words = [one["what"] for one in stopped_in(repository) if one["rule"] == RULE]
    return {what.split(" is there already")[0].split(" would be")[0].rsplit(" ", 1)[1]: what for what in words}


def recurrence(operator: Person) -> dict[str, Any]:
    """How often the trigger that was made by hand comes, and whether it does."""
    found = operator.get(TRIGGER)["properties"]
    return {"state": found["state"], **{name: found["recurrence"][name] for name in ("frequency", "interval")}}


AS_MADE = {"state": "Enabled", "frequency": "Day", "interval": 1}


@pytest.mark.parametrize(
    ("scan", "what", "then"),
    [
        (
            {**DAILY, "every": "4 weeks"},
            "frequency: 'Day' instead of 'Week'; interval: 1 instead of 4",
            {"state": "Enabled", "frequency": "Week", "interval": 4},
        ),
        ({**DAILY, "enabled": False}, "enabled: True instead of False", {**AS_MADE, "state": "Disabled"}),
    ],
)
def test_a_trigger_that_is_taken_over_does_less_only_after_a_yes(
    by_hand: Repository, operator: Person, scan: dict[str, Any], what: str, then: dict[str, Any]
) -> None:
    assert by_hand.previewed().code == 0
    # As it stands in the file it is not changed, but the credential and the collection are.
    assert stopped(by_hand).keys() == {"chatgpt-source", "chatgpt-scan"}
    by_hand.change({"sources.chatgpt.scan": scan})
    told = by_hand.previewed()
    assert f"* **create** trigger `chatgpt-trigger`\n  * is there already, and is taken over: `{what}`" in told.out
    assert stopped(by_hand)["chatgpt-trigger"] == (
        f"The trigger chatgpt-trigger is there already, and would be changed: {what}."
    )
    refused = by_hand.change_command("gate", *FROM)
    assert (refused.code, f"allow: {RULE} sandbox" in refused.words) == (1, True)
    assert recurrence(operator) == AS_MADE
    assert by_hand.change_command("gate", *FROM, "--approved", f"{RULE} {STACK}").code == 0

    done = by_hand.change_command("apply", "--stack", STACK, *FROM)
    assert done.code == 0, done.words
    assert recurrence(operator) == then
    assert shown(by_hand.previewed("--json"))["changes"] == []
    by_hand.refresh().must_succeed()
    assert shown(by_hand.previewed("--json"))["changes"] == []


def test_what_becomes_another_after_the_preview_is_not_changed(by_hand: Repository, operator: Person) -> None:
    assert by_hand.previewed().code == 0
    made = operator.get(TRIGGER)["properties"]
    made["recurrence"]["interval"] = 2
    operator.do("PUT", TRIGGER, json={"properties": made})
    done = by_hand.change_command("apply", "--stack", STACK, *FROM)
    assert (done.code, "something to do that its preview did not show" in done.words) == (1, True), done.words
    assert recurrence(operator) == {**AS_MADE, "interval": 2}


def test_a_plan_that_failed_half_way_is_deployed_a_second_time(by_hand: Repository, operator: Person) -> None:
    assert by_hand.previewed().code == 0
    by_hand.azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    failed = by_hand.change_command("apply", "--stack", STACK, *FROM)
    assert (failed.code, "the deployment failed" in failed.words) == (1, True), failed.words
    assert by_hand.recorded("chatgpt-source")["outputs"]["collection"] == seed.COLLECTION
    by_hand.azure.set_vendor_key(seed.VENDOR_KEY)
    assert by_hand.change_command("apply", "--stack", STACK, *FROM).code == 0
    assert recurrence(operator) == AS_MADE


@pytest.mark.usefixtures("administered")
def test_where_nobody_may_look_a_take_over_asks_for_a_yes_and_is_deployed(
    by_hand: Repository, operator: Person
) -> None:
    # Where the deployment gives itself the right to change it.
    operator.do("PUT", HAND_MADE, json=source_body())
    take_from_deployer(operator)
    by_hand.change({"purview.bootstrap_admin": True, "purview.deployer_access": True})
    told = by_hand.previewed()
    assert "could not be looked for" in told.err
    found = stopped(by_hand)
    assert found.keys() >= {"chatgpt-source", "chatgpt-scan", "chatgpt-trigger"}
    assert all("nobody knows yet what of it" in what for what in found.values())
    done = by_hand.change_command("apply", "--stack", STACK, *FROM)
    assert done.code == 0, done.words
    assert actions(shown(by_hand.previewed("--json"))) == {}
    assert recurrence(operator) == AS_MADE


def test_a_deployment_that_may_not_look_yet_goes_on(by_hand: Repository, operator: Person) -> None:
    """As where the role that it was given counts a moment later (docs/facts.md, engine 69)."""
    by_hand.azure.weather(
        effect="status", method="GET", path=HAND_MADE.rsplit("/", 1)[1], status=403, code="Unauthorized"
    )
    done = by_hand.up("--skip-preview").must_succeed()
    assert "could not be looked for" in done.words
    assert recurrence(operator) == AS_MADE


@pytest.mark.usefixtures("administered")
def test_what_takes_another_ones_place_is_taken_over_only_after_a_yes(repository: Repository) -> None:
    rights = {"purview.bootstrap_admin": True, "purview.deployer_access": True}
    repository.change({"purview.collection": {"name": "contoso-ai", "create": True}, **rights})
    repository.up().must_succeed()
    repository.change({"purview.collection": {"name": seed.COLLECTION, "create": True, "adopt": True}})
    told = repository.previewed()
    found = {one["what"]: one["rule"] for one in stopped_in(repository)}
    [words] = [what for what, rule in found.items() if rule == RULE and "The collection " in what]
    assert "is there already, and would be changed: " in words
    assert "is there already, and is taken over: " in told.out


def take_from_deployer(operator: Person) -> None:
    """The deployer holds no role on any collection any more."""
    for collection in (seed.ACCOUNT, seed.COLLECTION):
        listed = operator.get(f"{PURVIEW}/policystore/metadataPolicies", collectionName=collection, **STORE)
        [policy] = listed["values"]
        for rule in policy["properties"]["attributeRules"]:
            for condition in (one for alternative in rule["dnfCondition"] for one in alternative):
                held = condition.get("attributeValueIncludedIn", [])
                held[:] = [one for one in held if one != seed.DEPLOYER_ID]
        operator.do("PUT", f"{PURVIEW}/policystore/metadataPolicies/{policy['id']}", params=STORE, json=policy)
