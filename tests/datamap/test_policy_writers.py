"""Many writers of one policy, in a store without a conditional write: nobody's role is lost."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
from estate import role
from local_azure import seed
from policies import policy, put
from purview_ai.calls import service
from purview_ai.datamap.policy import (
    GROUPS,
    PRINCIPAL,
    Holder,
    gives,
    holders,
    with_holders,
    with_member,
    without_member,
)
from purview_ai.datamap.policy_store import Written, changes_between, write
from purview_ai.objects.failures import UnreachableError
from small_engine import SmallEngine
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_azure.process import LocalAzure
    from people import Person

SOMEBODY = "aaaaaaaa-1111-4111-8111-111111111111"
READ = 2
"""After so many looks a stack writes: one tells what will be done, and one is edited."""


def looks(azure: LocalAzure) -> int:
    """How often somebody has been told a policy. The journal tells a request once it is answered."""
    return len([r for r in azure.requests() if r["method"] == "GET" and "metadatapolicies" in r["path"].lower()])


def test_two_stacks_at_once_lose_nobody(operator: Person, azure: LocalAzure) -> None:
    """One has read the policy and is about to write it while the other writes: the lost member is added again."""
    ids = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(6)]
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=0.2, times=4)
    programs = [{f"r{n}": role(principal_id=ids[n])} for n in range(6)]
    stacks = [SmallEngine.of(azure) for _ in programs]
    threads = [threading.Thread(target=one.up, args=(program,)) for one, program in zip(stacks, programs, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in ids if not gives(policy(operator), "purview-reader", one)] == []
    for one in stacks:
        assert one.drift() == {}


def test_slow_writes_that_overlap_lose_nobody(operator: Person, azure: LocalAzure) -> None:
    """The second one has read the policy before the first one's write, and writes long after its first look."""
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=1.0, times=100)
    ids = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(2)]
    stacks = [SmallEngine.of(azure) for _ in ids]
    threads = [
        threading.Thread(target=one.up, args=({"role": role(principal_id=who)},))
        for one, who in zip(stacks, ids, strict=True)
    ]
    azure.forget_requests()
    threads[0].start()
    # The journal tells a request once it is answered: the first one has read, and is writing.
    until(lambda: looks(azure) >= READ, "the first look")
    threads[1].start()
    for thread in threads:
        thread.join()
    assert [one for one in ids if not gives(policy(operator), "purview-reader", one)] == []


def test_a_policy_whose_answer_was_lost_is_not_written_again(
    stack: SmallEngine, operator: Person, azure: LocalAzure
) -> None:
    """What stands there now may be more than what was read."""
    azure.weather(effect="cut-after", service="purview", method="PUT", path="metadatapolicies", times=1)
    azure.forget_requests()
    stack.up({"role": role()})
    assert gives(policy(operator), "purview-reader", seed.STRANGER_ID)
    assert len([r for r in azure.requests() if r["method"] == "PUT"]) == 1
    stack.destroy()
    assert not gives(policy(operator), "purview-reader", seed.STRANGER_ID), "it was the stack's own all the same"


def test_a_slow_write_whose_answer_was_lost_puts_back_what_was_seen(
    stack: SmallEngine, operator: Person, azure: LocalAzure
) -> None:
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=3.0, times=1)
    azure.weather(effect="cut-after", service="purview", method="PUT", path="metadatapolicies", times=1)
    other, quick = "00000000-0000-4000-8000-00000000000b", SmallEngine.of(azure)
    azure.forget_requests()
    thread = threading.Thread(target=stack.up, args=({"role": role()},))
    thread.start()

    until(lambda: looks(azure) > READ, "a glance of the slow one, whose own write is on its way")
    quick.up({"role": role(principal_id=other)})
    assert thread.is_alive(), "the other one is done while the slow one writes"
    thread.join()
    left = policy(operator)
    assert [gives(left, "purview-reader", one) for one in (seed.STRANGER_ID, other)] == [True, True]


