"""The Azure clouds and their host names (docs/facts.md, purview 1 and graph 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Cloud:
    """Where the services of one Azure cloud answer."""

    name: str
    """As azure-native's ``environment`` setting names it."""
    login: str
    arm: str
    arm_scope: str
    vault_suffix: str
    purview_suffix: str
    """Of an account's classic host (docs/facts.md, purview 1)."""
    graph: str
    storage_suffix: str
    """Of storage accounts; their blobs have ``blob.`` before it."""
    audit_search: bool = False
    """Whether Graph searches the audit log there (docs/facts.md, graph 14)."""


PURVIEW_SCOPE = "https://purview.azure.net/.default"
"""The same in every cloud."""

PURVIEW_HOSTS = (
    ".purview.azure.com",
    ".purview.azure.us",
    ".purview.azure.cn",
    ".purview-service.microsoft.com",
    ".purview-service.microsoft.us",
    ".purview-service.microsoft.cn",
)
"""How the names of Purview's own hosts end, of accounts and of tenants; a token for Purview goes nowhere else."""
_ADDRESS = re.compile(r"https://(?P<host>[A-Za-z0-9.-]+)(:[0-9]+)?(/scan)?/?\Z")
"""Without anything that clients read in different ways, such as a user's name or a backslash."""


def leads_to_purview(address: str) -> bool:
    """Whether a token for Purview may be sent to an address."""
    found = _ADDRESS.match(address)
    return found is not None and found["host"].lower().endswith(PURVIEW_HOSTS)


CLOUDS = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            "public",
            "login.microsoftonline.com",
            "management.azure.com",
            "https://management.azure.com/.default",
            "vault.azure.net",
            "purview.azure.com",
            "graph.microsoft.com",
            "core.windows.net",
            audit_search=True,
        ),
        Cloud(
            "usgovernment",
            "login.microsoftonline.us",
            "management.usgovcloudapi.net",
            "https://management.usgovcloudapi.net/.default",
            "vault.usgovcloudapi.net",
            "purview.azure.us",
            "graph.microsoft.us",
            "core.usgovcloudapi.net",
        ),
        Cloud(
            "china",
            "login.chinacloudapi.cn",
            "management.chinacloudapi.cn",
            "https://management.chinacloudapi.cn/.default",
            "vault.azure.cn",
            "purview.azure.cn",
            "microsoftgraph.chinacloudapi.cn",
            "core.chinacloudapi.cn",
        ),
    )
}


PUBLIC = "public"
"""The cloud that everybody uses who says nothing else."""


class UnknownCloudError(ValueError):
    """The environment setting names no cloud."""

    def __init__(self, name: str) -> None:
        """Say what is known."""
        super().__init__(f"azure-native:environment is {name!r}; known are {', '.join(CLOUDS)}")
        self.name = name


def cloud_named(name: str) -> Cloud:
    """The cloud of azure-native's ``environment`` setting, whichever way it is spelt."""
    found = CLOUDS.get(name.lower().removeprefix("azure").removesuffix("cloud") or "public")
    if found is None:
        raise UnknownCloudError(name)
    return found
