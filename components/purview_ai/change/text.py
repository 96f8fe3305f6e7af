"""What a change means, in Markdown: for a comment on a pull request, or a page of a pipeline's run."""

from __future__ import annotations

import json
import re
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from purview_ai.change.approvals import ALLOW
from purview_ai.change.preview import UNKNOWN, Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from purview_ai.change.gate import Stop
    from purview_ai.change.preview import Change, Preview, Property

_LONGEST_VALUE = 120
_SHOWN_BEFORE = 30
"""Of what two long texts begin with alike."""
_LONGEST_ERROR = 1500
_COUNTED = (Action.CREATE, Action.IMPORT, Action.CHANGE, Action.REPLACE, Action.DELETE, Action.LET_GO)
_NOTHING = "nothing"
_CUT = "_Cut here, "


def markdown(
    previews: Sequence[Preview],
    stops: Sequence[Stop],
    how_to_approve: str,
    limit: int,
    *,
    approved: Sequence[Stop] = (),
    not_counted: Sequence[str] = (),
) -> str:
    """The whole text; what matters most comes first, so that a cut takes details only.

    Args:
        previews: What the previews of all stacks showed.
        stops: What the gate stops.
        how_to_approve: How somebody lets a stop pass, in a sentence.
        limit: How many characters it may have.
        approved: What the gate would stop, and somebody has said yes to.
        not_counted: What somebody has said yes to in vain, each in a sentence that says why.
    """
    head = [
        *_counts(previews),
        "",
        *_gate(stops, how_to_approve),
        *_approved(approved),
        *_not_counted(not_counted),
        *_next(previews, stops),
    ]
    details = [line for preview in previews for line in _details(preview)]
    return cut([*head, *details], limit)


def cut(lines: Sequence[str], limit: int, elsewhere: str = "the pipeline's own log has them") -> str:
    """As many lines as there is room for, with a note where some are left out, and where they are."""
    whole = "\n".join(lines)
    if len(whole) <= limit:
        return whole
    note = f"\n\n{_CUT}{{}} lines are left out: {elsewhere}._"
    room = limit - len(note) - len(str(len(lines)))
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept) + note.format(len(lines) - len(kept))


def was_cut(text: str) -> bool:
    """Whether :func:`cut` has left something out of a text."""
    return any(line.startswith(_CUT) for line in text.splitlines()[-1:])


def _counts(previews: Iterable[Preview]) -> Iterator[str]:
    yield f"| tenant | {' | '.join(_COUNTED)} | preview |"
    yield f"| --- |{' ---: |' * len(_COUNTED)} --- |"
    for preview in previews:
        numbers = " | ".join(str(preview.count(action) or "") for action in _COUNTED)
        yield f"| {prose(preview.stack)} | {numbers} | {'**failed**' if preview.failed else 'good'} |"


def _gate(stops: Sequence[Stop], how_to_approve: str) -> Iterator[str]:
    if not stops:
        return
    yield "**The gate stops this:**"
    yield ""
    for stop in stops:
        told = f"{prose(stop.what)} {stop.rule.why} {stop.rule.means}"
        yield f"* `{stop.rule.name}` in {prose(stop.stack)}: {told} To let it pass: {code(f'{ALLOW}{stop.approval}')}"
    yield ""
    if len({stop.approval for stop in stops}) > 1:
        yield from ("All of these lines, for whoever has looked at all of it:", "", "```text", *_yes(stops), "```", "")
    if how_to_approve:
        yield how_to_approve
        yield ""


def _yes(stops: Iterable[Stop]) -> Iterator[str]:
    """What lets all of them pass, one line for each rule."""
    stacks: dict[str, dict[str, None]] = {}
    for stop in stops:
        stacks.setdefault(stop.rule.name, {})[stop.stack] = None
    yield from (f"{ALLOW}{rule} {', '.join(names)}" for rule, names in stacks.items())


def _approved(stops: Sequence[Stop]) -> Iterator[str]:
    if not stops:
        return
    yield "**Approved:**"
    yield ""
    for stop in stops:
        yield f"* `{stop.rule.name}` in {prose(stop.stack)}: {prose(stop.what)}"
    yield ""


