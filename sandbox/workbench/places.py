"""Where the sandbox keeps its things in a checkout, and the environment that leads there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_azure.process import LocalAzure

PASSPHRASE = "sandbox"
"""Opens the sandbox's own stack files; it protects nothing."""
SLOW_SETTINGS = ("PYTHONDONTWRITEBYTECODE",)
"""Variables of a shell that would make every program start slow."""
FOREIGN_PREFIXES = ("ARM_", "AZURE_", "PULUMI_", "ACTIONS_ID_TOKEN_")
"""Variables of a shell that must not reach the sandbox: somebody's real Azure may stand behind them."""


@dataclass(frozen=True)
class Places:
    """The folders of one sandbox."""

    checkout: Path
    root: Path

    @classmethod
    def of_checkout(cls) -> Places:
        """The checkout's own sandbox."""
        checkout = Path(__file__).resolve().parents[2]
        return cls(checkout, checkout / ".sandbox")

    @property
    def azure(self) -> Path:
        """The local Azure's state."""
        return self.root / "azure"

    @property
    def log(self) -> Path:
        """The local Azure's log."""
        return self.root / "local-azure.log"

    @property
    def port(self) -> Path:
        """The relay's port of the last time."""
        return self.root / "relay-port"

    @property
    def pulumi_home(self) -> Path:
        """The engine's own folder, with the provider plugins."""
        return self.root / "pulumi"

    @property
    def backend(self) -> Path:
        """The stacks' state files."""
        return self.root / "state"

    @property
    def backend_url(self) -> str:
        """The state files as the engine is told of them.

        Without ``metadata=skip`` the engine keeps a ``.attrs`` file beside each of them and does not write it in one
        go: killed at that moment, it cannot read its state again.
        """
        return f"{self.backend.as_uri()}?metadata=skip"

    @property
    def tools(self) -> list[Path]:
        """Where the checkout's own programs are."""
        return [
            self.checkout / ".tools" / "engine" / "bin",
            self.checkout / ".tools" / "uv" / "bin",
            self.checkout / ".venv" / "bin",
        ]


def settings_for(places: Places, azure: LocalAzure) -> dict[str, str]:
    """The variables with which ``pulumi`` and ``purview-ai`` work against this sandbox."""
    path = os.pathsep.join([*map(str, places.tools), os.environ.get("PATH", "")])
    return {
        "PATH": path,
        "PULUMI_HOME": str(places.pulumi_home),
        "PULUMI_BACKEND_URL": places.backend_url,
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # The tool chain looks at the environment before every program; nothing may be fetched for that.
        "UV_OFFLINE": "1",
        "UV_FROZEN": "1",
        **azure.network(),
        **azure.deployer(),
    }


def foreign_variables() -> list[str]:
    """The variables of this shell that must not reach the sandbox."""
    return sorted(name for name in os.environ if name.startswith(FOREIGN_PREFIXES))


def environment_for(places: Places, azure: LocalAzure) -> dict[str, str]:
    """A whole environment for child processes, without what a shell must not pass on."""
    refused = {*SLOW_SETTINGS, *foreign_variables()}
    inherited = {name: value for name, value in os.environ.items() if name not in refused}
    return {**inherited, **settings_for(places, azure)}
