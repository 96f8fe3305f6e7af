"""``purview-ai init``: a new tenant's stack file, with its key in it, encrypted."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from purview_ai.apps.catalogue import app_named
from purview_ai.apps.vendor import Verdict
from purview_ai.clouds import UnknownCloudError
from purview_ai.json_values import take_from
from purview_ai.operate.new_tenant import (
    QUESTIONS,
    Choices,
    Question,
    answered,
    config_of,
    mistakes_in,
    stack_file_text,
    to_ask_again,
)
from purview_ai.operate.profile_blocks import write_whole
from purview_ai.operate.pulumi_stack import PulumiError, PulumiStack
from purview_ai.operate.speaking import AsJson, Exit, say
from purview_ai.operate.vendor_key import STDIN, KeyInputError, read_key
from purview_ai.settings.checks import key_of_a_wrong_kind
from purview_ai.settings.explaining import explain
from purview_ai.settings.files import NAMESPACE, TENANT, Project, StackFileError
from purview_ai.settings.key import KeyOrigin

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject

_STACK_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\Z")

Name = Annotated[str, typer.Argument(help="The stack to make: the tenant's name.", metavar="STACK")]
Location = Annotated[str | None, typer.Option(help="The Azure region of the vault.")]
Subscription = Annotated[
    str | None, typer.Option(envvar="ARM_SUBSCRIPTION_ID", help="The subscription of vault and Purview account.")
]
PurviewGroup = Annotated[
    str | None, typer.Option(help="The resource group of a Purview account that is given by its name.")
]
PurviewAccount = Annotated[str | None, typer.Option(help="The existing Purview account's name.")]
Collection = Annotated[str | None, typer.Option(help="The short name of an existing collection.")]
VaultGroup = Annotated[str | None, typer.Option(help="The vault's resource group.")]
VaultName = Annotated[str | None, typer.Option(help="The vault's name.")]
VaultAccess = Annotated[str | None, typer.Option(help="rbac or access-policy.")]
VaultNetwork = Annotated[str | None, typer.Option(help="Of a new vault: public, trusted-services or private.")]
ExistingVault = Annotated[bool, typer.Option("--existing-vault", help="The vault is there already.")]
AllowFrom = Annotated[
    list[str] | None, typer.Option(help="An address that may reach a vault with trusted-services; repeatable.")
]
Workspace = Annotated[str | None, typer.Option(help="The workspace's id.")]
Since = Annotated[str | None, typer.Option(help="From when on to capture: a date, or today.")]
App = Annotated[str, typer.Option(help="The AI app.")]
SourceName = Annotated[str, typer.Option("--source", help="What the source is called in the stack file.")]
Secret = Annotated[
    str | None, typer.Option(help="The secret's name in the vault; default: chatgpt-compliance-key, by the app's name.")
]
Origin = Annotated[
    str | None,
    typer.Option(
        help="config (the key is encrypted here; the default, for deployments by hand) or vault (somebody puts it into "
        "the vault and Pulumi never has it; pipelines take nothing else)."
    ),
]
KeyFile = Annotated[
    str | None, typer.Option(help="The file with the vendor's key, or - for standard input; default: a hidden prompt.")
]
Grants = Annotated[str, typer.Option(help="Who gives the app roles: managed or expected.")]
Profile = Annotated[
    Path | None, typer.Option(help="A file of purview-ai discover --write, of this or another tenant: its profile.")
]
Accept = Annotated[
    bool, typer.Option("--accept-unverified-profile", help="Go on with the shipped, unverified profile.")
]
Provider = Annotated[
    str | None, typer.Option(help="How pulumi encrypts a new stack's secrets; default: as pulumi does by itself.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a stack file that is there.")]

EXAMPLES = (
    "Examples: `purview-ai init contoso` asks for all. In a script: `purview-ai init contoso --location westeurope "
    "--subscription-id … --purview-resource-group rg-governance --purview-account contoso-purview --collection "
    "ai-interactions --vault-resource-group rg-ai-governance --vault-name kv-contoso-ai --vault-access rbac "
    "--vault-network trusted-services --workspace-id … --capture-since 2026-01-01 --key-file -`"
)


@dataclass(frozen=True)
class Made:
    """What there is afterwards."""

    stack: str
    file: Path
    key: str
    following: list[str]


def init(
    stack: Name,
    *,
    location: Location = None,
    subscription_id: Subscription = None,
    purview_resource_group: PurviewGroup = None,
    purview_account: PurviewAccount = None,
    collection: Collection = None,
    vault_resource_group: VaultGroup = None,
    vault_name: VaultName = None,
    vault_access: VaultAccess = None,
    vault_network: VaultNetwork = None,
    existing_vault: ExistingVault = False,
    allow_from: AllowFrom = None,
    workspace_id: Workspace = None,
    capture_since: Since = None,
    app: App = "chatgpt-enterprise",
    source: SourceName = "chatgpt",
    secret: Secret = None,
    key_origin: Origin = None,
    key_file: KeyFile = None,
    grants: Grants = "managed",
    profile: Profile = None,
    accept_unverified_profile: Accept = False,
    secrets_provider: Provider = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Make a tenant's stack: its file, checked as a whole, and the vendor's key in it, encrypted.

    What no flag says is asked for in a terminal. Nothing is written while anything is wrong. The key is never
    shown, never in a process's arguments and never in a file in plain. What else a stack file may say:
    `purview-ai settings explain`. Exit code: 0 made, 1 pulumi failed (the message says how to go on), 2 something
    is missing or wrong and nothing was written.
    """
    interactive = sys.stdin.isatty() and key_file != STDIN
    if key_file is not None or not interactive:
        key_origin = key_origin or KeyOrigin.CONFIG.value
    given = {
        "location": location,
        "subscription_id": subscription_id,
        "purview_resource_group": purview_resource_group,
        "purview_account": purview_account,
        "collection": collection,
        "vault_resource_group": vault_resource_group,
        "vault_name": vault_name,
        "vault_access": vault_access,
        "vault_network": vault_network,
        "workspace_id": workspace_id,
        "capture_since": capture_since,
        "key_origin": key_origin,
    }
    choices = Choices(
        app,
        source,
        secret or "",
        existing_vault,
        allow_from or [],
        grants,
        accept_unverified_profile,
        profile,
    )
    if choices.connected or key_file is not None:
        # Of an app that the Data Map does not scan, a key is kept only where one is given.
        choices = replace(choices, secret=secret or f"{app.partition('-')[0]}-compliance-key")
    try:
        project = Project.around(Path.cwd())
        file = _free(project, stack, force=force)
        pulumi = PulumiStack.of(project.folder, stack)
        if not interactive:
            by_others = not choices.secret or key_origin == KeyOrigin.VAULT
            _require(given, choices, key_is_there=key_file is not None or by_others)
        config = _settings(project, stack, given, choices, interactive=interactive)
        origin = take_from(config, (TENANT, "sources", choices.source, "key", "origin"))
        key = read_key(key_file, choices.secret) if origin == KeyOrigin.CONFIG else None
        if key is not None:
            _require_right_kind(stack, choices, key)
        write_whole(file, stack_file_text(config, file))
    except (StackFileError, KeyInputError, UnknownCloudError, OSError) as error:
        say(f"{stack}: nothing was written\n  {error}", Exit.USAGE)
    except typer.Abort:
        say(f"\n{stack}: nothing was written", Exit.INTERRUPTED)
    _finish(pulumi, file, choices.secret, key, secrets_provider)
    _tell(_made(stack, file, choices, key), as_json=as_json)


