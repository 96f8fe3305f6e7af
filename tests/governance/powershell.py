"""Runs the small part of PowerShell that the rendered scripts are written in, and refuses all else.

No PowerShell can be had where these tests run. This stands in for one, from the tree of a real grammar, so that the
scripts' effect can be seen against stand-in cmdlets. It is no PowerShell: what it knows is written down here, as
Microsoft documents it, and a construct that it does not know ends the test.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from cmdlets import CHANGING, CONNECTING, READING
from powershell_tree import Command, command_of, parsed, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node


class UnknownHereError(AssertionError):
    """A part of PowerShell that is not known here."""


class PowerShellError(Exception):
    """What a script may catch."""


class _ReturnError(Exception):
    pass


class ExitError(Exception):
    """The script ends with a code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Thing:
    """An object with properties, whose names know no case."""

    def __init__(self, **properties: Any) -> None:
        self.properties = properties

    def has(self, name: str) -> bool:
        return name.lower() in {one.lower() for one in self.properties}

    def get(self, name: str) -> Any:
        return next(value for one, value in self.properties.items() if one.lower() == name.lower())


@dataclass
class _Scope:
    above: _Scope | None
    variables: dict[str, Any] = field(default_factory=dict)

    def chain(self) -> Iterator[_Scope]:
        scope: _Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.above

    @property
    def outermost(self) -> _Scope:
        return list(self.chain())[-1]


_ONE_INSIDE = [
    "array_literal_expression",
    "bitwise_expression",
    "additive_expression",
    "multiplicative_expression",
    "range_expression",
    "unary_expression",
    "logical_expression",
    "comparison_expression",
    "format_expression",
    "pipeline_chain",
    "logical_argument_expression",
    "bitwise_argument_expression",
    "comparison_argument_expression",
    "additive_argument_expression",
    "multiplicative_argument_expression",
    "format_argument_expression",
    "range_argument_expression",
    "argument_expression",
    "string_literal",
    "integer_literal",
    "expression_with_unary_operator",
]
"""Where there is only one part, that part is meant."""


