"""One ASGI application behind all host names: sign-in, weather, routing, and the journal."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import jwt
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from local_azure import anthropic, azure_devops, chatgpt, github, github_graphql, github_jobs, graph, login
from local_azure.arm import (
    alert_rules,
    authorization,
    insights,
    key_vault,
    log_analytics,
    managed_identity,
    metadata,
    resources,
    role_definitions,
    storage,
    vault_keys,
)
from local_azure.arm import purview as purview_accounts
from local_azure.audit_search import AUDIT_OPERATIONS
from local_azure.blobs import BLOB_OPERATIONS, unauthorised
from local_azure.call import Answer, Call, is_object
from local_azure.conditional_access import CONDITIONAL_ACCESS_OPERATIONS
from local_azure.directory_roles import DIRECTORY_ROLE_OPERATIONS
from local_azure.ediscovery import EDISCOVERY_OPERATIONS
from local_azure.errors import ServiceError
from local_azure.groups import GROUP_OPERATIONS
from local_azure.hosts import Address, Service, resolve
from local_azure.journal import Entry
from local_azure.key_operations import KEY_OPERATIONS
from local_azure.key_vault import KEY_VAULT_OPERATIONS, challenge
from local_azure.purview import account, connectivity, domains, policystore, runs, scan, triggers
from local_azure.users import USER_OPERATIONS
from local_azure.weather import Effect, Weather

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Receive, Scope, Send

    from local_azure.azure import Azure
    from local_azure.call import Operation
    from local_azure.relay import Relay
    from local_azure.tokens import Caller

log = logging.getLogger(__name__)

ANONYMOUS = (
    Service.LOGIN,
    Service.CHATGPT,
    Service.ANTHROPIC,
    Service.GITHUB,
    Service.GITHUB_JOBS,
    Service.AZURE_DEVOPS,
)
"""Services that check callers in their own way."""
OPEN_PATHS = ("/metadata/endpoints",)


@dataclass(frozen=True)
class Table:
    """A service's operations as routes that ignore case, as Azure does."""

    routes: list[tuple[Route, Operation]]

    @classmethod
    def of(cls, operations: Sequence[Operation]) -> Table:
        """Compile a route table."""
        routes: list[tuple[Route, Operation]] = []
        for operation in operations:
            route = Route(operation.path, _never_called, methods=[operation.method])
            route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
            routes.append((route, operation))
        return cls(routes)

    def find(self, scope: Scope) -> tuple[Operation, dict[str, str]] | None:
        """The operation of a request, with the parameters of its path."""
        for route, operation in self.routes:
            match, child = route.matches(scope)
            if match is Match.FULL:
                return operation, child["path_params"]
        return None


async def _never_called(_: Request) -> Response:
    return Response(status_code=500)


ARM_OPERATIONS = [
    *metadata.OPERATIONS,
    *alert_rules.OPERATIONS,
    *authorization.OPERATIONS,
    *insights.OPERATIONS,
    *key_vault.OPERATIONS,
    *log_analytics.OPERATIONS,
    *managed_identity.OPERATIONS,
    *purview_accounts.OPERATIONS,
    *resources.OPERATIONS,
    *role_definitions.OPERATIONS,
    *storage.OPERATIONS,
    *vault_keys.OPERATIONS,
]
GRAPH_OPERATIONS = [
    *graph.OPERATIONS,
    *AUDIT_OPERATIONS,
    *CONDITIONAL_ACCESS_OPERATIONS,
    *DIRECTORY_ROLE_OPERATIONS,
    *GROUP_OPERATIONS,
    *EDISCOVERY_OPERATIONS,
    *USER_OPERATIONS,
]
PURVIEW_OPERATIONS = [
    *account.OPERATIONS,
    *domains.OPERATIONS,
    *policystore.OPERATIONS,
    *runs.OPERATIONS,
    *triggers.OPERATIONS,
    *connectivity.OPERATIONS,
    *scan.OPERATIONS,
]

