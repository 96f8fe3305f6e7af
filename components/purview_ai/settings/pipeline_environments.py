"""What a tenant's tags tell the pipelines, and the environments of GitHub in which their jobs run.

A pipeline signs in as one identity for one tenant, or for several that say so: whoever previews or deploys one of these
can read the others' state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai import naming
from purview_ai.settings.files import NAMESPACE, StackFileError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ENVIRONMENT = "environment"
"""The tag that says where a tenant stands in the order of deployments."""
ENVIRONMENTS = ("sandbox", "pre-production", "production")
"""In the order in which they are deployed. A tenant that says nothing comes last."""
IDENTITY = "identity"
"""The tag that says as whom a tenant's pipelines sign in. One that says nothing has an identity of its own name."""
PLAN, APPLY, SCAN = "plan", "apply", "scan"
"""The jobs, each with an identity of Azure of its own."""
_SANDBOX = ENVIRONMENTS[0]


@dataclass(frozen=True)
class JobEnvironment:
    """An environment of GitHub: what stands before an identity."""

    name: str
    job: str
    """Which identity its jobs sign in as."""
    reviewed: bool
    """Whether a person looks before each job."""


GRANTS = (JobEnvironment("grants-plan", PLAN, reviewed=False), JobEnvironment("grants", APPLY, reviewed=True))
"""Those of ``grants/``."""


class TagError(StackFileError):
    """A tag says what the pipelines do not know."""

    def __init__(self, reason: str, tag: str) -> None:
        """With what is wrong about a tag."""
        self.reason, self.fix = reason, f"put another {tag} into tags of {NAMESPACE}:tenant"
        super().__init__(f"{reason}; {self.fix}")


def environment_of(stack: str, tags: Mapping[str, str]) -> str:
    """Where a tenant is deployed; raises :class:`TagError` for an unknown one."""
    said = tag_of(tags, ENVIRONMENT, ENVIRONMENTS[-1])
    if said not in ENVIRONMENTS:
        reason = f"{stack}: its tag {ENVIRONMENT} is {said}, and the pipelines know {', '.join(ENVIRONMENTS)}"
        raise TagError(reason, ENVIRONMENT)
    return said


def identity_of(stack: str, tags: Mapping[str, str]) -> str:
    """As whom a tenant's pipelines sign in; raises :class:`TagError` for a name that no state or key can have."""
    said = tag_of(tags, IDENTITY, stack)
    whose = f"{stack}: its pipelines sign in as {said}, by the tag {IDENTITY} or by its name"
    if not naming.PIPELINE_KEY.match(said):
        reason = f"{whose}, and what signs in has a name of {naming.PIPELINE_KEY_RULE}"
        raise TagError(reason, IDENTITY)
    if said in naming.RESERVED_PIPELINES:
        reason = f"{whose}, and {' and '.join(naming.RESERVED_PIPELINES)} are no tenants'"
        raise TagError(reason, IDENTITY)
    return said


def environments_of(identity: str, deployed_in: Collection[str]) -> tuple[JobEnvironment, ...]:
    """The environments that the jobs of one identity's tenants run in.

    Args:
        identity: Whose.
        deployed_in: Where these tenants are deployed, of :data:`ENVIRONMENTS`.
    """
    return (
        JobEnvironment(f"{identity}-plan", PLAN, reviewed=False),
        JobEnvironment(f"{identity}-plan-reviewed", PLAN, reviewed=True),
        *(
            JobEnvironment(f"{identity}-{one}", APPLY, reviewed=one != _SANDBOX)
            for one in ENVIRONMENTS
            if one in deployed_in
        ),
        JobEnvironment(f"{identity}-scans", SCAN, reviewed=False),
    )


def tag_of(tags: Mapping[str, str], name: str, default: str) -> str:
    """A tag's value; capitals do not count in the name of a tag, as in Azure (docs/facts.md, graph 65)."""
    return next((value for given, value in tags.items() if given.lower() == name), default)
