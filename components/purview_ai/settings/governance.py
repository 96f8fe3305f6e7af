"""What a stack file says of the governance around the scan."""

from __future__ import annotations

from pydantic import Field

from purview_ai.settings.scripts import ScriptsSettings
from purview_ai.settings.strict import Strict


class GovernanceSettings(Strict):
    """What a tenant wants of Microsoft 365 beside the scan."""

    scripts: ScriptsSettings | None = Field(
        default=None,
        description="What only Microsoft's PowerShell sets up: purview-ai governance render writes the scripts, which "
        "a person reviews and runs.",
    )

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        return [f"scripts.{warning}" for warning in self.scripts.warnings()] if self.scripts else []
