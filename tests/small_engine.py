"""Drives the provider as the engine does, object by object, and keeps what the engine would keep."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

from local_azure import seed
from pulumi.dynamic import CheckResult, ConfigureRequest
from pulumi.runtime import rpc
from purview_ai.dynamic.provider import KIND, ObjectProvider
from purview_ai.objects.lifecycle import UNKNOWN_YET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_azure.process import LocalAzure

Wishes = dict[str, dict[str, Any]]
"""What a program says, by name and in order: fields, with the object's kind among them."""


class CheckError(Exception):
    """A wish that was refused before anything was done."""


def provider_for(config: Mapping[str, str] | None = None) -> ObjectProvider:
    """The provider as a process of its own would have it."""
    made = ObjectProvider()
    made.configure(ConfigureRequest(config=SimpleNamespace(get=(config or {}).get)))  # pyright: ignore[reportArgumentType]
    return made


@dataclass
class Kept:
    """One object as a state file has it."""

    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@dataclass
class SmallEngine:
    """One stack."""

    environment: dict[str, str]
    """Where it works and as whom, as the environment of a process says it."""
    state: dict[str, Kept] = field(default_factory=dict[str, Kept])
    config: dict[str, str] = field(default_factory=dict[str, str])
    _provider: ObjectProvider | None = None

    @classmethod
    def of(cls, azure: LocalAzure, app_id: str = seed.OPERATOR_APP, secret: str = seed.OPERATOR_SECRET) -> Self:
        """A stack of somebody; by default of somebody with all rights."""
        who = {"ARM_CLIENT_ID": app_id, "ARM_CLIENT_SECRET": secret, "ARM_TENANT_ID": seed.TENANT}
        return cls(azure.network() | who)

    @property
    def provider(self) -> ObjectProvider:
        """The provider, with its process's environment in force."""
        os.environ.update(self.environment)
        if self._provider is None:
            self._provider = provider_for(self.config)
        return self._provider

    def new_process(self) -> Self:
        """What an engine of a later day knows: the state, and nothing that a process kept."""
        self._provider = None
        return self

    def preview(self, program: Wishes) -> dict[str, str]:
        """What would be done with each object; nothing is sent but what checks look at."""
        self.new_process()
        return {name: step for name, wish in program.items() if (step := self._step(name, wish)[0]) != "same"} | {
            name: "delete" for name in self.state if name not in program
        }

    def up(self, program: Wishes) -> dict[str, str]:
        """Do it. Where a call fails, what was done before stays recorded, as with the engine."""
        self.new_process()
        done: dict[str, str] = {}
        for name, wish in program.items():
            step, inputs = self._step(name, wish)
            if step == "replace" and self.provider.diff("", self.state[name].outputs, inputs).delete_before_replace:
                self._delete(name)
                self._create(name, inputs)
            elif step == "replace":
                old = self.state[name]
                self._create(name, inputs)
                self.provider.delete(old.id, old.outputs)
            elif step == "create":
                self._create(name, inputs)
            elif step == "update":
                self._update(name, inputs)
            if step != "same":
                done[name] = step
        for name in [name for name in reversed(list(self.state)) if name not in program]:
            self._delete(name)
            done[name] = "delete"
        return done

    def drift(self) -> dict[str, dict[str, Any]]:
        """What a refresh would report: per object its changed fields, or nothing at all where it has gone."""
        found: dict[str, dict[str, Any]] = {}
        for name, kept in self.state.items():
            seen = self.provider.read(kept.id, kept.outputs)
            if not seen.id:
                found[name] = {}
            elif changed := {n: v for n, v in (seen.outs or {}).items() if kept.outputs.get(n) != v}:
                found[name] = changed
        return found

    def refresh(self) -> None:
        """Take over what is there now."""
        for name, kept in list(self.state.items()):
            seen = self.provider.read(kept.id, kept.outputs)
            if seen.id:
                self.state[name] = Kept(kept.id, seen.inputs or {}, seen.outs or {})
            else:
                del self.state[name]

    def destroy(self) -> None:
        """Remove everything, last made first."""
        self.up({})

    def _create(self, name: str, inputs: dict[str, Any]) -> None:
        made = self.provider.create(inputs)
        self.state[name] = Kept(str(made.id), inputs, made.outs or {})

    def _update(self, name: str, inputs: dict[str, Any]) -> None:
        kept = self.state[name]
        outputs = self.provider.update(kept.id, kept.outputs, inputs).outs or {}
        self.state[name] = Kept(kept.id, inputs, outputs)

    def _delete(self, name: str) -> None:
        kept = self.state[name]
        self.provider.delete(kept.id, kept.outputs)
        del self.state[name]

    def _step(self, name: str, wish: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        kept = self.state.get(name)
        checked = self.provider.check(kept.inputs if kept else {}, wish)
        _require_good(checked)
        inputs = {n: UNKNOWN_YET if v == rpc.UNKNOWN else v for n, v in checked.inputs.items()}
        if kept is None:
            return "create", inputs
        found = self.provider.diff(kept.id, kept.outputs, inputs)
        if found.replaces:
            # Of the new one the engine asks as of an object that never was.
            _require_good(self.provider.check({}, wish))
        return ("replace" if found.replaces else "update") if found.changes else "same", inputs


def _require_good(checked: CheckResult) -> None:
    if checked.failures:
        raise CheckError("\n".join(f"{f.property}: {f.reason}" for f in checked.failures))


def wish(object_kind: str, /, **fields: Any) -> dict[str, Any]:
    """One object of a program."""
    return {KIND: object_kind, **fields}
