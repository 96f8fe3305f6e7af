"""Which code host a pipeline runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.code_hosts.host import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from purview_ai.code_hosts.host import CodeHost


def code_host(environment: Mapping[str, str]) -> CodeHost:
    """The host whose variables are there; raises :class:`SettingError` where none's are."""
    if environment.get("GITHUB_REPOSITORY"):
        from purview_ai.code_hosts.github import Github

        return Github.of(environment)
    if environment.get("SYSTEM_COLLECTIONURI"):
        from purview_ai.code_hosts.azure_devops import AzureDevops

        return AzureDevops.of(environment)
    msg = "neither GITHUB_REPOSITORY nor SYSTEM_COLLECTIONURI is set: this runs in a pipeline of GitHub or Azure DevOps"
    raise SettingError(msg)
