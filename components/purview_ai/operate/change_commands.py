"""``purview-ai change``: preview a change, stop what needs a yes by name, tell reviewers, deploy just that."""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from purview_ai.change.events import left_its_plan, preview_in
from purview_ai.change.folder import Folder, FolderError, MadeFor
from purview_ai.change.gate import stops
from purview_ai.change.rules import RULES
from purview_ai.change.text import markdown
from purview_ai.operate.pulumi_stack import PulumiStack
from purview_ai.operate.speaking import AsJson, Exit, say
from purview_ai.settings.files import NAMESPACE, Project, StackFileError, read_yaml

if TYPE_CHECKING:
    from collections.abc import Collection

    from purview_ai.change.folder import Kept
    from purview_ai.change.gate import Stop

app = typer.Typer(
    help="What a deployment would change: preview, gate, the text for reviewers, and the deployment of just that.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)

OneStack = Annotated[str, typer.Option("--stack", help="The stack.")]
Into = Annotated[Path, typer.Option(help="The folder that the plan and what goes with it are written to.")]
From = Annotated[Path, typer.Option("--from", help="The folder that previews were written to.")]
Pack = Annotated[str, typer.Option(help="The folder of a policy pack that preview and deployment are held to.")]
Approved = Annotated[
    list[str] | None, typer.Option(help="A rule of the gate that somebody has said yes to; may be repeated.")
]
_NO_LIMIT = 10**9


@app.command(epilog="Example: `purview-ai change preview --stack contoso --policy-pack policy --into previews`")
def preview(
    stack: OneStack,
    into: Into,
    policy_pack: Pack = "",
    as_json: AsJson = False,  # noqa: FBT002  # typer's way
) -> None:
    """Preview a stack, and keep the plan and what it shows.

    Checks the settings first. Changes nothing. Exit code: 0, 1 the preview failed or a mandatory rule is violated,
    2 the command or the stack file is wrong.
    """
    try:
        project = Project.around(Path.cwd())
        _check(project, stack)
        pulumi, made_for = PulumiStack.of(project.folder, stack), MadeFor.of(project, stack)
    except StackFileError as error:
        say(str(error), Exit.USAGE)
    # Of pulumi's own, which stands in the project's folder.
    folder = Folder(into.absolute())
    folder.begin(stack)
    pack = ["--policy-pack", policy_pack] if policy_pack else []
    code, events = pulumi.operate("preview", "--save-plan", str(folder.plan(stack)), *pack)
    shown = preview_in(stack, events, failed=code != 0)
    folder.keep(made_for, policy_pack, shown)
    found = list(stops(shown, RULES))
    typer.echo(shown.model_dump_json() if as_json else markdown([shown], found, "", _NO_LIMIT))
    raise typer.Exit(Exit.BAD if shown.failed else Exit.GOOD)


@app.command(epilog="Example: `purview-ai change gate --from previews --approved replace-scan`")
def gate(
    kept_in: From,
    approved: Approved = None,
    as_json: AsJson = False,  # noqa: FBT002  # typer's way
) -> None:
    """Stop what deletes or replaces what captures, or turns a protection off, unless it is approved by name.

    Exit code: 0 everything passes, 1 something is stopped or a preview failed, 2 there is no preview or no such rule.
    """
    said = list(approved or [])
    _must_be_rules(said)
    kept = _all_in(kept_in)
    found = _stops(kept, said)
    failed = [one.preview.stack for one in kept if one.preview.failed]
    if as_json:
        told = [{"stack": one.stack, "rule": one.rule.name, "what": one.what} for one in found]
        typer.echo(json.dumps({"stops": told, "failed": failed}))
    for stop in found:
        typer.echo(str(stop), err=True)
    for stack in failed:
        typer.echo(f"{stack}: its preview failed, so nobody knows what it would change", err=True)
    if found:
        names = ", ".join(dict.fromkeys(one.rule.name for one in found))
        typer.echo(f"To let it pass, somebody else than its author approves: {names}. docs/pipelines.md#gate", err=True)
    if found or failed:
        raise typer.Exit(Exit.BAD)
    if not as_json:
        typer.echo(f"The gate stops nothing of {', '.join(one.preview.stack for one in kept)}.")


@app.command(epilog="Example: `purview-ai change apply --stack contoso --from previews`")
def apply(stack: OneStack, kept_in: From) -> None:
    """Deploy what the preview of a stack showed, and nothing else.

    Refuses a plan that was made for another commit or another stack file. Exit code: 0, 1 the deployment failed or
    something else would have been done, 2 there is no plan for what is here.
    """
    try:
        project = Project.around(Path.cwd())
        folder = Folder(kept_in.absolute())
        kept = folder.plan_for(stack, MadeFor.of(project, stack))
        pulumi = PulumiStack.of(project.folder, stack)
    except (StackFileError, FolderError) as error:
        say(str(error), Exit.USAGE)
    pack = ["--policy-pack", kept.policy_pack] if kept.policy_pack else []
    code, events = pulumi.operate("up", "--yes", "--skip-preview", "--plan", str(folder.plan(stack)), *pack)
    if code == 0:
        typer.echo(f"{stack}: deployed as it was shown")
        return
    if left_its_plan(events):
        say(
            f"{stack}: there was something to do that its preview did not show, so the deployment stopped there\n"
            "  Azure, the state or the program has changed since; what was made before stays\n"
            f"  Look at a new preview, and deploy that: purview-ai change preview --stack {stack} --into {kept_in}",
            Exit.BAD,
        )
    say(
        f"{stack}: the deployment failed, see above; what was made stays\n  Put it right, and deploy a new preview.",
        Exit.BAD,
    )


def _check(project: Project, stack: str) -> None:
    """The settings, where the project is the tenants' own; ends the command where they are wrong."""
    config = project.config_of(stack)
    if read_yaml(project.folder / "Pulumi.yaml").get("name") != NAMESPACE:
        return
    from purview_ai.operate.settings_commands import checked
    from purview_ai.settings.mistakes import SettingsError

    wrong, _ = checked(project, stack, config)
    if wrong:
        say(str(SettingsError(stack, wrong)), Exit.USAGE)


def _must_be_rules(names: Collection[str]) -> None:
    known = [rule.name for rule in RULES]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            fix = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            say(f"--approved {name}: the gate has no such rule; {fix}", Exit.USAGE)


def _all_in(folder: Path) -> list[Kept]:
    try:
        return Folder(folder).all()
    except FolderError as error:
        say(str(error), Exit.USAGE)


def _stops(kept: Collection[Kept], approved: Collection[str]) -> list[Stop]:
    return [stop for one in kept for stop in stops(one.preview, RULES, approved)]
