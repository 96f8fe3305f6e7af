"""What is wrong with a tenant although each of its settings is right by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai import naming
from purview_ai.directory.app_roles import APP_ROLES
from purview_ai.settings.mistakes import Mistake
from purview_ai.settings.vault import PurviewReads

if TYPE_CHECKING:
    from purview_ai.settings.diagnostics import DiagnosticsSettings
    from purview_ai.settings.reading import Reading
    from purview_ai.settings.tenant import TenantSettings


def whole_tenant(tenant: str, settings: TenantSettings, reading: Reading) -> list[Mistake]:
    """The mistakes that show only when the stack's name and all settings are seen together."""
    return [
        *_long_names(tenant, settings, reading),
        *_one_workspace_twice(settings, reading),
        *_one_secret_two_ways(settings, reading),
        *_one_data_source_twice(settings, reading),
        *_keys_that_purview_could_read(settings, reading),
        *_unknown_sources(settings, reading),
        *_unknown_releases(tenant, settings, reading),
        *_alerts_that_see_nothing(settings, reading),
        *_more_tags_than_a_vault_takes(settings, reading),
    ]


def _more_tags_than_a_vault_takes(settings: TenantSettings, reading: Reading) -> list[Mistake]:
    count = len(settings.tagged_vault.tags)
    if settings.vault.existing or count <= naming.TAGS or not reading.knows("tags"):
        return []
    reason = f"with the tenant's own tags the vault would have {count} tags, and it may have {naming.TAGS}"
    return [Mistake("vault.tags", "", reason, "take some out, here or in tags")]


def _long_names(tenant: str, settings: TenantSettings, reading: Reading) -> list[Mistake]:
    """Names in Purview that begin with the stack's name, and come out too long."""
    made = own_names(tenant, settings) if reading.knows("vault", "name") else _credentials(tenant, settings)
    fix = "use a shorter stack name, vault name or source name"
    reason = f"this name in Purview would not have {naming.DATA_MAP_NAME_RULE}"
    return [Mistake("stack name", repr(name), reason, fix) for name in made if not naming.DATA_MAP_NAME.match(name)]


def own_names(tenant: str, settings: TenantSettings) -> list[str]:
    """What carries the stack's name in Purview: the Key Vault connection and the credentials."""
    connection = [naming.vault_connection(tenant, settings.vault.name)] if settings.captured else []
    return [*connection, *_credentials(tenant, settings)]


def _credentials(tenant: str, settings: TenantSettings) -> list[str]:
    return [naming.credential(tenant, source) for source in settings.captured]


def _one_workspace_twice(settings: TenantSettings, reading: Reading) -> list[Mistake]:
    seen: dict[tuple[str, str], str] = {}
    found: list[Mistake] = []
    for name, source in settings.sources.items():
        if not reading.knows("sources", name, "workspace_id"):
            continue
        before = seen.setdefault((source.app, source.workspace_id.lower()), name)
        if before != name:
            called = source.application.workspace.called
            reason = f"{before} and {name} are the same {called}; Purview takes each {called} once"
            fix = f"take one of the two sources out, or correct its {called}"
            found.append(Mistake(f"sources.{name}.workspace_id", repr(source.workspace_id), reason, fix))
    return found


def _one_secret_two_ways(settings: TenantSettings, reading: Reading) -> list[Mistake]:
    seen: dict[tuple[bool, str], str] = {}
    found: list[Mistake] = []
    for name, key in settings.keys.items():
        if not reading.knows("sources", name, "key"):
            continue
        # Names of secrets do not tell small letters from capitals. What is not Purview's is looked at below.
        before = seen.setdefault((settings.sources[name].connected, key.secret.lower()), name)
        if settings.keys[before] != key:
            reason = f"{before} and {name} use secret {key.secret}, and say different things of it"
            fix = "say the same under both, or give each a secret of its own"
            found.append(Mistake(f"sources.{name}.key", "", reason, fix))
    return found


def _one_data_source_twice(settings: TenantSettings, reading: Reading) -> list[Mistake]:
    """Sources that would be one and the same data source in Purview, whose names ignore case."""
    seen: dict[str, str] = {}
    found: list[Mistake] = []
    for name, source in settings.captured.items():
        called = source.names(name).data_source
        before = seen.setdefault(called.lower(), name)
        if before != name and reading.knows("sources", name, "adopt") and reading.knows("sources", before, "adopt"):
            reason = f"{before} and {name} are the same data source in Purview"
            fix = "take one of the two out, or give it a name of its own under adopt.data_source"
            found.append(Mistake(f"sources.{name}.adopt.data_source", repr(called), reason, fix))
    return found


