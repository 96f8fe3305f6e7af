"""What leads Microsoft's own clients, unmodified, into a sandbox."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING

import aiohttp.connector

if TYPE_CHECKING:
    import pytest
    from local_azure.process import LocalAzure


def lead_clients_into(azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but environment variables, and for aiohttp whom it trusts."""
    for name in [name for name in os.environ if name.startswith(("ARM_", "AZURE_"))]:
        monkeypatch.delenv(name)
    for name, value in azure.network().items():
        monkeypatch.setenv(name, value)
    # It trusts for ever whom it trusted when it was loaded, which may have been for another test's sandbox.
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", ssl.create_default_context())
