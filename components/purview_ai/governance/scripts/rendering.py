"""Renders the scripts that a tenant's settings ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from purview_ai.governance.scripts.literals import literal
from purview_ai.settings.scripts import RetentionAction

if TYPE_CHECKING:
    from purview_ai.settings.scripts import CollectionPolicySettings, RetentionSettings, ScriptsSettings

README = "README.md"
LOOK = "Test-Governance.ps1"
_ACTIONS = {
    RetentionAction.KEEP: "Keep",
    RetentionAction.DELETE: "Delete",
    RetentionAction.KEEP_AND_DELETE: "KeepAndDelete",
}
_ENTERPRISE_AI_APPS = "User:Entrabased3PAIApps,ChatGPTEnterprise,AzureAIServices"
"""The location Enterprise AI apps; the three only work together (docs/facts.md, graph 41)."""
_BOM = "\ufeff"
"""Windows PowerShell takes a file without it for another encoding, in which a name may turn out to hold a quote
(docs/facts.md, graph 46)."""


@dataclass(frozen=True)
class Script:
    """A script that changes something, and what a person must know before it is run."""

    file: str
    what: str
    who: str
    before: str
    parameters: str = ""
    """Those without a default, as a person gives them."""
    warnings: tuple[str, ...] = field(default=())


_ALL_APPS = (
    "Retention: the three values of `-Applications` only work together, so the policy is for all enterprise AI apps, "
    "not for ChatGPT Enterprise alone. Microsoft's own `-WhatIf` does not work there; the script's does."
)
_PREVIEW = (
    "Collection policies: `New-FeatureConfiguration` is in public preview, not in every organisation, and may change. "
    "Of a policy that is there, only its mode and its configuration are put right, not its locations."
)
AUDITING = Script(
    "Set-Auditing.ps1",
    "auditing on",
    "Audit Logs in Exchange Online",
    "nothing",
    warnings=("Auditing may take 60 minutes to take effect. Records of other vendors' AI apps are pay-as-you-go.",),
)
RETENTION = Script(
    "Set-Retention.ps1",
    "retention policy for Enterprise AI apps (preview)",
    "Compliance Administrator",
    "pay-as-you-go billing",
    warnings=(_ALL_APPS, "Retention: no script sets Preservation Lock, which nobody can ever undo."),
)
CAPTURE = Script(
    "Set-Capture.ps1",
    "collection policy: capture interactions of enterprise AI apps (preview)",
    "Compliance Administrator",
    "pay-as-you-go billing, before the policy is made",
    " -EnforcementPlanes <planes> -Locations <json>",
    (_PREVIEW, "What is captured costs money, from the first interaction on."),
)
NETWORK = Script(
    "Set-NetworkDetection.ps1",
    "collection policy: sensitive information shared over the network (preview)",
    "Compliance Administrator",
    "pay-as-you-go billing; a network partner (SASE or SSE) in Purview",
    " -Activities <activities> -EnforcementPlanes <planes> -Locations <json>",
    (_PREVIEW,),
)
EDISCOVERY = Script(
    "Set-EDiscoveryApp.ps1",
    "an application for eDiscovery through Microsoft Graph",
    "a person who may manage role groups (Organization Management)",
    "the application, with its Graph permissions consented to",
    warnings=("eDiscovery: the application sees and may change every case of the tenant.",),
)
SCRIPTS = (AUDITING, RETENTION, CAPTURE, NETWORK, EDISCOVERY)
FILES = (*(script.file for script in SCRIPTS), LOOK, README)
"""All files that a rendering may have."""


def wanted(settings: ScriptsSettings) -> list[Script]:
    """The scripts that change what the settings ask for."""
    asked = (settings.auditing, settings.retention, settings.capture, settings.network, settings.ediscovery)
    return [script for script, ask in zip(SCRIPTS, asked, strict=True) if ask]


def render(stack: str, settings: ScriptsSettings) -> dict[str, str]:
    """The text of each file, by its name; scripts begin with a byte order mark."""
    scripts = wanted(settings)
    values = _values(stack, settings)
    files = {script.file: _script(script.file, {**values, "writes": True}) for script in scripts}
    files[LOOK] = _script(LOOK, {**values, "writes": False})
    page = _pages().get_template(f"{README}.j2")
    files[README] = page.render(
        stack=stack,
        rows=scripts,
        warnings=list(dict.fromkeys(warning for script in scripts for warning in script.warnings)),
        mandatory=settings.capture or settings.network,
        auditing=settings.auditing,
        ediscovery=settings.ediscovery,
    )
    return files


def _values(stack: str, settings: ScriptsSettings) -> dict[str, Any]:
    collections = {CAPTURE.file: settings.capture, NETWORK.file: settings.network}
    return {
        "stack": stack,
        "auditing": settings.auditing,
        "retention": _retention(settings.retention) if settings.retention else None,
        "policy_of": {file: _policy(policy) for file, policy in collections.items() if policy},
        "policies": [_policy(policy) for policy in collections.values() if policy],
        "ediscovery": settings.ediscovery,
    }


def _retention(settings: RetentionSettings) -> dict[str, str]:
    duration = "Unlimited" if settings.days == "unlimited" else str(settings.days)
    return {
        "name": settings.name,
        "duration": duration,
        "action": _ACTIONS[settings.action],
        "applications": _ENTERPRISE_AI_APPS,
    }


def _policy(settings: CollectionPolicySettings) -> dict[str, str | bool]:
    mode = "Enable" if settings.enabled else "Disable"
    return {"name": settings.name, "mode": mode, "keeps": settings.keeps_content}


def _script(file: str, values: dict[str, Any]) -> str:
    template = _scripts().get_template(f"{file}.j2")
    record = f"{file.removesuffix('.ps1')}.record.jsonl"
    text = template.render(**values, script=file, record=record, policy=values["policy_of"].get(file))
    return _BOM + text


@cache
def _scripts() -> Environment:
    """Whatever a template puts into a script becomes a literal: no value can be code."""
    return _environment(finalize=literal)


@cache
def _pages() -> Environment:
    return _environment()


def _environment(**more: Any) -> Environment:
    return Environment(  # noqa: S701  # PowerShell and Markdown, no HTML
        loader=PackageLoader("purview_ai.governance.scripts"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **more,
    )
