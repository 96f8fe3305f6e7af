"""Which of a project's stacks are meant: by name, by tag, and by what has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from purview_ai import naming
from purview_ai.fleet.changed import changed_since
from purview_ai.json_values import take_from
from purview_ai.settings.files import TENANT, StackFileError, read_yaml
from purview_ai.settings.tags import Tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from purview_ai.settings.files import Project

_SHOWN = 20
"""A message names no more than so many of what is known."""
_TAGS = TypeAdapter[dict[str, str]](Tags)


class ChoiceError(StackFileError):
    """Nothing can be chosen so; the message says why."""


@dataclass(frozen=True)
class Member:
    """A stack of a fleet."""

    stack: str
    tags: Mapping[str, str] = field(default_factory=dict[str, str])

    def has(self, name: str, value: str) -> bool:
        """Whether it has this tag.

        Capitals count in a value and not in a name, as in Azure (docs/facts.md, graph 65).
        """
        return any(given.lower() == name.lower() and said == value for given, said in self.tags.items())


@dataclass(frozen=True)
class Choice:
    """What was asked for. Each part narrows what the others leave; an empty part leaves all."""

    stacks: tuple[str, ...] = ()
    """Names with ``*``, ``?`` and ``[…]``; a stack is meant by any of them."""
    tags: tuple[tuple[str, str], ...] = ()
    """Names with values: of one name any of its values, of several names each."""
    changed_since: str | None = None
    """A revision of git."""

    @classmethod
    def of(cls, stacks: Iterable[str], tags: Iterable[str], changed_since: str | None = None) -> Choice:
        """From the words of a command line; several names may stand in one, with commas between them."""
        names = tuple(name.strip() for words in stacks for name in words.split(",") if name.strip())
        return cls(names, tuple(map(_tag, tags)), changed_since)

    @property
    def says_nothing(self) -> bool:
        """Whether no stack was asked for in any way."""
        return not self.stacks and not self.tags and self.changed_since is None

    def includes(self, member: Member) -> bool:
        """Whether a stack is meant by its name and by its tags."""
        by_name = not self.stacks or any(fnmatchcase(member.stack, name) for name in self.stacks)
        return by_name and all(
            any(member.has(name, value) for wanted, value in self.tags if wanted.lower() == name.lower())
            for name, _ in self.tags
        )


@dataclass(frozen=True)
class Chosen:
    """The stacks that are meant, and what there is to say of it."""

    members: tuple[Member, ...]
    notes: tuple[str, ...] = ()


def _tag(words: str) -> tuple[str, str]:
    name, equals, value = words.partition("=")
    if not name or not equals:
        msg = f"{words} is no tag: say its name and its value, as in --tag wave=canary"
        raise ChoiceError(msg)
    return name, value


def members_of(project: Project) -> tuple[Member, ...]:
    """All stacks of a project, in the order of their names; raises :class:`ChoiceError` where names or tags are wrong.

    A name with a comma would be taken for two stacks, and one with quotes for a command.
    """
    for stack, file in project.stacks().items():
        if not naming.STACK_NAME.match(stack):
            msg = f"{str(file)!r} is the file of no stack: a stack's name has {naming.STACK_NAME_RULE}; rename it"
            raise ChoiceError(msg)
    return tuple(Member(stack, _tags_in(stack, file)) for stack, file in project.stacks().items())


def _tags_in(stack: str, file: Path) -> dict[str, str]:
    """The tags alone: what else is wrong with a stack file is said once the stack is asked for something."""
    said = take_from(read_yaml(file), ("config", TENANT, "tags"))
    try:
        return _TAGS.validate_python(said or {})
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        msg = (
            f"{file.name}: the tags of {stack} cannot be read: {reason}\n"
            f"  Look at it with purview-ai settings check {stack}."
        )
        raise ChoiceError(msg) from None


def chosen_of(project: Project, choice: Choice) -> Chosen:
    """The stacks that are meant, in the order of their names.

    There may be none, where nothing has changed. Raises :class:`ChoiceError` where a name or a tag fits no stack at
    all, which is a slip of the pen, or where git cannot say what has changed.
    """
    members = members_of(project)
    if not members:
        msg = f"there is no stack file in {project.stacks_folder}"
        raise ChoiceError(msg)
    for name in choice.stacks:
        if not any(fnmatchcase(one.stack, name) for one in members):
            msg = f"there is no stack {name}; known are {_some([one.stack for one in members])}"
            raise ChoiceError(msg)
    for name, value in choice.tags:
        if not any(one.has(name, value) for one in members):
            raise ChoiceError(_no_such_tag(members, name, value))
    meant = tuple(one for one in members if choice.includes(one))
    if not meant:
        msg = "no stack has all that was asked for: " + _in_words(choice)
        raise ChoiceError(msg)
    if choice.changed_since is None:
        return Chosen(meant)
    changed = changed_since(project, choice.changed_since)
    if changed.shared:
        return Chosen(meant, (f"changed, and used by every stack: {_some(list(changed.shared))}", *changed.notes))
    return Chosen(tuple(one for one in meant if one.stack in changed.stacks), changed.notes)


def _no_such_tag(members: tuple[Member, ...], name: str, value: str) -> str:
    values = {said for one in members for given, said in one.tags.items() if given.lower() == name.lower()}
    if values:
        return f"no stack has the tag {name}={value}; values of {name} are {_some(sorted(values))}"
    names = sorted({given for one in members for given in one.tags})
    return f"no stack has a tag {name}; known are {_some(names) or 'none'}"


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _in_words(choice: Choice) -> str:
    return ", ".join([*choice.stacks, *(f"{name}={value}" for name, value in choice.tags)])
