"""The sandbox's own endpoint on loopback: weather, the journal, and the vendors' side of the story.

It is not reached through the relay and has no Azure name: whatever changes Azure goes through Azure's own APIs.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_azure.chatgpt import Conversation, VendorKey, Workspace
from local_azure.weather import Weather

if TYPE_CHECKING:
    from starlette.requests import Request

    from local_azure.azure import Azure


def admin_app(azure: Azure) -> Starlette:
    """The endpoint of this Azure."""

    async def weather(request: Request) -> Response:
        if request.method == "DELETE":
            azure.forecast.pieces.clear()
        if request.method == "POST":
            try:
                azure.forecast.pieces.append(Weather.model_validate(await request.json()))
            except ValidationError as error:
                return JSONResponse({"error": str(error)}, 422)
        return JSONResponse([piece.model_dump() for piece in azure.forecast.pieces])

    async def journal(request: Request) -> Response:
        if request.method == "DELETE":
            azure.journal.clear()
        return JSONResponse(azure.journal.lines())

    async def vendor_key(request: Request) -> Response:
        """``PUT`` a key's workspace and state; the key itself comes in the body, never in the path."""
        body = await request.json()
        digest = hashlib.sha256(str(body["key"]).encode()).hexdigest()
        azure.store.put(VendorKey(sha256=digest, workspace=body["workspace"], revoked=bool(body.get("revoked", False))))
        return Response(status_code=204)

    async def conversations(request: Request) -> Response:
        """``POST`` conversations to a workspace."""
        workspace = azure.store.get(Workspace, request.path_params["workspace"])
        if workspace is None:
            return Response(status_code=404)
        body = await request.json()
        workspace.conversations += [Conversation.model_validate(one) for one in body]
        azure.store.put(workspace)
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/weather", weather, methods=["GET", "POST", "DELETE"]),
            Route("/requests", journal, methods=["GET", "DELETE"]),
            Route("/vendor/keys", vendor_key, methods=["PUT"]),
            Route("/vendor/workspaces/{workspace}/conversations", conversations, methods=["POST"]),
        ]
    )
