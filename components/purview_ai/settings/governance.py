"""What a tenant wants around the scan, as a stack file has it. Each part is a block of its own, and none is on."""

from __future__ import annotations

from pydantic import Field

from purview_ai.settings.conditional_access import ConditionalAccessSettings
from purview_ai.settings.ediscovery import EdiscoverySettings
from purview_ai.settings.people import PeopleSettings
from purview_ai.settings.scripts import ScriptsSettings
from purview_ai.settings.strict import Strict


class GovernanceSettings(Strict):
    """What is wanted around the scan, declared or scripted; each part is off where it is left out."""

    conditional_access: ConditionalAccessSettings | None = Field(
        default=None,
        description="A Conditional Access policy that blocks or challenges people with insider risk; none without this "
        "block. Adaptive protection must be on in Purview before it can meet anybody.",
    )
    people: PeopleSettings | None = Field(
        default=None,
        description="Entra groups and directory roles for the people who run this; none without this block.",
    )
    ediscovery: EdiscoverySettings | None = Field(
        default=None, description="A case of eDiscovery with searches for the interactions; none without this block."
    )
    scripts: ScriptsSettings | None = Field(
        default=None,
        description="What no API sets up: purview-ai governance render writes scripts for PowerShell, which "
        "a person reviews and runs.",
    )

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        blocks = {
            "conditional_access": self.conditional_access,
            "people": self.people,
            "ediscovery": self.ediscovery,
            "scripts": self.scripts,
        }
        return [f"{name}.{told}" for name, block in blocks.items() if block for told in block.warnings()]
