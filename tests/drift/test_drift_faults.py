"""What nobody foresaw befalls one stack, and leaves the others alone."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from purview_ai.datamap.endpoints import NoAccountError
from purview_ai.drift.backend import Found, backend_of
from purview_ai.drift.change import Change, Drift, Left
from purview_ai.drift.checkpoint import Checkpoint, CheckpointError, Recorded, checkpoint_of
from purview_ai.drift.gate import AT_ONCE, Gate
from purview_ai.drift.looking import Wanted, Watcher
from purview_ai.identity import AzureSettings
from purview_ai.objects.failures import ObjectError, RefusedError, UnreachableError
from purview_ai.operate.cli import app
from purview_ai.operate.speaking import Exit
from typer.testing import CliRunner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


LEFT_OUT = ("--leave-out", "resource group")
NOBODY = AzureSettings({}.get, {})


def test_a_state_that_is_odd_leaves_the_others_alone(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: fleet\nruntime: python\n")
    states = tmp_path / ".pulumi" / "stacks" / "fleet"
    states.mkdir(parents=True)
    (tmp_path / ".pulumi" / "meta.yaml").write_text("version: 1\n")
    for stack, resources in {"odd": [5], "even": list[int]()}.items():
        state = {"version": 3, "checkpoint": {"latest": {"resources": resources}}}
        (states / f"{stack}.json").write_text(json.dumps(state))
    watcher = Watcher(backend_of(tmp_path, {"PULUMI_BACKEND_URL": f"file://{tmp_path}"}))
    odd, even = watcher.drifts([Wanted("odd", NOBODY), Wanted("even", NOBODY)])
    assert odd.problem.startswith("odd: the state is none that this version of purview-ai can read (AttributeError)")
    assert odd.deployed
    assert (even.problem, even.deployed) == ("", True)


@pytest.mark.parametrize(
    "resource",
    [5, {"custom": True}, {"custom": True, "type": "a:b:C", "urn": "u::c", "inputs": [1]}],
)
def test_content_that_is_odd_is_a_state_that_cannot_be_read(resource: object) -> None:
    with pytest.raises(CheckpointError, match="none that this version of purview-ai can read"):
        checkpoint_of({"resources": [resource]})


@dataclass
class Backend:
    """States that are made when they are asked for."""

    make: Callable[[str], Found]

    def find(self, stack: str) -> Found:
        return self.make(stack)


def test_a_state_that_nobody_hands_over_holds_up_its_own_stack_alone() -> None:
    def find(stack: str) -> Found:
        if stack == "hanging":
            threading.Event().wait(60.0)
        return Found(Checkpoint([], []), [])

    hanging, quick = Watcher(Backend(find), limit_s=0.3).drifts([Wanted("hanging", NOBODY), Wanted("quick", NOBODY)])
    assert hanging.problem.startswith("hanging: its state was not read within 0.3 seconds")
    assert (hanging.deployed, hanging.differs, quick.problem) == (True, None, "")


def test_two_types_of_one_name_are_told_apart() -> None:
    types = ("aws:s3:Bucket", "random:index:Id")
    resources = [Recorded("one", type_, "an-id", {}, {}) for type_ in types]
    backend = Backend(lambda _: Found(Checkpoint(resources, []), []))
    [drift] = Watcher(backend).drifts([Wanted("contoso", NOBODY)])
    assert [(left.resource, left.kind, left.field) for left in drift.uncovered] == [("one", one, "") for one in types]


def given(failure: Exception | None) -> str:
    """An answer, or what comes in its place."""
    if failure is not None:
        raise failure
    return "there"


def outcomes(gate: Gate, *failures: Exception | None) -> list[object]:
    """What becomes of asking, one after the other."""

    async def story() -> list[object]:
        asked = (gate.through(lambda failure=failure: given(failure)) for failure in failures)
        return [(await asyncio.gather(one, return_exceptions=True))[0] for one in asked]

    return asyncio.run(story())


def test_a_service_that_nobody_hears_of_is_asked_no_more() -> None:
    silence = UnreachableError("nobody answers")
    last = outcomes(Gate(60.0), *[silence] * AT_ONCE, None)[-1]
    assert isinstance(last, UnreachableError)
    assert "it was not asked: nobody has answered 10 others" in str(last)


def told(cause: Exception) -> ObjectError:
    """What the package's own kinds make of a failure."""
    error = ObjectError("contoso", "scan could not be read", "because", "remedy")
    error.__cause__ = cause
    return error


