"""Names: they tell what a thing is, and in a place that several stacks share also whose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pulumi_policy import EnforcementLevel
from purview_ai import naming
from purview_ai.datamap.kinds import CREDENTIAL, KEY_VAULT_CONNECTION
from purview_ai.drift.azure_types import ALERT_RULE, DIAGNOSTIC_SETTING, RESOURCE_GROUP, VAULT
from pydantic import AfterValidator, Field

from purview_policy.rule import Parameters, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_policy.judged import Judged


def _pattern(given: str) -> str:
    try:
        re.compile(given)
    except re.error as error:
        msg = f"it is no regular expression: {error}"
        raise ValueError(msg) from None
    return given


Pattern = Annotated[str, AfterValidator(_pattern)]


class Forms(Parameters):
    """What names look like, as regular expressions; Microsoft's abbreviations by default."""

    vault: Pattern = Field(default="^kv-", description="What the name of a key vault matches.")
    resource_group: Pattern = Field(default="^rg-", description="What the name of a resource group matches.")


_NAMED_BY = {
    VAULT: "vaultName",
    RESOURCE_GROUP: "resourceGroupName",
    KEY_VAULT_CONNECTION.name: "name",
    CREDENTIAL.name: "name",
    DIAGNOSTIC_SETTING: "name",
    ALERT_RULE: "ruleName",
}
"""The input that names a resource in the outside world."""


def _unlike(resource: Judged, forms: Forms) -> Iterator[str]:
    name = resource.value(_NAMED_BY[resource.kind])
    if not isinstance(name, str):
        yield "it has no name of its own, or one that is not known before it is made"
        return
    form = {VAULT: forms.vault, RESOURCE_GROUP: forms.resource_group}.get(resource.kind)
    if form is None:
        begins = _begins(resource)
        if not name.startswith(begins):
            yield f"its name {name} does not begin with {begins}, and other stacks have such objects in the same place"
    elif not re.search(form, name):
        yield f"its name {name} does not match {form}"


def _begins(resource: Judged) -> str:
    """How the package begins the names of such objects of this stack."""
    if resource.kind == DIAGNOSTIC_SETTING:
        return naming.diagnostic_setting(resource.stack)
    if resource.kind == ALERT_RULE:
        return naming.alert_rule(resource.stack, "")
    return naming.credential(resource.stack, "")


NAMES = Rule(
    name="names",
    says="Names tell what a thing is, and whose where several stacks share a place.",
    remedy="vault.name and vault.resource_group say the first; the rest takes its names from purview_ai.naming. The "
    "parameters say what names look like.",
    settings=("vault.name", "vault.resource_group"),
    about=frozenset(_NAMED_BY),
    level=EnforcementLevel.ADVISORY,
    wrong=_unlike,
    parameters=Forms,
)
