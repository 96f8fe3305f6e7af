"""Which stacks are meant, for whatever names, tags and changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from purview_ai.fleet.choosing import Choice, ChoiceError, Member
from purview_ai.fleet.matrix import JOBS, chunks_of, matrix_of

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = st.sampled_from(["wave", "Wave", "owner", "OWNER", "region"])
VALUES = st.sampled_from(["a", "b", "c"])
TAGS = st.dictionaries(NAMES, VALUES, max_size=3).filter(lambda tags: len({n.lower() for n in tags}) == len(tags))
MEMBERS = st.builds(Member, st.text("abc-1", min_size=1, max_size=4), TAGS)
WANTED = st.lists(st.tuples(NAMES, VALUES), max_size=4)


@given(MEMBERS, WANTED)
def test_of_one_tag_any_value_counts_and_of_several_each(member: Member, wanted: list[tuple[str, str]]) -> None:
    meant = Choice(tags=tuple(wanted)).includes(member)
    by_name: dict[str, set[str]] = {}
    for name, value in wanted:
        by_name.setdefault(name.lower(), set()).add(value)
    has = {name.lower(): value for name, value in member.tags.items()}
    assert meant == all(has.get(name) in values for name, values in by_name.items())


@given(MEMBERS, WANTED, WANTED)
def test_more_words_about_another_tag_never_widen_a_choice(
    member: Member, wanted: list[tuple[str, str]], more: list[tuple[str, str]]
) -> None:
    known = {name.lower() for name, _ in wanted}
    others = tuple(tag for tag in more if tag[0].lower() not in known)
    if Choice(tags=(*wanted, *others)).includes(member):
        assert Choice(tags=tuple(wanted)).includes(member)


@given(MEMBERS, st.lists(st.sampled_from(["a*", "?", "[bc]*", "*-1", "abc"]), max_size=3))
def test_a_stack_is_meant_by_any_of_the_names(member: Member, globs: list[str]) -> None:
    alone = [Choice((glob,)).includes(member) for glob in globs]
    assert Choice(tuple(globs)).includes(member) == (any(alone) or not globs)
    assert Choice.of([",".join(globs)], []) == Choice.of(globs, []), "commas and repetition say the same"


@pytest.mark.parametrize("words", ["wave", "=canary", ""])
def test_a_tag_needs_a_name_and_a_value(words: str) -> None:
    with pytest.raises(ChoiceError, match="is no tag: say its name and its value"):
        Choice.of([], [words])


def test_a_tag_may_have_an_empty_value_and_one_with_an_equals_sign() -> None:
    assert Choice.of([], ["note=", "rule=a=b"]).tags == (("note", ""), ("rule", "a=b"))


@given(st.integers(0, 1000), st.integers(1, 300))
def test_chunks_hold_all_in_order_and_are_of_one_size(count: int, most: int) -> None:
    members = [Member(f"t{number:04}") for number in range(count)]
    chunks = chunks_of(members, most)
    assert [one for chunk in chunks for one in chunk] == members
    assert len(chunks) == min(count, most)
    sizes = [len(chunk) for chunk in chunks]
    assert max(sizes, default=0) - min(sizes, default=0) <= 1


def _fleet(count: int) -> Sequence[Member]:
    return [Member(f"t{number:04}", {"wave": str(number % 2), "owner": "msp"}) for number in range(count)]


def test_a_matrix_has_one_job_for_each_stack_and_its_tags() -> None:
    matrix = matrix_of(_fleet(JOBS))
    assert len(matrix["include"]) == JOBS
    assert matrix["include"][1] == {"name": "t0001", "stack": "t0001", "tags": {"wave": "1", "owner": "msp"}}
    assert matrix_of([]) == {"include": []}


def test_beyond_the_limit_a_job_has_several_stacks_and_what_they_share() -> None:
    jobs = matrix_of(_fleet(JOBS * 2 + 1))["include"]
    assert len(jobs) == JOBS
    assert jobs[0] == {"name": "t0000 to t0001 (2)", "stack": "t0000,t0001", "tags": {"owner": "msp"}}
    again = [name for job in jobs for name in Choice.of([job["stack"]], []).stacks]
    assert again == [one.stack for one in _fleet(JOBS * 2 + 1)]
