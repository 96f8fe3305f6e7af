"""Where the audit logs of the vault and of the Purview account go, as a stack file has it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, StrictBool

from purview_ai.settings.forms import Form, found
from purview_ai.settings.strict import Strict

_WORKSPACE = re.compile(
    r"^/subscriptions/[0-9a-fA-F-]{36}/resourceGroups/[^/]+/providers/Microsoft\.OperationalInsights/workspaces/[^/]+\Z",
    re.IGNORECASE,
)


class DiagnosticsSettings(Strict):
    """Audit logs in a Log Analytics workspace."""

    workspace: Annotated[
        str,
        Form(
            _WORKSPACE,
            "the form /subscriptions/…/resourceGroups/…/providers/Microsoft.OperationalInsights/workspaces/…",
        ),
    ] = Field(
        description="The id of the Log Analytics workspace that takes the logs.",
        examples=[
            (
                "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-logs"
                "/providers/Microsoft.OperationalInsights/workspaces/law-contoso"
            )
        ],
        json_schema_extra=found("Azure portal > Log Analytics workspaces > the workspace > Properties > Resource ID"),
    )
    vault: StrictBool = Field(default=True, description="Whether the vault's logs go there.")
    account: StrictBool = Field(default=True, description="Whether the Purview account's logs go there.")
    category_group: Annotated[str, Field(min_length=1)] = Field(
        default="audit",
        description="Which logs, by Azure Monitor's name for a group of categories: audit, or allLogs.",
        examples=["audit"],
    )