def test_looks_that_fail_after_the_write_are_told_and_the_role_is_the_stacks_own(
    stack: SmallEngine, operator: Person, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.forget_requests()
    thread = threading.Thread(target=stack.up, args=({"role": role()},))
    thread.start()

    def looked() -> bool:
        ours = [r["method"] for r in azure.requests() if "metadatapolicies" in r["path"].lower()]
        return "PUT" in ours and ours[-1] == "GET"

    until(looked, "our first look")
    azure.weather(effect="status", service="purview", method="GET", path="metadatapolicies", status=500, times=4)
    thread.join()
    azure.fine_weather()
    assert "whether that lasts could not be seen" in capsys.readouterr().err
    stack.destroy()
    assert not gives(policy(operator), "purview-reader", seed.STRANGER_ID)


def test_three_slow_writers_lose_nobody(operator: Person, azure: LocalAzure) -> None:
    """One's put-back may go over the next one's write: it goes on until all that was seen is there."""
    ids = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(3)]
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=0.9, times=100)
    threads = [
        threading.Thread(target=SmallEngine.of(azure).up, args=({"role": role(principal_id=who)},)) for who in ids
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in ids if not gives(policy(operator), "purview-reader", one)] == []


def test_what_others_changed_is_told_from_what_they_lost(operator: Person) -> None:
    """Who went by a write that did nothing else was meant to go; who went by one that brought somebody in was not."""
    one, two, three = (f"00000000-0000-4000-8000-00000000000{n}" for n in range(3))
    first = with_member({**policy(operator), "version": 1}, "purview-reader", one)
    meant = {**without_member(first, "purview-reader", one), "version": 2}
    lost = {**with_member(without_member(first, "purview-reader", one), "purview-reader", two), "version": 2}
    later = {**with_member(first, "purview-reader", three), "version": 4}
    reader = "purview-reader"
    assert changes_between({1: first, 2: meant}) == {Holder(reader, one): False}
    assert changes_between({1: first, 2: lost}) == {Holder(reader, two): True}
    assert changes_between({1: first, 4: later}) == {Holder(reader, three): True}
    assert changes_between({1: later, 4: first}) == {}, "nobody saw what came between"


def test_a_write_that_is_undone_after_the_first_look_is_repeated(
    stack: SmallEngine, operator: Person, azure: LocalAzure
) -> None:
    """Somebody had read the policy before, and writes it after our look."""
    stale = policy(operator)
    azure.forget_requests()
    done = threading.Thread(target=stack.up, args=({"role": role()},))
    done.start()

    def looked() -> bool:
        ours = [r["method"] for r in azure.requests() if "metadatapolicies" in r["path"].lower()]
        return "PUT" in ours and ours[-1] == "GET"

    until(looked, "our first look")
    put(operator, stale)
    done.join()
    assert gives(policy(operator), "purview-reader", seed.STRANGER_ID)


def test_roles_that_one_stack_gives_at_once_take_turns(
    stack: SmallEngine, operator: Person, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(4)]
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=0.2, times=4)
    azure.forget_requests()
    wishes = [stack.provider.check({}, role(principal_id=one)).inputs for one in ids]
    threads = [threading.Thread(target=stack.provider.create, args=(wish,)) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(gives(policy(operator), "purview-reader", one) for one in ids)
    assert len([r for r in azure.requests() if r["method"] == "PUT"]) == len(ids)
    assert "somebody else" not in capsys.readouterr().err


def test_a_write_that_somebody_undoes_is_repeated(stack: SmallEngine, operator: Person, azure: LocalAzure) -> None:
    """Somebody writes an older copy of the policy between our write and our second look."""
    stale = policy(operator)
    azure.weather(effect="latency", service="purview", method="GET", path="metadatapolicies", seconds=0.6, times=3)
    azure.forget_requests()
    done = threading.Thread(target=stack.up, args=({"role": role()},))
    done.start()
    until(lambda: any(r["method"] == "PUT" for r in azure.requests()), "our write")
    put(operator, stale)
    done.join()
    assert gives(policy(operator), "purview-reader", seed.STRANGER_ID)
    assert own_writes(azure) == 2


def test_one_slow_writer_loses_nobody(operator: Person, azure: LocalAzure, capsys: pytest.CaptureFixture[str]) -> None:
    """It has read the policy before everybody else's writes, and writes long after their last looks."""
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=3.0, times=1)
    ids = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(3)]
    slow, *quick = [(SmallEngine.of(azure), {"role": role(principal_id=who)}) for who in ids]
    azure.forget_requests()
    thread = threading.Thread(target=slow[0].up, args=(slow[1],))
    thread.start()
    until(lambda: looks(azure) >= READ, "the slow one's look")
    for one, program in quick:
        one.up(program)
    assert thread.is_alive(), "the others are done while the slow one writes"
    thread.join()
    assert [one for one in ids if not gives(policy(operator), "purview-reader", one)] == []
    assert "written over somebody else" not in capsys.readouterr().err