def _require_right_kind(stack: str, choices: Choices, key: str) -> None:
    """Stop at a key whose beginning tells that it opens nothing; the key itself is not shown."""
    app = app_named(choices.app)
    form = app.key.form_of(key)
    if form is not None and form.verdict is Verdict.REFUSED:
        raise KeyInputError(str(key_of_a_wrong_kind(stack, choices.secret, app, form)).strip())


def _free(project: Project, stack: str, *, force: bool) -> Path:
    if not _STACK_NAME.match(stack):
        msg = f"{stack!r} is no name for a stack: letters, digits, hyphens, underscores and full stops"
        raise StackFileError(msg)
    file = project.stack_file(stack)
    if file.exists() and not force:
        msg = f"{file} is there already; --force overwrites it"
        raise StackFileError(msg)
    return file


def _require(given: dict[str, str | None], choices: Choices, *, key_is_there: bool) -> None:
    """Where nobody can be asked, all must have been said."""
    said = {name: answer for name, answer in given.items() if answer is not None}
    missing = [one.option for one in QUESTIONS if one.name not in said and choices.asks(one, said)]
    missing += [] if key_is_there else [f"--key-file (a file, or {STDIN} for standard input)"]
    if missing:
        msg = f"missing: {', '.join(missing)}. Give them, or run this in a terminal to be asked"
        raise StackFileError(msg)


