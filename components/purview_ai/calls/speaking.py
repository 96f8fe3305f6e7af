"""Turns the failures of a block into messages about one object and action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.calls.patience import NotYetError
from purview_ai.objects.failures import ObjectError, RefusedError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.objects.wish import Wish


PAGE = "docs/troubleshooting.md"


def remedy_for_silence(error: UnreachableError) -> str:
    """What to do where no service was reached."""
    if error.at_sign_in:
        return f"Check the ARM_* variables or azure-native's own settings, and the network.\n  {PAGE}#sign-in"
    return f"Check the network and the ARM_* variables.\n  {PAGE}#no-answer"


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
