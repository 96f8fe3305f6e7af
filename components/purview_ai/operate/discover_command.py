"""``purview-ai discover``: learns a connector's wire names from a source and scan that were registered by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from urllib.parse import urlsplit

import typer

from purview_ai.apps.catalogue import app_named, app_names
from purview_ai.calls.speaking import remedy_for_silence
from purview_ai.clouds import UnknownCloudError
from purview_ai.datamap.remedies import remedy_for
from purview_ai.discovery.comparing import profile_differences
from purview_ai.discovery.deriving import derive
from purview_ai.discovery.evidence import Host, evidence_of
from purview_ai.discovery.registered import ChoiceError, Wanted, find_registered
from purview_ai.identity import IdentityError
from purview_ai.objects.failures import RefusedError, UnreachableError
from purview_ai.operate.account import Account, account_of, named_account
from purview_ai.operate.profile_blocks import as_text, blocks_of, put_into_stack_file, write_whole
from purview_ai.operate.speaking import AsJson, Exit, Stack, say
from purview_ai.settings.files import StackFileError
from purview_ai.settings.mistakes import SettingsError

if TYPE_CHECKING:
    from purview_ai.apps.profile import ConnectorProfile
    from purview_ai.discovery.deriving import Derived
    from purview_ai.discovery.registered import Registered
    from purview_ai.json_values import JsonObject

AccountId = Annotated[
    str | None, typer.Option(help="Instead of a stack: the account's ARM id; the ARM_* variables say who asks.")
]
Source = Annotated[str | None, typer.Option(help="The source of the stack file; needed where it has several.")]
DataSource = Annotated[
    str | None,
    typer.Option(help="The data source's name in Purview; default: the workspace's, or the only one of unknown kind."),
]
Scan = Annotated[str | None, typer.Option(help="The scan's name in Purview; default: the only one.")]
Workspace = Annotated[str | None, typer.Option(help="The workspace's id; default: as the stack file has it.")]
Since = Annotated[
    str | None, typer.Option(help="The first day that the scan captures; default: the only date in the scan.")
]
Write = Annotated[Path | None, typer.Option(help="Write the blocks into this file instead of showing them.")]
Update = Annotated[
    bool,
    typer.Option("--update-stack-file", help="Put the blocks into the stack file; of its comments the head stays."),
]
Evidence = Annotated[
    Path | None, typer.Option(help="Write what the connector's objects look like, without anything of the tenant's.")
]

EXAMPLES = (
    "Examples: `purview-ai discover --stack contoso` · `purview-ai discover --stack contoso --update-stack-file` · "
    "`purview-ai discover --account-id /subscriptions/…/accounts/contoso-purview --write profile.yaml`"
)


@dataclass(frozen=True)
class Discovery:
    """What was found in an account, and what was made of it."""

    account: Account
    host: Host
    found: Registered
    derived: Derived
    differences: list[str]
    app: str

    @property
    def blocks(self) -> JsonObject:
        """For the stack file."""
        return blocks_of(self.found, self.derived)


def discover(
    *,
    stack: Stack = None,
    account_id: AccountId = None,
    source: Source = None,
    data_source: DataSource = None,
    scan: Scan = None,
    workspace_id: Workspace = None,
    capture_since: Since = None,
    write: Write = None,
    update_stack_file: Update = False,
    evidence: Evidence = None,
    as_json: AsJson = False,
) -> None:
    """Read a connector profile from a source and scan that exist, and compare it with the shipped one.

    It only looks: register one source with its scan and credential in the Purview portal first. The blocks
    `adopt`, `capture_since` and `profile` that it shows go below the source in the stack file; with them the
    deployment takes over that very source and scan. No key is read, and none can be: a credential only refers to
    its secret. Exit code: 0 the profile says all that is there, 1 it does not, 2 the command or the stack file is
    wrong or a choice is needed, 3 nobody could be asked.
    """
    if account_id and (stack or update_stack_file):
        say("--account-id stands for itself: it goes with neither --stack nor --update-stack-file", Exit.USAGE)
    try:
        account = named_account(account_id) if account_id else account_of(stack, source)
        wanted = _wanted(account, data_source, scan, workspace_id)
        done = _asked(account, wanted, _day(account, capture_since))
        _keep(done, write, evidence, update_stack_file=update_stack_file)
    except (StackFileError, SettingsError, IdentityError, UnknownCloudError, ChoiceError, OSError) as error:
        say(str(error), Exit.USAGE)
    except (UnreachableError, RefusedError) as error:
        _not_looked_into(stack or account_id or "the tenant", error)
    _tell(done, as_json=as_json, shown=not (write or update_stack_file))
    if not done.derived.equal:
        say("The stack file was left alone." if update_stack_file else "Look at it before you use it.", Exit.BAD)


def _wanted(account: Account, data_source: str | None, scan: str | None, workspace_id: str | None) -> Wanted:
    """What to look for: as the command says, then as the stack file does."""
    known = account.source
    adopted = known.adopt if known else None
    return Wanted(
        data_source=data_source or (adopted and adopted.data_source) or "",
        scan=scan or (adopted and adopted.scan) or "",
        workspace_id=workspace_id or (known.workspace_id if known else ""),
    )


def _day(account: Account, given: str | None) -> date | None:
    if given is None:
        return account.source.since if account.source else None
    try:
        return date.fromisoformat(given)
    except ValueError:
        msg = f"--capture-since {given}: it must be a date, as in 2026-01-01"
        raise ChoiceError(msg) from None


def _asked(account: Account, wanted: Wanted, day: date | None) -> Discovery:
    there = account.data_maps().of(account.account_id).hurried()
    found = find_registered(there, wanted)
    derived = derive(found, workspace_id=wanted.workspace_id, capture_since=day)
    app, shipped = _app_of(account)
    host = urlsplit(there.endpoint).hostname or ""
    form = "classic" if host.endswith(f".{account.azure.cloud.purview_suffix}") else "tenant"
    differences = profile_differences(derived.profile, shipped)
    return Discovery(account, Host(form, account.azure.cloud.name), found, derived, differences, app)


def _app_of(account: Account) -> tuple[str, ConnectorProfile]:
    """The app and the profile that is shipped for it: the source's, or the first app that has a connector."""
    names = [account.source.app] if account.source else list(app_names())
    for name in names:
        if (connector := app_named(name).connector) is not None:
            return name, connector.profile
    msg = f"{', '.join(names)}: the Data Map has no connector of it, so there is no profile to read"
    raise ChoiceError(msg)


