"""What all commands about scans share: which scans are meant, and how a failure to ask is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from purview_ai.calls.speaking import remedy_for_silence
from purview_ai.calls.threads import in_a_thread, in_seconds
from purview_ai.clouds import UnknownCloudError
from purview_ai.datamap.remedies import remedy_for
from purview_ai.identity import IdentityError
from purview_ai.objects.failures import RefusedError, UnreachableError
from purview_ai.operate.speaking import Exit, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.datamap.client import DataMap
    from purview_ai.operate.stack_file import Tenant

T = TypeVar("T")
Source = Annotated[str | None, typer.Option(help="Only this source of the stack file.")]
RunId = Annotated[str | None, typer.Option("--run", help="The id of the run; default: whichever goes on.")]


def chosen(source: str | None, tenant: Tenant, run_id: str | None = None) -> list[str]:
    """The sources that are meant, one where a run is; ends the command where there is none."""
    known, stack = list(tenant.settings.captured), tenant.stack
    if not known:
        say(f"{stack}: no source has a scan: pulumi stack output readme says what the portal does", Exit.USAGE)
    if source is None:
        if run_id and len(known) > 1:
            say("--run says which run of one scan; say which with --source", Exit.USAGE)
        return known
    if source not in known:
        say(f"{stack}: there is no source {source} with a scan; known are {', '.join(known)}", Exit.USAGE)
    return [source]


def opened(tenant: Tenant, patience_s: float) -> DataMap:
    """The tenant's Data Map; ends the command where it does not answer."""
    return answered(tenant, patience_s, lambda: tenant.data_maps().of(tenant.account_id()).hurried())


def answered(tenant: Tenant, patience_s: float, ask: Callable[[], T]) -> T:
    """What a service answers; ends the command where it does not."""
    try:
        return in_time(patience_s, ask)
    except (UnreachableError, RefusedError) as error:
        say(f"{tenant.stack}: {not_asked(error)}", Exit.UNKNOWN)
    except (IdentityError, UnknownCloudError) as error:
        say(f"{tenant.stack}: {error}", Exit.USAGE)


def in_time(patience_s: float, ask: Callable[[], T]) -> T:
    """What a service answers within these seconds; raises :class:`UnreachableError` where it does not."""
    try:
        return asyncio.run(asyncio.wait_for(in_a_thread(ask), patience_s))
    except TimeoutError:
        msg = f"no answer within {in_seconds(patience_s)} (--patience)"
        raise UnreachableError(msg) from None


def not_asked(error: UnreachableError | RefusedError) -> str:
    """Why nobody could be asked, and what to do; three lines."""
    match error:
        case RefusedError():
            remedy = remedy_for(error, "scan")
        case _:
            remedy = remedy_for_silence(error)
    return f"the runs could not be asked for\n  {error}\n  {remedy}"
