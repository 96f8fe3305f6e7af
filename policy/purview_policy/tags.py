"""Tags: a resource says whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_policy import EnforcementLevel
from purview_ai.drift.azure_types import VAULT
from purview_ai.json_values import is_object
from pydantic import Field

from purview_policy.rule import OfLastingStacks, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_policy.judged import Judged


class Required(OfLastingStacks):
    """Which tags, and where."""

    required: list[str] = Field(default=["owner"], description="Names of tags that must be there and say something.")
    on: list[str] = Field(
        default=[VAULT], description="The types of the resources that must have them, without an API version."
    )


def _missing(resource: Judged, parameters: Required) -> Iterator[str]:
    if resource.kind not in parameters.on or parameters.spares(resource):
        return
    found = resource.value("tags")
    # Azure does not tell capitals from small letters in the names of tags.
    given = {name.lower() for name, value in found.items() if value} if is_object(found) else set[str]()
    for name in parameters.required:
        if name.lower() not in given:
            yield f"the tag {name} is missing"


REQUIRED_TAGS = Rule(
    name="required-tags",
    says="A resource says by its tags whose it is.",
    remedy="tags: {owner: <team>}, or vault.tags for the vault alone; the parameters say which tags, and on which "
    "types.",
    settings=("tags", "vault.tags"),
    level=EnforcementLevel.ADVISORY,
    wrong=_missing,
    parameters=Required,
)