TABLES = {
    Service.LOGIN: Table.of(login.OPERATIONS),
    Service.ARM: Table.of(ARM_OPERATIONS),
    Service.GRAPH: Table.of(GRAPH_OPERATIONS),
    Service.KEY_VAULT: Table.of([*KEY_VAULT_OPERATIONS, *KEY_OPERATIONS]),
    Service.BLOB: Table.of(BLOB_OPERATIONS),
    Service.PURVIEW: Table.of(PURVIEW_OPERATIONS),
    Service.CHATGPT: Table.of(chatgpt.OPERATIONS),
    Service.ANTHROPIC: Table.of(anthropic.OPERATIONS),
    Service.GITHUB: Table.of([*github.OPERATIONS, *github_graphql.OPERATIONS]),
    Service.GITHUB_JOBS: Table.of(github_jobs.OPERATIONS),
    Service.AZURE_DEVOPS: Table.of(azure_devops.OPERATIONS),
}


class LocalAzureApp:
    """Sends each request to the service that owns its host name."""

    def __init__(self, azure: Azure, relay: Relay | None = None) -> None:
        """Serve this Azure; the relay is what cuts connections."""
        self._azure = azure
        self.relay = relay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        # msgraph-sdk sends double slashes, and Graph folds them (docs/facts.md, sandbox).
        path = re.sub(r"/{2,}", "/", scope["path"])
        address = resolve(Request(scope).headers.get("host", "").partition(":")[0])
        if address is None:
            await Response("not a host of the sandbox", 421)(scope, receive, send)
            return
        scope["path"] = address.path_prefix + (path.rstrip("/") or "/")
        await self._answer(Request(scope, receive), address, send)

    async def _answer(self, request: Request, address: Address, send: Send) -> None:
        pieces = self._azure.forecast.take(address.service, request.method, request.url.path)
        for piece in pieces:
            if piece.effect is Effect.LATENCY:
                await asyncio.sleep(piece.seconds)
        effects = {piece.effect: piece for piece in pieces}
        request_id = self._azure.new_id()
        if Effect.CUT_BEFORE in effects:
            await self._cut(request)
            return
        if Effect.HANG_BEFORE in effects:
            self._note(request, address, Answer(0), request_id, caller=None, hangs=True)
            await _until_gone(request)
            return
        if Effect.STATUS in effects:
            answer, caller, code = _bad_weather(effects[Effect.STATUS], address.service)
        else:
            answer, caller, code = await self._ask(request, address, request_id)
        hangs = Effect.HANG_AFTER in effects
        self._note(request, address, answer, request_id, caller=caller, code=code, hangs=hangs)
        if hangs:
            await _until_gone(request)
            return
        if Effect.CUT_AFTER in effects:
            await self._cut(request)
            return
        await self._send(request, answer, request_id, send, broken=Effect.CUT_MIDDLE in effects)

    async def _ask(self, request: Request, address: Address, request_id: str) -> tuple[Answer, Caller | None, str]:
        caller: Caller | None = None
        try:
            caller = self._sign_in(request, address)
            operation, params = self._operation(request, address)
            call = Call(
                azure=self._azure,
                address=address,
                method=request.method,
                path=request.url.path,
                params=params,
                query=dict(request.query_params),
                body={} if address.service is Service.BLOB else await _body(request),
                headers=dict(request.headers),
                caller_or_none=caller,
                request_id=request_id,
                content=await request.body() if address.service is Service.BLOB else b"",
            )
            return operation.handler(call), caller, ""
        except (ServiceError, ValidationError) as problem:
            error = problem if isinstance(problem, ServiceError) else _not_valid(problem)
            headers = ({"x-ms-error-code": error.code} if error.code else {}) | error.headers
            content = error.content()
            headers |= {"content-type": "application/xml"} if content else {}
            return Answer(error.status, None if content else error.body(), headers, content), caller, error.code

    def _operation(self, request: Request, address: Address) -> tuple[Operation, dict[str, str]]:
        found = TABLES[address.service].find(request.scope)
        if found is None:
            raise ServiceError(404, "NotFound", f"No route for {request.method} {request.url.path}.")
        return found

    def _sign_in(self, request: Request, address: Address) -> Caller | None:
        if address.service in ANONYMOUS or request.url.path.startswith(OPEN_PATHS):
            return None
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            reason = "Authentication failed. The 'Authorization' header is missing."
            raise self._unauthorised(address, reason, scheme=scheme)
        audiences = address.audiences if self._azure.rules.on("token-audience") else None
        try:
            return self._azure.signer.read(token, audiences)
        except jwt.InvalidAudienceError:
            reason = "The access token has been obtained for wrong audience or resource."
            raise self._unauthorised(address, reason, "InvalidAuthenticationTokenAudience") from None
        except jwt.PyJWTError as error:
            raise self._unauthorised(address, f"The access token is invalid: {error}.") from None

    def _unauthorised(
        self, address: Address, reason: str, code: str = "InvalidAuthenticationToken", *, scheme: str = ""
    ) -> ServiceError:
        if address.service is Service.BLOB:
            return unauthorised(self._azure, address, scheme, reason)
        if address.service is Service.KEY_VAULT:
            return challenge(self._azure, address, reason)
        return ServiceError(401, code, reason, headers={"www-authenticate": "Bearer"})

    def _note(
        self,
        request: Request,
        address: Address,
        answer: Answer,
        request_id: str,
        *,
        caller: Caller | None,
        code: str = "",
        hangs: bool = False,
    ) -> None:
        log.info("%s %s%s %s %s", request.method, request.headers["host"], request.url.path, answer.status, code)
        self._azure.journal.add(
            Entry(
                service=address.service,
                method=request.method,
                host=request.headers["host"],
                path=request.url.path,
                status=answer.status,
                request_id=request_id,
                agent=request.headers.get("user-agent", ""),
                caller=caller.app_id if caller else "",
                error=code,
                hangs=hangs,
            )
        )

    async def _cut(self, request: Request) -> None:
        if self.relay is not None and request.client is not None:
            self.relay.cut(request.client.port)
        await _until_gone(request)

    async def _send(self, request: Request, answer: Answer, request_id: str, send: Send, *, broken: bool) -> None:
        body = answer.content or (b"" if answer.body is None else json.dumps(answer.body).encode())
        headers = {
            "content-length": str(len(body)),
            "x-ms-request-id": request_id,
            "request-id": request_id,
            **({"content-type": "application/json; charset=utf-8"} if body else {}),
            **answer.headers,
        }
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        if broken:
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await self._cut(request)
            return
        await send({"type": "http.response.body", "body": body if request.method != "HEAD" else b""})


