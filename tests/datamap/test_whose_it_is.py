"""An object that is not the stack's any more: never deleted, never fought over, and no reason to give up."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from estate import ACCOUNT, connection, credential, put, role, run, scan, source, there, trigger, whole_tenant
from local_azure import seed
from local_azure.process import LocalAzure
from people import PURVIEW, Person
from purview_ai.objects.failures import ObjectError
from small_engine import SmallEngine

if TYPE_CHECKING:
    from pathlib import Path

SCAN = f"{PURVIEW}/scan"
OF_SCAN = f"{SCAN}/datasources/chatgpt/scans/chatgpt-scan"


def sources(operator: Person) -> list[str]:
    """The data sources that there are."""
    return [one["name"] for one in operator.get(f"{SCAN}/datasources")["value"]]


def make_another_source(operator: Person) -> None:
    """Somebody removes the stack's data source by hand, and registers another workspace under its name."""
    body = there(operator, "source")
    for path in (f"{OF_SCAN}/triggers/default", OF_SCAN, f"{SCAN}/datasources/chatgpt"):
        operator.do("DELETE", path)
    body["properties"]["nest"]["burrowId"] = seed.OTHER_WORKSPACE
    put(operator, "source", body)


def test_what_somebody_made_anew_is_not_the_stacks(stack: SmallEngine, operator: Person) -> None:
    """Under the same name and with the same content: nobody but the service knows that it is another one."""
    stack.up(whole_tenant())
    operator.run_of()
    bodies = {name: there(operator, name) for name in ("source", "scan")}
    for name in ("trigger", "scan", "source"):
        stack.provider.delete("", stack.state[name].outputs)
    for name, body in bodies.items():
        put(operator, name, {n: body[n] for n in ("kind", "properties")})
    with pytest.raises(ObjectError, match=r"data source .* was not deleted"):
        stack.provider.delete("", stack.state["source"].outputs)
    assert {"source", "scan", "run", "trigger"} <= set(stack.drift())
    stack.new_process().refresh()
    stack.up(whole_tenant())
    assert stack.drift() == {}
    with pytest.raises(ObjectError, match=r"(?s)credential .* is still used by datasources/chatgpt/scans/chatgpt-scan"):
        stack.destroy()
    assert there(operator, "scan")["kind"] == bodies["scan"]["kind"]


def test_what_took_an_own_objects_name_is_not_deleted(stack: SmallEngine, operator: Person) -> None:
    stack.up(whole_tenant())
    operator.run_of()
    make_another_source(operator)
    with pytest.raises(ObjectError, match="another object meanwhile"):
        stack.new_process().destroy()
    assert sources(operator) == ["chatgpt"]


def test_a_refresh_lets_go_of_what_took_an_own_objects_name(stack: SmallEngine, operator: Person) -> None:
    stack.up(whole_tenant())
    operator.run_of()
    make_another_source(operator)
    stack.refresh()
    stack.new_process().destroy()
    assert sources(operator) == ["chatgpt"]


def test_a_data_source_that_holds_somebodys_scan_is_not_deleted(stack: SmallEngine, operator: Person) -> None:
    stack.up({**EARLIER, "source": source()})
    theirs = SmallEngine(stack.environment)
    theirs.up({"scan": scan(name="theirs")})
    with pytest.raises(ObjectError, match="not the stack's: scan theirs"):
        stack.destroy()
    assert sources(operator) == ["chatgpt"]
    theirs.destroy()
    stack.destroy()
    assert sources(operator) == []


