"""Alerts on runs that fail or do not come, and on keys that expire: searches in a Log Analytics workspace."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import monitor

from purview_ai import explained, naming

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from purview_ai.naming import SourceNames
    from purview_ai.settings.alerts import AlertsSettings, RunLogSettings

_ALWAYS_THERE = "Usage"
"""A table that every workspace has (docs/facts.md, graph 16.2)."""
_WINDOWS = {
    **{minutes: f"PT{minutes}M" for minutes in (5, 10, 15, 30, 45)},
    **{60 * hours: f"PT{hours}H" for hours in range(1, 7)},
    24 * 60: "P1D",
    48 * 60: "P2D",
}
"""The times that Azure takes, in minutes, as ARM writes them (docs/facts.md, graph 16)."""


@dataclass(frozen=True)
class Site:
    """Where the alert rules are."""

    group: str
    """The resource group's name."""
    location: str
    """The Azure region."""
    workspace: str
    """The ARM id of the Log Analytics workspace that they search."""


@dataclass(frozen=True)
class Watched:
    """What the alerts look at."""

    account_id: str
    """The Purview account's ARM id."""
    scans: Mapping[str, SourceNames]
    """The names in Purview, by source."""
    expiries: Mapping[str, pulumi.Output[date | None]] = field(default_factory=dict[str, "pulumi.Output[date | None]"])
    """When each key expires, by its secret."""


@dataclass(frozen=True)
class _Search:
    """One search, and when what it finds is an alert."""

    title: str
    description: str
    query: pulumi.Input[str]
    window_minutes: int
    """How far back it looks; at least."""
    operator: str = "GreaterThan"
    threshold: int = 0
    """Of the rows that it finds."""
    split_by: str = ""
    """A column: an alert for each value of it."""


