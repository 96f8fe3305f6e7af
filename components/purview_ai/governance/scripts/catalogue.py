"""The scripts that there are, and what a person must know of each before it is run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from purview_ai.settings.scripts import ScriptsSettings

README = "README.md"
LOOK = "Test-Governance.ps1"
"""Reads what the others set up, and changes nothing."""


@dataclass(frozen=True)
class Script:
    """A script that changes something, and what a person must know before it is run."""

    part: str
    """Which part of ``governance.scripts`` asks for it."""
    file: str
    what: str
    who: str
    before: str
    parameters: str = ""
    """Those without a default, as a person gives them."""
    warnings: tuple[str, ...] = field(default=())

    @property
    def setting(self) -> str:
        """The path of what asks for it in a stack file."""
        return f"governance.scripts.{self.part}"


_ALL_APPS = (
    "Retention: the three values of `-Applications` only work together, so the policy is for all enterprise AI apps, "
    "not for ChatGPT Enterprise alone. Microsoft's own `-WhatIf` does not work there; the script's does."
)
_PREVIEW = (
    "Collection policies: `New-FeatureConfiguration` is in public preview, not in every organisation, and may change. "
    "Of a policy that is there, only its mode and its configuration are put right, not its locations; and the "
    "configuration only where nothing that others have set in it gets lost."
)
AUDITING = Script(
    "auditing",
    "Set-Auditing.ps1",
    "auditing on",
    "Audit Logs in Exchange Online",
    "nothing",
    warnings=("Auditing may take 60 minutes to take effect. Records of other vendors' AI apps are pay-as-you-go.",),
)
RETENTION = Script(
    "retention",
    "Set-Retention.ps1",
    "retention policy for Enterprise AI apps (preview)",
    "Compliance Administrator",
    "pay-as-you-go billing",
    warnings=(_ALL_APPS, "Retention: no script sets Preservation Lock, which nobody can ever undo."),
)
CAPTURE = Script(
    "capture",
    "Set-Capture.ps1",
    "collection policy: capture interactions of enterprise AI apps (preview)",
    "Compliance Administrator",
    "pay-as-you-go billing, before the policy is made",
    " -EnforcementPlanes <planes> -Locations <json>",
    (_PREVIEW, "What is captured costs money, from the first interaction on."),
)
NETWORK = Script(
    "network",
    "Set-NetworkDetection.ps1",
    "collection policy: sensitive information shared over the network (preview)",
    "Compliance Administrator",
    "pay-as-you-go billing; a network partner (SASE or SSE) in Purview",
    " -Activities <activities> -EnforcementPlanes <planes> -Locations <json>",
    (_PREVIEW,),
)
EDISCOVERY = Script(
    "ediscovery",
    "Set-EDiscoveryApp.ps1",
    "an application for eDiscovery through Microsoft Graph",
    "a person who may manage role groups (Organization Management)",
    "the application, with its Graph permissions consented to",
    warnings=("eDiscovery: the application sees and may change every case of the tenant.",),
)
SCRIPTS = (AUDITING, RETENTION, CAPTURE, NETWORK, EDISCOVERY)
FILES = (*(script.file for script in SCRIPTS), LOOK, README)
"""All files that a rendering may have."""


def wanted(settings: ScriptsSettings | None) -> list[Script]:
    """The scripts that change what the settings ask for."""
    return [script for script in SCRIPTS if getattr(settings, script.part, None)]
