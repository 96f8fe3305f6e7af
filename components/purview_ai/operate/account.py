"""The Purview account that a command is about: a stack's, or one that is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from purview_ai.datamap.client import DataMaps
from purview_ai.identity import AzureSettings, credential_of
from purview_ai.operate.chosen_stack import selected_stack
from purview_ai.operate.stack_file import tenant_in
from purview_ai.settings.files import TENANT, Project, StackFileError
from purview_ai.settings.mistakes import SettingsError
from purview_ai.settings.reading import read

if TYPE_CHECKING:
    from purview_ai.settings.mistakes import Mistake
    from purview_ai.settings.source import SourceSettings


_MENDED = ("profile", "accept_unverified_profile", "adopt")


@dataclass(frozen=True)
class Account:
    """An account to look into, and what a stack file says of the source to look for."""

    account_id: str
    azure: AzureSettings
    endpoint: str = ""
    stack: str = ""
    """Empty: no stack, the account was named."""
    source_name: str = ""
    source: SourceSettings | None = None
    project: Project | None = None
    private: set[str] = field(default_factory=set[str])
    """The tenant's own words."""

    def data_maps(self) -> DataMaps:
        """The Data Maps that the identity of the environment works with."""
        return DataMaps(self.azure.cloud, lambda: credential_of(self.azure), explicit_endpoint=self.endpoint)


def named_account(account_id: str) -> Account:
    """An account by its ARM id, with the ``ARM_*`` variables alone."""
    return Account(account_id, AzureSettings.of(lambda _: None), private=set(account_id.split("/")))


def account_of(stack: str | None, source: str | None) -> Account:
    """The account of a stack whose connector profile is still to be found: that alone may be wrong with its file."""
    project = Project.around(Path.cwd())
    stack = stack or selected_stack()
    config = project.config_of(stack)
    reading = read(config.get(TENANT) or {})
    wrong = [one for one in reading.mistakes if not about_the_profile(one)]
    if wrong or reading.settings is None:
        raise SettingsError(stack, wrong or reading.mistakes)
    tenant = tenant_in(project, stack, config, reading.settings)
    name = _chosen(source, list(reading.settings.sources))
    account_id = tenant.account_id()
    return Account(
        account_id,
        tenant.azure,
        tenant.settings.purview.endpoint or "",
        stack,
        name,
        tenant.settings.sources[name],
        project,
        {stack, name, *account_id.split("/"), tenant.settings.purview.collection.name},
    )


def about_the_profile(mistake: Mistake) -> bool:
    """Whether discovery mends what is wrong."""
    block, _, below = mistake.path.partition(".")
    return block == "sources" and below.partition(".")[2].split(".")[0] in _MENDED


def _chosen(source: str | None, known: list[str]) -> str:
    if source is None and len(known) == 1:
        return known[0]
    if source not in known:
        told = f"there is no source {source}" if source else "say which source of the stack file is meant with --source"
        msg = f"{told}; known are {', '.join(known)}"
        raise StackFileError(msg)
    return source