def _not_counted(told: Sequence[str]) -> Iterator[str]:
    if not told:
        return
    yield "**Said, and counted for nothing:**"
    yield ""
    yield from (f"* {prose(one)}" for one in told)
    yield ""


def _next(previews: Sequence[Preview], stops: Sequence[Stop]) -> Iterator[str]:
    if any(preview.failed for preview in previews):
        yield "**Next:** put right what the failed previews say below. Nothing can be deployed before."
    elif stops:
        yield "**Next:** take back what is stopped, or have it approved."
    elif any(preview.changes for preview in previews):
        yield "**Next:** once it is merged, exactly this is deployed, one environment after the other."
    else:
        yield "**Next:** nothing; no tenant changes."
    yield ""


def _details(preview: Preview) -> Iterator[str]:
    if not (preview.changes or preview.errors or preview.violations):
        return
    yield f"### {prose(preview.stack)}"
    yield ""
    for error in preview.errors:
        yield from ("```text", _fenced(error), "```", "")
    for broken in preview.violations:
        level = "mandatory" if broken.mandatory else "advisory"
        yield f"* policy {code(broken.policy)} ({level}), {prose(broken.resource)}: {prose(broken.message)}"
    for change in preview.changes:
        yield f"* **{change.action}** {prose(change.called)} {code(change.resource)}{_options(change)}"
        if change.action in (Action.CHANGE, Action.REPLACE):
            yield from (f"  * {_property(one)}" for one in change.properties)
            yield from (f"  * {code(path)}: changes, and is not shown" for path in change.hidden)
        if change.overwrites:
            yield f"  * {_taken_over(change.overwrites)}"
    yield ""


def _taken_over(overwrites: str) -> str:
    if overwrites == UNKNOWN:
        return "is taken over where it is there already, and what would be changed of it is not known yet"
    return f"is there already, and is taken over: {value(overwrites)}"


def _options(change: Change) -> str:
    told = [
        f"{word} {str(before).lower()} → {str(after).lower()}"
        for word, before, after in (
            ("protected", change.before.protect, change.after.protect),
            ("kept when it leaves the stack", change.before.retain_on_delete, change.after.retain_on_delete),
        )
        if before != after and change.action is not Action.CREATE
    ]
    return f" ({', '.join(told)})" if told else ""


def _property(one: Property) -> str:
    was, now = _apart(one.was, one.now)
    return f"{code(one.path)}: {value(was)} → {value(now)}"


def _apart(was: Any, now: Any) -> tuple[Any, Any]:
    """Two long texts without what both begin with, so that the difference is seen."""
    if not (isinstance(was, str) and isinstance(now, str)) or max(len(was), len(now)) <= _LONGEST_VALUE:
        return was, now
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(was, now, strict=False)))
    common = max(0, alike - _SHOWN_BEFORE)
    return (f"…{was[common:]}", f"…{now[common:]}") if common else (was, now)


def value(given: Any) -> str:
    """A setting's value, as code and not too long."""
    if given is None:
        return _NOTHING
    told = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    return code(told if len(told) <= _LONGEST_VALUE else f"{told[:_LONGEST_VALUE]}…")


def code(text: str) -> str:
    """A value as code, in which nothing is a link, a mention or a picture."""
    flat = re.sub(r"\s+", " ", text) or " "
    fence = "`" * (max(map(len, re.findall("`+", flat)), default=0) + 1)
    return f"{fence}{flat}{fence}" if fence == "`" else f"{fence} {flat} {fence}"


def prose(text: str) -> str:
    """Somebody's words on one line: no markup, and nobody is called by them."""
    flat = re.sub(r"([\\`*_{}\[\]<>|!&~])", r"\\\1", re.sub(r"\s+", " ", text))
    return re.sub("([@#])", "\\1\N{ZERO WIDTH SPACE}", flat)


def _fenced(text: str) -> str:
    """Words for a block of code, which they must not end."""
    told = text if len(text) <= _LONGEST_ERROR else f"{text[:_LONGEST_ERROR]}…"
    return told.replace("```", "'''")
