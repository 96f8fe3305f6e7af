"""Microsoft Graph, as far as eDiscovery goes (docs/facts.md, graph 30)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.patience import NotYetError
from purview_ai.calls.service import Service, signed_in
from purview_ai.objects.failures import RefusedError, UnreachableError
from purview_ai.objects.kept import KeptPlaces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azure.core.credentials import TokenCredential

    from purview_ai.calls.patience import Patience
    from purview_ai.clouds import Cloud
    from purview_ai.json_values import JsonObject

CASES = "/security/cases/ediscoveryCases"
NAME = "displayName"
LOST_ANSWER_S = 60.0
"""For so long is made again what may have been made, each time once nothing of it is seen."""
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, *range(HTTPStatus.INTERNAL_SERVER_ERROR, 600))


def searches_of(case_id: str) -> str:
    """The path of a case's searches."""
    return f"{CASES}/{case_id}/searches"


@dataclass
class Ediscovery:
    """The cases of the tenant that one identity signs in to; safe to share between threads."""

    cloud: Cloud
    make_credential: Callable[[], TokenCredential]
    """Called when the first request needs it."""
    patience: Patience
    foreseen: dict[str, JsonObject | None] = field(default_factory=dict[str, "JsonObject | None"])
    """What a check found at the place of an object that is about to be made."""
    kept: KeptPlaces = field(default_factory=KeptPlaces)
    """With what this deployment goes on."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _service: Service | None = None

    def require_access(self) -> None:
        """Look at whichever cases come first; refused where this identity has not been let in."""
        self._graph().send("GET", self._url(CASES), None, {})

    def named(self, path: str, name: str) -> JsonObject | None:
        """The object of a list that has a name, in whichever letters.

        All are looked through: whether Graph filters them by name is not known (docs/facts.md, graph 30).
        """
        return next((one for one in self._all(path) if str(one.get(NAME)).lower() == name.lower()), None)

    def _all(self, path: str) -> Iterator[JsonObject]:
        following = self._url(path)
        while following:
            page = self._graph().get(following) or {}
            yield from page.get("value") or []
            following = str(page.get("@odata.nextLink") or "")

    def get(self, path: str) -> JsonObject | None:
        """One object, or None."""
        return self._graph().get(self._url(path))

    def make(self, path: str, body: JsonObject) -> JsonObject:
        """A new object, once: where an answer was lost, it is looked for before it is asked for again."""

        def made() -> JsonObject:
            try:
                return self._graph().send("POST", self._url(path), body, {}, tries=1)
            except (RefusedError, UnreachableError) as failure:
                if isinstance(failure, RefusedError) and failure.status not in _BUSY:
                    raise
                if isinstance(failure, UnreachableError) and failure.at_sign_in:
                    raise
                found = self.named(path, str(body[NAME]))
                if found is not None:
                    return found
                told = failure.without_request if isinstance(failure, RefusedError) else str(failure)
                msg = f"whether it was made is not known yet ({told})"
                raise NotYetError(msg) from failure

        return self.patience.until(made, LOST_ANSWER_S)

    def change(self, path: str, body: JsonObject) -> None:
        """Change what the body says, and nothing else."""
        self._graph().send("PATCH", self._url(path), body, {})

    def remove(self, path: str) -> None:
        """Delete an object; gone already is good."""
        try:
            self._graph().send("DELETE", self._url(path), None, {})
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise

    def _url(self, path: str) -> str:
        return f"https://{self.cloud.graph}/v1.0{path}"

    def _graph(self) -> Service:
        with self._lock:
            if self._service is None:
                credential = signed_in(self.make_credential)
                self._service = Service("Microsoft Graph", f"https://{self.cloud.graph}/.default", credential)
            return self._service
