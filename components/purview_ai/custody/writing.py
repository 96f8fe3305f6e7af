"""Keys are written by the program itself: whatever a provider is told stands in the stack's state."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pulumi

from purview_ai.calls.patience import Patience
from purview_ai.identity import credential_of
from purview_ai.vaults.client import Vaults
from purview_ai.vaults.secret import VaultSecretWish
from purview_ai.vaults.writing import write_key

if TYPE_CHECKING:
    from purview_ai.identity import AzureSettings


def written_before(
    name: str, key: pulumi.Input[str], azure: AzureSettings, *, role_is_given: bool
) -> pulumi.ResourceHookBinding:
    """Hooks that write a key just before its secret is recorded as made or changed; at a preview nothing is written.

    ``role_is_given``: see :func:`purview_ai.vaults.writing.write_key`.
    """
    vaults = Vaults(azure.cloud, lambda: credential_of(azure), Patience(_tell))

    def hook(when: str) -> pulumi.ResourceHook:
        async def write(step: pulumi.ResourceHookArgs) -> None:
            inputs = step.new_inputs or {}
            wanted = VaultSecretWish.model_validate(
                {field: inputs[field] for field in VaultSecretWish.model_fields if field in inputs}
            )
            known = await pulumi.Output.from_input(key).future()
            # The program's other resources go on meanwhile.
            before = dict(step.old_outputs or {})
            await asyncio.to_thread(write_key, vaults, wanted, known or "", before, role_is_given=role_is_given)

        return pulumi.ResourceHook(f"{name}: key {when}", write)

    return pulumi.ResourceHookBinding(before_create=[hook("before create")], before_update=[hook("before update")])


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
