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
    jobs = spread(found)["include"]
    assert len(jobs) == min(JOBS, sum(sizes))
    named = [(job["identity"], name) for job in jobs for name in Choice.of([job["stack"]], []).stacks]
    assert named == [(identity, one.stack) for identity, members in found.items() for one in members]


def test_one_identity_with_most_of_the_stacks_gets_most_of_the_jobs() -> None:
    jobs = spread(groups([1, JOBS * 2]))["include"]
    assert [job["identity"] for job in jobs].count("i001") == JOBS - 1
    assert max(job["stack"].count(",") for job in jobs) == 2


def test_more_identities_than_jobs_are_told_and_what_to_do() -> None:
    for matrix in (spread, one_each):
        with pytest.raises(StackFileError, match=r"257 identities.*or let several share an identity"):
            matrix(groups([1] * (JOBS + 1)))
    assert len(one_each(groups([2] * JOBS))["include"]) == JOBS