async def _until_gone(request: Request) -> None:
    """Wait until the client's connection has ended."""
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _not_valid(problem: ValidationError) -> ServiceError:
    """A value that no document can hold; the value itself is not repeated."""
    place = ".".join(str(step) for step in problem.errors(include_input=False)[0]["loc"])
    return ServiceError(400, "InvalidRequestContent", f"The value of '{place}' is not valid.")


def _bad_weather(piece: Weather, service: Service) -> tuple[Answer, None, str]:
    headers = {"retry-after": str(piece.retry_after)} if piece.retry_after is not None else {}
    says = "The service is having a bad day."
    if service is Service.ANTHROPIC:
        error = anthropic.refusal(piece.status, says)
    elif service is Service.CHATGPT:
        error = chatgpt.refusal(piece.status, piece.code, says)
    else:
        error = ServiceError(piece.status, piece.code, says)
    return Answer(piece.status, error.body(), headers), None, piece.code


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if not raw:
        return {}
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(raw.decode()))
    try:
        parsed: Any = json.loads(raw)
    except ValueError as error:
        raise ServiceError(400, "InvalidRequestContent", f"The request content was invalid: {error}.") from None
    if request.headers.get("content-type", "").startswith("application/json-patch+json"):
        return {"patch": parsed}
    if not is_object(parsed):
        raise ServiceError(400, "InvalidRequestContent", "The request content must be a JSON object.")
    return parsed
