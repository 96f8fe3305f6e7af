"""What ``purview-ai init`` asks for, and the stack file that comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from purview_ai.apps.catalogue import app_named, app_names
from purview_ai.operate.account import about_the_profile
from purview_ai.operate.chosen_stack import azure_in
from purview_ai.settings.checks import check
from purview_ai.settings.files import TENANT, read_yaml
from purview_ai.settings.key import KeyOrigin
from purview_ai.settings.purview import DEFAULT_ACCOUNT
from purview_ai.settings.schema import MODELINE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from purview_ai.json_values import JsonObject
    from purview_ai.settings.files import Project
    from purview_ai.settings.mistakes import Mistake

_KEPT = ("secretsprovider", "encryptedkey", "encryptionsalt")
"""Of a file that is overwritten: what opens the stack's secrets."""
_WIDTH = 110


@dataclass(frozen=True)
class Question:
    """One setting that has to be said."""

    option: str
    path: str
    """As ``purview-ai settings explain`` knows it."""
    default: str = ""
    """What is proposed at a prompt."""

    @property
    def name(self) -> str:
        """As the command's function calls it."""
        return self.option.removeprefix("--").replace("-", "_")


_LOCATION = Question("--location", "azure-native:location", "westeurope")
QUESTIONS = (
    _LOCATION,
    Question("--subscription-id", "azure-native:subscriptionId"),
    Question("--purview-account", "purview.account"),
    Question("--purview-resource-group", "purview.resource_group"),
    Question("--collection", "purview.collection"),
    Question("--vault-resource-group", "vault.resource_group"),
    Question("--vault-name", "vault.name"),
    Question("--vault-access", "vault.access", "rbac"),
    Question("--vault-network", "vault.network", "trusted-services"),
    Question("--workspace-id", "sources.<name>.workspace_id"),
    Question("--capture-since", "sources.<name>.capture_since", "today"),
    Question("--key-origin", "sources.<name>.key.origin", KeyOrigin.CONFIG.value),
)


@dataclass(frozen=True)
class Choices:
    """What has a default, and is not asked."""

    app: str
    source: str
    secret: str
    """Empty: no key is kept."""
    existing_vault: bool
    allow_from: list[str]
    grants: str
    accept_unverified_profile: bool
    profile: Path | None

    @property
    def connected(self) -> bool:
        """Whether the Data Map scans the app, as far as it is known."""
        return self.app not in app_names() or app_named(self.app).connector is not None

    def asks(self, question: Question, answers: Mapping[str, str]) -> bool:
        """Whether the question makes sense, after these answers."""
        account = answers.get("purview_account", "")
        return {
            "--vault-network": not self.existing_vault,
            "--purview-resource-group": not (account == DEFAULT_ACCOUNT or account.startswith("/")),
            "--capture-since": self.connected,
            "--key-origin": bool(self.secret),
        }.get(question.option, True)


def config_of(answers: Mapping[str, str], choices: Choices) -> JsonObject:
    """The settings of the stack file, as they were said."""
    return {
        "azure-native:location": answers["location"],
        "azure-native:subscriptionId": answers["subscription_id"],
        TENANT: {
            "purview": _purview(answers),
            "vault": _vault(answers, choices),
            "grants": choices.grants,
            "sources": {choices.source: _source(answers, choices)},
        },
    }


def _purview(answers: Mapping[str, str]) -> JsonObject:
    named = {"account": "purview_account", "resource_group": "purview_resource_group", "collection": "collection"}
    return {setting: answers[name] for setting, name in named.items() if name in answers}


def _vault(answers: Mapping[str, str], choices: Choices) -> JsonObject:
    vault: JsonObject = {"resource_group": answers["vault_resource_group"], "name": answers["vault_name"]}
    if choices.existing_vault:
        vault["existing"] = True
    vault["access"] = answers["vault_access"]
    if "vault_network" in answers:
        vault["network"] = answers["vault_network"]
    if choices.allow_from:
        vault["allow_from"] = choices.allow_from
    return vault


def _source(answers: Mapping[str, str], choices: Choices) -> JsonObject:
    source: JsonObject = {
        "app": choices.app,
        "workspace_id": answers["workspace_id"],
    }
    if "capture_since" in answers:
        source["capture_since"] = answers["capture_since"]
    if choices.secret:
        source["key"] = {"secret": choices.secret, "origin": answers["key_origin"]}
    if choices.profile:
        # A file of purview-ai discover; what it says of another tenant's objects is no matter here.
        source["profile"] = read_yaml(choices.profile).get("profile")
    if choices.accept_unverified_profile:
        source["accept_unverified_profile"] = True
    return source


def mistakes_in(project: Project, stack: str, config: JsonObject, choices: Choices) -> list[Mistake]:
    """Everything that is wrong, but that the profile is still to be found: discovery comes after this."""
    azure = azure_in(config)
    found = check(stack, config, config[TENANT], azure, project).mistakes
    to_be_found = choices.profile is None
    return [one for one in found if not (to_be_found and about_the_profile(one))]


def stack_file_text(config: JsonObject, before: Path) -> str:
    """The file, with what opens the secrets of the one that it takes the place of."""
    old = read_yaml(before) if before.exists() else {}
    kept = {name: old[name] for name in _KEPT if name in old}
    text = yaml.safe_dump({**kept, "config": config}, sort_keys=False, width=_WIDTH, allow_unicode=True)
    return f"{MODELINE}\n{text}"


def to_ask_again(mistakes: list[Mistake], source: str) -> set[str]:
    """The questions whose answers are wrong, by their names."""
    wrong = [one.path.replace(f"sources.{source}.", "sources.<name>.", 1) for one in mistakes]
    return {one.name for one in QUESTIONS if any(path == one.path or path.startswith(f"{one.path}.") for path in wrong)}


def answered(given: Mapping[str, str | None], choices: Choices, ask: Callable[[Question], str]) -> dict[str, str]:
    """An answer to each question that makes sense: as a flag gave it, else asked."""
    answers: dict[str, str] = {}
    for one in QUESTIONS:
        known = given.get(one.name)
        if known is not None:
            answers[one.name] = known
        elif choices.asks(one, answers):
            answers[one.name] = ask(one)
    return answers
