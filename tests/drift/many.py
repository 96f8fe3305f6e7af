"""Many tenants of one project: a stack file and a state each, against one local Azure."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from tenants import CHECKOUT, PULUMI_HOME, STACK
from workbench.places import Places, environment_for

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure

_PROJECT = f"""
name: purview-ai
runtime: {{name: python, options: {{toolchain: uv, virtualenv: {CHECKOUT / ".venv"}}}}}
stackConfigDir: stacks
"""
_LIMIT_S = 180


@dataclass(frozen=True)
class ManyTenants:
    """A managed service's project."""

    folder: Path
    environment: dict[str, str]

    @classmethod
    def of(cls, folder: Path, azure: LocalAzure) -> ManyTenants:
        """Without a tenant yet."""
        (folder / "stacks").mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text(_PROJECT)
        (folder / "__main__.py").write_text((CHECKOUT / "__main__.py").read_text())
        places = Places(CHECKOUT, folder)
        places.backend.mkdir()
        home = {"PULUMI_HOME": os.environ[PULUMI_HOME], "NO_COLOR": "1"}
        return cls(folder, {**environment_for(places, azure), **home})

    def add(self, number: int) -> str:
        """Another tenant, with a stack of its own; its name."""
        name = self.write(number)
        self.pulumi("stack", "init", name)
        return name

    def write(self, number: int) -> str:
        """A tenant's stack file alone: a vault, a workspace and names of its own."""
        name = f"tenant{number:02}"
        file: dict[str, Any] = yaml.safe_load((CHECKOUT / "stacks" / f"Pulumi.{STACK}.yaml").read_text())
        block = file["config"]["purview-ai:tenant"]
        block["vault"]["name"] = f"kv-{name}"
        source = block["sources"].pop("chatgpt")
        source["workspace_id"] = f"00000000-0000-4000-8000-{number:012}"
        source["scan"]["test_connection"] = False
        block["sources"][name] = source
        (self.folder / "stacks" / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(file, sort_keys=False))
        return name

    def up(self, stack: str) -> None:
        """Deploy one."""
        self.pulumi("up", "--yes", "--skip-preview", "--stack", stack)

    def refresh(self, stack: str) -> None:
        """See that nothing of one differs."""
        self.pulumi("refresh", "--preview-only", "--expect-no-changes", "--stack", stack)

    def pulumi(self, *words: str, said: str = "") -> None:
        """A command that succeeds; it may be told something on its standard input."""
        done = subprocess.run(
            ["pulumi", *words, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            input=said,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