def test_a_service_that_own_kinds_hear_nothing_of_is_asked_no_more() -> None:
    last = outcomes(Gate(60.0), *[told(UnreachableError("nobody answers"))] * AT_ONCE, None)[-1]
    assert isinstance(last, UnreachableError)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        RefusedError("Azure", 403, "Denied", "no", ""),
        UnreachableError("AADSTS7000222", at_sign_in=True),
        told(RefusedError("Purview", 403, "Denied", "no", "")),
        told(NoAccountError("there is none", remedy="Name it.")),
    ],
    ids=["answer", "refusal", "sign-in", "refusal-to-a-kind", "no-account"],
)
def test_whoever_got_an_answer_lets_the_others_ask(answer: Exception | None) -> None:
    silence = UnreachableError("nobody answers")
    found = outcomes(Gate(60.0), *[silence] * (AT_ONCE - 1), answer, silence, None)
    assert found[-1] == "there"


def test_many_objects_of_a_silent_service_are_over_after_one_wait() -> None:
    async def story() -> list[object]:
        gate = Gate(0.3)
        asked = (gate.through(lambda: threading.Event().wait(60.0)) for _ in range(300))
        return list(await asyncio.gather(*asked, return_exceptions=True))

    found = asyncio.run(story())
    assert sum(isinstance(one, TimeoutError) for one in found) == AT_ONCE


@pytest.mark.parametrize(
    ("drift", "differs"),
    [
        (Drift("x", covered=["one"]), False),
        (Drift("x", [Change("one", "vault", "tags")], covered=["one"], unknown=[Left("two", "scan", "", "no")]), True),
        (Drift("x", covered=["one"], unknown=[Left("two", "scan", "", "no answer")]), None),
        (Drift("x", problem="its state could not be read"), None),
        (Drift("x", uncovered=[Left("two", "a:b:C", "", "not known")]), None),
        (Drift("x", covered=["one"], left_out=[Left("two", "scan", "", "no")]), False),
        (Drift("x", left_out=[Left("two", "scan", "", "no")]), None),
        (Drift("x"), False),
    ],
    ids=["same", "changed", "one-unseen", "unread", "uncovered", "one-left-out", "all-left-out", "empty"],
)
def test_nothing_differs_only_where_all_that_was_meant_was_looked_at(drift: Drift, differs: bool | None) -> None:  # noqa: FBT001
    assert drift.differs is differs
    assert drift.as_json()["differs"] is differs


@pytest.mark.parametrize(
    ("resources", "code", "told"),
    [
        (list[dict[str, Any]](), Exit.GOOD, "contoso: nothing is recorded as deployed (0 objects compared)"),
        (
            [{"urn": "u::one", "custom": True, "type": "random:index:Id", "id": "1"}],
            Exit.UNKNOWN,
            "contoso: nothing compared (0 objects compared, 1 not covered)",
        ),
        (
            [{"urn": "u::one", "custom": True, "type": "azure-native:resources:ResourceGroup", "id": "/1"}],
            Exit.UNKNOWN,
            "contoso: nothing compared (0 objects compared, 1 object left out: resource group)",
        ),
    ],
    ids=["empty", "uncovered", "left-out"],
)
def test_the_exit_code_says_what_the_document_says(
    resources: list[dict[str, Any]], code: Exit, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: fleet\nruntime: python\n")
    (tmp_path / "Pulumi.contoso.yaml").write_text("config: {}\n")
    states = tmp_path / ".pulumi" / "stacks" / "fleet"
    states.mkdir(parents=True)
    (tmp_path / ".pulumi" / "meta.yaml").write_text("version: 1\n")
    state = {"version": 3, "checkpoint": {"latest": {"resources": resources}}}
    (states / "contoso.json").write_text(json.dumps(state))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    people = CliRunner().invoke(app, ["drift", "--stack", "contoso", *LEFT_OUT])
    assert (people.exit_code, people.stdout.splitlines()[0]) == (code, told), people.output
    [machine] = json.loads(CliRunner().invoke(app, ["drift", "--stack", "contoso", *LEFT_OUT, "--json"]).stdout)
    assert machine["differs"] is (False if code is Exit.GOOD else None)
