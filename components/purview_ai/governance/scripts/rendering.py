"""Renders the scripts that a tenant's settings ask for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from purview_ai.governance.scripts.catalogue import CAPTURE, LOOK, NETWORK, README, wanted
from purview_ai.governance.scripts.literals import literal
from purview_ai.settings.scripts import RetentionAction

if TYPE_CHECKING:
    from purview_ai.settings.scripts import CollectionPolicySettings, RetentionSettings, ScriptsSettings

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
