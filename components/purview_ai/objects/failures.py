"""Failures in words that say who, what, why and what to do."""

from __future__ import annotations

from dataclasses import dataclass

AZURE = "Azure"
"""Azure Resource Manager, as failures name it."""
NO_WORDS = "no further words"
"""The message of an answer that has none."""


@dataclass(frozen=True)
class RefusedError(Exception):
    """A service's answer that was not a success."""

    service: str
    """The service in words, as in ``Purview``."""
    status: int
    code: str
    message: str
    request_id: str
    retry_after_s: float = 0.0
    """For how long the service wants to be left alone."""
    inner: str = ""
    """A second code that says more, as Key Vault gives one; empty where there is none."""

    def __str__(self) -> str:
        """The service's own words."""
        return self._told(f" (request {self.request_id})" if self.request_id else "")

    @property
    def without_request(self) -> str:
        """The same for what is asked again and again, each time as another request."""
        return self._told("")

    def _told(self, request: str) -> str:
        code = f"{self.code} {self.inner}" if self.inner else self.code
        return f"{self.service}: {self.status} {code}{request} - {self.message}"


class UnreachableError(Exception):
    """A service gave no answer, or nobody could sign in to ask it."""

    def __init__(self, message: str, *, at_sign_in: bool = False, remedy: str = "", stays: bool = False) -> None:
        """``at_sign_in`` tells that the service itself was not even asked.

        ``remedy`` says what to do where somebody did answer, so that the network is not to blame. ``stays`` tells that
        waiting does not help: a setting or a program is missing, or somebody was refused.
        """
        super().__init__(message)
        self.at_sign_in = at_sign_in
        self.remedy = remedy
        self.stays = stays


class ObjectError(Exception):
    """What a user reads: the object and the action, the service's words, the remedy."""

    def __init__(self, tenant: str, happened: str, because: str, remedy: str) -> None:
        """Three lines; the exception's text is all of them, with a line break in front.

        The break keeps the message together where the engine puts words of its own before it.
        """
        super().__init__(f"\n{tenant}: {happened}\n  {because}\n  {remedy}")