def _not_looked_into(whose: str, error: UnreachableError | RefusedError) -> NoReturn:
    remedy = remedy_for(error, "data source") if isinstance(error, RefusedError) else remedy_for_silence(error)
    say(f"{whose}: the Data Map could not be looked into\n  {error}\n  {remedy}", Exit.UNKNOWN)


def _keep(done: Discovery, write: Path | None, evidence: Path | None, *, update_stack_file: bool) -> None:
    """Write what was asked for, and nothing else."""
    account = done.account
    if evidence:
        private = {*account.private, *done.found.names, done.derived.workspace_id}
        shown = evidence_of(done.app, done.found, done.derived, done.host, private)
        write_whole(evidence, json.dumps(shown, indent=2) + "\n")
    if write:
        write_whole(write, as_text(done.blocks))
    if update_stack_file and account.project and done.derived.equal:
        put_into_stack_file(account.project, account.stack, account.source_name, done.blocks)


def _tell(done: Discovery, *, as_json: bool, shown: bool) -> None:
    """The blocks to standard output, where a pipe takes them; all else to people."""
    if as_json:
        derived = done.derived
        told = {
            **done.blocks,
            "differences": done.differences,
            "remarks": derived.remarks,
            "unexpressed": derived.unexpressed,
            "equal": derived.equal,
        }
        typer.echo(json.dumps(told))
        return
    typer.echo("\n".join(_lines(done)), err=True)
    if shown:
        typer.echo(as_text(done.blocks), nl=False)


def _lines(done: Discovery) -> list[str]:
    derived = done.derived
    names = 'data source "{}", its scan "{}" and credential "{}"'.format(*done.found.names)
    placed = [f"  {what} at {', '.join(where)}" for what, where in derived.places.items()]
    left = [f"  left to the service: {kind} {', '.join(names)}" for kind, names in derived.added.items() if names]
    verdict = "rendered with these values, the profile is what Purview has"
    if not derived.equal:
        verdict = "the profile does not say all that Purview has:"
    title = app_named(done.app).title
    against = [f"It differs from the profile that is shipped for {title}:", *(f"  {one}" for one in done.differences)]
    return [
        f"{done.account.stack or 'account'}: read from {names}",
        *placed,
        *left,
        *(f"  {one}" for one in derived.remarks),
        f"  {verdict}",
        *(f"    {one}" for one in derived.unexpressed),
        *(against if done.differences else [f"It is the profile that is shipped for {title}."]),
        *_next(done),
    ]


def _next(done: Discovery) -> list[str]:
    """What to do with it."""
    stack, source = done.account.stack or "<stack>", done.account.source_name or "<name>"
    return [f"Next, with these blocks below sources.{source}: pulumi preview --stack {stack} --diff"]
