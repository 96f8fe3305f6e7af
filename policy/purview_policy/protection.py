"""What captures, and what would be captured twice or lost, is protected from deletion."""

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
    if not (resource.protected or somebody_elses or parameters.spares(resource)):
        yield f"{resource.name} is not protected, so a destroy or a change of its name would delete it"


PROTECTED = Rule(
    name="capture-protected",
    says="Data sources, scans, the vault and the keys in it are protected from deletion.",
    remedy="protect: true, and take the source out of allow_rescan once it is done; for one deployment that needs it, "
    "give this rule the level advisory.",
    settings=("protect", "allow_rescan"),
    about=frozenset({DATA_SOURCE.name, SCAN.name, VAULT, VAULT_SECRET.name}),
    wrong=_can_go,
    parameters=OfLastingStacks,
)
