"""``purview-ai change``: preview a change, stop what needs a yes by name, tell reviewers, deploy just that."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from purview_ai.change.approvals import ALLOW, ApprovalError, approvals_in
from purview_ai.change.drift_text import DriftFileError, drift_told, drift_told_in
from purview_ai.change.events import left_its_plan, preview_in
from purview_ai.change.folder import Folder, FolderError, MadeFor
from purview_ai.change.gate import stops
from purview_ai.change.newer import newer_on, would_undo
from purview_ai.change.preview import Preview
from purview_ai.change.rules import RULES
from purview_ai.change.text import markdown
from purview_ai.operate.change_scope import SCOPE_EXAMPLES, scope
from purview_ai.operate.change_telling import (
    RULE_NAMES,
    Instead,
    asked,
    counted,
    keep_issue,
    put_comment,
    put_words,
    stopped,
)
from purview_ai.operate.chosen_stack import stacks_in
from purview_ai.operate.pulumi_stack import PulumiStack
from purview_ai.operate.speaking import AsJson, Exit, say
from purview_ai.settings.files import NAMESPACE, TENANT, Project, StackFileError, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from purview_ai.change.approvals import Approval
    from purview_ai.change.drift_text import DriftTold
    from purview_ai.change.folder import Kept

app = typer.Typer(
    help="What a deployment would change: preview, gate, the text for reviewers, and the deployment of just that.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)

Stacks = Annotated[str, typer.Option("--stack", help="The stack, or several with commas, one after the other.")]
Into = Annotated[Path, typer.Option(help="The folder that the plan and what goes with it are written to.")]
From = Annotated[Path, typer.Option("--from", help="The folder that previews were written to.")]
FromOrNone = Annotated[Path | None, typer.Option("--from", help="The folder that previews were written to.")]
Pack = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, help="A policy pack's folder: preview and deployment are held to it."),
]
PackConfig = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="A file with levels and parameters of the pack's rules, for both."),
]
Approved = Annotated[
    list[str] | None,
    typer.Option(
        help="A rule of the gate and the stack, or several with commas, for which somebody has said yes to it; may be "
        "repeated, or several stand in one with semicolons. An empty one is none."
    ),
]
OnPullRequest = Annotated[
    bool,
    typer.Option("--on-pull-request", help="What people who have no part in it have approved there counts, too."),
]
Wanted = Annotated[
    str | None,
    typer.Option(
        "--of",
        help="The stacks, with commas, of which there must be a preview; of one that has none it is said. Empty where "
        "no tenant is touched.",
    ),
]
Gone = Annotated[str, typer.Option(help="The stacks, with commas, whose files are taken away.")]
NoPreview = Annotated[Instead | None, typer.Option(help="Why there is no preview at all.")]
Branch = Annotated[
    str,
    typer.Option(
        help="A branch of git, such as origin/main. A stack is not deployed where the branch has its file otherwise by "
        "now, or what every stack uses."
    ),
]
Drifts = Annotated[
    Path,
    typer.Option(
        "--drift",
        help="What purview-ai drift --json has said: a file, or a folder of such files, which together must speak of "
        "each stack of the project. Where it does not exist, nobody has looked.",
    ),
]
_NO_LIMIT = 10**9
_PIPELINE = ("GITHUB_REPOSITORY", "SYSTEM_COLLECTIONURI")
"""One of these is set where a pipeline runs."""


@app.command(epilog="Example: `purview-ai change preview --stack contoso --policy-pack policy --into previews`")
def preview(
    stack: Stacks,
    into: Into,
    policy_pack: Pack = None,
    policy_pack_config: PackConfig = None,
    as_json: AsJson = False,  # noqa: FBT002  # typer's way
) -> None:
    """Preview a stack, and keep the plan and what it shows.

    Checks the settings first, and keeps what is wrong with them; in a pipeline a secret in the stack file is, such as a
    vendor's key that Pulumi keeps. Changes nothing. Exit code: 0, 1 the preview failed or a mandatory rule is violated,
    2 the command or a stack file is wrong.
    """
    try:
        project = Project.around(Path.cwd())
        held_to = [_from_project(project, file) for file in (policy_pack, policy_pack_config)]
        names = _named(stack)
        wrong = {name: words for name in names if (words := _wrong_settings(project, name))}
        # Of pulumi's own, which stands in the project's folder.
        folder = Folder(into.absolute())
        shown = [
            _refused(project, name, folder, wrong[name])
            if name in wrong
            else _previewed(project, name, folder, held_to)
            for name in names
        ]
    except (StackFileError, FolderError) as error:
        say(str(error), Exit.USAGE)
    if as_json:
        typer.echo(json.dumps([one.model_dump(mode="json") for one in shown]))
    else:
        found = [stop for one in shown for stop in stops(one, RULES)]
        typer.echo(markdown(shown, found, "", _NO_LIMIT))
    if wrong:
        say("\n".join(wrong.values()), Exit.USAGE)
    raise typer.Exit(Exit.BAD if any(one.failed for one in shown) else Exit.GOOD)


def _previewed(project: Project, stack: str, folder: Folder, held_to: Sequence[str]) -> Preview:
    _warn(project, stack)
    pulumi, made_for = PulumiStack.of(project.folder, stack), MadeFor.of(project, stack)
    folder.begin(stack)
    code, events = pulumi.operate("preview", "--save-plan", str(folder.plan(stack)), *_pack(*held_to))
    shown = preview_in(stack, events, failed=code != 0)
    folder.keep(made_for, shown, *held_to)
    return shown


def _refused(project: Project, stack: str, folder: Folder, words: str) -> Preview:
    """What a stack's wrong settings come to: whoever reads the others' previews reads of these, too."""
    made_for = MadeFor.of(project, stack)
    folder.begin(stack)
    shown = Preview(stack=stack, failed=True, errors=[words])
    folder.keep(made_for, shown)
    return shown


def _from_project(project: Project, file: Path | None) -> str:
    """A path as pulumi sees it, also in the deployment, whose check-out may lie elsewhere; empty for none."""
    if file is None or file.is_absolute():
        return str(file or "")
    return os.path.relpath(file.absolute(), project.folder)


def _pack(policy_pack: str, config: str) -> list[str]:
    given = {"--policy-pack": policy_pack, "--policy-pack-config": config}
    return [word for option, value in given.items() if value for word in (option, value)]


@app.command(epilog="Example: `purview-ai change gate --from previews --approved 'replace-scan contoso'`")
def gate(
    kept_in: From,
    approved: Approved = None,
    of: Wanted = None,
    on_pull_request: OnPullRequest = False,  # noqa: FBT002  # typer's way
    as_json: AsJson = False,  # noqa: FBT002  # typer's way
) -> None:
    """Stop what deletes or replaces something that matters, or turns a protection off, unless it is approved by name.

    Exit code: 0 everything passes, 1 something is stopped, or a preview failed or is missing, 2 there is no preview
    at all or no such rule, 3 the code host was asked and did not answer.
    """
    said = _on_command_line(approved or [])
    previews = _previews_in(kept_in, of)
    if on_pull_request:
        there, in_vain = counted(asked(lambda host: host.approvals(ALLOW)))
        said |= there
        for why in in_vain:
            typer.echo(f"said, and counted for nothing: {why}", err=True)
    found = stopped(previews, said)
    failed = [one.stack for one in previews if one.failed]
    if as_json:
        told = [
            {"stack": one.stack, "rule": one.rule.name, "what": one.what, "approval": str(one.approval)}
            for one in found
        ]
        typer.echo(json.dumps({"stops": told, "failed": failed}))
    for stop in found:
        typer.echo(str(stop), err=True)
    for stack in failed:
        typer.echo(f"{stack}: its preview failed or is missing, so nobody knows what it would change", err=True)
    if found:
        typer.echo("To let it pass, somebody who has no part in it says so: docs/pipelines.md#the-yes", err=True)
        for approval in dict.fromkeys(one.approval for one in found):
            typer.echo(f"  {ALLOW}{approval}", err=True)
    if found or failed:
        raise typer.Exit(Exit.BAD)
    if not as_json:
        typer.echo(f"The gate stops nothing of {', '.join(one.stack for one in previews) or 'no tenant'}.")


@app.command(
    epilog="Examples: `purview-ai change apply --stack contoso --from previews` · `… --branch origin/main`",
)
def apply(stack: Stacks, kept_in: From, branch: Branch = "") -> None:
    """Deploy what the preview of a stack showed, and nothing else.

    Refuses a plan that was made for another commit or another stack file, and one that would undo what a branch has by
    now. Exit code: 0, 1 the deployment failed or something else would have been done or undone, 2 there is no plan for
    what is here.
    """
    try:
        project = Project.around(Path.cwd())
        folder = Folder(kept_in.absolute())
        kept = [folder.plan_for(name, MadeFor.of(project, name)) for name in _named(stack)]
        newer = newer_on(project, branch) if branch else {}
        old = [one.preview.stack for one in kept if one.preview.stack in newer]
        for name in old:
            typer.echo(would_undo(name, branch, newer[name]), err=True)
        done = [
            _applied(PulumiStack.of(project.folder, one.preview.stack), folder, one)
            for one in kept
            if one.preview.stack not in old
        ]
    except (StackFileError, FolderError) as error:
        say(str(error), Exit.USAGE)
    if old or not all(done):
        raise typer.Exit(Exit.BAD)


def _applied(pulumi: PulumiStack, folder: Folder, kept: Kept) -> bool:
    """Whether it was deployed, which is told; one that fails keeps no other from being deployed."""
    stack, kept_in = pulumi.name, folder.path
    pack = _pack(kept.policy_pack, kept.policy_pack_config)
    code, events = pulumi.operate("up", "--yes", "--skip-preview", "--plan", str(folder.plan(stack)), *pack)
    if code == 0:
        typer.echo(f"{stack}: deployed as it was shown")
        return True
    told = (
        f"{stack}: there was something to do that its preview did not show, so the deployment stopped there\n"
        "  Azure, the state or the program has changed since; what was made before stays\n"
        f"  Look at a new preview, and deploy that: purview-ai change preview --stack {stack} --into {kept_in}"
        if left_its_plan(events)
        else f"{stack}: the deployment failed, see above; what was made stays\n"
        "  Put it right, and deploy a new preview."
    )
    typer.echo(told, err=True)
    return False


app.command(epilog=SCOPE_EXAMPLES)(scope)


@app.command(
    epilog="Examples: `purview-ai change comment --from previews` · `purview-ai change comment --instead unknown`"
)
def comment(kept_in: FromOrNone = None, of: Wanted = None, gone: Gone = "", instead: NoPreview = None) -> None:
    """Tell on the pull request what it would change: one comment, which is edited and not repeated.

    Runs in a pipeline of GitHub or Azure DevOps. Exit code: 0, 2 there is no preview or no pull request, 3 the host
    did not answer or refused.
    """
    if (kept_in is None) == (instead is None):
        say("say --from or --instead, and not both: what previews showed, or why there is none", Exit.USAGE)
    if kept_in is None or instead is not None:
        asked(lambda host: put_words(host, instead or Instead.UNKNOWN))
        return
    previews = _previews_in(kept_in, of)
    asked(lambda host: put_comment(host, previews, _names(gone)))


@app.command(epilog="Examples: `purview-ai change issue --drift drift.json` · `purview-ai change issue --drift drifts`")
def issue(drifts: Drifts) -> None:
    """Open an issue about drift, keep it as it is now, or close it.

    Runs in a pipeline of GitHub or Azure DevOps. A stack of which no file of a folder speaks is one that could not be
    looked at; where the folder does not exist, none could. An issue is opened where something differs, and not because
    nobody knows. Exit code: 0 also where there is drift, 2 the file is not what purview-ai drift --json says, or there
    is no project, 3 the host did not answer or refused, or nobody knows whether there is drift.
    """
    try:
        told = drift_told(drifts.read_text()) if drifts.is_file() else _told_in(drifts)
    except DriftFileError as error:
        say(f"{drifts}: {error}", Exit.USAGE)
    except StackFileError as error:
        say(str(error), Exit.USAGE)
    typer.echo(asked(lambda host: keep_issue(host, told)))
    if told.unknown and not told.differs:
        for one in told.unknown:
            typer.echo(f"{one['stack']}: could not wholly be looked at", err=True)
        raise typer.Exit(Exit.UNKNOWN)


def _told_in(drifts: Path) -> DriftTold:
    """What the jobs of a night have left; ends the command where nobody can tell of which stacks they should speak."""
    project = Project.around(Path.cwd())
    if not project.stacks():
        say(f"there is no stack file in {project.stacks_folder}, so nobody knows whether there is drift", Exit.UNKNOWN)
    if not drifts.exists():
        typer.echo(f"{drifts} does not exist: no job has looked at any stack, and its log says why", err=True)
    return drift_told_in(drifts, project.stacks())


def _named(stacks: str) -> list[str]:
    try:
        return stacks_in([stacks])
    except StackFileError as error:
        say(str(error), Exit.USAGE)


def _wrong_settings(project: Project, stack: str) -> str:
    """What is wrong with a tenant's settings, and what no pipeline shall have; empty where nothing is."""
    config = project.config_of(stack)
    from purview_ai.operate.settings_commands import checked
    from purview_ai.settings.checks import NO_KEY
    from purview_ai.settings.mistakes import SettingsError
    from purview_ai.settings.pipeline_secrets import open_to_previews

    is_tenant = TENANT in config or read_yaml(project.folder / "Pulumi.yaml").get("name") == NAMESPACE
    wrong = checked(project, stack, config)[0] if is_tenant else []
    if _in_pipeline():
        held = open_to_previews(stack, config)
        told = {one.path for one in held}
        # Nobody shall put a missing key there.
        wrong = [*held, *(one for one in wrong if one.path not in told and one.reason != NO_KEY)]
    return str(SettingsError(stack, wrong)) if wrong else ""


