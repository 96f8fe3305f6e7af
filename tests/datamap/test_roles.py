"""Roles on a collection: given and taken one by one, in a policy that many write at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from estate import ACCOUNT, collection, connection, credential, role, run, scan, source, trigger, whole_tenant
from local_azure import seed
from people import ARM, PURVIEW
from purview_ai.datamap.policy import CollectionRole, gives, holds, with_member, without_member
from purview_ai.datamap.policy_store import changes_between
from purview_ai.objects.failures import ObjectError
from small_engine import CheckError, SmallEngine
from waiting import until
from whole_chain import role_body

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

STORE = {"api-version": "2021-07-01"}


def policy(operator: Person, name: str = seed.COLLECTION) -> dict[str, Any]:
    """A collection's policy."""
    listed = operator.get(f"{PURVIEW}/policystore/metadataPolicies", collectionName=name, **STORE)
    return listed["values"][0]


def test_a_role_is_added_to_a_young_collection_and_counts_at_once(stack: SmallEngine, azure: LocalAzure) -> None:
    program = {
        "collection": collection(),
        "writer": role(collection="contoso-ai", role="data-source-administrator", principal_id=seed.STRANGER_ID),
    }
    stack.up(program)
    stranger = SmallEngine.of(azure, seed.STRANGER_APP, seed.STRANGER_SECRET)
    # The stranger may look at no account in ARM, so it is told where the Data Map answers.
    stranger.config["purview-ai:tenant"] = f'{{"purview": {{"endpoint": "{PURVIEW}"}}}}'
    stranger.up({"source": source(collection="contoso-ai")})
    assert stranger.drift() == {}


@pytest.mark.parametrize("name", ["data-reader", "Data Reader", "owner"])
def test_a_role_that_would_silently_give_nothing_is_refused(stack: SmallEngine, name: str) -> None:
    with pytest.raises(CheckError) as refused:
        stack.preview({"role": role(role=name)})
    assert all(known in str(refused.value) for known in CollectionRole)
    assert ("The portal's Data reader is purview-reader" in str(refused.value)) == (name == "data-reader")


def test_taking_a_role_away_leaves_all_others(stack: SmallEngine, operator: Person) -> None:
    before = policy(operator)["properties"]
    stack.up({"a": role(), "b": role(role="data-curator"), "c": role(principal_id=seed.OPERATOR_ID)})
    stack.destroy()
    after = policy(operator)["properties"]
    for one in CollectionRole:
        for who in (seed.DEPLOYER_ID, seed.OPERATOR_ID, seed.STRANGER_ID):
            old, new = ({"properties": p} for p in (before, after))
            assert gives(old, one, who) == gives(new, one, who)


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
    threads[0].start()
    # The journal tells a request once it is answered: the first one has read, and is writing.
    until(lambda: any("metadatapolicies" in r["path"].lower() for r in azure.requests()), "the first look")
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

    def glanced() -> bool:
        return len([r for r in azure.requests() if "metadatapolicies" in r["path"].lower()]) > 1

    until(glanced, "a glance of the slow one, whose own write is on its way")
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
    assert changes_between({1: first, 2: meant}) == {(reader, one): False}
    assert changes_between({1: first, 2: lost}) == {(reader, two): True}
    assert changes_between({1: first, 4: later}) == {(reader, three): True}
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
    operator.do("PUT", f"{PURVIEW}/policystore/metadataPolicies/{stale['id']}", params=STORE, json=stale)
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
    operator.do("PUT", f"{PURVIEW}/policystore/metadataPolicies/{stale['id']}", params=STORE, json=stale)
    done.join()
    assert gives(policy(operator), "purview-reader", seed.STRANGER_ID)
    assert len([r for r in azure.requests() if r["method"] == "PUT" and r["agent"].startswith("purview-ai")]) == 2


def test_one_slow_writer_loses_nobody(operator: Person, azure: LocalAzure, capsys: pytest.CaptureFixture[str]) -> None:
    """It has read the policy before everybody else's writes, and writes long after their last looks."""
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=3.0, times=1)
    ids = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(3)]
    slow, *quick = [(SmallEngine.of(azure), {"role": role(principal_id=who)}) for who in ids]
    thread = threading.Thread(target=slow[0].up, args=(slow[1],))
    thread.start()
    until(lambda: any("metadatapolicies" in r["path"].lower() for r in azure.requests()), "the slow one's look")
    for one, program in quick:
        one.up(program)
    assert thread.is_alive(), "the others are done while the slow one writes"
    thread.join()
    assert [one for one in ids if not gives(policy(operator), "purview-reader", one)] == []
    assert "written over somebody else" not in capsys.readouterr().err


def test_one_slow_leaver_brings_nobody_back(stack: SmallEngine, operator: Person, azure: LocalAzure) -> None:
    """Who has been taken away while it wrote stays away."""
    other = SmallEngine.of(azure)
    other.up({"role": role(principal_id=seed.OPERATOR_ID)})
    stack.up({"role": role()})
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=2.0, times=1)
    azure.forget_requests()
    thread = threading.Thread(target=stack.destroy)
    thread.start()
    until(lambda: any("metadatapolicies" in r["path"].lower() for r in azure.requests()), "the slow one's look")
    other.destroy()
    assert thread.is_alive(), "the other one is done while the slow one writes"
    thread.join()
    left = policy(operator)
    assert not any(gives(left, "purview-reader", one) for one in (seed.OPERATOR_ID, seed.STRANGER_ID))