def _settings(
    project: Project, stack: str, given: dict[str, str | None], choices: Choices, *, interactive: bool
) -> JsonObject:
    """The settings once they are right; at a prompt, what was wrong is asked again."""
    while True:
        answers = answered(given, choices, _asked)
        config = config_of(answers, choices)
        mistakes = mistakes_in(project, stack, config, choices)
        if not mistakes:
            return config
        again = to_ask_again(mistakes, choices.source)
        count = "1 setting is" if len(mistakes) == 1 else f"{len(mistakes)} settings are"
        told = f"{count} wrong\n" + "\n".join(map(str, mistakes))
        if not interactive or not again:
            raise StackFileError(told)
        typer.echo(told, err=True)
        given = {name: None if name in again else answer for name, answer in answers.items()}


def _asked(question: Question) -> str:
    known = explain(question.path)
    where = f" Found at: {known.found_at}." if known.found_at else ""
    typer.echo(f"\n{known.description}{where}", err=True)
    return typer.prompt(question.option.removeprefix("--"), default=question.default or None, err=True).strip()


def _finish(pulumi: PulumiStack, file: Path, secret: str, key: str | None, secrets_provider: str | None) -> None:
    """Let pulumi make the stack and encrypt the key."""
    steps = [f"pulumi stack select --create {pulumi.name}"]
    if key is not None:
        steps.append(f"pulumi config set --secret {NAMESPACE}:{secret} --stack {pulumi.name}")
    try:
        pulumi.make(secrets_provider)
        del steps[0]
        if key is not None:
            pulumi.encrypt(secret, key)
    except PulumiError as error:
        listed = "\n".join(f"    {step}" for step in steps)
        reason = "\n  ".join(str(error).splitlines())
        say(f"{pulumi.name}: {file} is written, and pulumi failed\n  {reason}\n  To go on:\n{listed}", Exit.BAD)


def _made(stack: str, file: Path, choices: Choices, key: str | None) -> Made:
    check = f"purview-ai settings check {stack}"
    learn = f"purview-ai discover --stack {stack} --update-stack-file"
    rest = [f"pulumi preview --stack {stack} --diff", f"pulumi up --stack {stack}"]
    rest += [f"purview-ai scan watch --stack {stack}"]
    rest = rest if choices.connected else rest[:-1]
    known = choices.profile or choices.accept_unverified_profile or not choices.connected
    how = "encrypted in the stack file" if key is not None else f"somebody puts it into the vault as {choices.secret}"
    how = how if choices.secret else "none is kept"
    return Made(stack, file, how, [*([] if known else [learn]), check, *rest])


def _tell(made: Made, *, as_json: bool) -> None:
    if as_json:
        told = {"stack": made.stack, "file": str(made.file), "key": made.key, "next": made.following}
        typer.echo(json.dumps(told))
        return
    typer.echo(f"{made.stack}: {made.file} is written and the stack is there. The key: {made.key}.\nNext:")
    for command in made.following:
        typer.echo(f"  {command}")
