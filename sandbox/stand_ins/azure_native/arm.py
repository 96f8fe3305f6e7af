"""Azure Resource Manager as the genuine provider talks to it (facts 24 to 33, 39, 51)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from stand_ins.azure_native.polling import follow
from stand_ins.failures import ProviderError
from stand_ins.transport import Request, Retries, json_object
from stand_ins.values import is_object

if TYPE_CHECKING:
    import httpx

    from stand_ins.patience import Patience
    from stand_ins.sign_in import Credential
    from stand_ins.transport import Transport
    from stand_ins.values import Values

PUT_POLL_S = 10
DELETE_POLL_S = 30


class ArmError(ProviderError):
    """ARM's refusal, in the provider's short form (fact 39)."""

    def __init__(self, answer: httpx.Response) -> None:
        """Read the answer."""
        self.status = answer.status_code
        super().__init__(_short_text(answer) or verbose_text(answer))

    @property
    def not_found(self) -> bool:
        """Whether the resource is not there."""
        return self.status == HTTPStatus.NOT_FOUND


class OwnClientError(ProviderError):
    """ARM's refusal as Azure's Go clients tell it, with the whole answer in its text."""

    def __init__(self, answer: httpx.Response) -> None:
        """Read the answer."""
        self.not_found = answer.status_code == HTTPStatus.NOT_FOUND
        super().__init__(verbose_text(answer))


class UnfinishedError(ProviderError):
    """ARM accepted a write whose end then failed (fact 33)."""


def _another_operation(answer: httpx.Response) -> bool:
    return answer.status_code == HTTPStatus.CONFLICT and _code(answer) == "AnotherOperationInProgress"


RETRIES = Retries(most=3, delay=lambda n: min(20 * (2**n - 1), 120), also=_another_operation, longest_wait=120)
"""Waits of 20, 60 and 120 seconds (fact 32)."""


class Arm:
    """One cloud's resource manager, spoken to as one application."""

    def __init__(self, endpoint: str, audience: str, credential: Credential, transport: Transport) -> None:
        """Ask for nothing yet."""
        self._endpoint = endpoint
        self._scope = f"{audience}/.default"
        self._credential = credential
        self._transport = transport

    def get(
        self, resource_id: str, api_version: str, patience: Patience, query: dict[str, str] | None = None
    ) -> Values:
        """A resource as it is."""
        url = self._url(resource_id, {"api-version": api_version, **(query or {})})
        answer = self._send("GET", url, patience)
        if answer.status_code != HTTPStatus.OK:
            raise ArmError(answer)
        return _body(answer)

    def require_free(self, resource_id: str, api_version: str, patience: Patience) -> None:
        """Raise where something has this id already, or where that cannot be told (fact 25)."""
        answer = self._send("GET", self._url(resource_id, {"api-version": api_version}), patience)
        if answer.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.NO_CONTENT):
            return
        if answer.status_code != HTTPStatus.OK:
            msg = f"cannot check existence of resource '{resource_id}': status code {answer.status_code}, {answer.text}"
            raise ProviderError(msg)
        if json_object(answer):
            msg = f"cannot create already existing resource '{resource_id}'"
            raise ProviderError(msg)

    def exchange(
        self, method: str, path: str, api_version: str, patience: Patience, body: Values | None = None
    ) -> Values:
        """One request of a client of its own kind, whose refusals are told at length (fact 43)."""
        answer = self._send(method, self._url(path, {"api-version": api_version}), patience, body)
        if answer.is_error:
            raise OwnClientError(answer)
        return json_object(answer)

    def put(
        self, resource_id: str, api_version: str, body: Values, patience: Patience, *, long_running: bool
    ) -> Values:
        """Write a resource; what ARM says when that is over."""
        url = self._url(resource_id, {"api-version": api_version})
        answer = self._send("PUT", url, patience, body)
        if answer.status_code not in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED):
            raise ArmError(answer)
        if not long_running and answer.status_code != HTTPStatus.ACCEPTED:
            return _body(answer)
        try:
            return _body(self._followed(answer, api_version, PUT_POLL_S, patience))
        except ProviderError as error:
            raise UnfinishedError(str(error)) from error

    def delete(self, resource_id: str, api_version: str, patience: Patience, *, long_running: bool) -> None:
        """Delete a resource; one that is not there counts as deleted (fact 30)."""
        answer = self._send("DELETE", self._url(resource_id, {"api-version": api_version}), patience)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return
        if answer.status_code not in (HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT):
            raise ArmError(answer)
        if not long_running:
            return
        try:
            self._followed(answer, api_version, DELETE_POLL_S, patience)
        except ArmError as error:
            if not error.not_found:
                raise

    def _followed(
        self, first: httpx.Response, api_version: str, frequency: float, patience: Patience
    ) -> httpx.Response:
        def get(url: str) -> httpx.Response:
            answer = self._send("GET", self._absolute(url, api_version), patience)
            if answer.is_error:
                raise ArmError(answer)
            return answer

        answer, failed = follow(first, get, frequency, patience)
        if failed:
            raise ArmError(answer)
        return answer

    def _absolute(self, url: str, api_version: str) -> str:
        """A polling address; ARM may leave out the host or the API version (fact 31)."""
        if url.startswith("/"):
            url = self._endpoint + url
        if "api-version=" not in url:
            url += ("&" if "?" in url else "?") + urlencode({"api-version": api_version})
        return url

    def _url(self, resource_id: str, query: dict[str, str]) -> str:
        return f"{self._endpoint}{resource_id}?{urlencode(query)}"

    def _send(self, method: str, url: str, patience: Patience, body: Values | None = None) -> httpx.Response:
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self._credential.token(self._scope, patience)}",
        }
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        content = None if body is None else json.dumps(body).encode()
        return self._transport.send(Request(method, url, headers, content), RETRIES, patience)


def _body(answer: httpx.Response) -> Values:
    found = json_object(answer)
    if answer.content and not found:
        status = f"{answer.status_code} {answer.reason_phrase}"
        msg = f"unexpected response from Azure: '{answer.text}', HTTP status: {status}"
        raise ProviderError(msg)
    return found


def _code(answer: httpx.Response) -> str:
    """The error's code: the header's, or else the body's."""
    body = json_object(answer)
    error = body.get("error")
    inner = error if is_object(error) else body
    return answer.headers.get("x-ms-error-code") or str(inner.get("code") or "")


def _short_text(answer: httpx.Response) -> str:
    body = json_object(answer)
    if not body:
        return ""
    error = body.get("error")
    message = error.get("message", answer.text) if is_object(error) else answer.text
    code = _code(answer)
    return f"Status={answer.status_code} " + (f'Code="{code}" ' if code else "") + f'Message="{message}"'


def verbose_text(answer: httpx.Response) -> str:
    """The long form of Azure's Go clients, with the whole body."""
    line = "-" * 80
    body = json_object(answer)
    says = json.dumps(body, indent=2) if body else answer.text or "Response contained no body"
    code = _code(answer)
    return "\n".join(
        (
            f"{answer.request.method} {str(answer.request.url).split('?')[0]}",
            line,
            f"RESPONSE {answer.status_code}: {answer.status_code} {answer.reason_phrase}",
            f"ERROR CODE: {code}" if code else "ERROR CODE UNAVAILABLE",
            line,
            says,
            line,
        )
    )
