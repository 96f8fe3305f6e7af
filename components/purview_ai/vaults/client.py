"""Secrets of key vaults: written and read in Azure, deleted and taken back in the vault (docs/facts.md, graph 2.3)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from purview_ai import naming
from purview_ai.calls.service import Service, signed_in
from purview_ai.objects.failures import AZURE
from purview_ai.objects.kept import KeptPlaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import TokenCredential

    from purview_ai.calls.patience import Patience
    from purview_ai.clouds import Cloud
    from purview_ai.json_values import JsonObject

ARM_VERSION = "2024-11-01"
"""What azure-native makes the vaults with."""
VAULT_VERSION = "7.6"
VAULT_SERVICE = "Key Vault"
"""The vaults themselves, as errors call them: who is refused there lacks something else than in Azure."""


@dataclass
class Vaults:
    """The vaults that one identity works with; safe to share between threads."""

    cloud: Cloud
    make_credential: Callable[[], TokenCredential]
    """Called when the first request needs it."""
    patience: Patience
    kept: KeptPlaces = field(default_factory=KeptPlaces)
    """With what this deployment goes on."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _services: tuple[Service, Service] | None = None

    def secret(self, secret_id: str) -> JsonObject | None:
        """A secret without its value, or None."""
        return self._open()[0].get(self._in_azure(secret_id), **{"api-version": ARM_VERSION})

    def put(self, secret_id: str, body: JsonObject) -> JsonObject:
        """Write a new version; refused with a conflict where a deleted secret holds the name."""
        return self._open()[0].send("PUT", self._in_azure(secret_id), body, {"api-version": ARM_VERSION})

    def delete(self, vault: str, name: str) -> None:
        """Delete a secret, which the vault keeps for a while."""
        self._ask_vault("DELETE", vault, f"secrets/{name}")

    def deleted(self, vault: str, name: str) -> JsonObject:
        """A deleted secret; refused with 404 where there is none."""
        return self._ask_vault("GET", vault, f"deletedsecrets/{name}")

    def recover(self, vault: str, name: str) -> None:
        """Begin to take a deleted secret back."""
        self._ask_vault("POST", vault, f"deletedsecrets/{name}/recover")

    def _ask_vault(self, method: str, vault: str, path: str) -> JsonObject:
        url = naming.vault_url(vault, self.cloud.vault_suffix) + path
        return self._open()[1].send(method, url, None, {"api-version": VAULT_VERSION})

    def _in_azure(self, secret_id: str) -> str:
        return f"https://{self.cloud.arm}{secret_id}"

    def _open(self) -> tuple[Service, Service]:
        with self._lock:
            if self._services is None:
                credential = signed_in(self.make_credential)
                vaults = Service(VAULT_SERVICE, f"https://{self.cloud.vault_suffix}/.default", credential)
                self._services = (Service(AZURE, self.cloud.arm_scope, credential), vaults)
            return self._services
