"""The stack files of a project, found and read without Pulumi and without decrypting anything."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import yaml

from purview_ai.json_values import JsonObject, is_object

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMESPACE = "purview-ai"
TENANT = f"{NAMESPACE}:tenant"
_PREFIX, _SUFFIX = "Pulumi.", ".yaml"


class StackFileError(Exception):
    """A stack file cannot be found or read."""


def is_encrypted(value: object) -> bool:
    """Whether a setting stands encrypted in a stack file, as a whole."""
    return is_object(value) and "secure" in value


@dataclass(frozen=True)
class Project:
    """A Pulumi project's folder."""

    folder: Path

    @staticmethod
    def around(here: Path) -> Project:
        """The project of a folder or of one above it."""
        for folder in (here, *here.parents):
            if (folder / "Pulumi.yaml").is_file():
                return Project(folder)
        msg = f"no Pulumi.yaml in {here} or above it: run this in the project's folder"
        raise StackFileError(msg)

    @property
    def stacks_folder(self) -> Path:
        """Where its stack files are."""
        return self.folder / (read_yaml(self.folder / "Pulumi.yaml").get("stackConfigDir") or ".")

    def stacks(self) -> dict[str, Path]:
        """Its stack files by their stacks' names."""
        files = sorted(self.stacks_folder.glob(f"{_PREFIX}*{_SUFFIX}"))
        return {file.name.removeprefix(_PREFIX).removesuffix(_SUFFIX): file for file in files}

    def stack_file(self, stack: str) -> Path:
        """The path of a stack's file, which may not exist."""
        return self.stacks_folder / f"{_PREFIX}{stack}{_SUFFIX}"

    def stack_of(self, file: Path) -> str:
        """The stack that a file is of by its place and name, whether it exists or not; empty where it is of none."""
        if file.parent.resolve() != self.stacks_folder.resolve() or not fnmatchcase(file.name, f"{_PREFIX}*{_SUFFIX}"):
            return ""
        return file.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)

    def config_of(self, stack: str) -> JsonObject:
        """The settings in a stack's file, encrypted ones as they stand."""
        file = self.stack_file(stack)
        if not file.is_file():
            msg = f"there is no stack {stack}: {file} does not exist; known are {', '.join(self.stacks()) or 'none'}"
            raise StackFileError(msg)
        config = read_stack_file(file).get("config")
        if not is_object(config):
            msg = f"{file} has no block config"
            raise StackFileError(msg)
        return config


_TEXT = "tag:yaml.org,2002:str"


class _AsTheEngineReads(yaml.SafeLoader):
    """YAML 1.2, as Go reads it: ``no`` is a text, and a name is a text that stands once in a block."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  # theirs
        """Refuse a name that stands twice, or is none."""
        names = [one.value for one, _ in node.value]
        if twice := {name for name in names if names.count(name) > 1}:
            problem = f"{min(map(str, twice))!r} stands twice in one block"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        self.flatten_mapping(node)
        for one, _ in node.value:
            if one.tag != _TEXT:
                problem = f"the name {one.value!r} is no text; put it in quotes"
                raise yaml.constructor.ConstructorError(None, None, problem, one.start_mark)
        return super().construct_mapping(node, deep)


_AsTheEngineReads.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:bool" or letter in "tTfF"]
    for letter, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(file: Path) -> JsonObject:
    """What a file holds; nothing, where it is no mapping. Raises :class:`StackFileError`."""
    return _read(file, yaml_in)


def read_stack_file(file: Path) -> JsonObject:
    """The same of a stack file; raises also where the engine knows a setting of it by another name."""
    return _read(file, stack_file_in)


def _read(file: Path, understood: Callable[[str], JsonObject]) -> JsonObject:
    try:
        return understood(file.read_text())
    except yaml.MarkedYAMLError as error:
        # Its own words quote the line, which is nobody's business but the file's.
        mark = error.problem_mark
        at = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        msg = f"{file} cannot be read: {at}{error.problem or error.context}"
        raise StackFileError(msg) from None
    except (OSError, ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
        # What looks like a date and is none, or is nested without an end, is told by the loader in ways of its own.
        msg = f"{file} cannot be read: {error}"
        raise StackFileError(msg) from None


def yaml_in(text: str) -> JsonObject:
    """What a text holds; nothing, where it is no mapping. Raises what the loader does."""
    read: Any = yaml.load(text, _AsTheEngineReads)  # noqa: S506  # a safe loader
    return read if is_object(read) else {}


def stack_file_in(text: str) -> JsonObject:
    """The same of a stack file; raises ValueError where the engine knows a setting of it by another name.

    To the engine ``purview-ai:config:tenant`` is ``purview-ai:tenant``, and so is ``tenant`` in a project of that name.
    Of two that are the same it takes either (docs/facts.md, engine 64).
    """
    found = yaml_in(text)
    config = found.get("config")
    for name in config if is_object(config) else ():
        if name.count(":") != 1:
            msg = f"the engine knows the setting {name!r} by another name; write <namespace>:<name>, such as {TENANT}"
            raise ValueError(msg)
    return found
