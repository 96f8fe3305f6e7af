"""Estates of which it is known what their services would answer: each answer is given before anybody asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from local_azure import seed
from purview_ai.datamap.run_report import RunReport
from purview_ai.identity import AzureSettings
from purview_ai.inspection.estate import Estate
from purview_ai.inspection.runs import History
from purview_ai.inspection.state import State
from purview_ai.settings.tenant import TenantSettings
from settings_blocks import block

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.inspection.finding import Finding
    from purview_ai.inspection.inspector import Link

STACK = "sandbox"


def estate_with(
    answers: dict[str, Any] | None = None,
    read_state: Callable[[], frozenset[str]] = lambda: frozenset({"something"}),
    patience_s: float = 60.0,
    **changes: Any,
) -> Estate:
    """A tenant's estate with these settings changed; answers by the names under which an estate asks once."""
    settings = TenantSettings.model_validate(block(**changes))
    found = Estate(STACK, settings, azure_settings(), State(read_state, patience_s))
    for name, answer in (answers or {}).items():
        found.once(name, lambda answer=answer: answer)
    return found


def azure_settings(cloud: str = "public") -> AzureSettings:
    """Those of the sandbox, in one of Azure's clouds."""
    known = {"azure-native:tenantId": seed.TENANT, "azure-native:subscriptionId": seed.SUBSCRIPTION}
    known["azure-native:environment"] = cloud
    return AzureSettings(known.get, {})


def look(link: Link) -> Finding:
    """What is found of a link."""
    return link.look(link)


def ago(**span: float) -> str:
    """A moment so long ago, as services write it."""
    return (datetime.now(UTC) - timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(started: str, ingested: int | None = 10, status: str = "Succeeded") -> RunReport:
    """A run of a minute."""
    begun = datetime.fromisoformat(started)
    ended = None if status == "Running" else (begun + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return RunReport("a-run", status, "Incremental", started, ended, ingested, ingested, ingested, "")


def runs(*found: RunReport) -> dict[str, Any]:
    """The answer to what runs there are."""
    return {"runs of chatgpt": History(sorted(found, key=lambda one: str(one.started), reverse=True))}
