"""What is wrong with a tenant although each of its settings is right by itself."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from purview_ai import naming
from purview_ai.json_values import is_object, take_from
from purview_ai.settings.files import NAMESPACE, TENANT, StackFileError
from purview_ai.settings.key import KeyOrigin, SecretName
from purview_ai.settings.mistakes import HIDDEN, Mistake, mistakes_of
from purview_ai.settings.surroundings import surroundings_of
from purview_ai.settings.tenant import TenantSettings

if TYPE_CHECKING:
    from purview_ai.identity import AzureSettings
    from purview_ai.settings.files import Project
    from purview_ai.settings.surroundings import Surroundings


@dataclass(frozen=True)
class Checked:
    """What a stack file says, as far as it is right, and what is wrong with it."""

    settings: TenantSettings | None
    surroundings: Surroundings | None
    secrets: list[str]
    """The secrets that it names, whatever else may be wrong with it."""
    mistakes: list[Mistake]


def check(tenant: str, block: object, azure: AzureSettings, project: Project) -> Checked:
    """Everything but the keys themselves, which need the stack's passphrase.

    Args:
        tenant: The stack's name.
        block: What stands under ``purview-ai:tenant``.
        azure: azure-native's settings.
        project: The project, for the stack files beside this one.
    """
    settings, mistakes = _typed(block)
    surroundings, wrong = surroundings_of(azure)
    mistakes += wrong
    if settings:
        mistakes += [*whole_tenant(tenant, settings), *neighbours(tenant, settings, project)]
    return Checked(settings, surroundings, _secret_names(block), mistakes)


def missing_key(tenant: str, secret: str) -> Mistake:
    """The vendor's key is not in the stack file."""
    return Mistake(f"{NAMESPACE}:{secret}", "", "the vendor's API key is missing", _set_key(tenant, secret))


def plain_key(tenant: str, secret: str) -> Mistake:
    """The vendor's key stands in the stack file for everybody to read."""
    reason = "the vendor's API key stands in plain text; whoever has seen the file has the key, so replace it"
    return Mistake(f"{NAMESPACE}:{secret}", HIDDEN, reason, _set_key(tenant, secret))


def _set_key(tenant: str, secret: str) -> str:
    return f"pulumi config set --secret {NAMESPACE}:{secret} --stack {tenant}"


def _typed(block: object) -> tuple[TenantSettings | None, list[Mistake]]:
    if not is_object(block):
        fix = "write the block as stacks/tenant.example.yaml shows it"
        return None, [Mistake(TENANT, "", "the tenant's settings are missing", fix)]
    try:
        return TenantSettings.model_validate(block), []
    except ValidationError as error:
        return None, mistakes_of(error)


def _secret_names(block: object) -> list[str]:
    """The secrets whose keys a block takes from the stack file, whatever else may be wrong with it."""
    sources = block.get("sources") if is_object(block) else None
    keys = [take_from(source, ("key",)) for source in sources.values()] if is_object(sources) else []
    named = [key.get("secret") for key in keys if is_object(key) and key.get("origin") != KeyOrigin.VAULT]
    right = TypeAdapter(SecretName)
    names: list[str] = []
    for name in dict.fromkeys(map(str, named)):
        with contextlib.suppress(ValidationError):
            names.append(right.validate_python(name))
    return names


def whole_tenant(tenant: str, settings: TenantSettings) -> list[Mistake]:
    """The mistakes that show only when the stack's name and all settings are seen together."""
    return [*_long_names(tenant, settings), *_unknown_releases(tenant, settings)]


def _long_names(tenant: str, settings: TenantSettings) -> list[Mistake]:
    """Names in Purview that begin with the stack's name, and come out too long."""
    made = _own_names(tenant, settings)
    fix = "use a shorter stack name, vault name or source name"
    reason = f"this name in Purview would not have {naming.DATA_MAP_NAME_RULE}"
    return [Mistake("stack name", repr(name), reason, fix) for name in made if not naming.DATA_MAP_NAME.match(name)]


