"""What captures, and what would be captured twice or lost, is protected from deletion and not replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.datamap.kinds import DATA_SOURCE, SCAN
from purview_ai.drift.azure_types import VAULT
from purview_ai.vaults.secret import VAULT_SECRET

from purview_policy.rule import OfLastingStacks, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_policy.judged import Judged


def _can_go(resource: Judged, parameters: OfLastingStacks) -> Iterator[str]:
    somebody_elses = resource.value("expected") is True
    # That one may be replaced is the other rule's, which says what it costs.
    if not (resource.protected or somebody_elses or _replaceable(resource) or parameters.spares(resource)):
        yield f"{resource.name} is not protected, so a destroy or a change of its name would delete it"


def _may_be_replaced(resource: Judged, parameters: OfLastingStacks) -> Iterator[str]:
    if _replaceable(resource) and not parameters.spares(resource):
        yield (
            f"{resource.name} is not protected and may be replaced, and the new one captures everything a second time"
        )


def _replaceable(resource: Judged) -> bool:
    return resource.kind in _CAPTURE and resource.value("allow_rescan") is True


_CAPTURE = frozenset({DATA_SOURCE.name, SCAN.name})
PROTECTED = Rule(
    name="capture-protected",
    says="Data sources, scans, the vault and the keys in it are protected from deletion.",
    remedy="protect: true.",
    settings=("protect",),
    about=_CAPTURE | {VAULT, VAULT_SECRET.name},
    wrong=_can_go,
    parameters=OfLastingStacks,
)
NO_RESCAN = Rule(
    name="no-rescan",
    says="No data source and no scan may be replaced.",
    remedy="take the source out of allow_rescan once it is done. policy/rules.json lets it pass where the gate of a "
    "pipeline asks for somebody's yes: docs/living-with-a-tenant.md#capture-everything-once-more.",
    settings=("allow_rescan",),
    about=_CAPTURE,
    wrong=_may_be_replaced,
    parameters=OfLastingStacks,
)
