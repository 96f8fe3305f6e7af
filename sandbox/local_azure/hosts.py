"""Which host name belongs to which service, in each cloud.

Every other name is refused by the relay, so nothing that runs against the sandbox leaves the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Service(StrEnum):
    """The services that the sandbox stands for."""

    LOGIN = "login"
    ARM = "arm"
    GRAPH = "graph"
    KEY_VAULT = "key-vault"
    BLOB = "blob"
    PURVIEW = "purview"
    CHATGPT = "chatgpt"
    ANTHROPIC = "anthropic"
    GITHUB = "github"
    GITHUB_JOBS = "github-jobs"
    AZURE_DEVOPS = "azure-devops"


@dataclass(frozen=True)
class Cloud:
    """The names and token audiences of one Azure cloud (docs/facts.md, purview 1 and graph 6)."""

    name: str
    login: str
    arm: str
    arm_audiences: tuple[str, ...]
    graph: str
    vault_suffix: str
    purview_suffix: str
    purview_tenant_suffix: str
    storage_suffix: str


PUBLIC = Cloud(
    name="AzureCloud",
    login="login.microsoftonline.com",
    arm="management.azure.com",
    arm_audiences=("https://management.azure.com", "https://management.core.windows.net"),
    graph="graph.microsoft.com",
    vault_suffix="vault.azure.net",
    purview_suffix="purview.azure.com",
    purview_tenant_suffix="purview-service.microsoft.com",
    storage_suffix="core.windows.net",
)
US_GOVERNMENT = Cloud(
    name="AzureUSGovernment",
    login="login.microsoftonline.us",
    arm="management.usgovcloudapi.net",
    arm_audiences=("https://management.usgovcloudapi.net", "https://management.core.usgovcloudapi.net"),
    graph="graph.microsoft.us",
    vault_suffix="vault.usgovcloudapi.net",
    purview_suffix="purview.azure.us",
    purview_tenant_suffix="purview-service.microsoft.us",
    storage_suffix="core.usgovcloudapi.net",
)
CHINA = Cloud(
    name="AzureChinaCloud",
    login="login.chinacloudapi.cn",
    arm="management.chinacloudapi.cn",
    arm_audiences=("https://management.chinacloudapi.cn", "https://management.core.chinacloudapi.cn"),
    graph="microsoftgraph.chinacloudapi.cn",
    vault_suffix="vault.azure.cn",
    purview_suffix="purview.azure.cn",
    purview_tenant_suffix="purview-service.microsoft.cn",
    storage_suffix="core.chinacloudapi.cn",
)
CLOUDS = (PUBLIC, US_GOVERNMENT, CHINA)
BY_NAME = {"public": PUBLIC, "usgovernment": US_GOVERNMENT, "china": CHINA}
"""As the providers' ``environment`` setting names them."""

PURVIEW_AUDIENCE = "https://purview.azure.net"
"""The same in every cloud (docs/facts.md, purview 1)."""
STORAGE_AUDIENCE = "https://storage.azure.com"
"""The same in every cloud (docs/facts.md, engine 50)."""

GITHUB_JOBS_HOST = "pipelines.actions.githubusercontent.com"
"""Where a job asks GitHub for its token; such a name has been seen, and GitHub tells each job its own."""
OTHERS = {
    "api.chatgpt.com": Service.CHATGPT,
    "api.anthropic.com": Service.ANTHROPIC,
    "api.github.com": Service.GITHUB,
    GITHUB_JOBS_HOST: Service.GITHUB_JOBS,
    "dev.azure.com": Service.AZURE_DEVOPS,
}
"""The hosts of vendors and of code, the same for every cloud."""


@dataclass(frozen=True)
class Address:
    """A host name taken apart: the service, its cloud, and the name in front (a vault, an account, a tenant)."""

    service: Service
    cloud: Cloud
    name: str = ""
    path_prefix: str = ""
    """What the host's short paths stand for: the old scanning host left ``/scan`` out."""
    of_tenant: bool = False
    """Whether the name is a tenant's, where an account of its own name has another host."""

    @property
    def audiences(self) -> tuple[str, ...]:
        """The token audiences that open this service."""
        cloud = self.cloud
        return {
            Service.ARM: cloud.arm_audiences,
            Service.GRAPH: (f"https://{cloud.graph}",),
            Service.KEY_VAULT: (f"https://{cloud.vault_suffix}",),
            Service.PURVIEW: (PURVIEW_AUDIENCE,),
            Service.BLOB: (STORAGE_AUDIENCE,),
        }.get(self.service, ())


def resolve(host: str) -> Address | None:
    """The address of a host name, or None where the sandbox does not own it."""
    host = host.lower().rstrip(".")
    if host in OTHERS:
        return Address(OTHERS[host], PUBLIC)
    for cloud in CLOUDS:
        fixed = {cloud.login: Service.LOGIN, cloud.arm: Service.ARM, cloud.graph: Service.GRAPH}
        if host in fixed:
            return Address(fixed[host], cloud)
        if (found := _named(host, cloud)) is not None:
            return found
    return None


def _named(host: str, cloud: Cloud) -> Address | None:
    name, _, suffix = host.partition(".")
    if not name:
        return None
    plain = {
        cloud.vault_suffix: Service.KEY_VAULT,
        f"blob.{cloud.storage_suffix}": Service.BLOB,
        cloud.purview_suffix: Service.PURVIEW,
    }
    if suffix in plain:
        return Address(plain[suffix], cloud, name)
    if suffix == f"scan.{cloud.purview_suffix}":
        return Address(Service.PURVIEW, cloud, name, path_prefix="/scan")
    if suffix == cloud.purview_tenant_suffix and name.endswith("-api"):
        return Address(Service.PURVIEW, cloud, name.removesuffix("-api"), of_tenant=True)
    return None


def certificate_names() -> list[str]:
    """The names of the sandbox's one certificate; a wildcard covers one label only."""
    names = [*OTHERS]
    for cloud in CLOUDS:
        names += [cloud.login, cloud.arm, cloud.graph]
        names += [f"*.{suffix}" for suffix in (cloud.vault_suffix, cloud.purview_suffix)]
        names += [f"*.scan.{cloud.purview_suffix}", f"*.{cloud.purview_tenant_suffix}"]
        names += [f"*.blob.{cloud.storage_suffix}"]
    return names
