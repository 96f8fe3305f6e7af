"""What is wrong with a tenant only beside the other tenants of its project."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from pydantic import ValidationError

from purview_ai.settings.files import TENANT, StackFileError
from purview_ai.settings.mistakes import Mistake
from purview_ai.settings.purview import DEFAULT_ACCOUNT
from purview_ai.settings.tenant import TenantSettings
from purview_ai.settings.vault import PurviewReads
from purview_ai.settings.whole_tenant import own_names

if TYPE_CHECKING:
    from purview_ai.settings.files import Project
    from purview_ai.settings.reading import Reading


def neighbours(tenant: str, settings: TenantSettings, project: Project, reading: Reading) -> list[Mistake]:
    """The mistakes beside the project's other stack files; one of those that is wrong itself is left alone."""
    # Hundreds of tenants may stand here: only files that name the same account or vault are looked into.
    shared = _shared(settings, reading)
    found: list[Mistake] = []
    for other, file in project.stacks().items():
        with contextlib.suppress(OSError, StackFileError, ValidationError):
            if other == tenant or not any(name in file.read_text(errors="replace").lower() for name in shared):
                continue
            theirs = TenantSettings.model_validate(project.config_of(other).get(TENANT))
            if _account(theirs) in shared:
                found += _in_one_account(tenant, settings, other, theirs)
            if theirs.vault.name.lower() in shared:
                found += _in_one_vault(settings, other, theirs)
    return [mistake for mistake in found if reading.knows(*mistake.path.split("."))]


def _shared(settings: TenantSettings, reading: Reading) -> set[str]:
    """What another tenant may have too; names of Azure's resources do not tell small letters from capitals."""
    account = {_account(settings)} - {DEFAULT_ACCOUNT} if reading.knows("purview", "account") else set[str]()
    vault = {settings.vault.name.lower()} if reading.knows("vault", "name") else set[str]()
    return account | vault


def _account(settings: TenantSettings) -> str:
    """An account's name, which is unique in all of Azure; which one is a tenant's default is not known here."""
    return settings.purview.account.rsplit("/", 1)[-1].lower()


def _in_one_vault(settings: TenantSettings, other: str, theirs: TenantSettings) -> list[Mistake]:
    if not settings.vault.existing and not theirs.vault.existing:
        reason = f"stack {other} makes a vault of this name, which is unique in all of Azure"
        fix = "give one of the two another name, or let one stack make it and the other one say existing: true"
        return [Mistake("vault.name", repr(settings.vault.name), reason, fix)]
    written = _written(theirs)
    reason = f"stack {other} writes the same secret of vault {settings.vault.name}"
    fix = "give the secret another name in one stack, or say origin: vault in one of them"
    return [
        Mistake(f"sources.{key}.key.secret", repr(secret), reason, fix)
        for secret, key in _written(settings).items()
        if secret in written
    ] + _read_through_another(settings, other, theirs)


def _read_through_another(settings: TenantSettings, other: str, theirs: TenantSettings) -> list[Mistake]:
    """Keys that this stack keeps from Purview, and that another one lets it read."""
    kept = {name: key.secret for name, key in settings.keys.items() if not settings.sources[name].connected}
    read = {key.secret.lower() for name, key in theirs.keys.items() if theirs.sources[name].connected}
    reads_all = bool(theirs.captured) and theirs.vault.reading is PurviewReads.ALL
    reason = f"stack {other} lets Purview read this secret of vault {settings.vault.name}, and Purview must not read it"
    fix = "set vault.purview_reads: secret there" if reads_all else "give the secret another name in one stack"
    return [
        Mistake(f"sources.{name}.key.secret", repr(secret), reason, fix)
        for name, secret in kept.items()
        if reads_all or secret.lower() in read
    ]


def _written(settings: TenantSettings) -> dict[str, str]:
    """The secrets that a stack writes, with a source that uses each; their names do not tell capitals apart."""
    return {key.secret.lower(): source for source, key in settings.keys.items() if key.from_config}


def _in_one_account(tenant: str, settings: TenantSettings, other: str, theirs: TenantSettings) -> list[Mistake]:
    account = _account(settings)
    found: list[Mistake] = []
    workspaces = {source.workspace_id.lower(): key for key, source in theirs.captured.items()}
    data_sources = {source.names(key).data_source.lower() for key, source in theirs.captured.items()}
    for key, source in settings.captured.items():
        name = source.names(key).data_source
        if (twin := workspaces.get(source.workspace_id.lower())) is not None:
            reason = f"stack {other} captures it already, as {twin}, in Purview account {account}"
            fix = "leave it to one of the two stacks: Purview takes each workspace once"
            found.append(Mistake(f"sources.{key}.workspace_id", repr(source.workspace_id), reason, fix))
        elif name.lower() in data_sources:
            reason = f"stack {other} has a data source of this name in Purview account {account}"
            found.append(Mistake(f"sources.{key}", repr(name), reason, "give the source another name in one stack"))
    taken = {name.lower() for name in own_names(other, theirs)}
    for name in own_names(tenant, settings):
        if name.lower() in taken:
            reason = f"stack {other} makes the same name for its own in Purview account {account}"
            found.append(Mistake("stack name", repr(name), reason, "rename one of the two stacks"))
    if settings.purview.collection.create and theirs.purview.collection.create:
        name = settings.purview.collection.name
        if name.lower() == theirs.purview.collection.name.lower():
            reason = f"stack {other} makes the same collection in Purview account {account}"
            fix = "let one stack make it, and the other one name it"
            found.append(Mistake("purview.collection", repr(name), reason, fix))
    return found
