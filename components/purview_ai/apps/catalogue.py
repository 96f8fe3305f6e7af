"""The apps that the package knows, read from their data files."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from purview_ai.apps.profile import ConnectorProfile


class AppName(StrEnum):
    """The apps, by the names that stack files use."""

    CHATGPT_ENTERPRISE = "chatgpt-enterprise"


@dataclass(frozen=True)
class WorkspaceRule:
    """What a workspace's id looks like."""

    pattern: re.Pattern[str]
    refused_prefix: str
    refused_reason: str
    found_at: str


@dataclass(frozen=True)
class App:
    """An AI app: its workspace ids, and the connector profile that is shipped for it."""

    name: AppName
    title: str
    workspace: WorkspaceRule
    profile: ConnectorProfile
    profile_verified: bool


@cache
def app_named(name: AppName) -> App:
    """The app, from its data file."""
    folder = resources.files("purview_ai.apps") / name.value.replace("-", "_")
    data: dict[str, Any] = tomllib.loads((folder / "app.toml").read_text())
    profile: dict[str, Any] = data["profile"]
    verified = bool(profile.pop("verified"))
    workspace: dict[str, str] = data["workspace"]
    return App(
        name=name,
        title=data["title"],
        workspace=WorkspaceRule(
            re.compile(workspace["pattern"]),
            workspace["refused_prefix"],
            workspace["refused_reason"],
            workspace["found_at"],
        ),
        profile=ConnectorProfile.model_validate(profile),
        profile_verified=verified,
    )
