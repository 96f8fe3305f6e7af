"""Microsoft Graph on azure-core's pipeline, for whoever asks it while a stack is deployed or looked at."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from purview_ai.calls.service import TRIES, Service, on_the_same_host, signed_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azure.core.credentials import TokenCredential

    from purview_ai.clouds import Cloud
    from purview_ai.json_values import JsonObject


@dataclass
class GraphCalls:
    """Graph v1.0 as one identity sees it; safe to share between threads. Paths begin with a slash."""

    cloud: Cloud
    make_credential: Callable[[], TokenCredential]
    """Called when the first request needs it."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _service: Service | None = None

    def get(self, path: str) -> JsonObject | None:
        """One object, or None."""
        return self._signed_in().get(self._url(path))

    def listed(self, path: str, **query: str) -> Iterator[JsonObject]:
        """What a list holds, page by page; nothing where the list is not there."""
        url = self._url(path)
        page = self._signed_in().get(url, **query) or {}
        yield from page.get("value") or []
        while following := str(page.get("@odata.nextLink") or ""):
            page = self._signed_in().get(on_the_same_host(following, url)) or {}
            yield from page.get("value") or []

    def send(self, method: str, path: str, body: JsonObject | None = None, *, tries: int = TRIES) -> JsonObject:
        """The answer to one request; see :meth:`Service.send`."""
        return self._signed_in().send(method, self._url(path), body, {}, tries=tries)

    def _url(self, path: str) -> str:
        return f"https://{self.cloud.graph}/v1.0{path}"

    def _signed_in(self) -> Service:
        with self._lock:
            if self._service is None:
                credential = signed_in(self.make_credential)
                self._service = Service("Microsoft Graph", f"https://{self.cloud.graph}/.default", credential)
            return self._service
