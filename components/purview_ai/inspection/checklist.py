"""What only a person can do for a tenant, in the order in which it is best done."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from purview_ai.apps.way import Route
from purview_ai.directory.app_roles import APP_ROLES
from purview_ai.inspection.step import Step
from purview_ai.settings.grants import GrantsMode
from purview_ai.settings.vault import PurviewReads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.settings.tenant import TenantSettings


def steps_of(stack: str, settings: TenantSettings) -> list[Step]:
    """The steps of a tenant, each once however many of its sources need it."""
    found: dict[str, Step] = {}
    for step in [*_of_settings(stack, settings), *_of_apps(settings)]:
        known = found.get(step.key)
        found[step.key] = replace(known, shown_by=(*known.shown_by, *step.shown_by)) if known else step
    return sorted(found.values(), key=lambda step: step.optional)


def _of_apps(settings: TenantSettings) -> Iterator[Step]:
    texts: dict[str, str] = {}
    for name, source in settings.sources.items():
        for step in source.application.by_hand:
            shown_by = tuple(link.format(source=name) for link in step.shown_by)
            # Two apps may have each its own way to one end.
            key = step.key if texts.setdefault(step.key, step.text) == step.text else f"{step.key}-{source.app}"
            yield Step(key, step.text, step.why, step.who, step.link, shown_by, step.optional)
    for name, source in settings.sources.items():
        for wish in source.capabilities:
            way = source.application.ways.get(wish)
            if way is not None and way.route is Route.PORTAL:
                shown_by = tuple(link.format(source=name) for link in way.shown_by)
                why = f"capabilities asks for {wish}, which no public interface brings into force. {way.proof}"
                yield Step(f"{wish}-{name}", " ".join(way.steps), why, way.who, way.link, shown_by)


def _of_settings(stack: str, settings: TenantSettings) -> Iterator[Step]:
    """What the stack leaves to somebody else, because its settings say so."""
    if settings.captured and settings.grants.mode is GrantsMode.EXPECTED:
        yield Step(
            "app-roles",
            "Deploy grants/ with the account's app roles: pulumi up in that folder.",
            "grants is expected: the stack looks for the app roles, and stops where they are missing.",
            "AppRoleAssignment.ReadWrite.All, or Privileged Role Administrator",
            shown_by=tuple(f"grants.{role.key}" for role in APP_ROLES),
        )
    if settings.captured and settings.vault.reading is PurviewReads.EXPECTED:
        read = dict.fromkeys(settings.keys[source].secret for source in settings.captured)
        yield Step(
            "vault-reader",
            f"Let the Purview account's identity read the secrets of vault {settings.vault.name} (Key Vault Secrets "
            "User).",
            "vault.purview_reads is expected: the stack gives no access to the vault.",
            "User Access Administrator on the vault",
            shown_by=tuple(f"vault.reads.{secret}" for secret in read),
        )
    for group, role_group in settings.nested_groups:
        yield Step(
            re.sub(r"[^a-z0-9]+", "-", f"role-group-{group}-{role_group}".lower()).strip("-"),
            f'Put the Entra group "{group}" into the role group {role_group}: Purview portal > Settings > Roles and '
            "scopes > Role groups.",
            "No public interface but the portal's and PowerShell's changes role groups.",
            "Role Management in Purview, which Organization Management holds",
            "https://purview.microsoft.com/settings",
        )
    for name, key in settings.keys.items():
        if not key.from_config:
            yield Step(
                f"key-{key.secret}",
                f"Put the key into the vault: az keyvault secret set --vault-name {settings.vault.name} "
                f"--name {key.secret} --file <file with the key>.",
                f"key.origin is vault: stack {stack} never has the key.",
                "Key Vault Secrets Officer on the vault",
                shown_by=(f"key.{name}",),
            )
