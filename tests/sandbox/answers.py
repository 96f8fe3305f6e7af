"""Reading what the services answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """The words of a refusal, once its status and code are known to be right."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code), answer.text
    assert answer.headers["x-ms-error-code"] == code
    return error["message"]
