"""``purview-ai permissions``: the least that each identity needs."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from purview_ai.operate.speaking import AsJson, Exit, say
from purview_ai.operate.stack_file import WRONG, Tenant, tenant_of
from purview_ai.permissions import NEEDS, Need, as_markdown, needs_of

EXAMPLES = "Examples: `purview-ai permissions` · `purview-ai permissions --stack contoso --json`"
Of = Annotated[str | None, typer.Option("--stack", help="Only what this stack's settings ask for; default: all.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="A table in Markdown, for a page.")]


def permissions(stack: Of = None, markdown: Markdown = False, as_json: AsJson = False) -> None:  # noqa: FBT002  # typer's way
    """Say what each identity needs at the least, and where; asks nobody.

    Exit code: 0, or 2 where the stack file is wrong.
    """
    try:
        needs = list(NEEDS) if stack is None else _needs_of(tenant_of(stack))
    except WRONG as error:
        say(str(error), Exit.USAGE)
    if as_json:
        typer.echo(json.dumps([_as_json(need) for need in needs]))
    elif markdown:
        typer.echo(as_markdown(needs))
    else:
        typer.echo("\n".join(_lines(needs)))


def _needs_of(tenant: Tenant) -> list[Need]:
    return needs_of(tenant.settings, audit_search=tenant.azure.cloud.audit_search)


def _lines(needs: list[Need]) -> list[str]:
    """Each identity, and below it what it needs where."""
    found: list[str] = []
    for need in needs:
        if need.identity.value not in found:
            found.append(need.identity.value)
        found.append(f"  {need.place.value}: {need}")
    return found


def _as_json(need: Need) -> dict[str, object]:
    return {
        "identity": need.identity.value,
        "where": need.place.value,
        "roles": list(need.roles),
        "smaller": need.smaller or None,
        "when": need.when or None,
        "given_by_stack": need.by_stack or None,
    }
