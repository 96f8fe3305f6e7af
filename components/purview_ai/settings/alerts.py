"""Which alerts a tenant has, and whom they tell, as a stack file has it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from purview_ai.settings.forms import Form, found
from purview_ai.settings.strict import Strict

_ACTION_GROUP = re.compile(
    r"^/subscriptions/[0-9a-fA-F-]{36}/resource[Gg]roups/[^/]+/providers/[Mm]icrosoft\.[Ii]nsights"
    r"/[Aa]ction[Gg]roups/[^/]+\Z"
)
_COLUMN = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*\Z")
_WORD = re.compile(r"^[A-Za-z0-9 _-]+\Z")
LOOK_BACK_HOURS = 48
"""No log search alert looks further back (docs/facts.md, graph 16)."""

ActionGroupId = Annotated[
    str, Form(_ACTION_GROUP, "the form /subscriptions/…/resourceGroups/…/providers/Microsoft.Insights/actionGroups/…")
]
Column = Annotated[str, Form(_COLUMN, "letters, digits and underscores; starts with no digit")]
Word = Annotated[str, Form(_WORD, "letters, digits, blanks, hyphens and underscores")]


class RunLogSettings(Strict):
    """What the log of runs is called in the workspace.

    The names are documented for Purview's scans as such. Whether the runs of this connector are logged there, and with
    these words, nobody has said (docs/facts.md, graph 16.1): so they are data.
    """

    table: str = Field(
        default="PurviewScanStatusLogs",
        min_length=1,
        description="The table, or a query that begins with one and gives rows of the same kind.",
        examples=["PurviewScanStatusLogs"],
        json_schema_extra=found("Azure portal > Log Analytics workspaces > the workspace > Logs > Tables"),
    )
    data_source: Column = Field(
        default="DataSourceName", description="The column with the data source's name.", examples=["DataSourceName"]
    )
    scan: Column = Field(default="ScanName", description="The column with the scan's name.", examples=["ScanName"])
    result: Column = Field(
        default="ResultType", description="The column that says what became of a run.", examples=["ResultType"]
    )
    failed: Word = Field(default="Failed", description="What stands there when a run failed.", examples=["Failed"])
    succeeded: Word = Field(
        default="Succeeded", description="What stands there when a run succeeded.", examples=["Succeeded"]
    )


class AlertsSettings(Strict):
    """Alerts on runs that fail or do not come, and on keys that expire."""

    failed_run: StrictBool = Field(default=True, description="Whether a failed run raises an alert.")
    no_success_for_hours: StrictInt | None = Field(
        default=None,
        ge=1,
        le=LOOK_BACK_HOURS,
        description="An alert for each source of which no run has succeeded for so many hours, or of which there is no "
        "log at all. 48 at most: no log search alert looks further back. Choose more than the time between two runs. "
        "The first full run may take longer: the alert is on until it has succeeded.",
        examples=[36],
    )
    key_expires_within_days: StrictInt | None = Field(
        default=None,
        ge=1,
        le=366,
        description="An alert so many days before a key expires. Known are key.expires and, of a key that somebody "
        "else puts into the vault, the expiry that its secret had at the last deployment.",
        examples=[14],
    )
    action_groups: tuple[ActionGroupId, ...] = Field(
        default=(),
        description="Whom the alerts tell: the ids of Azure Monitor's action groups, which exist already. Without one "
        "an alert shows in the portal alone.",
        examples=[
            [
                (
                    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-monitoring"
                    "/providers/Microsoft.Insights/actionGroups/security-team"
                )
            ]
        ],
        max_length=5,
        json_schema_extra=found(
            "Azure portal > Monitor > Alerts > Action groups > the group > Properties > Resource ID"
        ),
    )
    severity: StrictInt = Field(
        default=1, ge=0, le=4, description="How severe an alert is: 0 (critical), 1 (error), 2 (warning), 3 or 4."
    )
    every_minutes: Literal[5, 10, 15, 30, 45, 60, 120, 180, 240, 300, 360] = Field(
        default=60, description="How often Azure looks, in minutes. More often costs more."
    )
    run_log: RunLogSettings = Field(
        default_factory=RunLogSettings, description="What the log of runs is called in the workspace."
    )

    @property
    def on_runs(self) -> bool:
        """Whether any alert looks at the log of runs."""
        return self.failed_run or self.no_success_for_hours is not None

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        if self.action_groups:
            return []
        return ["alerts.action_groups: nobody is told; an alert only shows in the Azure portal (Monitor > Alerts)"]
