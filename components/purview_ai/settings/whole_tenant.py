"""What is wrong with a tenant although each of its settings is right by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai import naming
from purview_ai.directory.app_roles import APP_ROLES
from purview_ai.settings.mistakes import Mistake

if TYPE_CHECKING:
    from purview_ai.settings.reading import Reading
    from purview_ai.settings.tenant import TenantSettings


def whole_tenant(tenant: str, settings: TenantSettings, reading: Reading) -> list[Mistake]:
    """The mistakes that show only when the stack's name and all settings are seen together."""
    return [
        *_long_names(tenant, settings, reading),
        *_one_workspace_twice(settings, reading),
        *_one_secret_two_ways(settings, reading),
        *_unknown_sources(settings, reading),
        *_unknown_releases(tenant, settings, reading),
    ]


def _long_names(tenant: str, settings: TenantSettings, reading: Reading) -> list[Mistake]:
    """Names in Purview that begin with the stack's name, and come out too long."""
    made = own_names(tenant, settings) if reading.knows("vault", "name") else _credentials(tenant, settings)
    fix = "use a shorter stack name, vault name or source name"
    reason = f"this name in Purview would not have {naming.DATA_MAP_NAME_RULE}"
    return [Mistake("stack name", repr(name), reason, fix) for name in made if not naming.DATA_MAP_NAME.match(name)]


def own_names(tenant: str, settings: TenantSettings) -> list[str]:
    """What carries the stack's name in Purview: the Key Vault connection and the credentials."""
    return [naming.vault_connection(tenant, settings.vault.name), *_credentials(tenant, settings)]


def _credentials(tenant: str, settings: TenantSettings) -> list[str]:
    return [naming.credential(tenant, source) for source in settings.sources]


def _one_workspace_twice(settings: TenantSettings, reading: Reading) -> list[Mistake]:
    seen: dict[str, str] = {}
    found: list[Mistake] = []
    for name, source in settings.sources.items():
        if not reading.knows("sources", name, "workspace_id"):
            continue
        before = seen.setdefault(source.workspace_id.lower(), name)
        if before != name:
            reason = f"{before} and {name} are the same workspace; Purview takes each workspace once"
            fix = "take one of the two sources out, or correct its workspace"
            found.append(Mistake(f"sources.{name}.workspace_id", repr(source.workspace_id), reason, fix))
    return found


def _one_secret_two_ways(settings: TenantSettings, reading: Reading) -> list[Mistake]:
    seen: dict[str, str] = {}
    found: list[Mistake] = []
    for name, source in settings.sources.items():
        if not reading.knows("sources", name, "key"):
            continue
        before = seen.setdefault(source.key.secret, name)
        if settings.sources[before].key != source.key:
            reason = f"{before} and {name} use secret {source.key.secret}, and say different things of it"
            fix = "say the same under both, or give each a secret of its own"
            found.append(Mistake(f"sources.{name}.key", "", reason, fix))
    return found


def _unknown_sources(settings: TenantSettings, reading: Reading) -> list[Mistake]:
    """Sources that may be replaced, and are not there."""
    if not (reading.knows_names_of("sources") and reading.knows("allow_rescan")):
        return []
    fix = f"one of {', '.join(settings.sources)}"
    return [
        Mistake("allow_rescan", repr(name), "there is no source of that name", fix)
        for name in settings.allow_rescan
        if name not in settings.sources
    ]


def _unknown_releases(tenant: str, settings: TenantSettings, reading: Reading) -> list[Mistake]:
    """Names of objects to release that no object of this tenant has."""
    places = [("vault", "name"), ("purview", "collection"), ("release",)]
    places += [("sources", key, "adopt") for key in settings.sources]
    if not (reading.knows_names_of("sources") and all(reading.knows(*place) for place in places)):
        return []
    known = [*own_names(tenant, settings), settings.purview.collection.name, *(role.value for role in APP_ROLES)]
    for key, source in settings.sources.items():
        names = source.names(key)
        known += [names.data_source, names.scan]
    reason = "no object of this tenant has that name in Purview, and no app role that value"
    fix = f"one of {', '.join(known)}"
    return [Mistake("release", repr(name), reason, fix) for name in settings.release if name not in known]
