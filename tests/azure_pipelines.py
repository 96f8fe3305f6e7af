"""Azure Pipelines as an agent has them: templates expanded for given identities, variables put in, in order."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import yaml
from tenants import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PIPELINES = CHECKOUT / "pipelines" / "azure-devops"
OURS = "uv run purview-ai "
_EXPRESSION = re.compile(r"\$\{\{((?:(?!\}\}).)*)\}\}")
_EACH = re.compile(r"\$\{\{ *each (\w+) in (.*?) *\}\}")
_IF = re.compile(r"\$\{\{ *if (.*?) *\}\}")
_OUTPUT = re.compile(r"outputs\['scope\.(?:scope\.)?([^']+)'\]")
_OF_STAGE = re.compile(r"stageDependencies\.(\w+)\.(\w+)\.outputs\['([\w.]+)'\]")
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "_and": lambda *given: all(given),
    "_or": lambda *given: any(given),
    "_not": lambda given: not given,
    "eq": lambda one, other: one == other,
    "ne": lambda one, other: one != other,
    "always": lambda: True,
    "length": len,
    "replace": lambda text, old, new: text.replace(old, new),
    "convertToJson": lambda value: json.dumps(value, indent=2),
}


def stages_of(pipeline: str, **given: Any) -> dict[str, dict[str, Any]]:
    """The stages of a pipeline by their names, with these parameters."""
    found = list(_stages(pipeline, given))
    names = [one["stage"] for one in found]
    assert len(set(names)) == len(names), names
    return dict(zip(names, found, strict=True))


def steps_of(stage: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The steps of a stage that run a command of this project, each with its job."""
    return [(step, job) for step, job in every_step_of(stage) if OURS in command_of(step)]


def every_step_of(stage: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """All steps of a stage, each with its job."""
    return [(step, job) for job in _jobs(stage["jobs"]) for step in _steps(_of_job(job))]


def command_of(step: dict[str, Any]) -> str:
    """What a step runs."""
    return str(step.get("script") or step.get("inputs", {}).get("inlineScript", ""))


def filled(text: str, variables: Mapping[str, str]) -> str:
    """A text with the agent's variables put in; one that nobody set is a mistake of the test or the pipeline."""
    return re.sub(r"\$\(([\w.]+)\)", lambda found: variables[found[1]], text)


def set_by(said: str) -> dict[str, str]:
    """The variables that a step set by what it printed."""
    return dict(re.findall(r"^##vso\[task\.setvariable variable=([\w-]+);isOutput=true\](.*)$", said, re.MULTILINE))


def variables_of(job: dict[str, Any], outputs: Mapping[str, str]) -> dict[str, str]:
    """The variables of a job, which are outputs of earlier stages; one that was not set is empty.

    Args:
        job: The job.
        outputs: Those of the stage ``scope`` by their names alone, others as ``stage.job.step.name``.
    """
    given = job.get("variables", {})
    pairs = given.items() if isinstance(given, dict) else [(one["name"], one["value"]) for one in given]
    return {name: _output(value, outputs) for name, value in pairs}


def _output(value: str, outputs: Mapping[str, str]) -> str:
    if found := _OUTPUT.search(value):
        return outputs.get(found[1], "")
    found = _OF_STAGE.search(value)
    return outputs.get(".".join(found.groups()), "") if found else value


def runs(step: dict[str, Any], variables: Mapping[str, str], *, good: bool) -> bool:
    """Whether a step runs, where those before it went well or not."""
    state = {"succeeded": lambda: good, "succeededOrFailed": lambda: True, "variables": variables}
    return bool(_evaluated(step.get("condition", "succeeded()"), state))


def holds(condition: str, outputs: Mapping[str, str], results: Mapping[str, str], **state: bool) -> bool:
    """Whether a stage or a job runs.

    Args:
        condition: Its condition.
        outputs: What the stage ``scope`` found.
        results: How the stages before it ended.
        state: What ``failed``, ``canceled`` and ``succeeded`` say; False, where it is left out.
    """
    known = re.sub(r"\w+\.scope\.(?:scope\.)?" + _OUTPUT.pattern, lambda it: repr(outputs.get(it[1], "")), condition)
    known = re.sub(r"dependencies\.(\w+)\.result", lambda it: repr(results[it[1]]), known)
    asked = {name: lambda name=name: state.get(name, False) for name in ("failed", "canceled", "succeeded")}
    return bool(_evaluated(known, asked))


def _evaluated(expression: str, names: Mapping[str, Any]) -> Any:
    """The value of an expression, as far as the pipelines use them."""
    known = re.sub(r"\b(and|or|not)\(", r"_\1(", expression.strip())
    constants = {"true": True, "false": False}
    return eval(known, {"__builtins__": {}}, {**_FUNCTIONS, **constants, **names})  # noqa: S307  # the project's own files


class _Parameters(dict[str, Any]):
    """Parameters, by a dot or in brackets."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


def _read(file: str, given: Mapping[str, Any]) -> Any:
    """A template with its parameters put in."""
    whole = yaml.safe_load((PIPELINES / file).read_text())
    known = _Parameters()
    for one in whole.pop("parameters", []):
        value = given.get(one["name"], one.get("default"))
        assert value is not None, f"{file} is not given {one['name']}"
        known[one["name"]] = str(value).lower() == "true" if one["type"] == "boolean" else value
    assert set(given) <= set(known), f"{file} does not know {set(given) - set(known)}"
    return _expanded(whole, {"parameters": known})


def _expanded(value: Any, names: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        found: dict[str, Any] = {}
        for key, member in value.items():
            if condition := _IF.fullmatch(str(key)):
                found |= _expanded(member, names) if _evaluated(condition[1], names) else {}
            else:
                found[key] = _expanded(member, names)
        return found
    if isinstance(value, list):
        return [one for member in value for one in _inserted(member, names)]
    if isinstance(value, str):
        whole = _EXPRESSION.fullmatch(value)
        if whole:
            return _evaluated(whole[1], names)
        return _EXPRESSION.sub(lambda found: str(_evaluated(found[1], names)), value)
    return value


def _inserted(member: Any, names: Mapping[str, Any]) -> list[Any]:
    """What stands in a list in the place of a member."""
    key, inner = next(iter(member.items())) if isinstance(member, dict) and len(member) == 1 else ("", None)
    if each := _EACH.fullmatch(str(key)):
        values = _evaluated(each[2], names)
        pairs = isinstance(values, dict)
        ones = [SimpleNamespace(key=key, value=value) for key, value in values.items()] if pairs else values
        return [one for value in ones for one in _expanded(inner, {**names, each[1]: value})]
    if condition := _IF.fullmatch(str(key)):
        return _expanded(inner, names) if _evaluated(condition[1], names) else []
    return [_expanded(member, names)]


def _stages(file: str, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for stage in _read(file, given)["stages"]:
        if "template" in stage:
            yield from _stages(stage["template"], stage.get("parameters", {}))
        else:
            yield stage


def _jobs(jobs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for job in jobs:
        if "template" in job:
            yield from _jobs(_read(job["template"], job.get("parameters", {}))["jobs"])
        else:
            yield job


def _of_job(job: dict[str, Any]) -> list[dict[str, Any]]:
    return job["steps"] if "steps" in job else job["strategy"]["runOnce"]["deploy"]["steps"]


def _steps(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        if "template" in step:
            yield from _steps(_read(step["template"], step.get("parameters", {}))["steps"])
        else:
            yield step
