"""The Azure clouds: where each service is, and whom its tokens are for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stand_ins.failures import ProviderError

if TYPE_CHECKING:
    from stand_ins.values import Values


@dataclass(frozen=True)
class Cloud:
    """One cloud, as the genuine providers describe it."""

    login: str
    arm: str
    arm_audience: str
    graph: str
    """Ends with a slash where the genuine providers have one: token scopes show it (fact 47)."""
    vault_suffix: str


PUBLIC = Cloud(
    login="https://login.microsoftonline.com",
    arm="https://management.azure.com",
    arm_audience="https://management.core.windows.net/",
    graph="https://graph.microsoft.com/",
    vault_suffix="vault.azure.net",
)
US_GOVERNMENT = Cloud(
    login="https://login.microsoftonline.us",
    arm="https://management.usgovcloudapi.net",
    arm_audience="https://management.core.usgovcloudapi.net",
    graph="https://graph.microsoft.us/",
    vault_suffix="vault.usgovcloudapi.net",
)
CHINA = Cloud(
    login="https://login.chinacloudapi.cn",
    arm="https://management.chinacloudapi.cn",
    arm_audience="https://management.core.chinacloudapi.cn",
    graph="https://microsoftgraph.chinacloudapi.cn",
    vault_suffix="vault.azure.cn",
)
_BY_NAME = {
    "": PUBLIC,
    "public": PUBLIC,
    "global": PUBLIC,
    "azurecloud": PUBLIC,
    "usgov": US_GOVERNMENT,
    "usgovernment": US_GOVERNMENT,
    "usgovernmentl4": US_GOVERNMENT,
    "azureusgovernment": US_GOVERNMENT,
    "azureusgovernmentcloud": US_GOVERNMENT,
    "china": CHINA,
    "azurechinacloud": CHINA,
}


def named(name: str) -> Cloud:
    """The cloud of this name, as ``environment`` or ``ARM_ENVIRONMENT`` spells it."""
    try:
        return _BY_NAME[name.lower()]
    except KeyError:
        msg = f"unknown Azure environment '{name}': expected one of {', '.join(sorted(filter(None, _BY_NAME)))}"
        raise ProviderError(msg) from None


def described(metadata: Values) -> Cloud:
    """The cloud that a metadata host describes (fact 50)."""
    return Cloud(
        login=metadata["authentication"]["loginEndpoint"].rstrip("/"),
        arm=metadata["resourceManager"].rstrip("/"),
        arm_audience=metadata["authentication"]["audiences"][0],
        graph=metadata["microsoftGraphResourceId"],
        vault_suffix=metadata["suffixes"]["keyVaultDns"].lstrip("."),
    )
