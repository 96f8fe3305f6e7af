"""A tenant on the real engine: its own stack file and state, against one local Azure."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from workbench.places import Places, environment_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_azure.process import LocalAzure

STACK = "sandbox"
CHECKOUT = Path(__file__).resolve().parents[1]
LIMIT_S = 180
PULUMI_HOME = "PULUMI_HOME"
OF_A_PIPELINE = ("GITHUB_ACTIONS", "GITHUB_REPOSITORY", "SYSTEM_COLLECTIONURI", "TF_BUILD")
"""Where the tests run in one, a tenant does not, unless a test says so."""
NO_CHANGE = ("same", "read", "refresh")
_TRACE = "Traceback (most recent call last)"


@dataclass(frozen=True)
class Outcome:
    """What a command of the engine did and said."""

    code: int
    output: str
    events: list[dict[str, Any]] = field(repr=False)

    @property
    def steps(self) -> dict[str, str]:
        """What was to be done with each resource that is not a stack, provider or component, by its name."""
        found: dict[str, str] = {}
        for event in self.events:
            told = event.get("resourcePreEvent") or event.get("resOutputsEvent")
            if told and not told["metadata"]["type"].startswith(("pulumi:", "purview-ai:")):
                name = told["metadata"]["urn"].rsplit("::", 1)[1]
                if told["metadata"]["op"] not in NO_CHANGE:
                    found[name] = told["metadata"]["op"]
        return found

    @property
    def words(self) -> str:
        """The output with all white space folded, so that a wrapped sentence can be found."""
        return re.sub(r"\s+", " ", self.output)

    def must_succeed(self) -> Outcome:
        """The outcome itself, once it is known to be good."""
        assert self.code == 0, self.output
        return self

    def must_fail(self) -> Outcome:
        """The outcome itself, once it is known to be bad, and said so without a stack trace."""
        assert self.code != 0, self.output
        assert _TRACE not in self.output, self.output
        return self


@dataclass
class Tenant:
    """One tenant, driven as its owner would drive it."""

    folder: Path
    azure: LocalAzure
    environment: dict[str, str] = field(default_factory=dict[str, str])
    project: Path = CHECKOUT
    """Where the program is; the checkout's own by default."""
    stack: str = STACK
    """Its name, which says whether it would be missed."""

    def __post_init__(self) -> None:
        """Give it a stack file of its own, and empty state."""
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / "stacks" / f"Pulumi.{STACK}.yaml", self.file)
        places = Places(CHECKOUT, self.folder)
        places.backend.mkdir(exist_ok=True)
        self.environment = {
            **environment_for(places, self.azure),
            "PULUMI_HOME": os.environ[PULUMI_HOME],
            "NO_COLOR": "1",
        }
        for name in OF_A_PIPELINE:
            self.environment.pop(name, None)
        self._begin(places.backend)

    def _begin(self, backend: Path) -> None:
        """Let there be a stack with nothing in it; the engine makes a session's first of each name."""
        if (backend / ".pulumi").exists():
            return
        project = yaml.safe_load((self.project / "Pulumi.yaml").read_text())["name"]
        empty = Path(os.environ[PULUMI_HOME]) / "empty-stacks" / self.stack / project
        if not empty.exists():
            self.make()
            shutil.copytree(backend, empty)
        shutil.copytree(empty, backend, dirs_exist_ok=True)

    def make(self) -> None:
        """Make the stack, in the backend that the environment names."""
        self._engine("stack", "select", "--create", self.stack).check_returncode()

    @property
    def file(self) -> Path:
        """The stack file."""
        return self.folder / f"Pulumi.{self.stack}.yaml"

    @property
    def config(self) -> dict[str, Any]:
        """The stack file's settings."""
        return yaml.safe_load(self.file.read_text())["config"]

    def change(self, values: Mapping[str, Any]) -> None:
        """Change settings of the tenant's block by their paths; None removes one."""
        whole = yaml.safe_load(self.file.read_text())
        for path, value in values.items():
            block = whole["config"]["purview-ai:tenant"]
            *above, last = path.split(".")
            for step in above:
                block = block[step]
            block.pop(last, None)
            if value is not None:
                block[last] = value
        self.file.write_text(yaml.safe_dump(whole, sort_keys=False))

    def rename_source(self, old: str, new: str) -> None:
        """Give a source of the tenant's block another name."""
        sources = yaml.safe_load(self.file.read_text())["config"]["purview-ai:tenant"]["sources"]
        self.change({"sources": {new if name == old else name: source for name, source in sources.items()}})

    def set_config(self, values: Mapping[str, str | None]) -> None:
        """Change settings outside of the tenant's block; None removes one."""
        whole = yaml.safe_load(self.file.read_text())
        for name, value in values.items():
            whole["config"].pop(name, None)
            if value is not None:
                whole["config"][name] = value
        self.file.write_text(yaml.safe_dump(whole, sort_keys=False))

    def set_key(self, key: str, name: str = "chatgpt-compliance-key", project: str = "purview-ai") -> None:
        """Encrypt another vendor's key into the stack file."""
        words = ("config", "set", "--secret", f"{project}:{name}", "--config-file", str(self.file))
        self._engine(*words, "--stack", self.stack, said=key).check_returncode()

    def up(self, *words: str) -> Outcome:
        """``pulumi up`` without its preview."""
        return self.run("up", "--yes", "--skip-preview", *words)

    def preview(self, *words: str) -> Outcome:
        """``pulumi preview``."""
        return self.run("preview", "--diff", *words)

    def refresh(self) -> Outcome:
        """What differs in the outside world; exit code 7 where something does."""
        return self.run("refresh", "--preview-only", "--expect-no-changes", "--diff")

    def destroy(self) -> Outcome:
        """``pulumi destroy`` without its preview."""
        return self.run("destroy", "--yes", "--skip-preview")

    def run(self, *words: str) -> Outcome:
        """One command of the engine, with its events."""
        log = self.folder / "events"
        log.unlink(missing_ok=True)
        done = self._engine(
            *words,
            "--config-file",
            str(self.file),
            "--stack",
            self.stack,
            "--event-log",
            str(log),
            PULUMI_DEBUG_COMMANDS="1",
        )
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return Outcome(done.returncode, done.stdout + done.stderr, events)

    def run_plainly(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of the engine that is no deployment."""
        return self._engine(*words)

    def unlock(self) -> None:
        """Forget the lock of an engine that was killed."""
        self._engine("cancel", "--yes", "--stack", self.stack).check_returncode()

    def take_in(self, kind: str, name: str, resource_id: str, *, below: str) -> None:
        """Let the stack know what is there by its id, as a child of a component."""
        parent = f"{below}={self.recorded(below)['urn']}"
        words = ("import", kind, name, resource_id, "--parent", parent, "--protect=false", "--generate-code=false")
        where = ("--config-file", str(self.file), "--stack", self.stack, "--yes", "--skip-preview")
        done = self._engine(*words, *where)
        assert done.returncode == 0, done.stdout + done.stderr

    def unprotect(self, name: str) -> None:
        """Let a resource be deleted, by its name."""
        urn = self.recorded(name)["urn"]
        self._engine("state", "unprotect", urn, "--yes", "--stack", self.stack).check_returncode()

    def state(self) -> dict[str, Any]:
        """The stack's state as the backend keeps it."""
        return json.loads(self.state_file.read_text())

    def exported(self) -> str:
        """The stack's state with all of its secrets decrypted."""
        done = self._engine("stack", "export", "--show-secrets", "--stack", self.stack)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def state_file(self) -> Path:
        """The stack's state file."""
        return next(self.folder.glob(f"state/.pulumi/stacks/*/{self.stack}.json"))

    def recorded(self, name: str) -> dict[str, Any]:
        """One resource of the state, by its name."""
        resources = self.state()["checkpoint"]["latest"]["resources"]
        return next(r for r in resources if r["urn"].endswith(f"::{name}"))

    def writes(self) -> list[str]:
        """The requests that changed something, as far as the journal goes back."""
        return [
            f"{r['method']} {r['host']}{r['path']}"
            for r in self.azure.requests()
            if r["method"] not in ("GET", "HEAD") and r["service"] != "login"
        ]

    def reads(self) -> list[str]:
        """The requests that only looked, tokens not counted."""
        return [
            f"{r['method']} {r['host']}{r['path']}"
            for r in self.azure.requests()
            if r["method"] in ("GET", "HEAD") and r["service"] != "login"
        ]

    def _engine(self, *words: str, said: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *words, "--non-interactive"],
            cwd=self.project,
            env={**self.environment, **settings},
            input=said,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
