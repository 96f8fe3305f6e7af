"""``purview-ai fleet``: the same for many stacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from purview_ai.fleet.matrix import matrix_of
from purview_ai.fleet.order import Looking, Operation
from purview_ai.operate import fleet_operator
from purview_ai.operate.fleet_choice import Every, Globs, Since, WithTags, chosen, said_of_wrong
from purview_ai.operate.fleet_operations import (
    Asked,
    Canaries,
    Html,
    LooksSideBySide,
    Parallel,
    PolicyPackConfigs,
    PolicyPacks,
    Resume,
    StopAfter,
    Wanted,
    WaveSize,
    Yes,
    carry_out,
)
from purview_ai.operate.speaking import AsJson, Exit, LeaveOut, Patience, SearchSeconds, say

app = typer.Typer(
    help="Work on many stacks at once, chosen by name, tag or change.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)
ExpectNoChanges = Annotated[
    bool, typer.Option("--expect-no-changes", help="A stack that would change counts as one that differs.")
]
SavePlans = Annotated[
    Path | None, typer.Option(file_okay=False, help="A folder that keeps what each preview showed, for up --plans.")
]
Plans = Annotated[
    Path | None,
    typer.Option(
        file_okay=False, exists=True, help="The folder of saved plans: only what they showed is done, or it fails."
    ),
]
Matrix = Annotated[bool, typer.Option("--matrix", help="The JSON that a GitHub workflow's strategy.matrix takes.")]


@app.command(
    "list",
    epilog="Examples: `purview-ai fleet list` · `purview-ai fleet list --tag wave=canary` · "
    "`purview-ai fleet list --changed-since origin/main --matrix`",
)
def list_(
    stack: Globs = None,
    *,
    tag: WithTags = None,
    changed_since: Since = None,
    every: Every = False,
    matrix: Matrix = False,
    as_json: AsJson = False,
) -> None:
    """List the stacks that are chosen, with their tags; all of them, where nothing is asked for.

    Reads the stack files and asks nobody but git. Exit code: 0, also where nothing has changed; 1 the file of a chosen
    stack cannot be read, 2 nothing can be chosen so, 3 it is not known whether a stack is meant, since its tags cannot
    be read.
    """
    if matrix and as_json:
        say("--matrix and --json say two different things: give one of them", Exit.USAGE)
    _, found = chosen(stack, tag, changed_since, every=every, else_all=True)
    if matrix:
        typer.echo(json.dumps(matrix_of(found.members)))
    elif as_json:
        entries = [
            {"stack": one.stack, "tags": dict(one.tags), "problem": one.problem or None} for one in found.members
        ]
        typer.echo(json.dumps(entries))
    else:
        width = max((len(one.stack) for one in found.members), default=0)
        for one in found.members:
            told = "cannot be read" if one.problem else " ".join(f"{tag}={value}" for tag, value in one.tags.items())
            typer.echo(f"{one.stack:<{width}}  {told}".rstrip())
    raise typer.Exit(said_of_wrong(found))


@app.command(
    epilog="Examples: `purview-ai fleet preview --all --expect-no-changes` · "
    "`purview-ai fleet preview --changed-since origin/main --save-plans plans` · "
    "`… --policy-pack policy --html run.html`"
)
def preview(
    stack: Globs = None,
    *,
    tag: WithTags = None,
    changed_since: Since = None,
    every: Every = False,
    parallel: Parallel = None,
    canary: Canaries = None,
    wave_size: WaveSize = None,
    stop_after: StopAfter = None,
    expect_no_changes: ExpectNoChanges = False,
    save_plans: SavePlans = None,
    policy_pack: PolicyPacks = None,
    policy_pack_config: PolicyPackConfigs = None,
    resume: Resume = False,
    html: Html = None,
    as_json: AsJson = False,
) -> None:
    """Show for each chosen stack what an update would change; changes nothing.

    A failure is tried once more, unless it cannot pass. Exit code: 0 all went well, 1 a stack failed, or would change
    with --expect-no-changes; 2 the command is wrong; 3 something could not be told, or was not begun; 130 it was
    ended by Ctrl-C.
    """
    asked = Asked(
        stacks=stack,
        tags=tag,
        changed_since=changed_since,
        every=every,
        parallel=parallel,
        canaries=canary,
        wave_size=wave_size,
        stop_after=stop_after,
        expect_no_changes=expect_no_changes,
        plans=save_plans,
        policy_packs=policy_pack,
        policy_pack_configs=policy_pack_config,
    )
    carry_out(Operation.PREVIEW, asked, Wanted(resume, yes=False, html=html, as_json=as_json))


@app.command(
    epilog="Examples: `purview-ai fleet up --all --canary wave=canary --wave-size 20 --stop-after 3` · "
    "`purview-ai fleet up --tag wave=main --plans plans --yes` · `purview-ai fleet up --resume --yes`"
)
def up(
    stack: Globs = None,
    *,
    tag: WithTags = None,
    changed_since: Since = None,
    every: Every = False,
    parallel: Parallel = None,
    canary: Canaries = None,
    wave_size: WaveSize = None,
    stop_after: StopAfter = None,
    plans: Plans = None,
    policy_pack: PolicyPacks = None,
    policy_pack_config: PolicyPackConfigs = None,
    resume: Resume = False,
    yes: Yes = False,
    html: Html = None,
    as_json: AsJson = False,
) -> None:
    """Update each chosen stack, some side by side: the canaries first, then wave by wave.

    It previews nothing by itself: with --plans it does what `fleet preview --save-plans` showed, and nothing else.
    A failure holds up nobody else and is tried once more, unless it cannot pass. Ctrl-C lets what goes on end its
    steps, and given twice ends it at once. Exit code: 0 all went well, 1 a stack failed, 2 the command is wrong, 3
    something could not be told, or was not begun; 130 it was ended by Ctrl-C.
    """
    asked = Asked(
        stacks=stack,
        tags=tag,
        changed_since=changed_since,
        every=every,
        parallel=parallel,
        canaries=canary,
        wave_size=wave_size,
        stop_after=stop_after,
        plans=plans,
        policy_packs=policy_pack,
        policy_pack_configs=policy_pack_config,
    )
    carry_out(Operation.UP, asked, Wanted(resume, yes=yes, html=html, as_json=as_json))


@app.command(
    epilog="Examples: `purview-ai fleet refresh --stack 'contoso-*'` · `purview-ai fleet refresh --all --yes --json`"
)
def refresh(
    stack: Globs = None,
    *,
    tag: WithTags = None,
    changed_since: Since = None,
    every: Every = False,
    parallel: Parallel = None,
    canary: Canaries = None,
    wave_size: WaveSize = None,
    stop_after: StopAfter = None,
    resume: Resume = False,
    yes: Yes = False,
    html: Html = None,
    as_json: AsJson = False,
) -> None:
    """Take into each chosen stack's state what is there now, as pulumi refresh does; changes nothing in Azure.

    To only look at what differs there is `fleet drift`. Exit code: as of `fleet up`.
    """
    asked = Asked(
        stacks=stack,
        tags=tag,
        changed_since=changed_since,
        every=every,
        parallel=parallel,
        canaries=canary,
        wave_size=wave_size,
        stop_after=stop_after,
    )
    carry_out(Operation.REFRESH, asked, Wanted(resume, yes=yes, html=html, as_json=as_json))


@app.command(
    epilog="Examples: `purview-ai fleet drift --all` · `purview-ai fleet drift --tag wave=main --html drift.html`"
)
def drift(
    stack: Globs = None,
    *,
    tag: WithTags = None,
    changed_since: Since = None,
    every: Every = False,
    leave_out: LeaveOut = None,
    patience: Patience = 60.0,
    parallel: LooksSideBySide = None,
    canary: Canaries = None,
    wave_size: WaveSize = None,
    stop_after: StopAfter = None,
    resume: Resume = False,
    html: Html = None,
    as_json: AsJson = False,
) -> None:
    """Compare what is there with what the chosen stacks have recorded, some side by side; changes nothing.

    As `purview-ai drift` does. What no service answered is asked once more. Exit code: 0 nothing differs of what is not
    left out, 1 something does, 2 the command is wrong, 3 something could not be looked at; 130 it was ended by Ctrl-C.
    """
    from purview_ai.operate.drift_command import kinds_in

    asked = Asked(
        stacks=stack,
        tags=tag,
        changed_since=changed_since,
        every=every,
        parallel=parallel,
        canaries=canary,
        wave_size=wave_size,
        stop_after=stop_after,
        looking=Looking(patience_s=patience, leave_out=tuple(sorted(kinds_in(leave_out or ())))),
    )
    carry_out(Operation.DRIFT, asked, Wanted(resume, yes=False, html=html, as_json=as_json))


@app.command(epilog="Examples: `purview-ai fleet verify --all` · `purview-ai fleet verify --stack 'contoso-*' --json`")
def verify(
    stack: Globs = None,
    *,
    tag: WithTags = None,
    changed_since: Since = None,
    every: Every = False,
    search: SearchSeconds = 20.0,
    patience: Patience = 60.0,
    parallel: LooksSideBySide = None,
    canary: Canaries = None,
    wave_size: WaveSize = None,
    stop_after: StopAfter = None,
    resume: Resume = False,
    html: Html = None,
    as_json: AsJson = False,
) -> None:
    """Look at every link of each chosen tenant's chain, some tenants side by side; changes nothing.

    As `purview-ai verify` does, which shows of one tenant all that was seen. What no service answered is asked once
    more. Exit code: 0 all passed, 1 a link is broken, 2 the command is wrong, 3 something could not be looked at, 4 it
    cannot be told yet; 130 it was ended by Ctrl-C.
    """
    asked = Asked(
        stacks=stack,
        tags=tag,
        changed_since=changed_since,
        every=every,
        parallel=parallel,
        canaries=canary,
        wave_size=wave_size,
        stop_after=stop_after,
        looking=Looking(patience_s=patience, search_s=search),
    )
    carry_out(Operation.VERIFY, asked, Wanted(resume, yes=False, html=html, as_json=as_json))


@app.command(epilog="Examples: `purview-ai fleet report --tag owner=security --out pages` · `… --all --no-drift`")
def report(
    stack: Globs = None,
    *,
    tag: WithTags = None,
    changed_since: Since = None,
    every: Every = False,
    out: Annotated[Path, typer.Option(help="The folder that the pages go to.", file_okay=False)] = Path("report"),
    no_drift: Annotated[bool, typer.Option("--no-drift", help="Do not compare with the state.")] = False,
    search: SearchSeconds = 20.0,
    patience: Patience = 60.0,
    parallel: LooksSideBySide = None,
    canary: Canaries = None,
    wave_size: WaveSize = None,
    stop_after: StopAfter = None,
    resume: Resume = False,
    html: Html = None,
    as_json: AsJson = False,
) -> None:
    """Write a page for each chosen tenant, and index.html over all of them.

    As `purview-ai report` does. What no service answered is asked once more. Exit code: 0 the pages are written,
    whatever they say; 1 a stack file is wrong, or a page cannot be written; 2 the command is wrong; 3 a page does not
    show what no service answered, or it is not known whether a stack is meant; 130 it was ended by Ctrl-C.
    """
    asked = Asked(
        stacks=stack,
        tags=tag,
        changed_since=changed_since,
        every=every,
        parallel=parallel,
        canaries=canary,
        wave_size=wave_size,
        stop_after=stop_after,
        looking=Looking(patience_s=patience, search_s=search, without_drift=no_drift, pages=str(out)),
    )
    carry_out(Operation.REPORT, asked, Wanted(resume, yes=False, html=html, as_json=as_json))


app.command("operator", epilog=fleet_operator.EXAMPLES)(fleet_operator.operator)
