"""Everything that a stack file says of a tenant: typed, and checked once at the edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, StrictBool

from purview_ai import naming
from purview_ai.settings.diagnostics import DiagnosticsSettings
from purview_ai.settings.forms import Form
from purview_ai.settings.grants import GrantsMode, GrantsSettings, by_mode
from purview_ai.settings.purview import PurviewSettings
from purview_ai.settings.source import SourceSettings
from purview_ai.settings.strict import Strict
from purview_ai.settings.vault import VaultSettings

if TYPE_CHECKING:
    from purview_ai.settings.key import KeySettings

SourceKey = Annotated[str, Form(naming.SOURCE_KEY, naming.SOURCE_KEY_RULE)]


class TenantSettings(Strict):
    """Everything that a stack file says of a tenant."""

    purview: PurviewSettings = Field(description="The Purview account that captures.")
    vault: VaultSettings = Field(description="The key vault that holds the vendors' keys.")
    grants: Annotated[GrantsSettings, BeforeValidator(by_mode, json_schema_input_type=GrantsMode | GrantsSettings)] = (
        Field(
            default_factory=GrantsSettings,
            description="The app roles that the Purview account's identity needs: managed, expected, or a block that "
            "says more.",
            examples=["expected"],
        )
    )
    diagnostics: DiagnosticsSettings | None = Field(
        default=None, description="Where the audit logs of the vault and of the Purview account go."
    )
    sources: dict[SourceKey, SourceSettings] = Field(
        description="The workspaces to capture, by names of your choice.",
        min_length=1,
        examples=[
            {
                "chatgpt": {
                    "app": "chatgpt-enterprise",
                    "workspace_id": "11111111-1111-1111-1111-111111111111",
                    "key": {"secret": "chatgpt-compliance-key"},
                }
            }
        ],
    )
    protect: StrictBool = Field(
        default=True,
        description="Whether vault, secrets, data sources and scans are protected from deletion.",
    )

    allow_rescan: tuple[str, ...] = Field(
        default=(),
        description="The sources whose data source and scan may be replaced, which ingests every interaction a second "
        "time. Take the name out again afterwards.",
        examples=[["chatgpt"]],
    )
    release: tuple[str, ...] = Field(
        default=(),
        description="Objects that were there before the stack, by their names in Purview and app roles by "
        "their values, which destroy shall remove all the same.",
        examples=[["ChatGPT-Prod", "User.Read.All"]],
    )

    @property
    def captured(self) -> dict[str, SourceSettings]:
        """The sources that the Data Map scans."""
        return {name: source for name, source in self.sources.items() if source.connected}

    @property
    def keys(self) -> dict[str, KeySettings]:
        """The vendors' keys that are kept, by source."""
        return {name: source.key for name, source in self.sources.items() if source.key}

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        told = [*self.purview.warnings(), *self.vault.warnings(), *self.grants.warnings()]
        for name, source in self.sources.items():
            told += [f"sources.{name}.{warning}" for warning in source.warnings()]
        if self.allow_rescan:
            told.append(
                f"allow_rescan: {', '.join(self.allow_rescan)} may be replaced and is not protected; take the name out "
                "once it is done"
            )
        return told
