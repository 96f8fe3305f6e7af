"""The jobs of a pipeline's workflow: none of them has stacks of two identities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purview_ai.fleet.matrix import JOBS, chunks_of, job_of
from purview_ai.settings.files import StackFileError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from purview_ai.fleet.choosing import Member


def one_each(groups: Mapping[str, Sequence[Member]]) -> dict[str, Any]:
    """A matrix with a job for each identity, which has all of its stacks.

    Raises :class:`StackFileError` where there are more identities than jobs, as :func:`spread` does.
    """
    _must_fit(groups)
    return {"include": [{**job_of(members), "identity": identity} for identity, members in groups.items()]}


def spread(groups: Mapping[str, Sequence[Member]]) -> dict[str, Any]:
    """A matrix with a job for each stack or, beyond GitHub's limit, for some stacks of an identity each."""
    _must_fit(groups)
    shares = dict.fromkeys(groups, 1)
    for _ in range(min(JOBS, sum(map(len, groups.values()))) - len(groups)):
        longest = max(shares, key=lambda identity: len(groups[identity]) / shares[identity])
        shares[longest] += 1
    return {
        "include": [
            {**job_of(chunk), "identity": identity}
            for identity, members in groups.items()
            for chunk in chunks_of(members, shares[identity])
        ]
    }


def _must_fit(groups: Mapping[str, Sequence[Member]]) -> None:
    if len(groups) > JOBS:
        msg = (
            f"the stacks have {len(groups)} identities, and GitHub makes {JOBS} jobs of a matrix at most, each of one "
            "identity: name some of the stacks at a time (--stack; by hand, the input stacks of the workflow), or let "
            "several share an identity (docs/pipelines.md#an-identity-for-each-tenant)"
        )
        raise StackFileError(msg)
