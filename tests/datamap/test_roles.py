"""Roles on a collection: given and taken one by one, in a policy that many write at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from estate import ACCOUNT, collection, connection, credential, role, run, scan, source, trigger, whole_tenant
from local_azure import seed
from people import ARM, PURVIEW
from policies import policy
from purview_ai.datamap.policy import CollectionRole, gives, holds, with_member, without_member
from purview_ai.objects.failures import ObjectError
from small_engine import CheckError, SmallEngine
from whole_chain import role_body, role_url

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person


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


def test_whoever_is_refused_for_another_reason_is_not_made_an_administrator(azure: LocalAzure) -> None:
    """It may be one already, behind a private endpoint that lets nobody look."""
    closed = {"effect": "status", "status": 403, "code": "AccountProtectedByPrivateEndpoint"}
    azure.weather(**closed, service="purview", method="GET", path="metadatapolicies", times=99)
    first = {"collection": seed.ACCOUNT, "role": "collection-administrator", "bootstrap": True}
    azure.forget_requests()
    with pytest.raises(ObjectError, match="AccountProtectedByPrivateEndpoint"):
        SmallEngine.of(azure).up({"admin": role(**first)})
    assert [one["path"] for one in azure.requests() if one["method"] == "POST" and one["service"] == "arm"] == []


def test_an_administrator_that_was_made_is_the_stacks_own_whoever_can_see_it(
    operator: Person, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    deployer = SmallEngine.of(azure, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)
    operator.do("PUT", role_url(f"{ARM}{ACCOUNT}"), json=role_body(seed.ACCESS_ADMIN, seed.DEPLOYER_ID))
    program = {
        "admin": role(
            collection=seed.ACCOUNT, role="collection-administrator", principal_id=seed.DEPLOYER_ID, bootstrap=True
        )
    }
    broken = {"effect": "status", "status": 500, "code": "InternalServerError"}
    azure.weather(**broken, service="purview", method="GET", path="metadatapolicies", times=9)
    refused = {"effect": "status", "status": 403, "code": "Unauthorized"}
    azure.weather(**refused, service="purview", method="GET", path="metadatapolicies", times=3)
    deployer.up(program)
    azure.fine_weather()
    assert "500" in capsys.readouterr().err
    deployer.destroy()
    assert not gives(policy(operator, seed.ACCOUNT), "collection-administrator", seed.DEPLOYER_ID)


def test_a_preview_tells_that_a_role_is_held_already_and_destroy_that_it_stays(
    stack: SmallEngine, azure: LocalAzure, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    SmallEngine.of(azure).up({"theirs": role()})
    capsys.readouterr()
    assert stack.preview({"role": role()}) == {"role": "create"}
    assert "is held already; nothing is given, and destroy leaves it" in capsys.readouterr().err
    stack.up({"role": role()})
    stack.destroy()
    assert "stays: it is not this stack's alone" in capsys.readouterr().err
    assert gives(policy(operator), "purview-reader", seed.STRANGER_ID)


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


def test_whoever_holds_a_role_under_a_further_condition_does_not_hold_it(operator: Person) -> None:
    """Nobody joins that condition, and who leaves the role stays in it: it is somebody else's."""
    conditional = with_member(policy(operator), "data-curator", seed.OPERATOR_ID)
    [rule] = [r for r in conditional["properties"]["attributeRules"] if "data-curator:" in r["id"]]
    [condition] = rule["dnfCondition"]
    condition.append({"attributeName": "derived.some.other", "attributeValueIncludes": "z"})
    assert not gives(conditional, "data-curator", seed.OPERATOR_ID)
    for member in (seed.OPERATOR_ID, seed.STRANGER_ID):
        given = with_member(conditional, "data-curator", member)
        assert gives(given, "data-curator", member)
        left = without_member(given, "data-curator", member)
        assert not gives(left, "data-curator", member)
        [rule] = [r for r in left["properties"]["attributeRules"] if "data-curator:" in r["id"]]
        assert condition in rule["dnfCondition"]


def test_a_holder_written_in_capital_letters_is_the_same_holder(operator: Person) -> None:
    given = with_member(policy(operator), "data-curator", seed.STRANGER_ID.upper())
    assert gives(given, "data-curator", seed.STRANGER_ID)
    assert not gives(without_member(given, "data-curator", seed.STRANGER_ID), "data-curator", seed.STRANGER_ID)
