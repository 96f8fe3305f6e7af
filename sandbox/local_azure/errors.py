"""How the services say no."""

from __future__ import annotations

from typing import Any


class ServiceError(Exception):
    """A refusal, in the one form that ARM, Graph, Key Vault and Purview share: ``{"error": {code, message}}``."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        inner: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """A status, the service's code and its words; Key Vault adds an inner code."""
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.inner = inner
        self.headers = headers or {}

    def body(self) -> dict[str, Any] | None:
        """What the service answers with."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.inner:
            error["innererror"] = {"code": self.inner}
        return {"error": error}

    def content(self) -> bytes | None:
        """The same where it is no JSON."""
        return None


class PlainError(ServiceError):
    """A refusal with a body of its own form (the login service, the vendors)."""

    def __init__(self, status: int, code: str, message: str, body: dict[str, Any]) -> None:
        """As a service error, answered with this body."""
        super().__init__(status, code, message)
        self._body = body

    def body(self) -> dict[str, Any]:
        """What the service answers with."""
        return self._body


class BareError(ServiceError):
    """A refusal without a word: no body, no code."""

    def __init__(self, status: int) -> None:
        """A status."""
        super().__init__(status, "", "")

    def body(self) -> None:
        """Nothing."""