class Alerts(pulumi.ComponentResource):
    """One alert rule for what is asked for, and for each source of which no run succeeds."""

    def __init__(
        self,
        name: str,
        *,
        tenant: str,
        settings: AlertsSettings,
        site: Site,
        watched: Watched,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Have Azure look at a tenant's runs and keys.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of; the rules' names in Azure carry it.
            settings: Which alerts there are, and whom they tell.
            site: Where the rules are.
            watched: What they look at.
            opts: Pulumi's options.
        """
        super().__init__("purview-ai:index:Alerts", name, None, opts)
        self._name, self._tenant, self._settings, self._site = name, tenant, settings, site
        for what, search in _searches(tenant, settings, watched).items():
            self._rule(what, search)
        self.register_outputs({})

    def _rule(self, what: str, search: _Search) -> None:
        settings, called = self._settings, naming.alert_rule(self._tenant, what)
        told = explained.on_failure(
            f"{self._name}-{what}", self._tenant, f"alert rule {called} was not made", explained.ALERTS, self
        )
        split = (
            [monitor.DimensionArgs(name=search.split_by, operator="Include", values=["*"])] if search.split_by else None
        )
        monitor.ScheduledQueryRule(
            f"{self._name}-{what}",
            rule_name=called,
            resource_group_name=self._site.group,
            location=self._site.location,
            kind="LogAlert",
            display_name=f"{self._tenant}: {search.title}",
            description=search.description,
            enabled=True,
            severity=settings.severity,
            scopes=[self._site.workspace],
            evaluation_frequency=_WINDOWS[settings.every_minutes],
            window_size=_window(max(search.window_minutes, settings.every_minutes)),
            criteria=monitor.ScheduledQueryRuleCriteriaArgs(
                all_of=[
                    monitor.ConditionArgs(
                        query=search.query,
                        time_aggregation="Count",
                        # The SDK's enum of this name is another service's, with words that this one does not know.
                        operator=search.operator,
                        threshold=search.threshold,
                        dimensions=split,
                        failing_periods=monitor.ConditionFailingPeriodsArgs(
                            number_of_evaluation_periods=1, min_failing_periods_to_alert=1
                        ),
                    )
                ]
            ),
            # It is told once and resolves itself. Azure wants that for no rule that looks less often than twice a day.
            auto_mitigate=True,
            # Azure would run the query at once, and a table may come to be with its first row only.
            skip_query_validation=True,
            actions=monitor.ActionsArgs(action_groups=list(settings.action_groups)) if settings.action_groups else None,
            opts=pulumi.ResourceOptions(parent=self, hooks=pulumi.ResourceHookBinding(on_error=[told])),
        )


def _window(minutes: int) -> str:
    """The shortest time that Azure takes and that is as long."""
    return next(written for length, written in _WINDOWS.items() if length >= minutes)


def _searches(tenant: str, settings: AlertsSettings, watched: Watched) -> dict[str, _Search]:
    """What is asked for, by a word for each."""
    found: dict[str, _Search] = {}
    log, watch = settings.run_log, f"purview-ai scan watch --stack {tenant}"
    if settings.failed_run and watched.scans:
        found["failed-run"] = _Search(
            "a run failed",
            f"A run that captures AI interactions failed. Why: {watch}",
            _runs(log, watched.account_id, watched.scans, log.failed),
            # Logs arrive late: each is looked at twice, and told once.
            window_minutes=2 * settings.every_minutes,
            split_by=log.data_source,
        )
    hours = settings.no_success_for_hours
    for source, names in watched.scans.items() if hours is not None else ():
        found[f"no-success-{source}"] = _Search(
            f"no successful run of {source} for {hours} hours",
            f"No run of {source} has succeeded for {hours} hours, or its logs do not arrive. What goes on: {watch}",
            _runs(log, watched.account_id, {source: names}, log.succeeded, hours),
            window_minutes=60 * (hours or 0),
            operator="LessThan",
            threshold=1,
        )
    days = settings.key_expires_within_days
    if days is not None and watched.expiries:
        found["key-expiry"] = _Search(
            "a key expires",
            f"A key expires within {days} days, or has expired. Have the vendor make a new one and put it in the old "
            "one's place; the next deployment tells this alert the new day.",
            pulumi.Output.all(**watched.expiries).apply(lambda expiries: _keys(expiries, days)),
            window_minutes=settings.every_minutes,
            split_by="Secret",
        )
    return found


def _runs(
    log: RunLogSettings, account_id: str, scans: Mapping[str, SourceNames], result: str, hours: int | None = None
) -> str:
    """The runs of some scans that came to this, as rows; it begins with a table, as Azure asks."""
    named = " or ".join(
        f"({log.data_source} =~ {_text(names.data_source)} and {log.scan} =~ {_text(names.scan)})"
        for names in scans.values()
    )
    return "\n".join(
        [
            log.table,
            *([f"| where TimeGenerated > ago({hours}h)"] if hours is not None else []),
            f"| where _ResourceId =~ {_text(account_id)}",
            f"| where {named}",
            f"| where {log.result} =~ {_text(result)}",
        ]
    )


def _keys(expiries: Mapping[str, date | None], days: int) -> str:
    """The keys that expire within some days, as rows.

    No log is needed for that: the days stand in the query, and Azure's clock does the rest. Counting a table gives
    one row even where it is empty, and that row is put in the place of the keys.
    """
    known = [{"secret": secret, "expires": f"{day}T23:59:59Z"} for secret, day in sorted(expiries.items()) if day]
    return "\n".join(
        [
            _ALWAYS_THERE,
            "| summarize Rows = count()",
            f"| extend Key = dynamic({json.dumps(known)})",
            "| mv-expand Key",
            "| project Secret = tostring(Key.secret), Expires = todatetime(Key.expires)",
            f"| where now() > Expires - {days}d",
        ]
    )


def _text(value: str) -> str:
    """A text as KQL writes it, which is JSON's way."""
    return json.dumps(value, ensure_ascii=False)
