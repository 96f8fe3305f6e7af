"""What is there already: taken over where it is equal or where somebody says so, and left behind by destroy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from estate import collection, connection, credential, put, role, run, scan, source, there, trigger, whole_tenant
from local_azure import seed
from people import PURVIEW
from pulumi.output import Unknown
from pulumi.runtime import rpc
from purview_ai.dynamic.families import OVERWRITES, PREVIEWED
from purview_ai.objects.failures import ObjectError
from purview_ai.objects.lifecycle import ADOPTED
from small_engine import CheckError, SmallEngine

if TYPE_CHECKING:
    from people import Person

OWN_BY_NAME = ("connection", "credential")
"""These carry the stack's name."""


def test_what_equals_the_wish_is_taken_over_without_a_write_and_survives_destroy(
    stack: SmallEngine, other_stack: SmallEngine, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up(whole_tenant())
    operator.azure.forget_requests()
    other_stack.preview(whole_tenant())
    told = capsys.readouterr().err
    assert 'contoso: data source "chatgpt" is there already; it is taken over and left as it is' in told
    other_stack.up({name: wish for name, wish in whole_tenant().items() if name != "run"})
    writes = [r for r in operator.azure.requests() if r["method"] != "GET" and r["service"] == "purview"]
    assert writes == []
    adopted = {name: kept.outputs[ADOPTED] for name, kept in other_stack.state.items()}
    assert adopted == {name: name not in OWN_BY_NAME for name in adopted}
    for name in OWN_BY_NAME:
        del other_stack.state[name]
    other_stack.destroy()
    assert stack.drift() == {}


def test_a_scan_keeps_its_first_day_when_it_is_taken_over(
    stack: SmallEngine, other_stack: SmallEngine, operator: Person
) -> None:
    stack.up(whole_tenant())
    program = whole_tenant()
    program["scan"] = scan(since="2026-02-01", adopt=True)
    for refused in (other_stack.preview, other_stack.up):
        with pytest.raises(CheckError, match=r"captures since 2026-01-01T00:00:00Z, .* says 2026-02-01T00:00:00Z"):
            refused(program)
    program["scan"] = scan(capture_since="today", adopt=True)
    del program["scan"]["properties"]["firstLight"]
    other_stack.up(program)
    assert other_stack.preview(program) == {}
    assert there(operator, "scan")["properties"]["firstLight"] == "2026-01-01T00:00:00Z"


def test_the_first_day_is_not_moved_by_the_profile_either(stack: SmallEngine, operator: Person) -> None:
    stack.up(whole_tenant())
    program = whole_tenant()
    program["scan"]["properties"]["firstLight"] = "2025-01-01T00:00:00Z"
    for since_at in ([["firstLight"]], []):
        program["scan"]["since_at"] = since_at
        with pytest.raises(CheckError, match="Its first day is 2026-01-01T00:00:00Z, and would become 2025-01-01"):
            stack.up(program)
    # Nor is what somebody has moved in the portal moved back.
    body = there(operator, "scan")
    body["properties"]["firstLight"] = "2026-03-01T00:00:00Z"
    put(operator, "scan", body)
    stack.refresh()
    with pytest.raises(CheckError, match="change it back there and run pulumi refresh"):
        stack.up(whole_tenant())


ANEW = {
    "an earlier day": {"scan": scan(since="2025-06-01")},
    "another workspace": {"source": source(seed.OTHER_WORKSPACE)},
}


@pytest.mark.parametrize("change", ANEW.values(), ids=ANEW)
def test_what_was_taken_over_is_replaced_only_once_it_was_released(
    stack: SmallEngine, other_stack: SmallEngine, operator: Person, change: dict[str, dict[str, Any]]
) -> None:
    stack.up(whole_tenant())
    operator.run_of()
    allowed = {name: whole_tenant()[name] for name in whole_tenant() if name not in ("role", "collection")}
    for name in ("source", "scan"):
        allowed[name]["allow_rescan"] = True
    other_stack.up(allowed)
    [name] = change
    changed = allowed | {name: change[name] | {"allow_rescan": True}}
    released = {n: wished | {"release": True} if n in LASTING else wished for n, wished in allowed.items()}
    both = {n: wished | {"release": True} if n in LASTING else wished for n, wished in changed.items()}
    operator.azure.forget_requests()
    for refused, program in ((other_stack.preview, changed), (other_stack.up, changed), (other_stack.up, both)):
        with pytest.raises(ObjectError, match=f"{DEEP[name]} was not replaced") as told:
            refused(program)
        assert "release, with its name in Purview" in str(told.value)
    assert [r for r in operator.azure.requests() if r["method"] != "GET" and r["service"] == "purview"] == []

    before = there(operator, name)["properties"]["createdAt"]
    assert set(other_stack.up(released).values()) == {"update"}
    assert other_stack.preview(both)[name] == "replace"
    # Nobody follows dependencies here: what stands in it goes first.
    for inner in ("trigger", "scan") if name == "source" else ("trigger",):
        other_stack.new_process().provider.delete("", other_stack.state.pop(inner).outputs)
    other_stack.up(both)
    assert there(operator, name)["properties"]["createdAt"] != before


LASTING = ("source", "scan", "trigger")
DEEP = {"scan": 'scan "chatgpt-scan"', "source": 'data source "chatgpt"'}


def test_a_new_source_that_may_be_replaced_takes_over_no_more_than_any_other(
    stack: SmallEngine, other_stack: SmallEngine, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up(whole_tenant())
    ours = {"source": source(allow_rescan=True), "scan": scan(since="2025-06-01", adopt=True, allow_rescan=True)}
    for refused in (other_stack.preview, other_stack.up):
        with pytest.raises(CheckError, match=r"captures since 2026-01-01T00:00:00Z, .* says 2025-06-01T00:00:00Z"):
            refused(ours)
        told = capsys.readouterr().err
        assert 'data source "chatgpt" is there already; it is taken over and left as it is' in told
    assert there(operator, "scan")["properties"]["firstLight"] == "2026-01-01T00:00:00Z"
    ours["scan"] = scan(collection=seed.ACCOUNT, allow_rescan=True)
    with pytest.raises(CheckError, match="exists already and differs - collection"):
        other_stack.preview(ours)
    capsys.readouterr()
    ours["scan"]["adopt"] = True
    other_stack.preview(ours)
    told = capsys.readouterr().err
    assert 'scan "chatgpt-scan" is there already; it is taken over and changed: collection' in told


def test_what_takes_an_own_objects_place_is_not_told_as_taken_over(
    stack: SmallEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up(whole_tenant())
    capsys.readouterr()
    workspace = source(seed.OTHER_WORKSPACE, allow_rescan=True)
    assert stack.preview({**whole_tenant(), "source": workspace}) == {"source": "replace"}
    assert "there already" not in capsys.readouterr().err


DIFFERENT: list[tuple[str, dict[str, Any], str]] = [
    ("connection", {"base_url": "https://kv-two.vault.azure.net/"}, "vault.adopt_connection: true"),
    ("credential", {"secret_version": "1" * 32}, "sources.<name>.adopt: true"),
    ("collection", {"friendly_name": "AI apps"}, "purview.collection.adopt: true"),
    ("source", {"collection": seed.ACCOUNT}, "sources.<name>.adopt: true"),
    ("scan", {"collection": seed.ACCOUNT}, "sources.<name>.adopt: true"),
    ("trigger", {"hours": [3], "enabled": False}, "sources.<name>.adopt: true"),
]


@pytest.mark.parametrize("case", DIFFERENT, ids=[name for name, _, _ in DIFFERENT])
def test_what_differs_stops_with_the_differences_and_the_setting_that_adopts_it(
    stack: SmallEngine,
    other_stack: SmallEngine,
    operator: Person,
    capsys: pytest.CaptureFixture[str],
    case: tuple[str, dict[str, Any], str],
) -> None:
    name, change, setting = case
    stack.up(whole_tenant())
    before = there(operator, name)
    wanted = whole_tenant()[name] | change
    for refused in (other_stack.preview, other_stack.up):
        with pytest.raises(CheckError) as stopped:
            refused({name: wanted})
        said = str(stopped.value)
        assert "was not created" in said
        assert all(f"{field}: " in said for field in change)
        assert setting in said
    assert there(operator, name) == before

    assert other_stack.preview({name: wanted | {"adopt": True}}) == {name: "create"}
    told = capsys.readouterr().err
    assert "it is taken over and changed" in told
    assert all(f"{field}: " in told for field in change)
    other_stack.up({name: wanted | {"adopt": True}})
    assert other_stack.drift() == {}
    assert other_stack.state[name].outputs[ADOPTED]
    assert other_stack.preview({name: wanted}) == {}
    other_stack.destroy()
    assert there(operator, name)["name"] == before["name"]


def test_another_workspace_of_the_same_name_is_not_taken_over_whatever_is_said(
    stack: SmallEngine, other_stack: SmallEngine
) -> None:
    stack.up({"source": source()})
    with pytest.raises(CheckError, match="It is another object, so it is not taken over"):
        other_stack.up({"source": source(seed.OTHER_WORKSPACE, adopt=True)})
    assert stack.drift() == {}


def test_a_workspace_that_is_registered_already_names_its_holder_and_how_to_take_it_over(
    stack: SmallEngine, other_stack: SmallEngine, operator: Person
) -> None:
    old = {"source": source(name="ChatGPT-Old"), "scan": scan(data_source="ChatGPT-Old", name="Scan-k3d")}
    stack.up({"connection": connection(), "credential": credential(), **old})
    for refused in (other_stack.preview, other_stack.up):
        with pytest.raises(Exception, match='registered already as "ChatGPT-Old"') as stopped:
            refused({"source": source()})
        assert "sources.<name>.adopt: {data_source: ChatGPT-Old, scan: Scan-k3d}" in str(stopped.value)
        assert "docs/troubleshooting.md#datasource-duplicate" in str(stopped.value)
    assert len(operator.get(f"{PURVIEW}/scan/datasources")["value"]) == 1


def test_what_was_adopted_goes_with_destroy_once_it_is_released(
    stack: SmallEngine, other_stack: SmallEngine, operator: Person
) -> None:
    stack.up(whole_tenant())
    other_stack.up(whole_tenant())
    stack.state.clear()
    released = {name: wish | {"release": name not in OWN_BY_NAME} for name, wish in whole_tenant().items()}
    assert set(other_stack.preview(released).values()) == {"update"}
    operator.azure.forget_requests()
    other_stack.up(released)
    assert [r for r in operator.azure.requests() if r["method"] != "GET" and r["service"] == "purview"] == []
    other_stack.destroy()
    for kind in ("datasources", "credentials", "azureKeyVaults"):
        assert operator.get(f"{PURVIEW}/scan/{kind}")["value"] == []


def test_destroy_stops_at_a_key_that_an_adopted_scan_still_uses(
    stack: SmallEngine, other_stack: SmallEngine, operator: Person
) -> None:
    stack.up(whole_tenant())
    other_stack.up(whole_tenant())
    with pytest.raises(ObjectError, match="still used by datasources/chatgpt/scans/chatgpt-scan") as stopped:
        other_stack.destroy()
    assert "release" in str(stopped.value)
    assert operator.get(f"{PURVIEW}/scan/credentials")["value"] != []


def test_a_tenant_that_was_set_up_by_hand_is_adopted_with_one_setting(stack: SmallEngine, operator: Person) -> None:
    """By hand: names of the portal's own, another key, another collection, another schedule."""
    by_hand = SmallEngine.of(operator.azure)
    old = {"data_source": "ChatGPT-Prod", "scan": "Scan-k3d"}
    by_hand.up(
        {
            "v": connection(name="AzureKeyVault-x1"),
            "k": credential(name="gpt-key", connection="AzureKeyVault-x1"),
            "s": source(name="ChatGPT-Prod", collection=seed.ACCOUNT),
            "c": scan(
                data_source="ChatGPT-Prod",
                name="Scan-k3d",
                collection=seed.ACCOUNT,
                properties={
                    "firstLight": "2026-01-01T00:00:00Z",
                    "perch": {"credentialReference": {"referenceName": "gpt-key", "credentialType": "TalonKey"}},
                },
            ),
            "t": trigger(**old, hours=[5]),
        }
    )
    made = {kind: there_is(operator, kind) for kind in ("datasources", "datasources/ChatGPT-Prod/scans")}
    program = {
        "connection": connection(),
        "credential": credential(),
        "source": source(name="ChatGPT-Prod", adopt=True),
        "scan": scan(data_source="ChatGPT-Prod", name="Scan-k3d", adopt=True),
        "trigger": trigger(**old, adopt=True),
        "run": run(**old),
    }
    assert stack.preview(program) == dict.fromkeys(program, "create")
    stack.up(program)
    assert stack.preview(program) == {}
    assert stack.drift() == {}
    assert {kind: there_is(operator, kind) for kind in made} == made


def there_is(operator: Person, kind: str) -> list[str]:
    """The names of the objects of a kind."""
    return [one["name"] for one in operator.get(f"{PURVIEW}/scan/{kind}")["value"]]


def test_a_role_that_was_held_before_survives(stack: SmallEngine, other_stack: SmallEngine) -> None:
    stack.up({"role": role()})
    other_stack.up({"role": role()})
    other_stack.destroy()
    assert stack.drift() == {}
    stack.destroy()
    assert other_stack.preview({"role": role()}) == {"role": "create"}


def test_a_collection_of_the_stacks_own_goes_with_it(stack: SmallEngine, operator: Person) -> None:
    stack.up({"collection": collection()})
    stack.destroy()
    listed = operator.get(f"{PURVIEW}/account/collections", **{"api-version": "2019-11-01-preview"})["value"]
    assert "contoso-ai" not in [one["name"] for one in listed]
    put(operator, "collection", {"friendlyName": "AI", "parentCollection": {"referenceName": seed.ACCOUNT}})


def test_what_is_taken_over_keeps_what_somebody_else_declared(
    stack: SmallEngine, other_stack: SmallEngine, operator: Person
) -> None:
    stack.up({"connection": connection(description="theirs")})
    ours = connection(description="", base_url="https://kv-two.vault.azure.net/", adopt=True)
    other_stack.up({"connection": ours})
    assert there(operator, "connection")["properties"]["description"] == "theirs"


def test_a_data_source_in_other_letters_is_the_same_one(stack: SmallEngine, other_stack: SmallEngine) -> None:
    stack.up({"source": source(name="ChatGPT")})
    assert other_stack.up({"source": source()}) == {"source": "create"}
    assert other_stack.state["source"].outputs[ADOPTED]


def test_another_app_with_the_same_properties_holds_nothing(
    stack: SmallEngine, other_stack: SmallEngine, operator: Person
) -> None:
    stack.up({"source": source(name="another-app")})
    theirs = operator.get(f"{PURVIEW}/scan/datasources/another-app")
    assert theirs["kind"] != "Kestrel8"
    assert other_stack.preview({"source": source(kind="Kestrel8")}) == {"source": "create"}


def test_a_preview_says_in_the_inputs_what_of_an_object_would_be_changed(
    stack: SmallEngine, other_stack: SmallEngine
) -> None:
    stack.up(whole_tenant())

    def said(given: dict[str, Any]) -> str | None:
        checked = other_stack.provider.check({}, {**given, PREVIEWED: Unknown()})
        assert checked.failures == []
        return checked.inputs.get(OVERWRITES)

    assert said(trigger(adopt=True)) is None, "it is taken over as it is"
    assert said(trigger(interval=2, enabled=False, adopt=True)) == (
        "enabled: True instead of False; interval: 1 instead of 2"
    )
    version = Unknown()
    assert said(credential(secret_version=version, adopt=True)) == rpc.UNKNOWN
    assert said(credential(secret_version=version)) is None, "what differs is refused"
    assert said(credential(name="another", secret_version=version, adopt=True)) is None, "nothing is there"
    deployed = other_stack.provider.check({}, credential(secret_version=version, adopt=True))
    assert OVERWRITES not in deployed.inputs, "a deployment takes nothing that is not known"
