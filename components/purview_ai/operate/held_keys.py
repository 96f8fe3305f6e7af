"""The vendors' keys where a tenant holds them: read to ask the vendor whether they work, and shown to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from purview_ai.calls.service import Service
from purview_ai.inspection.vendor_key import KeyUnknownError
from purview_ai.json_values import take_from
from purview_ai.objects.failures import RefusedError, UnreachableError
from purview_ai.operate.pulumi_stack import PulumiError, PulumiStack
from purview_ai.settings.files import Project, StackFileError

if TYPE_CHECKING:
    from purview_ai.inspection.estate import Estate
    from purview_ai.settings.key import KeySettings

_VERSION = "7.4"
"""Of Key Vault's data plane."""


@dataclass(frozen=True)
class HeldKeys:
    """The keys of one tenant."""

    estate: Estate

    def of(self, source: str) -> str:
        """A source's key; raises :class:`KeyUnknownError` where it cannot be had."""
        key = self.estate.settings.keys[source]
        ask = self._from_stack_file if key.from_config else self._from_vault
        return self.estate.once(f"key {key.secret}", lambda: ask(key))

    def _from_stack_file(self, key: KeySettings) -> str:
        try:
            return PulumiStack.of(Project.around(Path.cwd()).folder, self.estate.stack).decrypted(key.secret)
        except (PulumiError, StackFileError) as error:
            said = str(error).splitlines()[0]
            remedy = (
                f"pulumi config get purview-ai:{key.secret} --stack {self.estate.stack} must work: it shows the key."
            )
            msg = f"pulumi does not decrypt purview-ai:{key.secret}: {said}"
            raise KeyUnknownError(msg, remedy) from None

    def _from_vault(self, key: KeySettings) -> str:
        suffix = self.estate.azure.cloud.vault_suffix
        vault = Service("Key Vault", f"https://{suffix}/.default", self.estate.credential())
        url = f"{self.estate.vault_url}secrets/{key.secret}"
        try:
            found = vault.get(url, **{"api-version": _VERSION})
        except (RefusedError, UnreachableError) as error:
            remedy = (
                "To ask the vendor, the identity needs Key Vault Secrets User and a way through the vault's firewall."
            )
            msg = f"the vault does not give the key: {error}"
            raise KeyUnknownError(msg, remedy) from None
        if not (value := take_from(found, ("value",))):
            msg = f"the vault has no secret {key.secret}"
            raise KeyUnknownError(msg, "Put the key there first.")
        return str(value)