def test_an_object_that_gets_another_name_in_the_stack_is_kept(
    stack: SmallEngine, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up(whole_tenant())
    run_id = operator.run_of()["id"]
    renamed = {f"new-{name}": {**wished, "adopt": True} if name != "run" else wished for name, wished in LATER.items()}
    stack.new_process().up({**EARLIER, **renamed})
    assert sources(operator) == ["chatgpt"]
    assert "the stack goes on with it" in capsys.readouterr().err
    assert [one["id"] for one in operator.get(f"{OF_SCAN}/runs")["value"]] == [run_id]
    assert stack.drift() == {}


def test_an_object_with_another_name_is_kept_although_the_deployment_failed_on_its_way(
    stack: SmallEngine, azure: LocalAzure, operator: Person
) -> None:
    stack.up(whole_tenant() | {"role": role()})
    renamed = {f"new-{name}": {**wished, "adopt": True} if name != "run" else wished for name, wished in LATER.items()}
    failing = {**EARLIER, "new-role": role(), **renamed, "new-connection": connection(name="another-one")}
    azure.weather(effect="status", service="purview", method="PUT", path="another-one", status=400, times=1)
    with pytest.raises(ObjectError):
        stack.up(failing)
    assert {"scan", "new-scan", "role", "new-role"} <= stack.state.keys()
    stack.up(failing)
    assert "scan" not in stack.state
    assert sources(operator) == ["chatgpt"]
    assert stack.drift() == {}


def test_a_second_scan_of_a_data_source_is_refused_at_the_preview(stack: SmallEngine, operator: Person) -> None:
    stack.up({**EARLIER, "source": source()})
    theirs = SmallEngine(stack.environment)
    theirs.up({"scan": scan(name="Scan-k3d")})
    ours = {**EARLIER, "source": source(), "scan": scan(adopt=True)}
    for refused in (lambda: stack.preview(ours), lambda: stack.up(ours)):
        with pytest.raises(ObjectError, match="has the scan Scan-k3d already") as told:
            refused()
        assert "adopt: {data_source: chatgpt, scan: Scan-k3d}" in str(told.value)
    assert [one["name"] for one in operator.get(f"{SCAN}/datasources/chatgpt/scans")["value"]] == ["Scan-k3d"]
    ours["scan"] = scan(allow_rescan=True)
    assert stack.up(ours) == {"scan": "create"}


EARLIER = {"connection": connection(), "credential": credential()}
LATER = {"source": source(), "scan": scan(), "trigger": trigger(), "run": run()}


def test_a_value_that_nobody_could_wish_does_not_lock_the_stack(stack: SmallEngine, operator: Person) -> None:
    stack.up(whole_tenant())
    body = there(operator, "connection")
    body["properties"]["baseUrl"] = "kv-contoso-ai.vault.azure.net"
    put(operator, "connection", body)
    stack.refresh()
    assert stack.preview(whole_tenant()) == {"connection": "update"}
    stack.refresh()
    stack.up(whole_tenant())
    assert stack.drift() == {}
    stack.destroy()


def test_an_accounts_id_may_be_written_in_other_letters(stack: SmallEngine) -> None:
    stack.up(whole_tenant())
    spelt = ACCOUNT.replace(seed.GOVERNANCE_GROUP, seed.GOVERNANCE_GROUP.upper())
    assert stack.preview({name: {**wished, "account_id": spelt} for name, wished in whole_tenant().items()}) == {}


@pytest.mark.parametrize(("status", "code"), [(409, "Conflict"), (412, "PreconditionFailed")])
def test_a_policy_that_somebody_else_writes_just_now_is_looked_at_again(
    stack: SmallEngine, azure: LocalAzure, status: int, code: str
) -> None:
    azure.weather(
        effect="status", service="purview", method="PUT", path="metadatapolicies", status=status, code=code, times=1
    )
    stack.up({"role": role()})
    assert stack.drift() == {}


@pytest.mark.parametrize("code", ["CredentialNotFound", "KeyVaultNotFound"])
def test_a_connection_test_that_misses_something_is_a_failure(
    stack: SmallEngine, azure: LocalAzure, operator: Person, code: str
) -> None:
    azure.weather(
        effect="status", service="purview", path="testconnectivity", status=HTTPStatus.NOT_FOUND, code=code, times=9
    )
    wishes: dict[str, Any] = {**EARLIER, "source": source(), "scan": scan(test_connection=True, patience_minutes=0)}
    with pytest.raises(ObjectError, match=code):
        stack.up(wishes)
    assert operator.get(f"{SCAN}/datasources/chatgpt/scans")["value"] == []


def test_an_active_run_that_is_over_before_it_is_seen_is_no_reason_to_start_none(
    stack: SmallEngine, azure: LocalAzure, operator: Person
) -> None:
    azure.weather(
        effect="status",
        service="purview",
        method="POST",
        path=":run",
        status=409,
        code="ScanHistory_ActiveRunExist",
        times=1,
    )
    stack.up({**EARLIER, **LATER})
    assert operator.run_of()["id"] == stack.state["run"].outputs["run_id"]


def test_an_incremental_run_is_not_the_wished_full_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    azure = LocalAzure.start(tmp_path / "unhurried", pace=0.3, warm=True)
    stack = SmallEngine.of(azure)
    stack.up({**EARLIER, **{name: wished for name, wished in LATER.items() if name != "run"}})
    with azure.client() as client:
        operator = Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        operator.do("POST", f"{OF_SCAN}:run", params={"runId": str(uuid4()), "scanLevel": "Incremental"})
        stack.up({**EARLIER, **LATER})
        levels = sorted(one["scanLevelType"] for one in operator.get(f"{OF_SCAN}/runs")["value"])
    azure.kill()
    assert levels == ["Full", "Incremental"]
    assert "incremental run" in capsys.readouterr().err


def test_a_trigger_that_somebody_removed_is_not_switched(stack: SmallEngine, operator: Person) -> None:
    stack.up(whole_tenant())
    operator.do("DELETE", f"{OF_SCAN}/triggers/default")
    with pytest.raises(ObjectError, match="It is not there any more"):
        stack.up({**whole_tenant(), "trigger": trigger(enabled=False)})


def test_a_preview_that_cannot_look_says_so(
    stack: SmallEngine, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = {"effect": "status", "service": "purview", "method": "GET", "path": "azurekeyvaults/"}
    azure.weather(**broken, status=500, code="UnknownError", times=4)
    with pytest.raises(ObjectError, match='connection "contoso-kv" could not be looked for') as stopped:
        stack.preview({"connection": connection()})
    assert "UnknownError" in str(stopped.value)
    azure.weather(**broken, status=403, code="Unauthorized", times=1)
    assert stack.preview({"connection": connection()}) == {"connection": "create"}
    assert "the preview cannot tell whether it is there already" in capsys.readouterr().err
