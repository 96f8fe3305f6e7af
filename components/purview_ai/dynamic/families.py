"""The object kinds that the provider serves: one family for each API, opened when it is first needed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from purview_ai.identity import credential_of
from purview_ai.json_values import take_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from purview_ai.identity import AzureSettings
    from purview_ai.objects.lifecycle import Lifecycle

KIND = "object_kind"
"""The input that names an object's kind."""
OVERWRITES = "__overwrites"
"""The input that says what is changed of an object that is taken over; not known yet, where nobody could look.

Whoever reads a preview finds it there: to the engine such an object is a new one like any other.
"""
PREVIEWED = "__previewed"
"""An input that nobody knows, which the program gives in a preview alone.

Check is not told which of the two it is, and may not answer a deployment what is not known (docs/facts.md, engine 69).
"""
TENANT_BLOCK = "purview-ai:tenant"
"""The setting that may say where the account's Data Map answers, as ``purview.endpoint``."""


@dataclass(frozen=True)
class Family:
    """Object kinds that work through one API."""

    open: Callable[[AzureSettings, Callable[[str], None]], Any]
    """Makes the API from the settings of the deployment and a way to tell the user something."""
    kinds: Mapping[str, Lifecycle[Any]]


def _data_maps(settings: AzureSettings, tell: Callable[[str], None]) -> Any:
    from purview_ai.calls.patience import Patience
    from purview_ai.datamap.client import DataMaps

    return DataMaps(
        settings.cloud,
        lambda: credential_of(settings),
        explicit_endpoint=endpoint_in(settings.config(TENANT_BLOCK)),
        patience=Patience(tell),
    )


def _directory(settings: AzureSettings, tell: Callable[[str], None]) -> Any:
    from purview_ai.calls.graph import GraphCalls
    from purview_ai.calls.patience import Patience
    from purview_ai.directory.client import Directory

    return Directory(GraphCalls(settings.cloud, lambda: credential_of(settings)), Patience(tell))


def _vaults(settings: AzureSettings, tell: Callable[[str], None]) -> Any:
    from purview_ai.calls.patience import Patience
    from purview_ai.vaults.client import Vaults

    return Vaults(settings.cloud, lambda: credential_of(settings), Patience(tell))


def _ediscovery(settings: AzureSettings, tell: Callable[[str], None]) -> Any:
    from purview_ai.calls.graph import GraphCalls
    from purview_ai.calls.patience import Patience
    from purview_ai.governance.ediscovery.client import Ediscovery

    return Ediscovery(GraphCalls(settings.cloud, lambda: credential_of(settings)), Patience(tell))


def endpoint_in(block: object) -> str:
    """Where the account's Data Map answers, as a tenant's block says it; empty where it does not."""
    try:
        tenant: object = json.loads(block) if isinstance(block, str) else block
    except ValueError:
        return ""
    return str(take_from(tenant, ("purview", "endpoint")) or "")


def families() -> list[Family]:
    """All of them; another API brings its kinds by standing here."""
    from purview_ai.datamap.kinds import KINDS
    from purview_ai.directory import app_role_grant
    from purview_ai.governance.ediscovery import kinds as ediscovery
    from purview_ai.vaults import secret

    return [
        Family(_data_maps, KINDS),
        Family(_directory, app_role_grant.KINDS),
        Family(_vaults, secret.KINDS),
        Family(_ediscovery, ediscovery.KINDS),
    ]
