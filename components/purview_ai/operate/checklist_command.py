"""``purview-ai checklist``: what only a person can do for a tenant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from purview_ai.inspection.checklist import steps_of
from purview_ai.operate.speaking import AsJson, Stack  # noqa: TC001  # typer reads them
from purview_ai.operate.stack_file import tenant_for

if TYPE_CHECKING:
    from purview_ai.inspection.step import Step

EXAMPLES = "Examples: `purview-ai checklist` · `purview-ai checklist --stack contoso --json`"
_NOTHING = "nothing that purview-ai can ask"


def checklist(stack: Stack = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # typer's way
    """List what only a person can do for a tenant, in order: where, why, who, and what shows it done.

    Asks nobody; purview-ai verify looks whether it is done, as far as that can be seen. Exit code: 0, or 2 where the
    stack file is wrong.
    """
    tenant = tenant_for(stack)
    steps = steps_of(tenant.stack, tenant.settings, audit_search=tenant.azure.cloud.audit_search)
    if as_json:
        typer.echo(json.dumps({"stack": tenant.stack, "steps": [step.as_json() for step in steps]}))
        return
    out = Console(highlight=False, soft_wrap=True)
    for number, step in enumerate(steps, 1):
        out.print("\n".join(_lines(number, step)), markup=False)


def _lines(number: int, step: Step) -> list[str]:
    shown = {
        "why": step.why,
        "who": step.who,
        "in force": step.proof,
        "more": step.link,
        "note": step.doubt,
        "shown by": ", ".join(f"{link} of purview-ai {_command(link)}" for link in step.shown_by) or _NOTHING,
    }
    optional = "Recommended: " if step.optional else ""
    return [f"{number}. {optional}{step.text}", *(f"   {name}: {text}" for name, text in shown.items() if text)]


def _command(link: str) -> str:
    return "preflight" if link.startswith("vendor-key.") else "verify"