def test_one_slow_leaver_brings_nobody_back(
    stack: SmallEngine, operator: Person, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who has been taken away while it wrote stays away, so there is nothing to tell."""
    other = SmallEngine.of(azure)
    other.up({"role": role(principal_id=seed.OPERATOR_ID)})
    stack.up({"role": role()})
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=2.0, times=1)
    azure.forget_requests()
    thread = threading.Thread(target=stack.destroy)
    thread.start()
    until(lambda: looks(azure) > 0, "the slow one's look")
    other.destroy()
    assert thread.is_alive(), "the other one is done while the slow one writes"
    thread.join()
    left = policy(operator)
    assert not any(gives(left, "purview-reader", one) for one in (seed.OPERATOR_ID, seed.STRANGER_ID))
    assert "written over somebody else" not in capsys.readouterr().err


@pytest.mark.parametrize("cut", [False, True], ids=["answered", "cut"])
def test_a_write_over_somebody_elses_that_nobody_saw_is_told_and_stays_the_stacks_own(
    stack: SmallEngine,
    operator: Person,
    azure: LocalAzure,
    cut: bool,  # noqa: FBT001  # a table
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Somebody writes between our look and our write, and the looks meanwhile come too late: it is said to be lost."""
    theirs = with_member(policy(operator), "purview-reader", "11111111-1111-4111-8111-111111111111")
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=1.5, times=1)
    if cut:
        azure.weather(effect="cut-after", service="purview", method="PUT", path="metadatapolicies", times=1)
    azure.forget_requests()
    thread = threading.Thread(target=stack.up, args=({"role": role()},))
    thread.start()
    until(lambda: looks(azure) >= READ, "our look")
    # The journal tells a request once it is answered; ours now waits for its turn to write.
    azure.weather(effect="latency", service="purview", method="GET", path="metadatapolicies", seconds=2.0, times=1)
    put(operator, theirs)
    thread.join()
    said = capsys.readouterr().err
    assert "was written over somebody else's change" in said
    assert "run pulumi refresh in every stack" in said
    stack.destroy()
    assert not gives(policy(operator), "purview-reader", seed.STRANGER_ID)


def listed(attribute: str, member: str, name: str) -> list[dict[str, Any]]:
    """A condition that gives somebody a role."""
    return [
        {"attributeName": attribute, "attributeValueIncludedIn": [member]},
        {"attributeName": "derived.purview.role", "attributeValueIncludes": name},
    ]


def add_a_group(theirs: dict[str, Any]) -> None:
    readers_of(theirs).append(listed(GROUPS, SOMEBODY, "purviewmetadatarole_builtin_purview-reader"))


def add_another_role(theirs: dict[str, Any]) -> None:
    name = "purviewmetadatarole_builtin_insights-reader"
    place = f"{name}:{seed.COLLECTION}"
    rule = {"kind": "attributerule", "id": place, "name": place, "dnfCondition": [listed(PRINCIPAL, SOMEBODY, name)]}
    theirs["properties"]["attributeRules"].append(rule)


