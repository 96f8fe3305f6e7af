"""A fleet as the matrix of a GitHub workflow."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from purview_ai.fleet.choosing import Member

JOBS = 256
"""So many jobs a matrix may make (docs/facts.md, pulumi 21)."""


def matrix_of(members: Sequence[Member]) -> dict[str, Any]:
    """What ``strategy.matrix`` takes: a job for each stack or, beyond GitHub's limit, for some stacks each.

    ``stack`` is what ``--stack`` takes, whether it is one name or several; ``tags`` are those that all of a job's
    stacks have; ``name`` is what to call the job.
    """
    return {"include": [job_of(chunk) for chunk in chunks_of(members, JOBS)]}


def chunks_of(members: Sequence[Member], most: int) -> list[Sequence[Member]]:
    """At most so many parts, in order, none of them longer than another by more than one."""
    parts = min(most, len(members))
    bounds = [number * len(members) // parts for number in range(parts + 1)] if parts else []
    return [members[start:end] for start, end in pairwise(bounds)]


def job_of(chunk: Sequence[Member]) -> dict[str, Any]:
    """One entry of a matrix."""
    first, last = chunk[0], chunk[-1]
    name = first.stack if first is last else f"{first.stack} to {last.stack} ({len(chunk)})"
    shared = {tag: value for tag, value in first.tags.items() if all(one.has(tag, value) for one in chunk)}
    return {"name": name, "stack": ",".join(one.stack for one in chunk), "tags": shared}
