"""What a Data Map keeps: an object's body as it was put, with what the service adds."""

from __future__ import annotations

from local_azure.call import JsonObject
from local_azure.store import Document


class DataMapObject(Document):
    """A Key Vault connection, credential, data source or scan."""

    account: str
    path: str
    """Below ``/scan``, as in ``datasources/x/scans/y``."""
    body: JsonObject

    @property
    def key(self) -> str:
        """The account and the path."""
        return f"{self.account}/{self.path}"


class Run(Document):
    """One run of a scan."""

    account: str
    scan: str
    """The scan's path."""
    id: str
    level: str
    status: str = "Accepted"
    started: str
    ended: str | None = None
    canceling: bool = False
    """Whether it was asked to cancel."""
    reason_code: str = ""
    reason: str = ""
    discovered: int = 0
    ingested: int = 0
    classified: int = 0
    users: int = 0

    @property
    def key(self) -> str:
        """The account, the scan and the run's id."""
        return f"{self.account}/{self.scan}/runs/{self.id}"

    @property
    def active(self) -> bool:
        """Whether it still goes on."""
        return self.ended is None


class Trigger(Document):
    """When a scan shall run by itself; a scan has one, or none."""

    account: str
    scan: str
    """The scan's path."""
    scan_id: str
    properties: JsonObject
    """What was sent, in the service's words."""
    created: str
    modified: str

    @property
    def key(self) -> str:
        """The account and the scan."""
        return f"{self.account}/{self.scan}"
