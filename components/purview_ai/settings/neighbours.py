"""What is wrong with a tenant only beside the other tenants of its project."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai import naming
from purview_ai.json_values import is_object
from purview_ai.settings.files import TENANT, StackFileError
from purview_ai.settings.mistakes import Mistake
from purview_ai.settings.reading import Reading, read
from purview_ai.settings.vault import PurviewReads
from purview_ai.settings.whole_tenant import own_names

if TYPE_CHECKING:
    from purview_ai.settings.files import Project
    from purview_ai.settings.tenant import TenantSettings


@dataclass(frozen=True)
class Neighbour:
    """A tenant and what of it is known: also one whose file is wrong may have the same things."""

    tenant: str
    settings: TenantSettings
    reading: Reading
    subscription_id: str

    @property
    def account(self) -> str:
        """An account's name, which is unique in all of Azure; empty where it is not known.

        Of two tenants' default accounts nothing is known but that one subscription's is the same.
        """
        if not self.reading.knows("purview", "account"):
            return ""
        if self.settings.purview.of_tenant:
            return f"the default of {self.subscription_id.lower()}"
        return self.settings.purview.account.rsplit("/", 1)[-1].lower()

    @property
    def vault(self) -> str:
        """A vault's name; empty where it is not known."""
        return self.settings.vault.name.lower() if self.reading.knows("vault", "name") else ""

    def says(self, source: str, setting: str) -> bool:
        """Whether it is known what a source has there."""
        return self.reading.knows_names_of("sources") and self.reading.knows("sources", source, setting)


def neighbours(ours: Neighbour, project: Project) -> list[Mistake]:
    """The mistakes beside the project's other stack files; what is wrong in those themselves counts for nothing."""
    # Hundreds of tenants may stand here: only files that name the same account or vault are looked into.
    shared = {ours.subscription_id.lower() if ours.settings.purview.of_tenant else ours.account, ours.vault} - {""}
    found: list[Mistake] = []
    for other, file in project.stacks().items():
        with contextlib.suppress(OSError, StackFileError):
            if other == ours.tenant or not any(name in file.read_text(errors="replace").lower() for name in shared):
                continue
            theirs = _neighbour(project, other)
            if theirs and ours.account and theirs.account == ours.account:
                found += _in_one_account(ours, theirs)
            if theirs and ours.vault and theirs.vault == ours.vault:
                found += _in_one_vault(ours.settings, theirs)
    return [mistake for mistake in found if ours.reading.knows(*mistake.path.split("."))]


def _neighbour(project: Project, stack: str) -> Neighbour | None:
    config = project.config_of(stack)
    block = config.get(TENANT)
    reading = read(block) if is_object(block) else None
    if reading is None or reading.settings is None:
        return None
    return Neighbour(stack, reading.settings, reading, str(config.get("azure-native:subscriptionId") or ""))


def _in_one_vault(settings: TenantSettings, neighbour: Neighbour) -> list[Mistake]:
    other, theirs = neighbour.tenant, neighbour.settings
    if not settings.vault.existing and not theirs.vault.existing:
        reason = f"stack {other} makes a vault of this name, which is unique in all of Azure"
        fix = "give one of the two another name, or let one stack make it and the other one say existing: true"
        return [Mistake("vault.name", repr(settings.vault.name), reason, fix)]
    written = {secret for secret, source in _written(theirs).items() if neighbour.says(source, "key")}
    reason = f"stack {other} writes the same secret of vault {settings.vault.name}"
    fix = "give the secret another name in one stack, or say origin: vault in one of them"
    return [
        Mistake(f"sources.{key}.key.secret", repr(secret), reason, fix)
        for secret, key in _written(settings).items()
        if secret in written
    ] + _read_through_another(settings, neighbour)


def _read_through_another(settings: TenantSettings, neighbour: Neighbour) -> list[Mistake]:
    """Keys that this stack keeps from Purview, and that another one lets it read."""
    other, theirs = neighbour.tenant, neighbour.settings
    kept = {name: key.secret for name, key in settings.keys.items() if not settings.sources[name].connected}
    read = {
        key.secret.lower()
        for name, key in theirs.keys.items()
        if theirs.sources[name].connected and neighbour.says(name, "key")
    }
    reads_all = bool(theirs.captured) and theirs.vault.reading is PurviewReads.ALL
    reason = f"stack {other} lets Purview read this secret of vault {settings.vault.name}, and Purview must not read it"
    fix = "set vault.purview_reads: secret there" if reads_all else "give the secret another name in one stack"
    return [
        Mistake(f"sources.{name}.key.secret", repr(secret), reason, fix)
        for name, secret in kept.items()
        if reads_all or secret.lower() in read
    ]


def _own_names(neighbour: Neighbour) -> list[str]:
    """What carries the stack's name in one account."""
    logs = neighbour.settings.diagnostics
    setting = [naming.diagnostic_setting(neighbour.tenant)] if logs is not None and logs.account else []
    return [*own_names(neighbour.tenant, neighbour.settings), *setting]


def _written(settings: TenantSettings) -> dict[str, str]:
    """The secrets that a stack writes, with a source that uses each; their names do not tell capitals apart."""
    return {key.secret.lower(): source for source, key in settings.keys.items() if key.from_config}


def _in_one_account(ours: Neighbour, neighbour: Neighbour) -> list[Mistake]:
    settings, theirs, other = ours.settings, neighbour.settings, neighbour.tenant
    account = settings.purview.account.rsplit("/", 1)[-1]
    found: list[Mistake] = []
    workspaces = {
        source.workspace_id.lower(): key
        for key, source in theirs.captured.items()
        if neighbour.says(key, "workspace_id")
    }
    data_sources = {
        source.names(key).data_source.lower() for key, source in theirs.captured.items() if neighbour.says(key, "adopt")
    }
    for key, source in settings.captured.items():
        name = source.names(key).data_source
        if (twin := workspaces.get(source.workspace_id.lower())) is not None:
            reason = f"stack {other} captures it already, as {twin}, in Purview account {account}"
            fix = "leave it to one of the two stacks: Purview takes each workspace once"
            found.append(Mistake(f"sources.{key}.workspace_id", repr(source.workspace_id), reason, fix))
        elif name.lower() in data_sources:
            reason = f"stack {other} has a data source of this name in Purview account {account}"
            found.append(Mistake(f"sources.{key}", repr(name), reason, "give the source another name in one stack"))
    taken = {name.lower() for name in _own_names(neighbour)}
    for name in _own_names(ours):
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
