"""``purview-ai settings``: what a stack file may say, and whether it is right."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from purview_ai.operate.chosen_stack import azure_in
from purview_ai.operate.speaking import AsJson, Exit, say
from purview_ai.settings.checks import check, missing_key, plain_key
from purview_ai.settings.explaining import Explained, UnknownFieldError, all_settings, explain
from purview_ai.settings.files import NAMESPACE, TENANT, Project, StackFileError, is_encrypted
from purview_ai.settings.mistakes import SettingsError
from purview_ai.settings.schema import stack_file_schema

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject
    from purview_ai.settings.mistakes import Mistake

app = typer.Typer(
    help="What a stack file may say, and whether it is right.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)

Field = Annotated[str | None, typer.Argument(help="A setting's path, such as vault.network; default: all of them.")]
Stacks = Annotated[list[str] | None, typer.Argument(help="The stacks to check; default: all of the project.")]


@app.command("explain", epilog="Examples: `purview-ai settings explain vault.network` · `… explain sources.key.secret`")
def explain_(field: Field = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # typer's way
    """Say what a setting does, what it takes, and where its value is found in the portals.

    Without a path, list all settings with what they take. Exit code: 0, or 2 where there is no such setting.
    """
    try:
        told = [explain(field)] if field else all_settings()
    except UnknownFieldError as error:
        say(str(error), Exit.USAGE)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in told]))
        return
    out = Console(highlight=False, soft_wrap=True)
    for one in told:
        out.print("\n".join(_lines(one)) if field else f"{one.path}   {_short(one)}", markup=False)


def _short(one: Explained) -> str:
    return one.takes + (", required" if one.required else "") + (f", default {one.default}" if one.default else "")


def _lines(one: Explained) -> list[str]:
    shown = {
        "takes": _short(one),
        "example": one.example,
        "found at": one.found_at,
        "holds": ", ".join(path.removeprefix(f"{one.path}.") for path in one.inner),
    }
    return [one.path, f"  {one.description}", *(f"  {name}: {text}" for name, text in shown.items() if text)]


@app.command("check", epilog="Examples: `purview-ai settings check` · `purview-ai settings check contoso fabrikam`")
def check_(stacks: Stacks = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # typer's way
    """Check stack files, each by itself and beside the others, without signing in anywhere.

    Exit code: 0 all are right, 2 some are wrong.
    """
    try:
        project = Project.around(Path.cwd())
        found = {stack: checked(project, stack, project.config_of(stack)) for stack in stacks or list(project.stacks())}
    except StackFileError as error:
        say(str(error), Exit.USAGE)
    if as_json:
        typer.echo(json.dumps({stack: [asdict(one) for one in wrong] for stack, (wrong, _) in found.items()}))
    for stack, (wrong, warnings) in found.items() if not as_json else ():
        typer.echo(str(SettingsError(stack, wrong)) if wrong else f"{stack}: right")
        typer.echo("".join(f"  warning: {warning}\n" for warning in warnings), nl=False)
    if any(wrong for wrong, _ in found.values()):
        raise typer.Exit(Exit.USAGE)


def checked(project: Project, stack: str, config: JsonObject) -> tuple[list[Mistake], list[str]]:
    """What is wrong with a stack file, and what looks like it."""
    azure = azure_in(config)
    seen = check(stack, config, config.get(TENANT), azure, project)
    keys = [wrong for secret in seen.secrets if (wrong := _key_mistake(config, stack, secret))]
    return [*seen.mistakes, *keys], seen.warnings


def _key_mistake(config: JsonObject, stack: str, secret: str) -> Mistake | None:
    found = config.get(f"{NAMESPACE}:{secret}")
    if found is None:
        return missing_key(stack, secret)
    return None if is_encrypted(found) else plain_key(stack, secret)


@app.command(epilog="Example: `purview-ai settings schema > stacks/tenant.schema.json`")
def schema() -> None:
    """Print the JSON Schema with which editors complete and check stack files."""
    typer.echo(json.dumps(stack_file_schema(), indent=2))
