"""Which of a project's stacks are meant: by name, by tag, and by what has changed."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

from pydantic import TypeAdapter, ValidationError

from purview_ai import naming
from purview_ai.fleet.changed import changed_since
from purview_ai.fleet.results import Ending, StackResult
from purview_ai.json_values import JsonObject, is_object
from purview_ai.settings.files import TENANT, StackFileError, read_stack_file
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
    """Its name; one that no stack can have is written with %XX, so that it can be shown and handed on."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    problem: str = ""
    """Why nothing can be done with it, and what helps, in some lines; empty where its file can be read."""

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
        """Whether a stack is meant by its name and by its tags, as far as these are known."""
        return self._names(member) and all(
            any(member.has(name, value) for wanted, value in self.tags if wanted.lower() == name.lower())
            for name, _ in self.tags
        )

    def may_mean(self, member: Member) -> bool:
        """Whether nobody knows if a stack is meant: its tags count, and cannot be read."""
        return bool(self.tags and member.problem) and self._names(member)

    def _names(self, member: Member) -> bool:
        return not self.stacks or any(fnmatchcase(member.stack, name) for name in self.stacks)


@dataclass(frozen=True)
class Chosen:
    """The stacks that are meant, and what there is to say of it."""

    members: tuple[Member, ...]
    """Those with a problem among them."""
    notes: tuple[str, ...] = ()
    unsure: tuple[Member, ...] = ()
    """Stacks of which nobody knows whether they are meant. Nothing is to be done with them but to say so."""

    @property
    def sound(self) -> tuple[Member, ...]:
        """Those that are meant, and of which the file can be read."""
        return tuple(one for one in self.members if not one.problem)

    def wrong(self, ending: Ending = Ending.FAILED) -> tuple[StackResult, ...]:
        """What became of those that are meant, and with which nothing can be done."""
        return tuple(failed_of(one, ending) for one in self.members if one.problem)

    @property
    def untold(self) -> tuple[StackResult, ...]:
        """What became of those that nobody knows of whether they are meant."""
        return tuple(
            StackResult(stack=one.stack, ending=Ending.UNKNOWN, reason=_perhaps_meant(one), attempts=0)
            for one in self.unsure
        )


def failed_of(member: Member, ending: Ending = Ending.FAILED) -> StackResult:
    """What becomes of a stack with a problem, where it is meant: it cannot pass by itself."""
    return StackResult(stack=member.stack, ending=ending, reason=member.problem)


def _perhaps_meant(member: Member) -> str:
    return (
        f"{member.problem}\n  Nobody knows whether it has the tags that were asked for, so nothing was done with it: "
        f"mend the file, and choose it by --stack {member.stack}."
    )


def _tag(words: str) -> tuple[str, str]:
    name, equals, value = words.partition("=")
    if not name or not equals:
        msg = f"{words} is no tag: say its name and its value, as in --tag wave=canary"
        raise ChoiceError(msg)
    return name, value


def members_of(project: Project) -> tuple[Member, ...]:
    """All stacks of a project, in the order of their names; a wrong file is the problem of its own stack alone."""
    return tuple(_member(name, file) for name, file in project.stacks().items())


def member_of(project: Project, stack: str) -> Member:
    """A stack as its file has it now."""
    name = os.fsdecode(unquote_to_bytes(stack))
    return _member(name, project.stack_file(name))


def _member(name: str, file: Path) -> Member:
    if not naming.STACK_NAME.match(name):
        # A name with a comma would be taken for two stacks, and one with quotes for a command.
        shown = quote(os.fsencode(name), safe="")
        rule = f"a stack's name has {naming.STACK_NAME_RULE}"
        return Member(shown, problem=f"{shown}: {file.name!r} is the file of no stack: {rule}\n  Rename the file.")
    try:
        # The tags alone: what else is wrong with a stack file is said once the stack is asked for something.
        return Member(name, _TAGS.validate_python(_tags_in(file)))
    except StackFileError as error:
        reason, fix = str(error), "Mend it, or take it away if there shall be no such stack."
    except ValidationError as error:
        reason, fix = _wrong_tag(file, error)
    return Member(name, problem=f"{name}: {reason}\n  {fix}")