@dataclass
class PowerShell:
    """One run of one script."""

    cmdlets: Callable[[str, dict[str, Any]], list[Any]]
    """Microsoft's, by name and parameters."""
    says_yes: Callable[[str, str], bool] = lambda _target, _action: True
    """What a person answers."""
    what_if: bool = False
    never_asks: bool = False
    """``-Confirm:$false``."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    recorded: dict[str, list[str]] = field(default_factory=dict)
    """What was added to which file."""
    warned: list[str] = field(default_factory=list)

    def run(self, script: str, **given: Any) -> tuple[int, list[Any]]:
        """The exit code and the output of a script with these parameters."""
        self._functions: dict[str, Node] = {}
        top = _Scope(None, {"PSScriptRoot": "/scripts", "WhatIfPreference": self.what_if})
        tree = parsed(script)
        out: list[Any] = []
        try:
            self._bind(next(one for one in tree.children if one.type == "param_block"), given, top)
            for one in tree.children:
                if one.type == "statement_list":
                    self._statements(one, top, out)
        except ExitError as ended:
            return ended.code, out
        return 0, out

    # Statements

    def _statements(self, node: Node, scope: _Scope, out: list[Any]) -> None:
        for one in node.children:
            if one.type == "statement_list":
                self._statements(one, scope, out)
            elif one.is_named and one.type != "comment":
                self._statement(one, scope, out)

    def _statement(self, node: Node, scope: _Scope, out: list[Any]) -> None:
        if node.type == "pipeline":
            out.extend(self._pipeline(node, scope))
        elif node.type == "if_statement":
            self._if(node, scope, out)
        elif node.type == "function_statement":
            self._functions[text(_one(node, "function_name")).lower()] = _one(node, "script_block")
        elif node.type == "flow_control_statement":
            self._leave(node, scope, out)
        elif node.type == "foreach_statement":
            name = text(_one(node, "variable")).removeprefix("$")
            for item in self._pipeline(_one(node, "pipeline"), scope):
                scope.variables[name] = item
                self._statements(_one(node, "statement_block"), scope, out)
        elif node.type == "try_statement":
            self._try(node, scope, out)
        else:
            _unknown(node)

    def _if(self, node: Node, scope: _Scope, out: list[Any]) -> None:
        branches = [node, *(one for part in node.children if part.type == "elseif_clauses" for one in part.children)]
        for branch in branches:
            condition = branch.child_by_field_name("condition")
            assert condition is not None
            if _true(self._value(condition, scope)):
                self._statements(_one(branch, "statement_block"), scope, out)
                return
        for part in node.children:
            if part.type == "else_clause":
                self._statements(_one(part, "statement_block"), scope, out)

    def _leave(self, node: Node, scope: _Scope, out: list[Any]) -> NoReturn:
        word, *rest = node.children
        value = self._pipeline(rest[0], scope) if rest else []
        if word.type == "return":
            out.extend(value)
            raise _ReturnError
        if word.type == "exit":
            raise ExitError(int(value[0]))
        raise PowerShellError(_text(value[0]) if value else self._lookup("_", scope).get("Exception").get("Message"))

    def _try(self, node: Node, scope: _Scope, out: list[Any]) -> None:
        try:
            self._statements(_one(node, "statement_block"), scope, out)
        except PowerShellError as error:
            inner = _Scope(scope, {"_": Thing(Exception=Thing(Message=str(error)))})
            clause = _one(_one(node, "catch_clauses"), "catch_clause")
            # A catch block is in the scope around it; only $_ is its own.
            before = scope.variables.get("_")
            scope.variables["_"] = inner.variables["_"]
            self._statements(_one(clause, "statement_block"), scope, out)
            scope.variables["_"] = before

    # Pipelines and commands

    def _pipeline(self, node: Node, scope: _Scope) -> list[Any]:
        (chain,) = [one for one in node.children if one.is_named]
        if chain.type == "assignment_expression":
            self._assign(chain, scope)
            return []
        passed: list[Any] = []
        for number, part in enumerate(one for one in chain.children if one.is_named):
            if part.type == "command":
                passed = self._command(command_of(part), scope, passed)
            else:
                assert number == 0, text(node)
                passed = _unrolled(self._expression(part, scope))
        return passed

    def _value(self, node: Node, scope: _Scope) -> Any:
        passed = self._pipeline(node, scope)
        return passed[0] if len(passed) == 1 else (passed or None)

    def _assign(self, node: Node, scope: _Scope) -> None:
        name = text(_one(node, "left_assignment_expression")).removeprefix("$")
        value = node.child_by_field_name("value")
        assert value is not None
        # An array that is written as one stays one, however long it is.
        inner = _only(value)
        written = inner is not None and inner.type in ("array_expression", "hash_literal_expression")
        found = self._expression(inner, scope) if written and inner else self._value(value, scope)
        if name.startswith("script:"):
            scope.outermost.variables[name.removeprefix("script:")] = found
        else:
            scope.variables[name] = found

    def _command(self, command: Command, scope: _Scope, passed: list[Any]) -> list[Any]:
        name = command.name
        if name in ("Where-Object", "ForEach-Object"):
            return self._each(command, scope, passed)
        given = {one.name: self._argument(one.value, scope) for one in command.arguments if one.name}
        loose = [self._argument(one.value, scope) for one in command.arguments if not one.name]
        if name.lower() in self._functions:
            assert not loose, name
            return self._call(self._functions[name.lower()], given, scope)
        if name in {**READING, **CHANGING, **CONNECTING}:
            assert not loose, name
            return self.cmdlets(name, given)
        own = getattr(self, "_" + name.replace("-", "_").lower(), None)
        if own is None:
            msg = f"{name} is not known here"
            raise UnknownHereError(msg)
        return own(given, loose, passed)

    def _argument(self, node: Node | None, scope: _Scope) -> Any:
        if node is None:
            return True
        return text(node) if node.type == "generic_token" else self._expression(node, scope)

    def _each(self, command: Command, scope: _Scope, passed: list[Any]) -> list[Any]:
        (block,) = [one.value for one in command.arguments]
        assert block is not None
        found: list[Any] = []
        body = _one(_deep(block, "script_block_expression"), "script_block")
        for item in passed:
            out: list[Any] = []
            self._statements(_one(body, "script_block_body"), _Scope(scope, {"_": item}), out)
            if command.name == "ForEach-Object":
                found += out
            elif out and _true(out if len(out) > 1 else out[0]):
                found.append(item)
        return found

    def _call(self, body: Node, given: dict[str, Any], scope: _Scope) -> list[Any]:
        inner = _Scope(scope)
        self._bind(_one(body, "param_block"), given, inner)
        out: list[Any] = []
        with suppress(_ReturnError):
            self._statements(_one(body, "script_block_body"), inner, out)
        return out

    def _bind(self, block: Node, given: dict[str, Any], scope: _Scope) -> None:
        left = dict(given)
        for one in (one for part in block.children if part.type == "parameter_list" for one in part.children):
            if one.type != "script_parameter":
                continue
            name = text(_one(one, "variable")).removeprefix("$")
            attributes = text(_one(one, "attribute_list")) if one.children[0].type == "attribute_list" else ""
            if name in left:
                value = left.pop(name)
            elif "Mandatory" in attributes:
                msg = f"-{name} must be given"
                raise PowerShellError(msg)
            elif one.children[-1].type == "script_parameter_default":
                value = self._expression(_one(one.children[-1], "logical_expression"), scope)
            else:
                value = False if "[switch]" in attributes else None
            scope.variables[name] = _cast(attributes, value)
        if left:
            msg = f"no parameter is called {sorted(left)}"
            raise PowerShellError(msg)

    # PowerShell's own commands

    def _set_strictmode(self, _given: Any, _loose: Any, _passed: Any) -> list[Any]:
        return []

    def _out_null(self, _given: Any, _loose: Any, _passed: Any) -> list[Any]:
        return []

    def _write_host(self, _given: Any, _loose: Any, _passed: Any) -> list[Any]:
        return []

    def _write_warning(self, _given: Any, loose: list[Any], _passed: Any) -> list[Any]:
        self.warned += loose
        return []

    def _sort_object(self, _given: Any, _loose: Any, passed: list[Any]) -> list[Any]:
        return sorted(passed, key=lambda one: _text(one).casefold())

    def _join_path(self, given: dict[str, Any], _loose: Any, _passed: Any) -> list[Any]:
        return [f"{given['Path']}/{given['ChildPath']}"]

    def _get_date(self, _given: Any, _loose: Any, _passed: Any) -> list[Any]:
        return [Thing(ToUniversalTime="2026-11-26T12:00:00.0000000Z")]

    def _convertto_json(self, given: dict[str, Any], _loose: Any, _passed: Any) -> list[Any]:
        return [json.dumps(given["InputObject"], ensure_ascii=False, separators=(",", ":"))]

    def _convertfrom_json(self, given: dict[str, Any], _loose: Any, _passed: Any) -> list[Any]:
        try:
            return _unrolled(_things(json.loads(given["InputObject"])))
        except ValueError as error:
            raise PowerShellError(str(error)) from None

    def _add_content(self, given: dict[str, Any], _loose: Any, _passed: Any) -> list[Any]:
        assert (given["WhatIf"], given["Confirm"]) == (False, False), "the record would be asked about"
        self.recorded.setdefault(given["LiteralPath"], []).append(given["Value"])
        return []

    # Expressions

    def _expression(self, node: Node, scope: _Scope) -> Any:
        parts = [one for one in node.children if one.type != "comment"]
        if node.type in _ONE_INSIDE and len(parts) == 1:
            return self._expression(parts[0], scope)
        known = getattr(self, f"_of_{node.type}", None)
        if known is None:
            _unknown(node)
        return known(node, parts, scope)

    def _of_verbatim_string_characters(self, node: Node, _parts: Any, _scope: Any) -> str:
        return re.sub("['\u2018-\u201b](['\u2018-\u201b])", r"\1", text(node)[1:-1])

    def _of_decimal_integer_literal(self, node: Node, _parts: Any, _scope: Any) -> int:
        return int(text(node))

    def _of_real_literal(self, node: Node, _parts: Any, _scope: Any) -> float:
        return float(text(node))

    def _of_variable(self, node: Node, _parts: Any, scope: _Scope) -> Any:
        return self._lookup(text(node).removeprefix("$"), scope)

    def _lookup(self, name: str, scope: _Scope) -> Any:
        constants = {"true": True, "false": False, "null": None}
        if name.lower() in constants:
            return constants[name.lower()]
        scopes = [scope.outermost] if name.startswith("script:") else scope.chain()
        for one in scopes:
            for there, value in one.variables.items():
                if there.lower() == name.removeprefix("script:").lower():
                    return value
        msg = f"${name} has no value"
        raise PowerShellError(msg)

    def _of_array_literal_expression(self, _node: Any, parts: list[Node], scope: _Scope) -> list[Any]:
        return [self._expression(one, scope) for one in parts if one.is_named]

    def _of_array_expression(self, node: Node, _parts: Any, scope: _Scope) -> list[Any]:
        out: list[Any] = []
        for one in node.children:
            if one.type == "statement_list":
                self._statements(one, scope, out)
        return out

    def _of_parenthesized_expression(self, _node: Any, parts: list[Node], scope: _Scope) -> Any:
        return self._value(parts[1], scope)

    def _of_hash_literal_expression(self, node: Node, _parts: Any, scope: _Scope) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for entry in _one(node, "hash_literal_body").children:
            if entry.type == "hash_entry":
                value = _one(entry, "pipeline")
                inner = _only(value)
                array = inner is not None and inner.type == "array_expression"
                key = text(_one(entry, "key_expression"))
                found[key] = self._expression(inner, scope) if array and inner else self._value(value, scope)
        return found

    def _of_expression_with_unary_operator(self, node: Node, parts: list[Node], scope: _Scope) -> Any:
        if parts[0].type != "-not":
            _unknown(node)
        return not _true(self._expression(parts[1], scope))

    def _of_cast_expression(self, _node: Any, parts: list[Node], scope: _Scope) -> Any:
        return _cast(text(parts[0]), self._expression(parts[1], scope))

    def _of_logical_expression(self, _node: Any, parts: list[Node], scope: _Scope) -> bool:
        left = _true(self._expression(parts[0], scope))
        if parts[1].type == "-and":
            return left and _true(self._expression(parts[2], scope))
        assert parts[1].type == "-or"
        return left or _true(self._expression(parts[2], scope))

    def _of_additive_expression(self, _node: Any, parts: list[Node], scope: _Scope) -> Any:
        assert parts[1].type == "+"
        return self._expression(parts[0], scope) + self._expression(parts[2], scope)

    def _of_format_expression(self, _node: Any, parts: list[Node], scope: _Scope) -> str:
        values = self._expression(parts[2], scope)
        values = values if isinstance(values, list) else [values]
        return re.sub(r"\{(\d+)\}", lambda one: _text(values[int(one[1])]), self._expression(parts[0], scope))

    def _of_comparison_expression(self, node: Node, parts: list[Node], scope: _Scope) -> Any:
        compare = _COMPARISONS.get(text(parts[1]))
        if compare is None:
            _unknown(node)
        return compare(self._expression(parts[0], scope), self._expression(parts[2], scope))

    def _of_element_access(self, _node: Any, parts: list[Node], scope: _Scope) -> Any:
        of, at = self._expression(parts[0], scope), self._expression(parts[2], scope)
        if isinstance(of, Thing):
            return Thing(Name=at, Value=of.get(at)) if of.has(at) else None
        return of[at]

    def _of_member_access(self, node: Node, parts: list[Node], scope: _Scope) -> Any:
        name = text(parts[2])
        if parts[1].type == "::":
            assert text(node) == "[Environment]::UserName", text(node)
            return "somebody"
        return self._member(self._expression(parts[0], scope), name)

    def _member(self, of: Any, name: str) -> Any:
        if isinstance(of, Thing) and of.has(name):
            return of.get(name)
        if name == "PSObject" and isinstance(of, (Thing, str, int, bool)):
            return Thing(Properties=_Properties(of.properties if isinstance(of, Thing) else {}))
        if isinstance(of, _Properties):
            return of
        if isinstance(of, list) and name == "Count":
            return len(of)
        if isinstance(of, dict) and name == "Keys":
            return list(of)
        msg = f"there is no property {name}"
        raise PowerShellError(msg)

    def _of_invokation_expression(self, node: Node, parts: list[Node], scope: _Scope) -> Any:
        name = text(parts[2])
        arguments = [
            self._expression(one, scope)
            for part in parts[3].children
            if part.type == "argument_expression_list"
            for one in part.children
            if one.is_named
        ]
        if text(parts[0]) == "$PSCmdlet" and name == "ShouldProcess":
            target, action = arguments
            return self._should(target, action)
        of = self._expression(parts[0], scope)
        if name == "ToUniversalTime":
            return of.get(name)
        if name == "ToString" and isinstance(of, str):
            return of
        return _unknown(node)

    def _should(self, target: str, action: str) -> bool:
        self.asked.append((target, action))
        if self.what_if:
            return False
        return self.never_asks or self.says_yes(target, action)


class _Properties(Thing):
    def __init__(self, properties: dict[str, Any]) -> None:
        super().__init__(**properties)

    def each(self) -> list[Thing]:
        return [Thing(Name=name, Value=value) for name, value in self.properties.items()]


def _one(node: Node, kind: str) -> Node:
    return next(one for one in node.children if one.type == kind)


def _deep(node: Node, kind: str) -> Node:
    while node.type != kind:
        (node,) = [one for one in node.children if one.is_named]
    return node


def _only(pipeline: Node) -> Node | None:
    """The one thing that a pipeline is, if it is one."""
    node = pipeline
    while node.type in ("pipeline", *_ONE_INSIDE, "cast_expression"):
        if node.type == "cast_expression":
            return node.children[1].children[0] if text(node.children[0]) == "[ordered]" else None
        inside = [one for one in node.children if one.is_named]
        if len(inside) != 1 or inside[0].type == "assignment_expression":
            return None
        (node,) = inside
    return node


def _unknown(node: Node) -> NoReturn:
    msg = f"line {node.start_point.row + 1}: {node.type} is not known here: {text(node)[:80]}"
    raise UnknownHereError(msg)


def _unrolled(value: Any) -> list[Any]:
    if isinstance(value, _Properties):
        return value.each()
    return value if isinstance(value, list) else [value]


def _things(value: Any) -> Any:
    if isinstance(value, dict):
        return Thing(**{str(name): _things(one) for name, one in value.items()})
    return [_things(one) for one in value] if isinstance(value, list) else value


def _true(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and (len(value) > 1 or _true(value[0]))
    return bool(value) or isinstance(value, (Thing, dict))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(map(_text, value))
    assert isinstance(value, (str, int, float)), type(value)
    return str(value)


def _cast(to: str, value: Any) -> Any:
    if "[string[]]" in to:
        return None if value is None else [_text(one) for one in _unrolled(value)]
    if "[string]" in to:
        return _text(value)
    if "[pscustomobject]" in to:
        return Thing(**value)
    return value


def _equal(left: Any, right: Any) -> bool:
    assert not isinstance(left, list), "compared with a list, PowerShell filters"
    if left is None or right is None:
        return left is right
    if isinstance(left, bool):
        return left == _true(right)
    return _text(left).casefold() == _text(right).casefold()


def _contains(left: Any, right: Any) -> bool:
    return any(_equal(one, right) for one in _unrolled(left))


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "-eq": _equal,
    "-ne": lambda left, right: not _equal(left, right),
    "-gt": lambda left, right: left > right,
    "-contains": _contains,
    "-notcontains": lambda left, right: not _contains(left, right),
    "-match": lambda left, right: bool(re.search(right, left, re.IGNORECASE)),
    "-notmatch": lambda left, right: not re.search(right, left, re.IGNORECASE),
    "-join": lambda left, right: right.join(map(_text, _unrolled(left))),
    "-split": lambda left, right: re.split(right, left),
    "-replace": lambda left, right: re.sub(right[0], right[1], left, flags=re.IGNORECASE),
}
