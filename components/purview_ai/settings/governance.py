"""What is declared around the scan, as a stack file has it."""

from __future__ import annotations

from pydantic import Field

from purview_ai.settings.ediscovery import EdiscoverySettings
from purview_ai.settings.strict import Strict


class GovernanceSettings(Strict):
    """What is declared around the scan; each part is off where it is left out."""

    ediscovery: EdiscoverySettings | None = Field(
        default=None, description="A case of eDiscovery with searches for the interactions; none without this block."
    )

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        return [f"ediscovery.{warning}" for warning in self.ediscovery.warnings()] if self.ediscovery else []
