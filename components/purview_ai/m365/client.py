"""Microsoft Graph through Microsoft's own client, for what no deployment needs.

Its models take two seconds to load, so nothing here is imported before somebody asks.
"""

# pyright: reportMissingTypeStubs=false
# The client has its types in its code, and no marker that says so.

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from purview_ai.calls.service import signed_in
from purview_ai.objects.failures import NO_WORDS, RefusedError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from azure.core.credentials import TokenCredential
    from msgraph.graph_service_client import GraphServiceClient

    from purview_ai.clouds import Cloud

T = TypeVar("T")


@dataclass
class Graph:
    """Graph as one identity sees it; each call opens connections of its own, so threads may share it."""

    cloud: Cloud
    make_credential: Callable[[], TokenCredential]

    def ask(self, story: Callable[[GraphServiceClient], Awaitable[T]], version: str = "v1.0") -> T:
        """What a story of calls returns; raises :class:`RefusedError` or :class:`UnreachableError`."""
        return asyncio.run(self._told(story, version))

    async def _told(self, story: Callable[[GraphServiceClient], Awaitable[T]], version: str) -> T:
        from azure.core.exceptions import ClientAuthenticationError
        from httpx import HTTPError
        from kiota_abstractions.api_error import APIError

        try:
            async with self._client(version) as graph:
                return await story(graph)
        except APIError as error:
            raise _refusal(error) from error
        except ClientAuthenticationError as error:
            msg = f"signing in failed: {error.message.splitlines()[0]}"
            raise UnreachableError(msg, at_sign_in=True) from error
        except (HTTPError, OSError) as error:
            msg = f"{self.cloud.graph} gave no answer: {str(error) or type(error).__name__}"
            raise UnreachableError(msg) from error

    @asynccontextmanager
    async def _client(self, version: str) -> AsyncGenerator[GraphServiceClient]:
        from kiota_authentication_azure.azure_identity_authentication_provider import (
            AzureIdentityAuthenticationProvider,
        )
        from msgraph.graph_request_adapter import GraphRequestAdapter
        from msgraph.graph_service_client import GraphServiceClient
        from msgraph_core import GraphClientFactory

        scopes = [f"https://{self.cloud.graph}/.default"]
        provider = AzureIdentityAuthenticationProvider(
            signed_in(self.make_credential), scopes=scopes, allowed_hosts=[self.cloud.graph]
        )
        client = GraphClientFactory.create_with_default_middleware()
        adapter = GraphRequestAdapter(provider, client)
        adapter.base_url = f"https://{self.cloud.graph}/{version}"
        try:
            yield GraphServiceClient(request_adapter=adapter)
        finally:
            await client.aclose()


def _refusal(error: Any) -> RefusedError:
    told = getattr(error, "error", None)
    headers: dict[str, str] = getattr(error, "response_headers", None) or {}
    return RefusedError(
        service="Microsoft Graph",
        status=error.response_status_code or 0,
        code=str(getattr(told, "code", None) or "Unknown"),
        message=str(getattr(told, "message", None) or getattr(error, "message", None) or NO_WORDS),
        request_id=next((value for name, value in headers.items() if name.lower() == "request-id"), ""),
    )