def readers_of(theirs: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Under which conditions somebody is a reader."""
    [rule] = [one for one in theirs["properties"]["attributeRules"] if "purview-reader:" in one["id"]]
    return rule["dnfCondition"]


def add_under_a_condition(theirs: dict[str, Any]) -> None:
    under = {"attributeName": "derived.some.other", "attributeValueIncludes": "z"}
    name = "purviewmetadatarole_builtin_purview-reader"
    readers_of(theirs).append([*listed(PRINCIPAL, SOMEBODY, name), under])


def swap(theirs: dict[str, Any]) -> None:
    """One save that lets somebody in and takes somebody out: how the second was meant, nobody knows."""
    theirs["properties"] = with_holders(
        theirs, {Holder("purview-reader", SOMEBODY): True, Holder("purview-reader", seed.OPERATOR_ID): False}
    )["properties"]


def empty(theirs: dict[str, Any]) -> None:
    """One save that takes two out."""
    readers = [one for one in holders(theirs) if one.role == "purview-reader"]
    assert len(readers) > 1
    theirs["properties"] = with_holders(theirs, dict.fromkeys(readers, False))["properties"]


def restrict(theirs: dict[str, Any]) -> None:
    """As the portal's "Restrict inherited permissions" may do it; what is said of it is not known."""
    theirs["properties"]["decisionRules"] = [{"kind": "decisionrule", "effect": "Permit", "dnfCondition": []}]


def written_while_ours_is_on_its_way(
    stack: SmallEngine, operator: Person, azure: LocalAzure, change: Callable[[dict[str, Any]], None]
) -> None:
    """Somebody changes the policy while a slow write of the stack goes on, and the stack sees it."""
    SmallEngine.of(azure).up({"role": role(principal_id=seed.OPERATOR_ID)})
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=3.0, times=1)
    azure.forget_requests()
    thread = threading.Thread(target=stack.up, args=({"role": role()},))
    thread.start()
    until(lambda: looks(azure) > READ, "a glance")
    theirs = policy(operator)
    change(theirs)
    put(operator, theirs)
    assert thread.is_alive(), "ours is on its way"
    seen = looks(azure)
    until(lambda: looks(azure) > seen + 1, "a glance that sees it")
    thread.join()


@pytest.mark.parametrize(
    ("change", "holder"),
    [
        (add_a_group, Holder("purview-reader", SOMEBODY, GROUPS)),
        (add_another_role, Holder("insights-reader", SOMEBODY)),
    ],
    ids=["a group", "a role that no stack gives"],
)
def test_what_others_wrote_is_put_back_whatever_it_is_that_holds(
    stack: SmallEngine,
    operator: Person,
    azure: LocalAzure,
    change: Callable[[dict[str, Any]], None],
    holder: Holder,
    capsys: pytest.CaptureFixture[str],
) -> None:
    written_while_ours_is_on_its_way(stack, operator, azure, change)
    assert holder in holders(policy(operator))
    assert "written over" not in capsys.readouterr().err


def own_writes(azure: LocalAzure) -> int:
    """How many of the stack's writes of policies have been answered."""
    return len([r for r in azure.requests() if r["method"] == "PUT" and r["agent"].startswith("purview-ai")])


@pytest.mark.parametrize("alone", [True, False], ids=["on purpose", "perhaps not"])
def test_who_was_put_back_and_is_then_taken_out_on_purpose_stays_away(
    stack: SmallEngine,
    operator: Person,
    azure: LocalAzure,
    alone: bool,  # noqa: FBT001  # a table
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What the write went over is due until it stands again, and no longer; by accident, it is put back and told."""
    somebody = Holder("purview-reader", SOMEBODY)
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=2.0, times=1)
    azure.forget_requests()
    thread = threading.Thread(target=stack.up, args=({"role": role()},))
    thread.start()
    until(lambda: looks(azure) > READ, "a glance")
    put(operator, with_holders(policy(operator), {somebody: True}))
    until(lambda: own_writes(azure) > 1, "our write that puts back")
    theirs = policy(operator)
    assert somebody in holders(theirs), "it stands again"
    also = {} if alone else {Holder("data-curator", seed.OPERATOR_ID): True}
    put(operator, with_holders(theirs, {somebody: False, **also}))
    assert thread.is_alive(), "we look again"
    thread.join()
    assert (somebody in holders(policy(operator))) is not alone
    assert ("who was taken out meanwhile may be in again" in capsys.readouterr().err) is not alone


def test_what_is_wished_holds_whatever_others_did_to_it_meanwhile(
    stack: SmallEngine, operator: Person, azure: LocalAzure
) -> None:
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=3.0, times=1)
    azure.forget_requests()
    thread = threading.Thread(target=stack.up, args=({"role": role()},))
    thread.start()
    for held in (True, False):
        seen = looks(azure)
        until(lambda seen=seen: looks(azure) > max(seen + 1, READ), "a glance that sees it")
        put(operator, with_holders(policy(operator), {Holder("purview-reader", seed.STRANGER_ID): held}))
    assert thread.is_alive(), "ours is on its way"
    thread.join()
    assert gives(policy(operator), "purview-reader", seed.STRANGER_ID)


@pytest.mark.parametrize("change", [restrict, swap, empty])
def test_what_cannot_be_done_again_is_told(
    stack: SmallEngine,
    operator: Person,
    azure: LocalAzure,
    change: Callable[[dict[str, Any]], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    written_while_ours_is_on_its_way(stack, operator, azure, change)
    said = capsys.readouterr().err
    assert "was written over somebody else's change" in said
    assert "who was taken out meanwhile may be in again" in said


def test_who_holds_a_role_under_a_condition_is_not_given_it_without(
    stack: SmallEngine, operator: Person, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    written_while_ours_is_on_its_way(stack, operator, azure, add_under_a_condition)
    assert Holder("purview-reader", SOMEBODY) not in holders(policy(operator))
    assert "was written over somebody else's change" in capsys.readouterr().err


def test_a_write_that_was_done_although_no_answer_came_brings_nobody_back(
    stack: SmallEngine, operator: Person, azure: LocalAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is known again by what stands in it."""
    monkeypatch.setattr(service, "READ_TIMEOUT_S", 6)
    other = SmallEngine.of(azure)
    other.up({"role": role(principal_id=seed.OPERATOR_ID)})
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=3.0, times=1)
    azure.weather(effect="hang-after", service="purview", method="PUT", path="metadatapolicies", times=1)
    azure.forget_requests()
    thread = threading.Thread(target=stack.up, args=({"role": role()},))
    thread.start()
    until(lambda: looks(azure) > READ, "a glance")
    other.destroy()
    assert thread.is_alive(), "ours is on its way"
    thread.join()
    left = policy(operator)
    held = [gives(left, "purview-reader", one) for one in (seed.STRANGER_ID, seed.OPERATOR_ID)]
    assert held == [True, False]


