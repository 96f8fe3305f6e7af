"""No job of a pipeline has stacks of two identities, however many there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from purview_ai.change.jobs import one_each, spread
from purview_ai.fleet.choosing import Choice, Member
from purview_ai.fleet.matrix import JOBS
from purview_ai.settings.files import StackFileError


def groups(sizes: list[int]) -> dict[str, list[Member]]:
    """So many stacks of each identity."""
    return {
        f"i{group:03}": [Member(f"i{group:03}-{number}") for number in range(size)] for group, size in enumerate(sizes)
    }


@given(st.lists(st.integers(1, 400), max_size=JOBS))
def test_each_stack_is_in_one_job_of_its_identity_and_the_jobs_are_enough(sizes: list[int]) -> None:
    found = groups(sizes)
    jobs = spread(found, found)["include"]
    assert len(jobs) == min(JOBS, sum(sizes))
    named = [(job["identity"], name) for job in jobs for name in Choice.of([job["stack"]], []).stacks]
    assert named == [(identity, one.stack) for identity, members in found.items() for one in members]


@given(st.data(), st.lists(st.integers(1, 400), min_size=1, max_size=JOBS + 9))
def test_whatever_two_runs_mean_a_stack_is_in_the_same_group(data: st.DataObject, sizes: list[int]) -> None:
    everybody = groups(sizes)

    def group_of_each() -> dict[str, str]:
        chosen = data.draw(st.lists(st.sampled_from(sorted(everybody)), max_size=4, unique=True))
        meant = {identity: everybody[identity][data.draw(st.integers(0, 3)) :: 2] for identity in chosen}
        jobs = spread({identity: members for identity, members in meant.items() if members}, everybody)["include"]
        assert len({job["group"] for job in jobs}) == len(jobs), "no job of a run waits for another one of it"
        return {name: job["group"] for job in jobs for name in job["stack"].split(",")}

    one, other = group_of_each(), group_of_each()
    assert {name: one[name] for name in one.keys() & other} == {name: other[name] for name in one.keys() & other}
    if sum(sizes) <= JOBS:
        assert all(name == group for name, group in one.items())


def test_one_identity_with_most_of_the_stacks_gets_most_of_the_jobs() -> None:
    found = groups([1, JOBS * 2])
    jobs = spread(found, found)["include"]
    assert [job["identity"] for job in jobs].count("i001") == JOBS - 1
    assert max(job["stack"].count(",") for job in jobs) == 2


def test_more_identities_than_jobs_are_told_and_what_to_do() -> None:
    for matrix in (lambda one: spread(one, one), one_each):
        with pytest.raises(StackFileError, match=r"257 identities.*or let several share an identity"):
            matrix(groups([1] * (JOBS + 1)))
    assert len(one_each(groups([2] * JOBS))["include"]) == JOBS
