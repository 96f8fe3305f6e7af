"""Every field of every kind: what a change of it shows, what a change behind the stack's back shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from estate import (
    FIELDS,
    FieldCase,
    connection,
    credential,
    put,
    scan,
    source,
    there,
    trigger,
    whole_tenant,
    with_value,
)
from local_azure import seed
from local_azure.process import LocalAzure
from people import PURVIEW, Person
from purview_ai.datamap.kinds import KINDS
from purview_ai.datamap.wishes import CollectionRoleWish, ScanRunWish
from purview_ai.dynamic.provider import KIND
from purview_ai.objects.failures import ObjectError
from purview_ai.objects.lifecycle import ADOPTED
from small_engine import CheckError, SmallEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.datamap.wishes import DataMapWish


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallEngine, Person]]:
    """One object of each kind."""
    azure = LocalAzure.start(tmp_path_factory.mktemp("fields") / "azure", pace=0.02, warm=True)
    with azure.client() as client:
        operator = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        stack = SmallEngine.of(azure)
        stack.up(whole_tenant())
        # What references are changed to must exist, too.
        SmallEngine.of(azure).up({"v": connection(name="other-kv"), "k": credential(name="other-key")})
        yield stack, operator
    azure.kill()


def wish_of(name: str) -> type[DataMapWish]:
    """The model of an object's kind."""
    kind = KINDS[whole_tenant()[name][KIND]]
    return getattr(kind, "wish", None) or {"collection role": CollectionRoleWish, "run": ScanRunWish}[kind.name]


def test_a_domain_that_somebody_changes_is_seen(stack: SmallEngine, operator: Person) -> None:
    program = whole_tenant()
    program["scan"] |= {"domain": "x7k2qd"}
    version = {"api-version": "2023-12-01-preview"}
    operator.do("PUT", f"{PURVIEW}/account/domains/another-domain", params=version, json={"friendlyName": "Another"})
    stack.up(program)
    body = there(operator, "scan")
    assert body["properties"]["domain"] == "x7k2qd"
    body["properties"]["domain"] = "another-domain"
    put(operator, "scan", body)
    assert {name: set(changed) for name, changed in stack.drift().items()} == {"scan": {"domain"}}


def test_whole_numbers_stay_whole(stack: SmallEngine) -> None:
    """The engine knows one kind of number, and a service may tell 3.0 from 3."""
    wished = source(properties={"nest": {"burrowId": seed.WORKSPACE}, "depth": 3.0, "width": 0.5})
    properties = stack.provider.check({}, wished).inputs["properties"]
    assert repr((properties["depth"], properties["width"])) == "(3, 0.5)"


def test_no_field_is_forgotten() -> None:
    wanted = {(name, field) for name in whole_tenant() for field in wish_of(name).model_fields}
    assert {(case.name, case.field) for case in FIELDS} == wanted


@pytest.mark.parametrize("case", FIELDS, ids=lambda case: case.id)
def test_a_changed_field_shows_exactly_that(made: tuple[SmallEngine, Person], case: FieldCase) -> None:
    stack, _ = made
    program = whole_tenant()
    program[case.name][case.field] = case.value
    if case.expected == "refused":
        with pytest.raises(CheckError, match="was not replaced") as refused:
            stack.preview(program)
        assert str(refused.value).startswith(f"{case.field}: ")
        assert "a second time" in str(refused.value)
        return
    shown = stack.preview(program)
    assert shown == ({} if case.expected == "same" else {case.name: case.expected})
    assert stack.preview(whole_tenant()) == {}


REPLACED = [case for case in FIELDS if case.expected == "refused" and case.id != "source-name"]


@pytest.mark.parametrize("case", REPLACED, ids=lambda case: case.id)
def test_what_is_refused_is_a_replacement_once_it_is_allowed(made: tuple[SmallEngine, Person], case: FieldCase) -> None:
    stack, _ = made
    program = whole_tenant()
    program[case.name] |= {case.field: case.value, "allow_rescan": True}
    assert stack.preview(program) == {case.name: "replace"}


def test_a_workspace_gets_no_other_data_source_by_a_replacement(made: tuple[SmallEngine, Person]) -> None:
    """The new one would come before the old one goes, and Purview takes each workspace once."""
    stack, _ = made
    program = {**whole_tenant(), "source": source(name="chatgpt-2", allow_rescan=True)}
    with pytest.raises(ObjectError, match='registered already as "chatgpt"'):
        stack.preview(program)


OUTSIDE = [case for case in FIELDS if case.path]


@pytest.mark.parametrize("case", OUTSIDE, ids=lambda case: case.id)
def test_a_field_that_somebody_changed_is_reported(made: tuple[SmallEngine, Person], case: FieldCase) -> None:
    stack, operator = made
    assert stack.drift() == {}
    before = there(operator, case.name)
    put(operator, case.name, with_value(before, case.path, case.outside or case.value))
    try:
        found = stack.drift()
        assert list(found) == [case.name]
        # Another workspace under the name makes it another object, which is nobody's to delete.
        let_go = [ADOPTED] if case.name == "source" and case.field == "properties" else []
        assert list(found[case.name]) == [case.field, *let_go]
    finally:
        put(operator, case.name, before)
    assert stack.drift() == {}