@pytest.mark.parametrize("status", [429, 409, 412])
def test_a_write_that_was_refused_was_not_sent(
    stack: SmallEngine, operator: Person, azure: LocalAzure, status: int
) -> None:
    """Somebody else gives the same role meanwhile: it is theirs, and destroy leaves it."""
    busy = {"effect": "status", "status": status, "code": "NotNow", "retry_after": 2}
    azure.weather(**busy, service="purview", method="PUT", path="metadatapolicies", times=1)
    azure.forget_requests()
    thread = threading.Thread(target=stack.up, args=({"role": role()},))
    thread.start()
    until(lambda: any(r["method"] == "PUT" for r in azure.requests()), "our refused write")
    put(operator, with_member(policy(operator), "purview-reader", seed.STRANGER_ID))
    thread.join()
    stack.destroy()
    assert gives(policy(operator), "purview-reader", seed.STRANGER_ID)


def test_a_store_whose_versions_do_not_rise_is_written_all_the_same() -> None:
    base = {"id": "p", "version": 3, "properties": {"collection": {"referenceName": "c"}, "attributeRules": []}}

    @dataclass
    class Store:
        def send_once(self, *_: object) -> dict[str, Any]:
            return base

    assert write(cast("Any", Store()), "c", base, base) == Written(answered=True)


@pytest.mark.parametrize(("later", "lost"), [(1, 0), (2, 0), (3, 1), (4, 2)])
def test_a_write_without_an_answer_that_nobody_finds_may_have_gone_over_all_that_nobody_saw(
    later: int, lost: int
) -> None:
    """Of so many versions later, the last one is seen, and is somebody's; one of the others may be the own one."""
    base = {"id": "p", "version": 3, "properties": {"collection": {"referenceName": "c"}, "attributeRules": []}}
    now = {**with_member(base, "purview-reader", SOMEBODY), "version": 3 + later}

    @dataclass
    class Store:
        patient: bool = True

        def send_once(self, *_: object) -> dict[str, Any]:
            msg = "the connection was cut"
            raise UnreachableError(msg)

        def hurried(self, tries: int) -> Store:
            return Store(patient=tries > 1)

        def list(self, *_: object, **__: object) -> Iterator[dict[str, Any]]:
            if not self.patient:
                msg = "it is cut still"
                raise UnreachableError(msg)
            yield now

    written = write(cast("Any", Store()), "c", with_member(base, "data-curator", SOMEBODY), base)
    assert written == Written(answered=False, others={Holder("purview-reader", SOMEBODY): True}, lost=lost)
