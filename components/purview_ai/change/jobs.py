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


def spread(groups: Mapping[str, Sequence[Member]], everybody: Mapping[str, Sequence[Member]]) -> dict[str, Any]:
    """A matrix with a job for each stack or, beyond GitHub's limit, for some stacks of an identity each.

    Args:
        groups: The stacks that are meant, by their identities.
        everybody: All stacks of the project, which are what is cut: so two runs that mean different stacks have those
            of a job in one job as well. ``group`` is what to call all that this job may have.
    """
    _must_fit(groups)
    shares = dict.fromkeys(everybody, 1)
    for _ in range(min(JOBS, sum(map(len, everybody.values()))) - len(everybody)):
        longest = max(shares, key=lambda identity: len(everybody[identity]) / shares[identity])
        shares[longest] += 1
    cut = [(identity, chunk) for identity in groups for chunk in chunks_of(everybody[identity], shares[identity])]
    named = {one.stack for members in groups.values() for one in members}
    return {
        "include": [
            {**job_of(meant), "identity": identity, "group": chunk[0].stack}
            for identity, chunk in cut
            if (meant := [one for one in chunk if one.stack in named])
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
