"""PowerShell as the grammar tree-sitter-powershell reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import tree_sitter_powershell
from tree_sitter import Language, Parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_PARSER = Parser(Language(tree_sitter_powershell.language()))


def parsed(script: str) -> Node:
    """The tree of a script, whether or not there is something wrong with it."""
    return _PARSER.parse(script.removeprefix("\ufeff").encode()).root_node


def below(node: Node) -> Iterator[Node]:
    """A node and all below it, in the order of the text."""
    yield node
    for child in node.children:
        yield from below(child)


def wrong(script: str) -> list[str]:
    """The places that are no PowerShell."""
    return [
        f"line {node.start_point.row + 1}: {text(node)[:60]!r}"
        for node in below(parsed(script))
        if node.is_error or node.is_missing
    ]


def text(node: Node) -> str:
    """What a node stands for in the text."""
    return (node.text or b"").decode()


@dataclass(frozen=True)
class Argument:
    """What a command is given; without a name where it stands alone."""

    name: str
    value: Node | None


@dataclass(frozen=True)
class Command:
    """One command."""

    node: Node
    name: str
    arguments: list[Argument]

    @property
    def line(self) -> int:
        """Where it stands."""
        return self.node.start_point.row + 1

    def told(self, name: str) -> str | None:
        """The text of what it is given under a name."""
        return next((text(one.value) for one in self.arguments if one.name == name and one.value), None)

    def asks(self) -> bool:
        """Whether it is only reached where somebody said yes."""
        node = self.node
        while (above := node.parent) is not None:
            if above.type == "if_statement" and node.type == "statement_block":
                condition = above.child_by_field_name("condition")
                if condition is not None and "$PSCmdlet.ShouldProcess(" in text(condition):
                    return True
            node = above
        return False


def command_of(node: Node) -> Command:
    """A command of the tree."""
    name = node.child_by_field_name("command_name")
    elements = node.child_by_field_name("command_elements")
    arguments: list[Argument] = []
    for element in elements.children if elements else ():
        if element.type == "command_argument_sep":
            continue
        if element.type == "command_parameter":
            arguments.append(Argument(text(element).removeprefix("-"), None))
        elif arguments and arguments[-1].name and arguments[-1].value is None:
            arguments[-1] = Argument(arguments[-1].name, element)
        else:
            arguments.append(Argument("", element))
    assert name is not None
    return Command(node, text(name), arguments)


def commands(script: str) -> list[Command]:
    """All commands of a script, in the order of its text."""
    return [command_of(node) for node in below(parsed(script)) if node.type == "command"]


def functions(script: str) -> dict[str, frozenset[str]]:
    """The functions that a script makes, with their parameters."""
    found: dict[str, frozenset[str]] = {}
    for node in below(parsed(script)):
        if node.type == "function_statement":
            names = [text(one).removeprefix("$") for one in below(node) if one.type == "variable"]
            declared = {
                text(one.children[-1]).removeprefix("$") for one in below(node) if one.type == "script_parameter"
            }
            name = next(text(one) for one in node.children if one.type == "function_name")
            found[name] = frozenset(declared & set(names))
    return found
