"""Turns the failures of a block into messages about one object and action."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.patience import NotYetError
from purview_ai.objects.failures import ObjectError, RefusedError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.objects.wish import Wish


PAGE = "docs/troubleshooting.md"
OUR_FAULT = "It is a fault of purview-ai: tell its maintainers, with this line."


def unexpected(error: Exception, doing: str = "looking at it") -> str:
    """What is said of a failure that nobody foresaw: its own words may hold what is nobody's business."""
    return f"{doing} failed unexpectedly ({type(error).__name__})"


def remedy_for_silence(error: UnreachableError) -> str:
    """What to do where no service was reached, or none that can be asked."""
    if error.remedy:
        return error.remedy
    if error.at_sign_in:
        return f"Check the ARM_* variables or azure-native's own settings, and the network.\n  {PAGE}#sign-in"
    return f"Check the network and the ARM_* variables.\n  {PAGE}#no-answer"


def remedy_by_status(refusal: RefusedError) -> tuple[str, str]:
    """What to do about a refusal that means the same whichever service it is of, and where the page says more."""
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        return "The token was not accepted: check the ARM_* variables or azure-native's own settings.", "sign-in"
    if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        minutes = math.ceil(refusal.retry_after_s / 60)
        later = f"in {minutes} minutes" if minutes > 1 else "in a few minutes"
        return f"The service is asked too often by everybody together: run the command again {later}.", "service-errors"
    return "Run the command again; if it stays, give the request id to Microsoft's support.", "service-errors"


class Speaking:
    """As in: the credential "contoso-chatgpt" was not created."""

    def __init__(self, remedy_for: Callable[[RefusedError, str], str], kind: str, wish: Wish, happened: str) -> None:
        """The API's remedies for refusals, by refusal and kind; the kind and the action, in words."""
        self._remedy_for = remedy_for
        self._kind = kind
        self._tenant = wish.tenant
        self._happened = f"{kind} {wish.title} {happened}"

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        """Say what failed."""
        if isinstance(error, RefusedError):
            raise ObjectError(self._tenant, self._happened, str(error), self._remedy_for(error, self._kind)) from error
        if isinstance(error, UnreachableError):
            raise ObjectError(self._tenant, self._happened, str(error), remedy_for_silence(error)) from error
        if isinstance(error, NotYetError):
            remedy = "What was made stays: run the command again to go on.\n  docs/troubleshooting.md#patience"
            raise ObjectError(self._tenant, self._happened, str(error), remedy) from error
