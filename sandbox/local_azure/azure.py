"""The state that all services share, and the questions that they ask of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from local_azure.hosts import PUBLIC, Cloud
from local_azure.journal import Journal
from local_azure.weather import Forecast

if TYPE_CHECKING:
    from local_azure.rules import Rules
    from local_azure.store import Store
    from local_azure.tokens import Signer

CLIENT_ADDRESS = "20.0.113.7"
"""The public address from which every caller seems to come; firewalls see this one."""


@dataclass
class Azure:
    """One local Azure."""

    store: Store
    signer: Signer
    rules: Rules
    cloud: Cloud = PUBLIC
    """The one that the tenant is in."""
    alone: bool = False
    """Whether it is in no other; where nobody said which, all answer alike."""
    pace: float = 1.0
    """How long one phase of a long-running operation takes, in seconds."""
    journal: Journal = field(default_factory=Journal)
    forecast: Forecast = field(default_factory=Forecast)

    def is_in(self, cloud: Cloud) -> bool:
        """Whether the tenant is in this cloud."""
        return not self.alone or cloud == self.cloud or not self.rules.on("own-cloud")

    def checks_before_seen(self) -> int:
        """How many checks will not see a role that is granted now."""
        return self.forecast.checks_before_seen() if self.rules.on("propagation") else 0

    @staticmethod
    def now() -> str:
        """The time in the form of Purview's own stamps."""
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"

    @staticmethod
    def new_id() -> str:
        """A fresh GUID."""
        return str(uuid.uuid4())
