"""Requests to a code host with a token in a header, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from purview_ai.calls.service import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, USER_AGENT, bounded_retry, first_line
from purview_ai.json_values import is_list, is_object
from purview_ai.objects.failures import NO_WORDS, RefusedError, UnreachableError

if TYPE_CHECKING:
    from azure.core import PipelineClient

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"


@dataclass
class Calls:
    """To one code host. Redirects are not followed: the token goes to the named host alone."""

    service: str
    """As errors call it."""
    base: str
    """The address that every path follows."""
    headers: dict[str, str] = field(repr=False)
    """Of every request; the token is one of them."""
    request_id: str
    """The header in which the host names a request."""
    _pipeline: PipelineClient[Any, Any] | None = None

    def send(self, method: str, path: str, body: Any = None, *, kind: str = JSON, **query: str) -> Any:
        """The parsed answer; raises :class:`RefusedError` or :class:`UnreachableError`.

        What only reads, or puts the same in the same place, is tried again; what makes something new is not.
        """
        from azure.core.exceptions import AzureError
        from azure.core.rest import HttpRequest

        sent: dict[str, Any] = {} if body is None else {"json": body}
        headers = {**self.headers, **({} if body is None else {"Content-Type": kind})}
        request = HttpRequest(method, f"{self.base}{path}", headers=headers, params=query, **sent)
        try:
            answer = self._client().send_request(request)
        except AzureError as error:
            said = first_line(error.message or type(error).__name__)
            msg = f"{urlsplit(self.base).hostname} gave no answer: {said}"
            raise UnreachableError(msg) from None
        try:
            content: Any = answer.json() if answer.content else None
        except ValueError:
            content = None
        if answer.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            raise self._refusal(answer, content)
        # GraphQL refuses with a 200 (docs/facts.md, graph 140).
        if is_object(content) and is_list(content.get("errors")):
            raise self._refusal(answer, content["errors"][0])
        return content

    def _refusal(self, answer: Any, content: Any) -> RefusedError:
        told = content if is_object(content) else {}
        return RefusedError(
            service=self.service,
            status=answer.status_code,
            code=str(told.get("typeKey") or told.get("type") or answer.reason),
            message=str(told.get("message") or NO_WORDS),
            request_id=answer.headers.get(self.request_id, ""),
        )

    def _client(self) -> PipelineClient[Any, Any]:
        if self._pipeline is None:
            from azure.core import PipelineClient
            from azure.core.pipeline import policies

            self._pipeline = PipelineClient(
                base_url="",
                policies=[policies.UserAgentPolicy(USER_AGENT), bounded_retry()],
                connection_timeout=CONNECT_TIMEOUT_S,
                read_timeout=READ_TIMEOUT_S,
            )
        return self._pipeline
