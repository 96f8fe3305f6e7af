"""What all commands about scans share: which scans are meant, and how a failure to ask is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from purview_ai.calls.speaking import remedy_for_silence
from purview_ai.clouds import UnknownCloudError
from purview_ai.datamap.remedies import remedy_for
from purview_ai.identity import IdentityError
from purview_ai.objects.failures import RefusedError, UnreachableError
from purview_ai.operate.speaking import Exit, say
from purview_ai.operate.stack_file import Tenant, tenant_of
from purview_ai.settings.files import StackFileError
from purview_ai.settings.mistakes import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.datamap.client import DataMap

T = TypeVar("T")
Source = Annotated[str | None, typer.Option(help="Only this source of the stack file.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, for machines.")]


def tenant_for(stack: str | None) -> Tenant:
    """The tenant of a stack; ends the command where its stack file is wrong."""
    try:
        return tenant_of(stack)
    except (StackFileError, SettingsError, IdentityError, UnknownCloudError) as error:
        say(str(error), Exit.USAGE)


def chosen(source: str | None, known: list[str]) -> list[str]:
    """The sources that are meant; ends the command where there is none."""
    if not known:
        say("no source of this stack has a scan: pulumi stack output readme says what the portal does", Exit.USAGE)
    if source is None:
        return known
    if source not in known:
        say(f"there is no source {source} with a scan; known are {', '.join(known)}", Exit.USAGE)
    return [source]


def answered(tenant: Tenant, ask: Callable[[DataMap], T]) -> T:
    """What the tenant's Data Map answers; ends the command where it does not."""
    try:
        return ask(tenant.data_maps().of(tenant.account_id()).hurried())
    except (UnreachableError, RefusedError) as error:
        remedy = remedy_for(error, "scan") if isinstance(error, RefusedError) else remedy_for_silence(error)
        say(f"{tenant.stack}: the runs could not be asked for\n  {error}\n  {remedy}", Exit.UNKNOWN)
    except (IdentityError, UnknownCloudError) as error:
        say(str(error), Exit.USAGE)
