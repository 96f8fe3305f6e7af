"""A rule is data: what it says, how hard, what is wrong, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pulumi_policy import EnforcementLevel
from purview_ai.settings.strict import Strict
from pydantic import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from purview_policy.judged import Judged


class Parameters(Strict):
    """What can be set of a rule beside its level; of most rules nothing."""


class OfLastingStacks(Parameters):
    """What is asked only of stacks that somebody would miss."""

    except_stacks: list[str] = Field(
        default=["sandbox"], description="Stacks that are made to be thrown away, by their names."
    )

    def spares(self, resource: Judged) -> bool:
        """Whether the resource goes with such a stack."""
        return resource.stack in self.except_stacks


P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True)
class Rule(Generic[P]):
    """One thing that is looked at in every preview and deployment."""

    name: str
    says: str
    """What must be so, in a sentence."""
    remedy: str
    """What to do where it is not."""
    wrong: Callable[[Judged, P], Iterable[str]]
    """What is wrong with a resource, each in a sentence that holds no secret."""
    parameters: type[P]
    about: frozenset[str] = frozenset()
    """The kinds of resources that it looks at; empty for all."""
    level: EnforcementLevel = EnforcementLevel.MANDATORY
    settings: tuple[str, ...] = ()
    """The settings of a stack file that the remedy names."""
    of_outputs: bool = False
    """Whether it looks at what became of the resources, and not at what is wanted of them."""

    def violations(self, resource: Judged, configuration: dict[str, Any]) -> list[str]:
        """What to tell the user of a resource."""
        if self.about and resource.kind not in self.about:
            return []
        parameters = self.parameters.model_validate(configuration)
        return [f"{wrong}\nTo put it right: {self.remedy}" for wrong in self.wrong(resource, parameters)]
