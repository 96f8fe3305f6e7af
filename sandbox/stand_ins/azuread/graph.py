"""Microsoft Graph as the genuine provider talks to it (facts 52, 56 and 57)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from stand_ins.failures import ProviderError
from stand_ins.sign_in import claims_of
from stand_ins.transport import Request, Retries, json_object
from stand_ins.values import is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from stand_ins.clouds import Cloud
    from stand_ins.patience import Patience
    from stand_ins.sign_in import Credential
    from stand_ins.transport import Transport
    from stand_ins.values import Values

    Version = Literal["v1.0", "beta"]

LONGEST_DELAY_S = 61
_HEADERS = {
    "Accept": "application/json; charset=utf-8; IEEE754Compatible=false",
    "Content-Type": "application/json; charset=utf-8",
    "OData-Version": "4.0",
    "OData-MaxVersion": "4.0",
}
_RETRIED = frozenset({408, 424, 429, 500, *range(502, 600)})
_OK = {
    "GET": {HTTPStatus.OK},
    "POST": {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT},
    "PATCH": {HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT},
    "DELETE": {HTTPStatus.OK, HTTPStatus.NO_CONTENT},
}


class GraphError(ProviderError):
    """Graph's refusal, in the provider's words (fact 56)."""

    def __init__(self, answer: httpx.Response) -> None:
        """Read the answer."""
        self.status = answer.status_code
        super().__init__(_text(answer))


def never(_: httpx.Response) -> bool:
    """No answer is worth another try beyond those that always are."""
    return False


class Graph:
    """One cloud's Graph, spoken to as one application."""

    def __init__(self, cloud: Cloud, credential: Credential, transport: Transport) -> None:
        """Ask for nothing yet."""
        self._base = cloud.graph.rstrip("/")
        self.base = f"{self._base}/v1.0"
        """Where the objects are."""
        self.caller = ""
        """The object id of who is signed in (fact 62)."""
        self._credential = credential
        self._transport = transport

    def sign_in(self, patience: Patience) -> None:
        """Prove the credential."""
        self.caller = str(claims_of(self._token(patience)).get("oid", ""))

    def get(self, path: str, patience: Patience, version: Version = "v1.0") -> Values:
        """One object."""
        return self._send("GET", f"{self._base}/{version}{path}", patience)

    def list(self, path: str, condition: str | None, patience: Patience, version: Version = "v1.0") -> Iterator[Values]:
        """All objects that a filter lets through, page by page; without one, all."""
        query = f"?{urlencode({'$filter': condition})}" if condition else ""
        url: str | None = f"{self._base}/{version}{path}{query}"
        while url:
            page = self._send("GET", url, patience)
            yield from page["value"]
            url = page.get("@odata.nextLink")

    def post(
        self,
        path: str,
        body: Values,
        patience: Patience,
        also_retried: Callable[[httpx.Response], bool] = never,
        version: Version = "v1.0",
    ) -> Values:
        """Make an object; what Graph says of it."""
        return self._send("POST", f"{self._base}/{version}{path}", patience, body, also_retried)

    def patch(self, path: str, body: Values, patience: Patience, version: Version = "v1.0") -> None:
        """Change an object."""
        self._send("PATCH", f"{self._base}/{version}{path}", patience, body)

    def delete(self, path: str, patience: Patience, version: Version = "v1.0") -> None:
        """Take an object away; one that is not there is an error."""
        self._send("DELETE", f"{self._base}/{version}{path}", patience)

    def link(self, object_id: str, version: Version = "v1.0") -> str:
        """How a body refers to an object of the directory."""
        return f"{self._base}/{version}/directoryObjects/{object_id}"

    def _token(self, patience: Patience) -> str:
        return self._credential.token(f"{self._base}/.default", patience)

    def _send(
        self,
        method: str,
        url: str,
        patience: Patience,
        body: Values | None = None,
        also_retried: Callable[[httpx.Response], bool] = never,
    ) -> Values:
        request = Request(
            method,
            url,
            headers={**_HEADERS, "Authorization": f"Bearer {self._token(patience)}"},
            content=None if body is None else json.dumps(body).encode(),
        )
        retries = Retries(_tries(patience.left), _delay, _RETRIED, also_retried)
        answer = self._transport.send(request, retries, patience)
        if answer.status_code not in _OK[method]:
            raise GraphError(answer)
        return json_object(answer)


def not_replicated_yet(answer: httpx.Response) -> bool:
    """Whether Graph does not know an object yet that was made a moment ago."""
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return True
    error = json_object(answer).get("error")
    message = error.get("message", "") if is_object(error) else ""
    invalid = answer.status_code == HTTPStatus.BAD_REQUEST
    return invalid and "not a valid reference update" in str(message).lower()


def _delay(attempt: int) -> float:
    """1, 2, 4 seconds and so on."""
    return min(2 ** (attempt - 1), LONGEST_DELAY_S)


def _tries(seconds: float) -> int:
    """How many retries fit into the time that is left: about nine into five minutes (fact 57)."""
    count, spent = 0, 0.0
    while (spent := spent + _delay(count + 1)) <= seconds:
        count += 1
    return count


def _text(answer: httpx.Response) -> str:
    status = f"unexpected status {answer.status_code} ({answer.status_code} {answer.reason_phrase})"
    if not answer.content:
        return f"{status} received with no body"
    error = json_object(answer).get("error")
    if not is_object(error):
        return f"{status} with response: {answer.text}"
    inner = error.get("innerError") or error.get("innererror")
    parts = [*_words(error), *(_words(inner) if is_object(inner) else [])]
    return f"{status} with error: {': '.join(parts)}"


def _words(error: Values) -> list[str]:
    return [str(error[name]) for name in ("code", "message") if error.get(name)]
