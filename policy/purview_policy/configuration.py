"""What a file of settings says of the rules, checked before any rule is asked.

The engine checks the types of the parameters that it knows; a rule or a parameter that does not exist is nothing to it
(docs/facts.md, policy 6). A misspelt name would leave a rule weaker than somebody believes it to be.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import json_format
from pulumi_policy import policy as sdk
from pydantic import ValidationError

from purview_policy.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from purview_policy.rule import Rule

NAME = "purview-ai"
_EVERY_RULE = "all"
"""The engine's own word for the level of all rules."""


def mistakes(configuration: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Everything that is wrong with the settings of the rules, one line for each."""
    rules = {rule.name: rule for rule in RULES}
    found: list[str] = []
    for name, parameters in sorted(configuration.items()):
        if name in rules:
            found += _wrong_parameters(rules[name], parameters)
        elif name != _EVERY_RULE:
            found.append(f"{name}: there is no such rule; {_near(name, rules)}")
    return found


def _wrong_parameters(rule: Rule[Any], given: Mapping[str, Any]) -> Iterator[str]:
    try:
        rule.parameters.model_validate(given)
    except ValidationError as error:
        for one in error.errors():
            parameter = str(one["loc"][0])
            if one["type"] == "extra_forbidden":
                known = rule.parameters.model_fields
                yield f"{rule.name}: there is no parameter {parameter}; {_near(parameter, known)}"
            else:
                yield f"{rule.name}: {parameter}: {one['msg'].removeprefix('Value error, ')}"


def _near(name: str, known: Iterable[str]) -> str:
    names = list(known)
    if near := get_close_matches(name, names, n=1):
        return f"did you mean {near[0]}?"
    return f"known are {', '.join(names)}" if names else "it has none"


class _Checked(sdk._PolicyAnalyzerServicer):  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
    """The SDK's service, which looks at what it is told to do.

    Technical debt: a private class of pulumi-policy 1.21, which has no hook for the configuration as a whole. Once it
    has one, this goes. A test on the engine tells when the class changes.
    """

    def Configure(self, request: Any, _context: Any) -> Any:  # noqa: N802  # gRPC's way
        """Take the settings of all rules, or refuse them."""
        given = {name: json_format.MessageToDict(one.properties) for name, one in request.policyConfig.items()}
        wrong = mistakes(given)
        if wrong:
            _context.abort(grpc.StatusCode.INVALID_ARGUMENT, "\n  ".join(["wrong settings of the rules", *wrong]))
        return super().Configure(request, _context)  # pyright: ignore[reportUnknownMemberType]


def checked_from_now_on() -> None:
    """Let a pack that is made in this process check its settings."""
    sdk._PolicyAnalyzerServicer = _Checked  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
