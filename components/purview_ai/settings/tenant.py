"""Everything that a stack file says of a tenant: typed, and checked once at the edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, StrictBool

from purview_ai import naming
from purview_ai.settings.alerts import AlertsSettings
from purview_ai.settings.conditional_access import AccessState
from purview_ai.settings.diagnostics import DiagnosticsSettings
from purview_ai.settings.forms import Form
from purview_ai.settings.governance import GovernanceSettings
from purview_ai.settings.grants import GrantsMode, GrantsSettings, by_mode
from purview_ai.settings.purview import PurviewSettings
from purview_ai.settings.source import SourceSettings
from purview_ai.settings.strict import Strict
from purview_ai.settings.tags import Tags, together
from purview_ai.settings.vault import VaultSettings

if TYPE_CHECKING:
    from purview_ai.settings.key import KeySettings
    from purview_ai.settings.scanning import ScanSettings

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
    alerts: AlertsSettings | None = Field(
        default=None,
        description="Alerts on runs that fail or do not come, and on keys that expire; none without this block. They "
        "search the workspace of diagnostics.",
    )
    governance: GovernanceSettings | None = Field(
        default=None,
        description="What is wanted around the scan, declared or scripted; nothing without this block. Putting it in "
        "or taking it out touches no source and no scan.",
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
    tags: Tags = Field(
        default_factory=dict[str, str],
        description="What the tenant belongs to, by names and values of your choice. A fleet is chosen by them, and a "
        "vault that the stack makes gets them.",
        examples=[{"wave": "canary", "owner": "security"}],
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
        description="Objects that were there before the stack, by their names in Purview, and app roles by "
        "their values, which destroy shall remove all the same. It reaches no case of eDiscovery: "
        "governance.ediscovery.release does.",
        examples=[["ChatGPT-Prod", "User.Read.All"]],
    )

    @property
    def given_to_deployer(self) -> tuple[str, ...]:
        """The settings that are on and give a right to whoever runs the deployment."""
        given = {
            "vault.deployer_access": self.vault.deployer_manages,
            "purview.deployer_access": self.purview.deployer_access,
            "purview.bootstrap_admin": self.purview.bootstrap_admin,
        }
        return tuple(setting for setting, is_on in given.items() if is_on)

    @property
    def tagged_vault(self) -> VaultSettings:
        """The vault, with the tenant's tags besides its own."""
        return self.vault.model_copy(update={"tags": together(self.tags, self.vault.tags)})

    @property
    def captured(self) -> dict[str, SourceSettings]:
        """The sources that the Data Map scans."""
        return {name: source for name, source in self.sources.items() if source.connected}

    @property
    def keys(self) -> dict[str, KeySettings]:
        """The vendors' keys that are kept, by source."""
        return {name: source.key for name, source in self.sources.items() if source.key}

    def asks_for(self, setting: str) -> bool:
        """Whether the stack file has this block, or sets this switch, by its path."""
        value: object = self
        for step in setting.split("."):
            value = getattr(value, step, None)
        return bool(value)

    def puts_in_force(self, setting: str) -> bool:
        """Whether the stack file has this block, and the block says that it takes effect."""
        access = self.governance.conditional_access if self.governance else None
        only_there = setting == "governance.conditional_access" and access and access.state is not AccessState.ENABLED
        return self.asks_for(setting) and not only_there

    @property
    def nested_groups(self) -> list[tuple[str, str]]:
        """The Entra groups that somebody puts into role groups of the Purview portal: both by what they are called."""
        people = self.governance.people if self.governance else None
        groups = people.groups.values() if people else ()
        return [(group.display_name, role_group) for group in groups for role_group in group.role_groups]

    def expiry_known(self, source: str) -> bool:
        """Whether a deployment knows when a source's key expires, if it does."""
        key = self.keys[source]
        return key.expires is not None or (not key.from_config and self.sources[source].connected)

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        told = [*self.purview.warnings(), *self.vault.warnings(), *self.grants.warnings()]
        told += _alert_warnings(self)
        told += [f"governance.{warning}" for warning in self.governance.warnings()] if self.governance else []
        for name, source in self.sources.items():
            told += [f"sources.{name}.{warning}" for warning in source.warnings()]
        if self.allow_rescan:
            told.append(
                f"allow_rescan: {', '.join(self.allow_rescan)} may be replaced and is not protected; take the name out "
                "once it is done"
            )
        return told


def _alert_warnings(tenant: TenantSettings) -> list[str]:
    """Alerts that would tell less, or more, than they seem to."""
    alerts = tenant.alerts
    if alerts is None:
        return []
    told = alerts.warnings()
    if alerts.on_runs and tenant.diagnostics is not None and not tenant.diagnostics.account:
        told.append(
            "alerts: as diagnostics.account is false, they see a run only where another diagnostic setting sends the "
            "account's ScanStatusLogEvent to the workspace"
        )
    if alerts.no_success_for_hours is not None:
        told += [
            f"alerts.no_success_for_hours: {pause}, so the alert of {name} is on whenever no run has succeeded in the "
            f"last {alerts.no_success_for_hours} hours"
            for name, source in tenant.captured.items()
            if (pause := _longer_pause(source.scan, alerts.no_success_for_hours))
        ]
    if alerts.key_expires_within_days is not None:
        told += [
            f"alerts.key_expires_within_days: nothing says when the key of {name} expires, so no alert tells it; "
            f"sources.{name}.key.expires says it"
            for name in tenant.keys
            if not tenant.expiry_known(name)
        ]
    return told


def _longer_pause(scan: ScanSettings, hours: int) -> str:
    """Why a source is regularly without a run for longer than this; empty where it is not."""
    pause = scan.longest_pause_hours()
    if pause is None:
        return "its scan has no schedule" if scan.every is None else "its schedule is not in force"
    return f"its scan pauses for {pause} hours" if pause >= hours else ""
