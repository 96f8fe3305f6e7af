"""Send the audit logs of a vault to a Log Analytics workspace."""

import pulumi
from purview_ai import Diagnostics
from purview_ai.settings.diagnostics import DiagnosticsSettings

config = pulumi.Config()
Diagnostics(
    "diagnostics",
    tenant="contoso",
    settings=DiagnosticsSettings(workspace=config.require("workspace")),
    resources={"vault": config.require("vault")},
    setting_name="audit-of-contoso",
)