def _own_names(tenant: str, settings: TenantSettings) -> list[str]:
    """What carries the stack's name in Purview: the Key Vault connection and the credentials."""
    connection = naming.vault_connection(tenant, settings.vault.name)
    return [connection, *(naming.credential(tenant, source) for source in settings.sources)]


def _unknown_releases(tenant: str, settings: TenantSettings) -> list[Mistake]:
    """Names of objects to release that no object of this tenant has."""
    known = [*_own_names(tenant, settings), settings.purview.collection.name]
    for key, source in settings.sources.items():
        names = source.names(key)
        known += [names.data_source, names.scan]
    reason = "no object of this tenant has that name in Purview"
    fix = f"one of {', '.join(known)}"
    return [Mistake("release", repr(name), reason, fix) for name in settings.release if name not in known]


def beside(tenant: str, settings: TenantSettings, other: str, theirs: TenantSettings) -> list[Mistake]:
    """The mistakes that show only beside another tenant of the same project."""
    found: list[Mistake] = []
    if _same(settings.purview.account, theirs.purview.account):
        found += _in_one_account(tenant, settings, other, theirs)
    if _same(settings.vault.name, theirs.vault.name):
        found += _in_one_vault(settings, other, theirs)
    return found


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
    ]


def _written(settings: TenantSettings) -> dict[str, str]:
    """The secrets that a stack writes, with a source that uses each; their names do not tell capitals apart."""
    return {source.key.secret.lower(): key for key, source in settings.sources.items() if source.key.from_config}


def _same(ours: str, theirs: str) -> bool:
    """Names of Azure's resources do not tell small letters from capitals."""
    return ours.lower() == theirs.lower()


def _in_one_account(tenant: str, settings: TenantSettings, other: str, theirs: TenantSettings) -> list[Mistake]:
    account = settings.purview.account
    found: list[Mistake] = []
    workspaces = {source.workspace_id.lower(): key for key, source in theirs.sources.items()}
    data_sources = {source.names(key).data_source.lower() for key, source in theirs.sources.items()}
    for key, source in settings.sources.items():
        name = source.names(key).data_source
        if (twin := workspaces.get(source.workspace_id.lower())) is not None:
            reason = f"stack {other} captures it already, as {twin}, in Purview account {account}"
            fix = "leave it to one of the two stacks: Purview takes each workspace once"
            found.append(Mistake(f"sources.{key}.workspace_id", repr(source.workspace_id), reason, fix))
        elif name.lower() in data_sources:
            reason = f"stack {other} has a data source of this name in Purview account {account}"
            found.append(Mistake(f"sources.{key}", repr(name), reason, "give the source another name in one stack"))
    taken = {name.lower() for name in _own_names(other, theirs)}
    for name in _own_names(tenant, settings):
        if name.lower() in taken:
            reason = f"stack {other} makes the same name for its own in Purview account {account}"
            found.append(Mistake("stack name", repr(name), reason, "rename one of the two stacks"))
    if settings.purview.collection.create and theirs.purview.collection.create:
        name = settings.purview.collection.name
        if _same(name, theirs.purview.collection.name):
            reason = f"stack {other} makes the same collection in Purview account {account}"
            fix = "let one stack make it, and the other one name it"
            found.append(Mistake("purview.collection", repr(name), reason, fix))
    return found


def neighbours(tenant: str, settings: TenantSettings, project: Project) -> list[Mistake]:
    """The mistakes beside the project's other stack files; one of those that is wrong itself is left alone."""
    # Hundreds of tenants may stand here: only files that name the same account or vault are looked into.
    shared = (settings.purview.account.lower(), settings.vault.name.lower())
    found: list[Mistake] = []
    for other, file in project.stacks().items():
        with contextlib.suppress(OSError, StackFileError, ValidationError):
            if other == tenant or not any(name in file.read_text(errors="replace").lower() for name in shared):
                continue
            theirs = TenantSettings.model_validate(project.config_of(other).get(TENANT))
            found += beside(tenant, settings, other, theirs)
    return found
