"""Requests to a vendor with its key in a header, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from purview_ai.calls.service import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, USER_AGENT, bounded_retry
from purview_ai.json_values import is_list, is_object
from purview_ai.objects.failures import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azure.core import PipelineClient

    from purview_ai.apps.vendor import Members, Probe

_MOST_PAGES = 1000


class NotListedError(Exception):
    """The vendor did not tell all members."""

    def __init__(self, host: str, status: int, but: str = "") -> None:
        """Who answered what."""
        super().__init__(f"{host} answered {int(status)} to the list of users{but}")
        self.status = int(status)


@dataclass(frozen=True)
class Answer:
    """What the vendor said."""

    status: int
    body: Any
    """Parsed; None where it is no JSON."""


@dataclass
class Vendor:
    """One vendor's API, asked with one key. Redirects are not followed: the key goes to the named host alone."""

    key: str
    _pipeline: PipelineClient[Any, Any] | None = None

    def probe(self, probe: Probe, workspace_id: str) -> Answer:
        """Ask what tells whether the key works; raises :class:`UnreachableError` without an answer."""
        return self._get(probe.url.replace("{workspace_id}", workspace_id), probe.headers)

    def members(self, members: Members, workspace_id: str) -> Iterator[str]:
        """The addresses of all members of a workspace; raises :class:`NotListedError` where they are not all told."""
        url, after = members.url.replace("{workspace_id}", workspace_id), ""
        host = str(urlsplit(url).hostname)
        for _ in range(_MOST_PAGES):
            answer = self._get(url, members.headers, **({members.after: after} if after else {}))
            if answer.status != HTTPStatus.OK:
                raise NotListedError(host, answer.status)
            if not is_object(answer.body) or not is_list(answer.body.get("data")):
                raise NotListedError(host, answer.status, ", and it is no list")
            yield from (str(one[members.address]) for one in _entries(answer.body) if one.get(members.address))
            if not answer.body.get(members.more):
                return
            before, after = after, str(answer.body.get(members.last) or "")
            if after in ("", before):
                raise NotListedError(host, answer.status, ", and says not how to go on")
        raise NotListedError(host, HTTPStatus.OK, f", and the list goes on after {_MOST_PAGES} pages")

    def _get(self, url: str, headers: dict[str, str], **query: str) -> Answer:
        from azure.core.exceptions import AzureError
        from azure.core.rest import HttpRequest

        filled = {name: value.replace("{key}", self.key) for name, value in headers.items()}
        try:
            answer = self._client().send_request(HttpRequest("GET", url, headers=filled, params=query))
        except AzureError as error:
            # The error's own words may hold the request, and with it the key.
            msg = f"{urlsplit(url).hostname} gave no answer ({type(error).__name__})"
            raise UnreachableError(msg) from None
        try:
            return Answer(answer.status_code, answer.json())
        except ValueError:
            return Answer(answer.status_code, None)

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


def _entries(body: dict[str, Any]) -> list[dict[str, Any]]:
    entries = body.get("data")
    return [one for one in entries if is_object(one)] if is_list(entries) else []


def values_at(body: Any, place: str) -> list[str]:
    """The texts at a place such as ``data[].uuid``."""
    found: list[Any] = [body]
    for step in place.split("."):
        name = step.removesuffix("[]")
        found = [one.get(name) for one in found if is_object(one)]
        if step.endswith("[]"):
            found = [one for many in found if is_list(many) for one in many]
    return [str(one) for one in found if one is not None]
