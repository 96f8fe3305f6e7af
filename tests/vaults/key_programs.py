"""Programs that have a key for a vault, and what is found of it there."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from people import ARM
from purview_ai.calls.patience import Patience
from purview_ai.identity import AzureSettings, credential_of
from purview_ai.vaults.client import Vaults
from purview_ai.vaults.secret import VaultSecretWish, fingerprint
from purview_ai.vaults.writing import write_key
from small_engine import SmallEngine, wish
from whole_chain import SECRET, VAULT, VAULT_URL

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

VAULT_ID = VAULT.removeprefix(ARM)
KEY, NEXT_KEY = "sk-of/the+first&day0123456789", "sk-of/the+second&day0123456789"
MIDNIGHT = 1_893_455_999
SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"


def secret(key: str = KEY, **more: Any) -> dict[str, Any]:
    """The key as a program wishes it."""
    fields = {"tenant": "contoso", "stack": "purview-ai/contoso", "vault_id": VAULT_ID, "name": SECRET}
    fields |= more
    place = f"{fields['vault_id']}/secrets/{fields['name']}"
    return wish("vault secret", **{"fingerprint": fingerprint(place, key), **fields})


@dataclass
class Program(SmallEngine):
    """A stack whose program has a key, and writes it where the engine calls its hooks."""

    key: str = KEY
    role_is_given: bool = False
    """Whether the stack lets the deployer into the vault."""
    patience: Patience = field(default_factory=lambda: Patience(lambda text: print(text, file=sys.stderr)))

    def _create(self, name: str, inputs: dict[str, Any]) -> None:
        self._write(inputs, {})
        super()._create(name, inputs)

    def _update(self, name: str, inputs: dict[str, Any]) -> None:
        self._write(inputs, self.state[name].outputs)
        super()._update(name, inputs)

    def _write(self, inputs: dict[str, Any], before: dict[str, Any]) -> None:
        if inputs["expected"]:
            return
        os.environ.update(self.environment)
        settings = AzureSettings.of({}.get)
        vaults = Vaults(settings.cloud, lambda: credential_of(settings), self.patience)
        wanted = VaultSecretWish.model_validate({n: inputs[n] for n in VaultSecretWish.model_fields if n in inputs})
        write_key(vaults, wanted, self.key, before, role_is_given=self.role_is_given)


def put_by_hand(operator: Person, key: str = KEY, **tags: str) -> None:
    """Somebody puts a key into the vault."""
    operator.do("PUT", f"{VAULT_URL}/secrets/{SECRET}", json={"value": key, "tags": tags})


def expected() -> dict[str, Any]:
    """The same secret, kept by somebody else."""
    return secret(fingerprint="", expected=True)


def newest(operator: Person) -> dict[str, Any]:
    """The secret with its value."""
    return operator.get(f"{VAULT_URL}/secrets/{SECRET}")


def versions(operator: Person) -> int:
    """How many versions the secret has."""
    return len(operator.get(f"{VAULT_URL}/secrets/{SECRET}/versions")["value"])


def asked(azure: LocalAzure) -> list[str]:
    """What was asked of Azure and of vaults."""
    return [f"{one['method']} {one['service']}" for one in azure.requests() if one["service"] != "login"]