def _in_pipeline() -> bool:
    return any(map(os.environ.get, _PIPELINE))


def _on_command_line(approved: Iterable[str]) -> set[Approval]:
    """What somebody has said yes to; ends the command where the words of one are wrong."""
    found: set[Approval] = set()
    for words in (one for said in approved for one in said.split(";") if one.strip()):
        try:
            found.update(approvals_in(words, RULE_NAMES))
        except ApprovalError as error:
            say(f"--approved {words!r}: {error}", Exit.USAGE)
    return found


def _warn(project: Project, stack: str) -> None:
    """In a pipeline, of what whoever previews should not be given: who deploys is another there."""
    block = project.config_of(stack).get(TENANT)
    if block is None or not _in_pipeline():
        return
    from purview_ai.settings.tenant import TenantSettings

    tenant = TenantSettings.model_validate(block)
    for setting in tenant.given_to_deployer:
        typer.echo(
            f"{stack}: warning: {setting} gives roles to whoever deploys it; where another identity previews, each "
            "preview shows a change, and the deployment stops at it\n"
            f"  Set {setting} to false in its stack file, and give the roles to the identity that deploys "
            "(docs/pipelines.md)",
            err=True,
        )


def _previews_in(folder: Path, wanted: str | None) -> list[Preview]:
    if wanted == "":
        return []
    try:
        return Folder(folder).previews(_names(wanted or ""))
    except FolderError as error:
        say(str(error), Exit.USAGE)


def _names(words: str) -> list[str]:
    return [name for name in words.split(",") if name]