def test_a_write_over_somebody_elses_that_nobody_saw_is_told_and_stays_the_stacks_own(
    stack: SmallEngine, operator: Person, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody writes between our look and our write, and the looks meanwhile come too late: it is said to be lost."""
    theirs = with_member(policy(operator), "purview-reader", "11111111-1111-4111-8111-111111111111")
    azure.weather(effect="latency", service="purview", method="PUT", path="metadatapolicies", seconds=1.5, times=1)
    azure.forget_requests()
    thread = threading.Thread(target=stack.up, args=({"role": role()},))
    thread.start()
    until(lambda: any("metadatapolicies" in r["path"].lower() for r in azure.requests()), "our look")
    # The journal tells a request once it is answered; ours now waits for its turn to write.
    azure.weather(effect="latency", service="purview", method="GET", path="metadatapolicies", seconds=2.0, times=1)
    operator.do("PUT", f"{PURVIEW}/policystore/metadataPolicies/{theirs['id']}", params=STORE, json=theirs)
    thread.join()
    said = capsys.readouterr().err
    assert "was written over somebody else's change" in said
    assert "run pulumi refresh in every stack" in said
    stack.destroy()
    assert not gives(policy(operator), "purview-reader", seed.STRANGER_ID)


def test_the_first_administrator_comes_through_azure(stack: SmallEngine, operator: Person, azure: LocalAzure) -> None:
    deployer = SmallEngine.of(azure, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)
    admin = role(
        collection=seed.ACCOUNT, role="collection-administrator", principal_id=seed.DEPLOYER_ID, bootstrap=True
    )
    program = {"admin": admin, "collection": collection(), "writer": role(principal_id=seed.DEPLOYER_ID)}
    with pytest.raises(ObjectError, match="Azure: 403") as stopped:
        deployer.up(program)
    assert "User Access Administrator" in str(stopped.value)
    give = f"{ARM}{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/5b5f1f9e-0000-4000-8000-000000000001"
    operator.do("PUT", give, params={"api-version": "2022-04-01"}, json=role_body(seed.ACCESS_ADMIN, seed.DEPLOYER_ID))
    deployer.up(program)
    assert deployer.drift() == {}
    deployer.destroy()
    assert not gives(policy(operator, seed.ACCOUNT), "collection-administrator", seed.DEPLOYER_ID)
    del stack


def test_the_first_administrator_is_waited_for(
    operator: Person, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    deployer = SmallEngine.of(azure, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)
    give = f"{ARM}{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/5b5f1f9e-0000-4000-8000-000000000001"
    operator.do("PUT", give, params={"api-version": "2022-04-01"}, json=role_body(seed.ACCESS_ADMIN, seed.DEPLOYER_ID))
    refused = {"effect": "status", "status": 403, "code": "Unauthorized"}
    azure.weather(**refused, service="purview", method="GET", path="metadatapolicies", times=3)
    deployer.up(
        {
            "admin": role(
                collection=seed.ACCOUNT,
                role="collection-administrator",
                principal_id=seed.DEPLOYER_ID,
                bootstrap=True,
            )
        }
    )
    assert "Purview does not see the new administrator yet" in capsys.readouterr().err


def test_a_role_that_is_on_its_way_is_waited_for(
    stack: SmallEngine, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up({"admin": role(role="collection-administrator", principal_id=seed.DEPLOYER_ID)})
    azure.weather(effect="slow-propagation", checks=6, times=1)
    stack.up(
        {
            "admin": role(role="collection-administrator", principal_id=seed.DEPLOYER_ID),
            "writer": role(role="data-curator", principal_id=seed.STRANGER_ID),
        }
    )
    deployer = SmallEngine.of(azure, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)
    azure.weather(
        effect="status",
        service="purview",
        method="PUT",
        path="azurekeyvaults",
        status=403,
        code="Unauthorized",
        times=3,
    )
    deployer.up({"connection": connection()})
    assert "waiting, for 10 minutes at most: Purview does not see the role on the collection yet" in (
        capsys.readouterr().err
    )


def test_a_fresh_role_is_waited_for_whatever_is_done_with_it(
    stack: SmallEngine, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its first use may be an update, a trigger or a run of what was there before."""
    stack.up({name: wish for name, wish in whole_tenant().items() if name != "run"})
    stack.up({**whole_tenant(), "admin": role(role="collection-administrator", principal_id=seed.DEPLOYER_ID)})
    deployer = SmallEngine.of(azure, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)
    deployer.state = dict(stack.state)
    changed = whole_tenant()
    changed["scan"]["properties"]["logLevel"] = "Verbose"
    in_it = {"collection": seed.COLLECTION}
    for name, wish, path in (
        ("scan", changed["scan"], "scans/chatgpt-scan"),
        ("trigger", trigger(hours=[5], **in_it), "triggers/default"),
        ("run", run(generation=2, **in_it), ":run"),
    ):
        azure.fine_weather()
        azure.weather(effect="status", service="purview", path=path, status=403, code="Unauthorized", times=2)
        inputs = deployer.new_process().provider.check(deployer.state[name].inputs, wish).inputs
        deployer.provider.update("", deployer.state[name].outputs, inputs)
        assert "Purview does not see the role on the collection yet" in capsys.readouterr().err, name


def test_what_moves_needs_the_role_on_both_sides(
    stack: SmallEngine, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up({"connection": connection(), "credential": credential(), "source": source(collection=seed.ACCOUNT)})
    deployer = SmallEngine.of(azure, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)
    stack.up({"admin": role(role="collection-administrator", principal_id=seed.DEPLOYER_ID), **_as_it_is(stack)})
    deployer.state = {"source": stack.state["source"]}
    with pytest.raises(ObjectError, match='data source "chatgpt"'):
        deployer.up({"source": source()})
    assert "waiting" not in capsys.readouterr().err


def _as_it_is(stack: SmallEngine) -> dict[str, dict[str, Any]]:
    return {name: kept.inputs for name, kept in stack.state.items()}


def test_a_collection_below_one_without_the_role_is_not_waited_for(
    azure: LocalAzure, stack: SmallEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up({"admin": role(role="collection-administrator", principal_id=seed.DEPLOYER_ID)})
    deployer = SmallEngine.of(azure, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)
    with pytest.raises(ObjectError, match='collection "contoso-ai"'):
        deployer.up({"collection": collection(parent=seed.ACCOUNT)})
    assert "waiting" not in capsys.readouterr().err


def test_a_role_on_another_collection_is_no_reason_to_wait(
    stack: SmallEngine, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    """The deployer may write in its own collection and is refused a trigger in another one, for good."""
    stack.up(
        {
            "admin": role(role="collection-administrator", principal_id=seed.DEPLOYER_ID),
            "connection": connection(),
            "credential": credential(),
            "elsewhere": source(collection=seed.ACCOUNT),
            "scan": scan(collection=seed.ACCOUNT),
        }
    )
    deployer = SmallEngine.of(azure, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)
    with pytest.raises(ObjectError, match='trigger of scan "chatgpt-scan"'):
        deployer.up({"trigger": trigger()})
    assert "waiting" not in capsys.readouterr().err


def test_a_role_that_is_missing_is_not_waited_for(azure: LocalAzure) -> None:
    stranger = SmallEngine.of(azure, seed.STRANGER_APP, seed.STRANGER_SECRET)
    stranger.config["purview-ai:tenant"] = f'{{"purview": {{"endpoint": "{PURVIEW}"}}}}'
    with pytest.raises(ObjectError, match="Data Source Administrator and Data Reader"):
        stranger.up({"source": source()})


def test_an_edit_keeps_everything_that_it_does_not_mean(operator: Person) -> None:
    young = policy(operator)
    edited = with_member(young, "data-curator", seed.STRANGER_ID)
    assert gives(edited, "data-curator", seed.STRANGER_ID)
    assert holds([edited], "data-curator", seed.STRANGER_ID.upper(), seed.COLLECTION)
    back = without_member(edited, "data-curator", seed.STRANGER_ID)
    assert not gives(back, "data-curator", seed.STRANGER_ID)
    for rule in young["properties"]["attributeRules"]:
        if not rule["id"].startswith(("permission:", "purviewmetadatarole_builtin_data-curator")):
            assert rule in back["properties"]["attributeRules"]
    assert back["properties"]["decisionRules"] == young["properties"]["decisionRules"]


def test_somebody_who_holds_a_role_alone_loses_it_like_one_of_many(operator: Person) -> None:
    """``attributeValueIncludes`` names one principal without a list."""
    alone = policy(operator)
    [rule] = [r for r in alone["properties"]["attributeRules"] if "data-source-administrator:" in r["id"]]
    others = [{"attributeName": "principal.microsoft.groups", "attributeValueIncludedIn": [seed.OPERATOR_ID]}]
    one = [{"attributeName": "principal.microsoft.id", "attributeValueIncludes": seed.STRANGER_ID.upper()}]
    rule["dnfCondition"] += [one, others]
    assert gives(alone, "data-source-administrator", seed.STRANGER_ID)
    left = without_member(alone, "data-source-administrator", seed.STRANGER_ID)
    assert not gives(left, "data-source-administrator", seed.STRANGER_ID)
    rule["dnfCondition"].remove(one)
    assert left == alone


def test_a_holder_written_in_capital_letters_is_the_same_holder(operator: Person) -> None:
    given = with_member(policy(operator), "data-curator", seed.STRANGER_ID.upper())
    assert gives(given, "data-curator", seed.STRANGER_ID)
    assert not gives(without_member(given, "data-curator", seed.STRANGER_ID), "data-curator", seed.STRANGER_ID)
