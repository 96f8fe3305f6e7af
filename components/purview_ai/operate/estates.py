"""The estate of a stack, with the way to its state."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from purview_ai.calls.service import OneSignIn
from purview_ai.drift.backend import backend_of
from purview_ai.drift.checkpoint import CheckpointError
from purview_ai.identity import credential_of
from purview_ai.inspection.estate import Estate
from purview_ai.inspection.state import State, StateUnreadError
from purview_ai.operate.stack_file import tenant_of
from purview_ai.settings.files import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import TokenCredential

    from purview_ai.identity import AzureSettings


class SignIns:
    """One sign-in for all stacks of the same identity."""

    def __init__(self) -> None:
        """Nobody signs in yet."""
        self._credentials: dict[tuple[str, ...], TokenCredential] = {}

    def once(self, azure: AzureSettings) -> AzureSettings:
        """The same settings, with the sign-in that others may have used already."""
        credential = self._credentials.setdefault(azure.signs_in_as(), OneSignIn(lambda: credential_of(azure)))
        return replace(azure, credential=credential)


def _as_it_is(azure: AzureSettings) -> AzureSettings:
    return azure


def estate_of(
    stack: str | None, patience_s: float, signing_in: Callable[[AzureSettings], AzureSettings] = _as_it_is
) -> Estate:
    """The estate of a stack; raises what its stack file's mistakes raise."""
    tenant = tenant_of(stack)
    state = State(lambda: _ids_of(tenant.stack), patience_s)
    return Estate(tenant.stack, tenant.settings, signing_in(tenant.azure), state)


def _ids_of(stack: str) -> frozenset[str]:
    """The ids of what a stack's state knows, in small letters; raises :class:`StateUnreadError`."""
    try:
        found = backend_of(Project.around(Path.cwd()).folder, os.environ).find(stack)
    except CheckpointError as error:
        raise StateUnreadError(" ".join(str(error).split())) from error
    return frozenset(one.id.lower() for one in found.checkpoint.resources) if found else frozenset()
