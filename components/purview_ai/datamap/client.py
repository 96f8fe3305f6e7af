"""HTTP with the Data Map and ARM: signed in, retried, and failing in one form."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from purview_ai.clouds import PURVIEW_SCOPE, Cloud
from purview_ai.datamap.errors import RefusedError, UnreachableError
from purview_ai.identity import IdentityError
from purview_ai.json_values import JsonObject, is_object, take_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core import PipelineClient
    from azure.core.credentials import TokenCredential

SCANNING_VERSION = "2023-09-01"
"""The newest published version of the scanning API (docs/facts.md, purview 1)."""
ACCOUNT_VERSION = "2021-12-01"
"""Of the account in ARM: the newest stable one whose answer carries the endpoints (docs/facts.md, purview 4)."""
USER_AGENT = "purview-ai"
CANNOT_SIGN_IN = (IdentityError, OSError, ValueError)
"""What azure-identity and the settings raise where a certificate, a token file or a setting cannot be used."""
CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 60


class Service:
    """One service that takes one kind of token."""

    def __init__(self, name: str, scope: str, credential: TokenCredential) -> None:
        """Named as errors call it, with the scope of its tokens."""
        self._name = name
        self._scope = scope
        self._credential = credential
        self._pipeline: PipelineClient[Any, Any] | None = None

    def get(self, url: str, **query: str) -> JsonObject | None:
        """The object at an address, or None where there is none."""
        try:
            return self.send("GET", url, None, query)
        except RefusedError as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def send(self, method: str, url: str, body: JsonObject | None, query: dict[str, str]) -> JsonObject:
        """The answer to one request; raises :class:`RefusedError` or :class:`UnreachableError`."""
        from azure.core.exceptions import AzureError, ClientAuthenticationError
        from azure.core.rest import HttpRequest

        request = HttpRequest(method, url, params=query, json=body)
        try:
            answer = self._client().send_request(request)
        except ClientAuthenticationError as error:
            raise UnreachableError(_first_line(f"signing in failed: {error.message}")) from error
        except CANNOT_SIGN_IN as error:
            raise UnreachableError(_first_line(f"signing in failed: {error}")) from error
        except AzureError as error:
            host = urlsplit(url).hostname
            raise UnreachableError(_first_line(f"{host} gave no answer: {error.message}")) from error
        content = _json(answer)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise self._refusal(answer, content)
        return content

    def _client(self) -> PipelineClient[Any, Any]:
        if self._pipeline is None:
            from azure.core import PipelineClient
            from azure.core.pipeline import policies

            self._pipeline = PipelineClient(
                base_url="",
                policies=[
                    policies.RequestIdPolicy(),
                    policies.UserAgentPolicy(USER_AGENT),
                    policies.RetryPolicy(),
                    policies.BearerTokenCredentialPolicy(self._credential, self._scope),
                ],
                connection_timeout=CONNECT_TIMEOUT_S,
                read_timeout=READ_TIMEOUT_S,
            )
        return self._pipeline

    def _refusal(self, answer: Any, content: JsonObject) -> RefusedError:
        error = content.get("error")
        told: JsonObject = error if is_object(error) else {}
        return RefusedError(
            service=self._name,
            status=answer.status_code,
            code=str(told.get("code") or answer.headers.get("x-ms-error-code") or answer.reason),
            message=str(told.get("message") or "no further words"),
            request_id=answer.headers.get("x-ms-request-id", ""),
        )


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0]


def _json(answer: Any) -> JsonObject:
    try:
        parsed = answer.json()
    except ValueError:
        return {}
    return parsed if is_object(parsed) else {}


class DataMaps:
    """The Data Maps of all accounts that one identity works with; safe to share between threads."""

    def __init__(self, cloud: Cloud, credential: Callable[[], TokenCredential]) -> None:
        """The credential is made when the first request needs it."""
        self._cloud = cloud
        self._make_credential = credential
        self._lock = threading.Lock()
        self._services: tuple[Service, Service] | None = None
        self._endpoints: dict[str, str] = {}
        self._made: dict[str, dict[str, JsonObject]] = {}

    def _open(self) -> tuple[Service, Service]:
        with self._lock:
            if self._services is None:
                try:
                    credential = self._make_credential()
                except CANNOT_SIGN_IN as error:
                    msg = f"signing in is not possible: {_first_line(str(error))}"
                    raise UnreachableError(msg) from error
                arm = Service("Azure", self._cloud.arm_scope, credential)
                self._services = (arm, Service("Purview", PURVIEW_SCOPE, credential))
            return self._services

    def scanning(self, account_id: str) -> DataMap:
        """The scanning API of an account, found through what ARM reports of it."""
        arm, purview = self._open()
        with self._lock:
            if account_id not in self._endpoints:
                self._endpoints[account_id] = self._find_endpoint(arm, account_id)
            made = self._made.setdefault(account_id, {})
            return DataMap(purview, self._endpoints[account_id], made)

    def _find_endpoint(self, arm: Service, account_id: str) -> str:
        url = f"https://{self._cloud.arm}{account_id}"
        account = arm.get(url, **{"api-version": ACCOUNT_VERSION})
        if account is None:
            msg = f"ARM knows no Purview account {account_id}"
            raise UnreachableError(msg)
        endpoint = take_from(account, ("properties", "endpoints", "scan"))
        if not isinstance(endpoint, str):
            msg = f"{account_id} has no scanning endpoint; an account that only carries the billing has none"
            raise UnreachableError(msg)
        # Some accounts report the address with /scan, some without (docs/facts.md, purview 1).
        return endpoint.rstrip("/").removesuffix("/scan") + "/scan"


@dataclass(frozen=True)
class DataMap:
    """The scanning API of one account."""

    service: Service
    endpoint: str
    made: dict[str, JsonObject]
    """What this process has put, as the service answered it."""

    def get(self, path: str) -> JsonObject | None:
        """An object, or None."""
        return self.service.get(self.endpoint + path, **{"api-version": SCANNING_VERSION})

    def put(self, path: str, body: JsonObject) -> JsonObject:
        """Create or replace an object."""
        query = {"api-version": SCANNING_VERSION}
        self.made[path] = self.service.send("PUT", self.endpoint + path, body, query)
        return self.made[path]

    def made_or_found(self, path: str) -> JsonObject | None:
        """An object that this process has just put, without asking for it again; else as :meth:`get`."""
        return self.made.get(path) or self.get(path)

    def post(self, path: str, **query: str) -> JsonObject:
        """Ask for an action."""
        query = {"api-version": SCANNING_VERSION, **query}
        return self.service.send("POST", self.endpoint + path, None, query)

    def delete(self, path: str) -> None:
        """Remove an object; one that is gone already is no error."""
        try:
            self.service.send("DELETE", self.endpoint + path, None, {"api-version": SCANNING_VERSION})
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