def _tags_in(file: Path) -> object:
    """What stands there under tags; none is all right, and a file without a tenant is not."""
    block, path = read_stack_file(file), list[str]()
    for name in ("config", TENANT):
        found, path = block.get(name), [*path, name]
        if not is_object(found):
            near = get_close_matches(name, map(str, block), n=1)
            meant = f"; is that what {near[0]!r} shall be?" if near and near[0] != name else ""
            msg = f"{file} cannot be used: it has no block {'.'.join(path)}{meant}"
            raise StackFileError(msg)
        block = _readable(file, path, found)
    tags = block.get("tags")
    return _readable(file, [*path, "tags"], tags) if is_object(tags) else {} if tags is None else tags


def _readable(file: Path, path: list[str], block: JsonObject) -> JsonObject:
    if block.keys() == {"secure"}:
        msg = f"{file} cannot be used: {'.'.join(path)} is encrypted, and nothing is decrypted to choose stacks"
        raise StackFileError(msg)
    return block


def _wrong_tag(file: Path, error: ValidationError) -> tuple[str, str]:
    from purview_ai.settings.mistakes import mistake_of

    first = error.errors()[0]
    first["loc"] = ("tags", *first["loc"])
    found = mistake_of(first)
    value = f" = {found.value}" if found.value else ""
    return f"{file} cannot be used: {found.path}{value}: {found.reason}", f"fix: {found.fix}"


def chosen_of(project: Project, choice: Choice) -> Chosen:
    """The stacks that are meant, for whoever goes by what their files say; as :func:`choose` does.

    Raises :class:`ChoiceError` also where one of them, or one that may be meant, has a file that cannot be read.
    """
    found = choose(project, choice)
    if wrong := [one.problem for one in (*found.members, *found.unsure) if one.problem]:
        raise ChoiceError("\n".join(wrong))
    return found


def choose(project: Project, choice: Choice) -> Chosen:
    """The stacks that are meant, in the order of their names.

    There may be none, where nothing has changed. Raises :class:`ChoiceError` where a name or a tag fits no stack at
    all, which is a slip of the pen, or where git cannot say what has changed. A stack file that cannot be read is no
    reason to choose nothing: its stack is chosen with its problem, or nobody knows whether it is meant.
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
    unsure = tuple(one for one in members if choice.may_mean(one))
    if not meant and not unsure:
        msg = "no stack has all that was asked for: " + _in_words(choice)
        raise ChoiceError(msg)
    if choice.changed_since is None:
        return Chosen(meant, unsure=unsure)
    changed = changed_since(project, choice.changed_since)
    if changed.shared:
        shared = f"changed, and used by every stack: {_some(list(changed.shared))}"
        return Chosen(meant, (shared, *changed.notes), unsure)
    stacks = {quote(os.fsencode(stack), safe="") for stack in changed.stacks}
    of_them = [tuple(one for one in some if one.stack in stacks) for some in (meant, unsure)]
    return Chosen(of_them[0], changed.notes, of_them[1])


def _no_such_tag(members: tuple[Member, ...], name: str, value: str) -> str:
    values = {said for one in members for given, said in one.tags.items() if given.lower() == name.lower()}
    unread = [one.problem for one in members if one.problem]
    more = "\n".join(["; not known is what these have:", *unread]) if unread else ""
    if values:
        return f"no stack has the tag {name}={value}; values of {name} are {_some(sorted(values))}{more}"
    names = sorted({given for one in members for given in one.tags})
    return f"no stack has a tag {name}; known are {_some(names) or 'none'}{more}"


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _in_words(choice: Choice) -> str:
    return ", ".join([*choice.stacks, *(f"{name}={value}" for name, value in choice.tags)])
