"""Alerts on a scan that was set up by hand, in a workspace that has the Purview account's logs."""

import pulumi
from purview_ai import Alerts
from purview_ai.alerts import Site, Watched
from purview_ai.naming import SourceNames
from purview_ai.settings.alerts import AlertsSettings

config = pulumi.Config()
Alerts(
    "alerts",
    tenant="contoso",
    settings=AlertsSettings(no_success_for_hours=36),
    site=Site(config.require("group"), config.require("location"), config.require("workspace")),
    watched=Watched(config.require("account"), {"chatgpt": SourceNames("ChatGPT-Prod", "Scan-k3d")}),
)
