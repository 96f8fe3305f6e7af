"""What the engine says of a failure, in plain text and short."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from purview_ai.fleet.held import Locks, on_backend

_COLOURS = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;?]*[A-Za-z]")
_SAYS_NOTHING = re.compile(
    r"^(update|preview|refresh) (failed|canceled)$|^an unhandled error occurred: the program ended"
)
_ROUND_ABOUT = ("Exception calling application:", "error:")
_BREAKS_PLAN = re.compile(r"resource \S*::(?P<name>\S+) violates plan")
_WRONG_FILE = "wrong in its stack file"
_NO_STACK = re.compile("no stack named .* found")
_SHOWN, _LINES, _LINE = 3, 8, 1000
"""So many errors are told, of each so many lines, and of each line so many characters."""


def plain(text: str) -> str:
    """Without colours, and without what stands around the words."""
    told = _COLOURS.sub("", text).strip()
    for words in _ROUND_ABOUT:
        told = told.removeprefix(words).strip()
    return told


@dataclass
class Heard:
    """What an operation of the engine on a stack said on its way."""

    stack: str
    backend: str = ""
    """The URL of the stack's own backend; empty where it has none."""
    errors: list[str] = field(default_factory=list[str])
    """In the order in which they came, each beginning with the stack's name."""
    violations: list[str] = field(default_factory=list[str])
    """The same of mandatory policies."""
    loose: list[str] = field(default_factory=list[str])
    """What it said to nobody in particular, such as that it cannot begin."""

    def failed(self, text: str, urn: str = "") -> None:
        """It reports an error, of a resource or of the whole."""
        told = plain(text)
        if not told or _SAYS_NOTHING.match(told):
            return
        name = _name_in(urn)
        named = told.startswith(f"{self.stack}: ")
        self.errors.append(told if named else f"{self.stack}: {f'{name}: ' if name else ''}{told}")

    def violated(self, policy: str, text: str, urn: str = "") -> None:
        """A resource breaks a mandatory rule."""
        name = _name_in(urn)
        told = plain(text).replace("\n", "\n  ")
        self.violations.append(f"{self.stack}: policy {policy}{f' ({name})' if name else ''}: {told}")

    @property
    def locks(self) -> Locks | None:
        """Those that kept it from beginning; None where none did."""
        return Locks.of(self._whole)

    @property
    def _whole(self) -> str:
        return "\n".join([*self.errors, *map(plain, self.loose)])

    def reason(self) -> tuple[str, bool]:
        """Why it failed, in some lines; and whether it may pass if it is tried again."""
        if self.violations:
            return _some_of(self.violations), False
        if broken := [found["name"] for told in self.errors if (found := _BREAKS_PLAN.search(told))]:
            return _not_as_planned(self.stack, broken), False
        if _NO_STACK.search(self._whole):
            return _never_made(self.stack, self.backend), False
        if self.locks:
            return _locked(self.stack, self.backend, self.locks)
        # Who tells what to do comes before the bare words of a service.
        said = sorted(self.errors, key=_without_remedy)
        if not said and (loose := [told for line in self.loose if (told := plain(line))]):
            said = [f"{self.stack}: " + "\n  ".join(loose)]
        if not said:
            return f"{self.stack}: the engine ended without saying why", True
        return _some_of(said), _WRONG_FILE not in self._whole


def _name_in(urn: str) -> str:
    name = urn.rsplit("::", 1)[-1]
    return "" if "::pulumi:pulumi:Stack::" in urn else name


def _without_remedy(told: str) -> bool:
    return "\n" not in told


def _some_of(said: list[str]) -> str:
    """The first of them, and how many more there are."""
    shown = [_shortened(told) for told in dict.fromkeys(said)]
    more = len(shown) - _SHOWN
    return "\n".join(shown[:_SHOWN]) + (f"\n  and {more} more of the kind, which pulumi shows" if more > 0 else "")


def _shortened(told: str) -> str:
    lines = told.splitlines()
    more = [f"  and {len(lines) - _LINES} more lines"] if len(lines) > _LINES else []
    return "\n".join([*(f"{line[:_LINE]} …" if len(line) > _LINE else line for line in lines[:_LINES]), *more])


def _never_made(stack: str, backend: str) -> str:
    # docs/facts.md, engine 52
    command = on_backend(f"pulumi stack init {stack}", backend)
    return (
        f"{stack}: it has no state in the backend yet\n"
        f"  Make it once: {command}, with the --secrets-provider that its stack file names, or the "
        "file loses what opens its secrets."
    )


def _not_as_planned(stack: str, resources: list[str]) -> str:
    # The engine's own words hold values of the resource, which need not be for everybody.
    more = f" and {len(resources) - 1} more" if len(resources) > 1 else ""
    return (
        f"{stack}: {resources[0]}{more} would not become what the plan showed, so something has changed since\n"
        "  Look at it again, and keep the new plan: purview-ai fleet preview --save-plans."
    )


def _locked(stack: str, backend: str, locks: Locks) -> tuple[str, bool]:
    holder = locks.told[0] if locks.told else None
    who = f" by {holder.who} since {holder.since}" if holder else ""
    cancel = on_backend(f"pulumi cancel --stack {stack}", backend)
    if holder and all(lock.unseen for lock in locks.told):
        # Only a run knows of its own engines that they were killed; it takes their locks away by itself.
        return (
            f"{stack}: its state is locked{who}, and there is no process {holder.pid} on this machine\n"
            f"  If {holder.host} is this machine and no other of that name, that engine was killed: take the lock "
            f"away, and do it again: {cancel}\n"
            "  Otherwise wait for it to end."
        ), True
    return (
        f"{stack}: its state is locked{who}: somebody else is working on it\n"
        f"  Wait for that to end. If nobody is any more, take the lock away: {cancel}"
    ), True