SPELLINGS: list[tuple[str, str, Any]] = [
    ("connection", "properties.baseUrl", "HTTPS://KV-contoso-ai.vault.azure.net".replace("HTTPS", "https")),
    ("scan", "properties.firstLight", "2026-01-01T01:00:00.0000000+01:00"),
    ("source", "properties.nest.burrowId", seed.WORKSPACE.upper()),
    ("trigger", "properties.recurrence.startTime", "2026-12-01T03:00:00.000+01:00"),
    ("trigger", "properties.recurrence.schedule.hours", [14, 2]),
    ("trigger", "properties.recurrence.schedule.weekDays", ["Friday", "Monday"]),
]


@pytest.mark.parametrize(("name", "path", "value"), SPELLINGS, ids=[f"{n}-{p}" for n, p, _ in SPELLINGS])
def test_another_spelling_of_the_same_is_no_drift(
    made: tuple[SmallEngine, Person], name: str, path: str, value: Any
) -> None:
    stack, operator = made
    before = there(operator, name)
    put(operator, name, with_value(before, path, value))
    assert stack.drift() == {}
    put(operator, name, before)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("connection", {"base_url": "https://KV-contoso-ai.vault.azure.net"}),
        ("trigger", {"start_time": "2026-12-01T03:00:00.000+01:00", "hours": [14, 2, 2]}),
        ("trigger", {"week_days": ["Friday", "Monday"], "interval": 1.0}),
        ("scan", {"properties": {**scan()["properties"], "firstLight": "2025-12-31T19:00:00-05:00"}}),
        ("source", source(seed.WORKSPACE.upper())),
    ],
)
def test_another_spelling_in_the_stack_file_changes_nothing(
    made: tuple[SmallEngine, Person], name: str, more: dict[str, Any]
) -> None:
    stack, _ = made
    program = whole_tenant()
    program[name] |= more
    assert stack.preview(program) == {}


def test_what_the_service_adds_and_what_nobody_declares_is_no_drift_and_survives_an_update(
    stack: SmallEngine, operator: Person
) -> None:
    stack.up(whole_tenant())
    body = there(operator, "scan")
    body["properties"] |= {"logLevel": "Verbose", "workers": 4}
    put(operator, "scan", body)
    assert stack.drift() == {}
    program = whole_tenant()
    program["scan"]["collection"] = seed.ACCOUNT
    assert stack.up(program) == {"scan": "update"}
    after = there(operator, "scan")["properties"]
    assert (after["logLevel"], after["workers"], after["collection"]["referenceName"]) == ("Verbose", 4, seed.ACCOUNT)


def test_a_switch_is_an_operation_of_its_own(stack: SmallEngine, operator: Person) -> None:
    stack.up(whole_tenant())
    stack.provider.check({}, trigger())
    program = whole_tenant()
    for enabled, operation in ((False, "disable"), (True, "enable")):
        operator.azure.forget_requests()
        program["trigger"]["enabled"] = enabled
        assert stack.up(program) == {"trigger": "update"}
        [written] = [r for r in operator.azure.requests() if r["method"] != "GET" and r["service"] == "purview"]
        assert (written["method"], written["path"].rsplit(":", 1)[1]) == ("POST", operation)
        assert (there(operator, "trigger")["properties"]["state"] == "Enabled") is enabled
        assert stack.drift() == {}
    operator.do(
        "POST",
        f"https://{seed.ACCOUNT}.purview.azure.com/scan/datasources/chatgpt/scans/chatgpt-scan/triggers/default:disable",
    )
    assert stack.drift() == {"trigger": {"enabled": False}}


def test_a_trigger_that_shall_not_run_is_never_enabled(stack: SmallEngine, operator: Person) -> None:
    program = {**whole_tenant(), "trigger": trigger(enabled=False)}
    stack.up(program)
    assert there(operator, "trigger")["properties"]["state"] == "Disabled"
    assert not any(r["path"].endswith(("able",)) for r in operator.azure.requests())


def test_what_was_removed_behind_the_stacks_back_is_told_and_comes_back(stack: SmallEngine) -> None:
    stack.up(whole_tenant())
    stack.new_process()
    for kept in reversed(stack.state.values()):
        stack.provider.delete(kept.id, kept.outputs)
    assert stack.drift() == {name: {} for name in whole_tenant()}
    stack.refresh()
    assert stack.preview(whole_tenant()) == dict.fromkeys(whole_tenant(), "create")
    stack.up(whole_tenant())
    assert stack.drift() == {}


def test_a_change_of_what_has_gone_or_become_another_thing_is_refused(stack: SmallEngine, operator: Person) -> None:
    stack.up(whole_tenant())
    body = there(operator, "source")
    put(operator, "source", with_value(body, "properties.nest.burrowId", seed.OTHER_WORKSPACE))
    program = whole_tenant()
    program["source"]["collection"] = seed.ACCOUNT
    with pytest.raises(ObjectError, match="has made it another object meanwhile"):
        stack.up(program)
    assert there(operator, "source")["properties"]["nest"]["burrowId"] == seed.OTHER_WORKSPACE
    stack.refresh()
    with pytest.raises(CheckError, match="was not replaced"):
        stack.up(program)


def test_what_is_wished_no_more_goes(stack: SmallEngine, operator: Person) -> None:
    stack.up({"connection": connection()})
    assert "description" in there(operator, "connection")["properties"]
    assert stack.up({"connection": connection(description="")}) == {"connection": "update"}
    assert not there(operator, "connection")["properties"].get("description")
