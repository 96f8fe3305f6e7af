"""Turns the failures of a block into messages about one object and action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.datamap.patience import NotYetError
from purview_ai.datamap.remedies import remedy_for, remedy_for_silence
from purview_ai.objects.failures import ObjectError, RefusedError, UnreachableError

if TYPE_CHECKING:
    from purview_ai.datamap.wishes import DataMapWish


class Speaking:
    """As in: the credential "contoso-chatgpt" was not created."""

    def __init__(self, kind: str, wish: DataMapWish, happened: str) -> None:
        """The kind and the action, in words."""
        self._kind = kind
        self._tenant = wish.tenant
        self._happened = f"{kind} {wish.title} {happened}"

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        """Say what failed."""
        if isinstance(error, RefusedError):
            raise ObjectError(self._tenant, self._happened, str(error), remedy_for(error, self._kind)) from error
        if isinstance(error, UnreachableError):
            raise ObjectError(self._tenant, self._happened, str(error), remedy_for_silence(error)) from error
        if isinstance(error, NotYetError):
            remedy = "What was made stays: run the command again to go on.\n  docs/troubleshooting.md#patience"
            raise ObjectError(self._tenant, self._happened, str(error), remedy) from error
