"""What only a person can do for a tenant, in the order in which it is best done."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from purview_ai.apps.catalogue import app_named, app_names
from purview_ai.apps.way import Route
from purview_ai.directory.app_roles import APP_ROLES
from purview_ai.governance.plan import lacks_search, links_of
from purview_ai.governance.scripts.catalogue import LOOK, wanted
from purview_ai.inspection.records import RECORDS
from purview_ai.inspection.step import Step
from purview_ai.settings.grants import GrantsMode
from purview_ai.settings.vault import PurviewReads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.apps.app import ByHand
    from purview_ai.apps.way import Way
    from purview_ai.governance.scripts.catalogue import Script
    from purview_ai.settings.tenant import TenantSettings


def steps_of(stack: str, settings: TenantSettings, *, audit_search: bool = True) -> list[Step]:
    """The steps of a tenant, each once however many of its sources need it.

    Without an audit search in its cloud, no record shows that one is done.
    """
    found: dict[str, Step] = {}
    for step in [*_of_settings(stack, settings), *_of_apps(stack, settings), *_of_scripts(stack, settings)]:
        known = found.get(step.key)
        shown_by = [one for one in step.shown_by if audit_search or not one.startswith(RECORDS)]
        before = known.shown_by if known else ()
        found[step.key] = replace(known or step, shown_by=tuple(dict.fromkeys((*before, *shown_by))))
    return sorted(found.values(), key=lambda step: step.optional)


def _of_apps(stack: str, settings: TenantSettings) -> Iterator[Step]:
    texts: dict[str, str] = {}
    scripts = {script.setting: script for script in _wanted(settings)}
    # Groups of the stack's own go into these role groups, and have steps of their own.
    filled = {role_group for _, role_group in settings.nested_groups}
    for name, source in settings.sources.items():
        for step in source.application.by_hand:
            if step.role_group in filled:
                continue
            shown_by = tuple(link.format(source=name) for link in step.shown_by)
            script = scripts.get(step.setting)
            text, who = (_run(stack, script), script.who) if script else (_by_hand(stack, step), step.who)
            # Two apps may have each its own way to one end.
            key = step.key if texts.setdefault(step.key, text) == text else f"{step.key}-{source.app}"
            doubt = "" if script else step.doubt
            yield Step(key, text, step.why, who, step.link, shown_by, step.optional, step.proof, doubt)
    for name, source in settings.sources.items():
        own = {step.setting for step in source.application.by_hand if step.setting}
        for wish in source.capabilities:
            way = source.application.ways.get(wish)
            # What the app's own steps bring about is among them already, wished or not.
            if way is None or way.setting in own or not (text := _left_to_do(stack, settings, way, name)):
                continue
            key = wish if texts.setdefault(wish, text) == text else f"{wish}-{source.app}"
            why = f"capabilities asks for {wish}: {_WHY[way.route]}."
            doubt = way.doubt if way.steps or way.instead else ""
            shown_by = links_of(way, settings, [name])
            yield Step(key, text, why, way.who, way.link, shown_by, proof=way.proof, doubt=doubt)


def _by_hand(stack: str, step: ByHand) -> str:
    """What a person does; where a script does it too, also which setting has it written."""
    return f"{step.text} Or: {_written(stack, step.setting)}" if step.setting else step.text


def _written(stack: str, setting: str) -> str:
    return f"say {setting} in the stack file; purview-ai governance render --stack {stack} then writes it."


_ADAPTIVE = "adaptive-protection"
_WHY = {
    Route.PORTAL: "nothing but the portal is known to bring it into force",
    Route.SCRIPT: "no API brings it into force, only Microsoft's PowerShell or the portal",
    Route.DECLARED: "the stack can declare it",
}


def _left_to_do(stack: str, settings: TenantSettings, way: Way, source: str) -> str:
    """What a person does for what a source wishes; empty where the stack file asks for it, or nothing is to do."""
    match way.route:
        case Route.PORTAL:
            return " ".join(way.steps)
        case Route.SCRIPT if not settings.asks_for(way.setting):
            by_script = _written(stack, way.setting)
            return f"{by_script[0].upper()}{by_script[1:]} {way.instead}".rstrip()
        case Route.DECLARED if not settings.asks_for(way.setting):
            return f"Say {way.setting} in the stack file, and deploy it: pulumi up --stack {stack}."
        case Route.DECLARED if lacks_search(way, settings, source):
            search = f"a search with app: {settings.sources[source].app} under {way.setting}.searches"
            return f"Say {search}, and deploy it: pulumi up --stack {stack}."
        case _:
            return ""


def _wanted(settings: TenantSettings) -> list[Script]:
    return wanted(settings.governance.scripts if settings.governance else None)


def _run(stack: str, script: Script) -> str:
    return (
        f"purview-ai governance render --stack {stack} writes {script.file}: read it, and run {script.file}"
        f"{script.parameters}, first with -WhatIf. {LOOK} beside it only reads, and tells whether it is in force."
    )


def _of_scripts(stack: str, settings: TenantSettings) -> Iterator[Step]:
    """The scripts that the stack file asks for, but those that do what an app's own steps say."""
    own = {step.setting for source in settings.sources.values() for step in source.application.by_hand}
    for script in _wanted(settings):
        if script.setting not in own:
            yield Step(
                f"script-{script.part}",
                _run(stack, script),
                f"{script.setting} asks for it: {script.what}. It needs before: {script.before}. No API writes it "
                "or reads it.",
                script.who,
                proof=f"{LOOK} says that it is in force.",
            )


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
    wished = {wish for source in settings.sources.values() for wish in source.capabilities}
    if settings.asks_for("governance.conditional_access") and _ADAPTIVE not in wished:
        way = next(app.ways[_ADAPTIVE] for app in map(app_named, app_names()) if _ADAPTIVE in app.ways)
        yield Step(
            _ADAPTIVE,
            " ".join(way.steps),
            "Without it nobody has a level of risk, and the Conditional Access policy meets nobody.",
            way.who,
            way.link,
            proof=way.proof,
            doubt=way.doubt,
        )
    for group, role_group in settings.nested_groups:
        yield Step(
            re.sub(r"[^a-z0-9]+", "-", f"role-group-{group}-{role_group}".lower()).strip("-"),
            f'Put the Entra group "{group}" into the role group {role_group}: Purview portal > Settings > Roles and '
            "scopes > Role groups.",
            "Only the portal and Add-RoleGroupMember of Security & Compliance PowerShell change role groups; Microsoft "
            "Graph's role management does not reach them.",
            "a holder of the role Role Management, such as a member of Organization Management, or Global "
            "Administrator",
            "https://learn.microsoft.com/purview/purview-permissions",
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
