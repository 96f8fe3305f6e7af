"""Whether what was in the way of a call may have gone by itself."""

from __future__ import annotations

from http import HTTPStatus
from subprocess import TimeoutExpired

from purview_ai.objects.failures import RefusedError, UnreachableError


def may_pass_again(error: BaseException) -> bool:
    """Whether the same call, made later, may get an answer: nobody answered, or the service could not just then.

    Who wraps a failure in words of their own keeps it as the cause.
    """
    found: BaseException | None = error
    while found is not None:
        if (known := _judged(found)) is not None:
            return known
        found = found.__cause__
    return False


def _judged(error: BaseException) -> bool | None:
    from azure.core.exceptions import AzureError, HttpResponseError

    match error:
        case TimeoutError() | TimeoutExpired():
            return True
        case UnreachableError():
            return not (error.remedy or error.stays)
        case RefusedError():
            return _could_not(error.status)
        case HttpResponseError():
            return error.status_code is not None and _could_not(error.status_code)
        case AzureError():
            return True
        case _:
            return None


def _could_not(status: int) -> bool:
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
