"""The audit logs of a vault and of a Purview account, in a Log Analytics workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import monitor

from purview_ai import explained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from purview_ai.settings.diagnostics import DiagnosticsSettings


class Diagnostics(pulumi.ComponentResource):
    """One diagnostic setting for each resource; without one a vault logs no access (docs/facts.md, graph 2.4)."""

    def __init__(
        self,
        name: str,
        *,
        tenant: str,
        settings: DiagnosticsSettings,
        resources: Mapping[str, str],
        setting_name: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Send the logs of some resources to a workspace.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of.
            settings: Which logs go where.
            resources: The ARM ids of the resources, each by a word for it: vault, account.
            setting_name: What the diagnostic settings are called in Azure.
            opts: Pulumi's options.
        """
        super().__init__("purview-ai:index:Diagnostics", name, None, opts)
        for word, resource_id in resources.items():
            happened = f"the audit logs of {resource_id.rsplit('/', 1)[-1]} were not sent to the workspace"
            told = explained.on_failure(f"{name}-{word}", tenant, happened, explained.DIAGNOSTICS, self)
            monitor.DiagnosticSetting(
                f"{name}-{word}",
                name=setting_name,
                resource_uri=resource_id,
                workspace_id=settings.workspace,
                logs=[monitor.DiagnosticsLogSettingsArgs(category_group=settings.category_group, enabled=True)],
                opts=pulumi.ResourceOptions(parent=self, hooks=pulumi.ResourceHookBinding(on_error=[told])),
            )
        self.register_outputs({})