def _keys_that_purview_could_read(settings: TenantSettings, reading: Reading) -> list[Mistake]:
    """Keys that are kept for others than Purview, where its identity could read them all the same."""
    known = {
        name: key
        for name, key in settings.keys.items()
        if reading.knows("sources", name, "app") and reading.knows("sources", name, "key")
    }
    read = {key.secret.lower(): name for name, key in known.items() if settings.sources[name].connected}
    ways_known = reading.knows("vault", "access") and reading.knows("vault", "purview_reads")
    found: list[Mistake] = []
    for name, key in known.items():
        if settings.sources[name].connected:
            continue
        path, title = f"sources.{name}.key", settings.sources[name].application.title
        if ways_known and (way := _reads_all(settings)):
            reason = f"Purview has no use for the key of {title} and must not be able to read it, which {way} lets it"
            fix = "set vault.access: rbac and vault.purview_reads: secret, or leave the key out"
            found.append(Mistake(path, "", reason, fix))
        if (reader := read.get(key.secret.lower())) is not None:
            reason = f"{reader} lets Purview read this secret, and the key of {title} must not be readable by it"
            found.append(Mistake(f"{path}.secret", repr(key.secret), reason, "give the key a secret of its own"))
    return found


def _reads_all(settings: TenantSettings) -> str:
    """The setting that lets Purview read every secret of the vault; empty where none does."""
    if not settings.vault.by_roles:
        return f"vault.access: {settings.vault.access}"
    return "vault.purview_reads: vault" if settings.vault.reading is PurviewReads.ALL else ""


def _unknown_sources(settings: TenantSettings, reading: Reading) -> list[Mistake]:
    """Sources that may be replaced, and are not there."""
    if not (reading.knows_names_of("sources") and reading.knows("allow_rescan")):
        return []
    fix = f"one of {', '.join(settings.captured)}" if settings.captured else "leave it out"
    reasons = dict.fromkeys(settings.sources, "that source has no scan")
    return [
        Mistake("allow_rescan", repr(name), reasons.get(name, "there is no source of that name"), fix)
        for name in settings.allow_rescan
        if name not in settings.captured
    ]


def _unknown_releases(tenant: str, settings: TenantSettings, reading: Reading) -> list[Mistake]:
    """Names of objects to release that no object of this tenant has."""
    places = [("vault", "name"), ("purview", "collection"), ("governance",), ("release",)]
    places += [("sources", key, "adopt") for key in settings.sources]
    if not (reading.knows_names_of("sources") and all(reading.knows(*place) for place in places)):
        return []
    known = [*own_names(tenant, settings), settings.purview.collection.name, *(role.value for role in APP_ROLES)]
    for key, source in settings.captured.items():
        names = source.names(key)
        known += [names.data_source, names.scan]
    reason = "no object of this tenant has that name in Purview, and no app role that value"
    fix = f"one of {', '.join(known)}"
    elsewhere = settings.governance.ediscovery.names if settings.governance and settings.governance.ediscovery else []
    # Evidence is released where it is declared, so that a name that a collection has too never means it.
    fixes = dict.fromkeys(elsewhere, "to release it from the case: governance.ediscovery.release")
    return [
        Mistake("release", repr(name), reason, fixes.get(name, fix)) for name in settings.release if name not in known
    ]


def _alerts_that_see_nothing(settings: TenantSettings, reading: Reading) -> list[Mistake]:
    """Alerts without a workspace, or without anything in it that they could find."""
    alerts, logs = settings.alerts, settings.diagnostics
    if alerts is None or not reading.knows("alerts"):
        return []
    if not alerts.on_runs and alerts.key_expires_within_days is None:
        fix = "set failed_run, no_success_for_hours or key_expires_within_days; or take the block out"
        return [Mistake("alerts", "", "no alert is asked for", fix)]
    found: list[Mistake] = []
    if logs is None and reading.knows("diagnostics"):
        reason = "alerts search the Log Analytics workspace of diagnostics, and there is none"
        found.append(Mistake("alerts", "", reason, "set diagnostics.workspace, or take alerts out"))
    if alerts.on_runs and logs and logs.account and _only_audit(logs) and reading.knows("diagnostics"):
        reason = (
            "nobody has said that this group holds the log of runs, which alerts search (docs/facts.md, graph 16.1)"
        )
        fix = "set diagnostics.category_group: allLogs; or switch off the alerts on runs"
        found.append(Mistake("diagnostics.category_group", repr(logs.category_group), reason, fix))
    if alerts.on_runs and not settings.captured and reading.knows("sources"):
        reason = "alerts on runs are asked for, and no source is one that Purview scans"
        found.append(Mistake("alerts.failed_run", "", reason, "set failed_run: false, without no_success_for_hours"))
    if alerts.key_expires_within_days is not None and reading.knows("sources"):
        found += _expiries_that_nobody_knows(settings, alerts.key_expires_within_days)
    return found


def _only_audit(logs: DiagnosticsSettings) -> bool:
    return logs.category_group.lower() == "audit"


def _expiries_that_nobody_knows(settings: TenantSettings, days: int) -> list[Mistake]:
    if any(settings.expiry_known(name) for name in settings.keys):
        return []
    fix = "set key.expires under a source, to the day on which its key expires; or take this out"
    return [Mistake("alerts.key_expires_within_days", repr(days), "nothing says when any key expires", fix)]
