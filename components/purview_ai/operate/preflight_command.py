"""``purview-ai preflight``: what a deployment needs, looked at before anything is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.preflight import needed
from purview_ai.operate.held_keys import HeldKeys
from purview_ai.operate.inspecting import estate_for, look_at, show
from purview_ai.operate.speaking import AsJson, Patience, Stack  # noqa: TC001  # typer reads them

if TYPE_CHECKING:
    from collections.abc import Sequence

    from purview_ai.inspection.finding import Finding

EXAMPLES = "Examples: `purview-ai preflight --stack contoso` · `purview-ai preflight --names` · `… --json`"
Names = Annotated[bool, typer.Option("--names", help="Tell which users of a workspace cannot be captured.")]


def preflight(
    stack: Stack = None,
    names: Names = False,  # noqa: FBT002  # typer's way
    patience: Patience = 60.0,
    as_json: AsJson = False,  # noqa: FBT002  # typer's way
) -> None:
    """Look at all that a deployment needs, before anything is changed.

    Sign-in to each service, the deployer's roles, account, collection, app roles, vault, the vendor's key and what it
    opens, names, and how many users can be captured. Changes nothing and reads no conversation. A Copilot licence is
    recommended and never required. Exit code: 0 all passed, 1 something failed, 2 the stack file is wrong, 3 something
    could not be looked at.
    """
    estate = estate_for(stack, patience)
    findings = look_at(needed(estate, HeldKeys(estate).of, user_names=names), patience)
    show(estate.stack, findings, as_json=as_json, summary=_summary)


def _summary(ordered: Sequence[Finding]) -> str:
    worst = ordered[0]
    count = sum(finding.verdict is worst.verdict for finding in ordered)
    if worst.verdict is Verdict.FAILED:
        return f"{count} of {len(ordered)} checks failed; begin with: {worst.title}."
    if worst.verdict is Verdict.UNKNOWN:
        return f"{count} of {len(ordered)} checks could not be made; none is known to fail."
    return f"All {len(ordered)} checks passed."
