"""The provider serves object kinds of any API, not only the Data Map's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from pulumi.dynamic import ConfigureRequest
from purview_ai.dynamic import provider as adapter
from purview_ai.dynamic.families import Family, families
from purview_ai.objects.lifecycle import Checked, Difference, Record, changes, checked
from purview_ai.objects.wish import Wish

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.identity import AzureSettings

Cases = dict[str, str]
"""An API of a few lines: cases of an investigation, by name."""


class CaseWish(Wish):
    """A case."""

    name: str
    about: str = ""


class CaseKind:
    """A kind that needs nothing of the Data Map."""

    name = "case"

    def check(self, api: Cases, given: dict[str, Any], before: dict[str, Any]) -> Checked:
        del before
        done = checked(CaseWish, given)
        return Checked(done.fields, done.problems, [f"{given['name']} is open"] if given["name"] in api else [])

    def diff(self, old: dict[str, Any], new: dict[str, Any]) -> Difference:
        changed = changes(CaseWish, old, new)
        return Difference(changed, [n for n in changed if n == "name"], same_place=False)

    def create(self, api: Cases, wish: dict[str, Any]) -> Record:
        api[wish["name"]] = wish["about"]
        return Record(wish["name"], wish, {})

    def read(self, api: Cases, recorded: dict[str, Any]) -> Record | None:
        about = api.get(recorded["name"])
        return None if about is None else Record(recorded["name"], {**recorded, "about": about}, {})

    def update(self, api: Cases, recorded: dict[str, Any], wish: dict[str, Any]) -> Record:
        del recorded
        return self.create(api, wish)

    def delete(self, api: Cases, recorded: dict[str, Any]) -> None:
        api.pop(recorded["name"], None)


def test_another_api_brings_kinds_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cases: Cases = {}

    def opened(_settings: AzureSettings, _tell: Callable[[str], None]) -> Cases:
        return cases

    monkeypatch.setattr(adapter, "families", lambda: [*families(), Family(opened, {"case": CaseKind()})])
    provider = adapter.ObjectProvider()
    provider.configure(ConfigureRequest(config=SimpleNamespace(get={}.get)))  # pyright: ignore[reportArgumentType]
    wish = {adapter.KIND: "case", "name": "leak", "about": "a leak"}
    inputs = provider.check({}, wish).inputs
    made = provider.create(inputs)
    assert cases == {"leak": "a leak"}
    state = made.outs or {}
    assert not provider.diff("leak", state, inputs).changes
    cases["leak"] = "somebody wrote something else"
    assert (provider.read("leak", state).outs or {})["about"] == "somebody wrote something else"
    changed = provider.check(inputs, {**wish, "about": "two leaks"}).inputs
    assert "leak is open" in capsys.readouterr().err
    assert provider.diff("leak", state, changed).changes
    state = provider.update("leak", state, changed).outs or {}
    provider.delete("leak", state)
    assert provider.read("leak", state).id == ""


def test_a_kind_that_nobody_knows_is_told() -> None:
    provider = adapter.ObjectProvider()
    provider.configure(ConfigureRequest(config=SimpleNamespace(get={}.get)))  # pyright: ignore[reportArgumentType]
    with pytest.raises(LookupError, match="no objects of kind 'unheard of'"):
        provider.check({}, {adapter.KIND: "unheard of"})
