"""What Pulumi's bridge makes of an upstream provider: errors and its own properties (facts 56 and 62)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stand_ins.failures import ProviderError

if TYPE_CHECKING:
    from stand_ins.values import Values

NO_DEFAULTS: Values = {"__defaults": []}
"""The input in which the bridge lists the inputs that it made up."""
_MINUTE_NS = 60 * 10**9


def meta(minutes: dict[str, int]) -> str:
    """What the state's ``__meta`` holds of time limits and of the schema."""
    timeouts = {operation: number * _MINUTE_NS for operation, number in minutes.items()}
    held = {"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0": timeouts, "schema_version": "1"}
    return json.dumps(held, separators=(",", ":"))


class DiagnosedError(ProviderError):
    """An upstream error, as the bridge wraps it."""

    def __init__(self, summary: str, detail: object) -> None:
        """What went wrong, and what Graph said."""
        super().__init__(f"1 error occurred:\n\t* {summary}: {detail}\n\n")
