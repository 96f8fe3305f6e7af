"""Microsoft Graph, as far as eDiscovery goes (docs/facts.md, graph 30)."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.patience import NotYetError
from purview_ai.objects.failures import RefusedError, UnreachableError
from purview_ai.objects.kept import KeptPlaces

if TYPE_CHECKING:
    from purview_ai.calls.graph import GraphCalls
    from purview_ai.calls.patience import Patience
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

    graph: GraphCalls
    patience: Patience
    foreseen: dict[str, JsonObject | None] = field(default_factory=dict[str, "JsonObject | None"])
    """What a check found at the place of an object that is about to be made."""
    kept: KeptPlaces = field(default_factory=KeptPlaces)
    """With what this deployment goes on."""

    def require_access(self) -> None:
        """Look at whichever cases come first; refused where this identity has not been let in."""
        self.graph.send("GET", CASES)

    def named(self, path: str, name: str) -> JsonObject | None:
        """The object of a list that has a name, in whichever letters.

        All are looked through: whether Graph filters them by name is not known (docs/facts.md, graph 30).
        """
        return next((one for one in self.graph.listed(path) if str(one.get(NAME)).lower() == name.lower()), None)

    def get(self, path: str) -> JsonObject | None:
        """One object, or None."""
        return self.graph.get(path)

    def make(self, path: str, body: JsonObject) -> JsonObject:
        """A new object, once: where an answer was lost, it is looked for before it is asked for again."""

        def made() -> JsonObject:
            try:
                return self.graph.send("POST", path, body, tries=1)
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
        self.graph.send("PATCH", path, body)

    def remove(self, path: str) -> None:
        """Delete an object; gone already is good."""
        try:
            self.graph.send("DELETE", path)
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
