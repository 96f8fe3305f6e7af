"""The sandbox's own endpoint on loopback: weather, journal, accounts, people, audit log, eDiscovery, vendors, git.

It is not reached through the relay and has no Azure name: whatever changes Azure goes through Azure's own APIs.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_azure.anthropic import keep_key
from local_azure.audit_log import AuditCircumstances, AuditLog, circumstances_of
from local_azure.azure_devops import DevopsPull, DevopsToken, Push
from local_azure.chatgpt import Conversation, VendorKey, Workspace
from local_azure.ediscovery import Ediscovery, EdiscoveryCircumstances
from local_azure.github import Collaborator, GithubToken, Ticket
from local_azure.github_jobs import GithubJob
from local_azure.neighbours import Neighbour, add_account
from local_azure.people import Somebody
from local_azure.purview.accounts import Circumstances, account_named
from local_azure.seed import TENANT
from local_azure.tokens import LIFETIME_S
from local_azure.weather import Weather

if TYPE_CHECKING:
    from starlette.requests import Request

    from local_azure.azure import Azure


class _Admin:
    """What the endpoint answers."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    async def weather(self, request: Request) -> Response:
        """``GET``, ``POST`` a piece, ``DELETE`` all."""
        forecast = self._azure.forecast
        if request.method == "DELETE":
            forecast.pieces.clear()
        if request.method == "POST":
            forecast.pieces.append(Weather.model_validate(await request.json()))
        return JSONResponse([piece.model_dump() for piece in forecast.pieces])

    async def journal(self, request: Request) -> Response:
        """``GET`` or ``DELETE`` all lines."""
        if request.method == "DELETE":
            self._azure.journal.clear()
        return JSONResponse(self._azure.journal.lines())

    async def circumstances(self, request: Request) -> Response:
        """``GET`` or ``PUT`` in what a Purview account differs from others; what is not said is as by default."""
        # Nothing may be waited for between reading a document and writing it back.
        wanted = Circumstances.model_validate(await request.json()) if request.method == "PUT" else None
        account = account_named(self._azure, request.path_params["account"])
        if account is None:
            return Response(status_code=404)
        if wanted is not None:
            account.circumstances = wanted
            self._azure.store.put(account)
        return JSONResponse(account.circumstances.model_dump())

    async def account(self, request: Request) -> Response:
        """``POST`` an account that somebody else has."""
        add_account(self._azure, Neighbour.model_validate(await request.json()))
        return Response(status_code=204)

    async def audit(self, request: Request) -> Response:
        """``GET`` or ``PUT`` in what the tenant's audit log differs from others; what is not said is as by default."""
        if request.method == "PUT":
            wanted = AuditCircumstances.model_validate(await request.json())
            self._azure.store.put(AuditLog(tenant_id=TENANT, circumstances=wanted))
        return JSONResponse(circumstances_of(self._azure, TENANT).model_dump())

    async def ediscovery(self, request: Request) -> Response:
        """``PUT`` in what the tenant's eDiscovery differs from others; what is not said is as by default."""
        wanted = EdiscoveryCircumstances.model_validate(await request.json())
        self._azure.store.put(Ediscovery(tenant_id=TENANT, circumstances=wanted))
        return Response(status_code=204)

    async def user(self, request: Request) -> Response:
        """``PUT`` somebody into the directory, in the place of whoever has that name; ``DELETE`` them."""
        user = Somebody.model_validate(await request.json()).user(TENANT)
        if request.method == "PUT":
            self._azure.store.put(user)
        else:
            self._azure.store.delete(user)
        return Response(status_code=204)

    async def federated_token(self, request: Request) -> Response:
        """``POST`` for a token as a pipeline's issuer makes one."""
        body = await request.json()
        lifetime = int(body.get("lifetime_s", LIFETIME_S))
        made = self._azure.signer.vouch(body["issuer"], body["subject"], body["audience"], lifetime_s=lifetime)
        return JSONResponse({"value": made})

    async def github_job(self, request: Request) -> Response:
        """``PUT`` a job that may ask for its token; what it asks with comes in the body, never in the path."""
        body = await request.json()
        digest = hashlib.sha256(str(body.pop("request_token")).encode()).hexdigest()
        self._azure.store.put(GithubJob(request_token_sha256=digest, **body))
        return Response(status_code=204)

    async def vendor_key(self, request: Request) -> Response:
        """``PUT`` a key's workspace and state; the key itself comes in the body, never in the path."""
        body = await request.json()
        digest = hashlib.sha256(str(body.pop("key")).encode()).hexdigest()
        self._azure.store.put(VendorKey(sha256=digest, **body))
        return Response(status_code=204)

    async def claude_key(self, request: Request) -> Response:
        """``PUT`` what a key of Anthropic's may do; the key itself comes in the body, never in the path."""
        body = await request.json()
        keep_key(self._azure, str(body["key"]), body["scopes"], revoked=bool(body["revoked"]))
        return Response(status_code=204)

    async def workspace(self, request: Request) -> Response:
        """``PUT`` a workspace of ChatGPT's with its conversations, in the place of one that has its id."""
        said = [Conversation.model_validate(one) for one in await request.json()]
        self._azure.store.put(Workspace(id=request.path_params["workspace"], conversations=said))
        return Response(status_code=204)

    async def github(self, request: Request) -> Response:
        """``PUT`` what GitHub knows: a token, which comes in the body, somebody's permission, or a pull request."""
        body = await request.json()
        if "token" in body:
            digest = hashlib.sha256(str(body.pop("token")).encode()).hexdigest()
            self._azure.store.put(GithubToken(sha256=digest, **body))
            return Response(status_code=204)
        if "permission" in body:
            self._azure.store.put(Collaborator.model_validate(body))
            return Response(status_code=204)
        wanted = Ticket.model_validate(body)
        known = self._azure.store.get(Ticket, wanted.key)
        if known is not None:
            wanted = known.model_copy(update={name: getattr(wanted, name) for name in wanted.model_fields_set})
        self._azure.store.put(wanted)
        return JSONResponse(wanted.model_dump())

    async def devops(self, request: Request) -> Response:
        """``PUT`` what Azure DevOps knows: a token, which comes in the body, or a pull request after a push."""
        body = await request.json()
        if "token" in body:
            digest = hashlib.sha256(str(body.pop("token")).encode()).hexdigest()
            self._azure.store.put(DevopsToken(sha256=digest, **body))
            return Response(status_code=204)
        pushed_by = str(body.pop("pushed_by", ""))
        wanted = DevopsPull.model_validate(body)
        known = self._azure.store.get(DevopsPull, wanted.key)
        if known is not None:
            wanted = known.model_copy(update={name: getattr(wanted, name) for name in wanted.model_fields_set})
        if pushed_by:
            number = int(self._azure.new_id()[:6], 16)
            wanted.pushes = [*wanted.pushes, Push(number=number, person=pushed_by, at=self._azure.now())]
        self._azure.store.put(wanted)
        return JSONResponse(wanted.model_dump())

    async def conversations(self, request: Request) -> Response:
        """``POST`` conversations to a workspace."""
        body = await request.json()
        workspace = self._azure.store.get(Workspace, request.path_params["workspace"])
        if workspace is None:
            return Response(status_code=404)
        workspace.conversations += [Conversation.model_validate(one) for one in body]
        self._azure.store.put(workspace)
        return Response(status_code=204)


def _makes_no_sense(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 422)


def admin_app(azure: Azure) -> Starlette:
    """The endpoint of this Azure."""
    admin = _Admin(azure)
    return Starlette(
        routes=[
            Route("/weather", admin.weather, methods=["GET", "POST", "DELETE"]),
            Route("/requests", admin.journal, methods=["GET", "DELETE"]),
            Route("/accounts", admin.account, methods=["POST"]),
            Route("/accounts/{account}/circumstances", admin.circumstances, methods=["GET", "PUT"]),
            Route("/audit", admin.audit, methods=["GET", "PUT"]),
            Route("/ediscovery", admin.ediscovery, methods=["PUT"]),
            Route("/users", admin.user, methods=["PUT", "DELETE"]),
            Route("/github", admin.github, methods=["PUT"]),
            Route("/github-jobs", admin.github_job, methods=["PUT"]),
            Route("/devops", admin.devops, methods=["PUT"]),
            Route("/federated-tokens", admin.federated_token, methods=["POST"]),
            Route("/vendor/keys", admin.vendor_key, methods=["PUT"]),
            Route("/vendor/claude-keys", admin.claude_key, methods=["PUT"]),
            Route("/vendor/workspaces/{workspace}", admin.workspace, methods=["PUT"]),
            Route("/vendor/workspaces/{workspace}/conversations", admin.conversations, methods=["POST"]),
        ],
        exception_handlers={ValidationError: _makes_no_sense},
    )
