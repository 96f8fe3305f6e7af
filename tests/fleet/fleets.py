"""A managed service's fleet: tenants of one project, one local Azure, and the command line as its owner runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
import yaml
from drift.many import ManyTenants
from drift.sights import Said, purview_ai
from local_azure import seed
from people import ARM, Person
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from drift.storage import LocalStorage
    from local_azure.process import LocalAzure

ONE, TWO, THREE = "tenant00", "tenant01", "tenant02"
KEY = "purview-ai:chatgpt-compliance-key"
NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SIZE = int(os.environ.get("FLEET") or (50 if NIGHTLY else 10))
"""How many tenants the whole story has."""
LONG_S = 60.0 + 30.0 * SIZE
"""For so long a whole fleet is waited for, on a machine that has other things to do."""


@dataclass(frozen=True)
class Fleet:
    """The tenants, and what may be asked of them."""

    azure: LocalAzure
    tenants: ManyTenants
    storage: LocalStorage | None = None
    """Where the states are; None where they are files."""

    @classmethod
    def of(cls, folder: Path, azure: LocalAzure, size: int, storage: LocalStorage | None = None) -> Fleet:
        """So many tenants that nobody has deployed yet; their keys open none of their workspaces."""
        fleet = cls(azure, ManyTenants.of(folder / "project", azure), storage)
        fleet.tenants.environment.update(storage.backend() if storage else {})
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(fleet.tenants.add, range(size)))
        return fleet

    def give_key(self, stack: str) -> str:
        """A workspace in which something was said, and a key of its own that opens it; the key."""
        file = yaml.safe_load((self.folder / "stacks" / f"Pulumi.{stack}.yaml").read_text())
        workspace = file["config"]["purview-ai:tenant"]["sources"][stack]["workspace_id"]
        key = f"{seed.VENDOR_KEY}-{stack}"
        self.azure.set_workspace(workspace, ("user01@contoso.example", "2026-02-01T00:00:00Z"))
        self.azure.set_vendor_key(key, workspace=workspace)
        self.tenants.pulumi("config", "set", "--secret", KEY, "--stack", stack, said=key)
        return key

    @property
    def folder(self) -> Path:
        return self.tenants.folder

    def change(self, stack: str, values: dict[str, Any]) -> None:
        """Change settings of a tenant by their paths; None removes one."""
        file = self.folder / "stacks" / f"Pulumi.{stack}.yaml"
        whole = yaml.safe_load(file.read_text())
        for path, value in values.items():
            block = whole["config"]["purview-ai:tenant"]
            *above, last = path.split(".")
            for step in above:
                block = block[step]
            block.pop(last, None)
            if value is not None:
                block[last] = value
        file.write_text(yaml.safe_dump(whole, sort_keys=False))

    @contextmanager
    def broken(self, stack: str) -> Generator[Path]:
        """Its stack file cannot be read, for a while."""
        file = self.folder / "stacks" / f"Pulumi.{stack}.yaml"
        right = file.read_text()
        file.write_text(f"{right}\n  : [")
        try:
            yield file
        finally:
            file.write_text(right)

    def tag_by_hand(self, stack: str, by: str = "hand") -> None:
        """Somebody changes the tags of its vault in the portal."""
        with self.azure.client() as client:
            operator = Person(self.azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
            vault = f"{ARM}{vault_path(stack)}"
            operator.do("PUT", vault, json=operator.get(vault) | {"tags": {"by": by}})

    def said(self, *words: str, **environment: str) -> Said:
        """``purview-ai fleet`` to its end."""
        return purview_ai(
            "fleet", *words, env={**self.tenants.environment, **environment}, cwd=self.folder, limit_s=LONG_S
        )

    def told(self, *words: str, **environment: str) -> Told:
        """The same, told as JSON."""
        said = self.said(*words, "--json", **environment)
        return Told(said.code, json.loads(said.out), said.err)

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """``purview-ai fleet``, left alone, in a group of its own as a shell would start it."""
        return subprocess.Popen(
            ["purview-ai", "fleet", *words],
            cwd=self.folder,
            env={**self.tenants.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )

    def writes(self, part: str) -> list[str]:
        """The requests that changed something, did so, and have this in their path."""
        return [
            f"{one['method']} {one['path']}"
            for one in self.azure.requests()
            if one["method"] not in ("GET", "HEAD") and one["status"] in range(200, 300) and part in one["path"]
        ]

    def asked(self, method: str, part: str) -> bool:
        """Whether somebody asked for this."""
        return any(one["method"] == method and part in one["path"] for one in self.azure.requests())

    def resources(self, stack: str) -> list[str]:
        """The names of what a stack has recorded, with what was left half done."""
        file = f".pulumi/stacks/purview-ai/{stack}.json"
        if self.storage:
            read = self.storage.container().download_blob(file).readall()
        else:
            read = (self.folder / "state" / file).read_bytes()
        latest: dict[str, Any] = json.loads(read)["checkpoint"].get("latest") or {}
        pending = [f"half done: {one['type']}" for one in latest.get("pending_operations") or ()]
        return [one["urn"].rsplit("::", 1)[-1] for one in latest.get("resources") or ()] + pending

    def locks(self) -> list[str]:
        """What the engine has left behind in the backend."""
        if self.storage:
            return list(self.storage.container().list_blob_names(name_starts_with=".pulumi/locks/"))
        return [str(file) for file in self.folder.glob("state/.pulumi/locks/**/*.json")]

    def tags_of_vault(self, stack: str) -> dict[str, str]:
        """As Azure has them."""
        with self.azure.client() as client:
            operator = Person(self.azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
            return operator.get(f"{ARM}{vault_path(stack)}").get("tags") or {}


@dataclass(frozen=True)
class Told:
    """What a command told machines."""

    code: int
    summary: dict[str, Any]
    err: str

    @property
    def results(self) -> dict[str, str]:
        """How it ended, by stack."""
        return {one["stack"]: one["result"] for one in self.summary["stacks"]}

    def of(self, stack: str) -> dict[str, Any]:
        """All that is told of a stack."""
        return next(one for one in self.summary["stacks"] if one["stack"] == stack)


def vault_path(stack: str) -> str:
    """A tenant's vault in Azure, by its ARM id."""
    group = f"/subscriptions/{seed.SUBSCRIPTION}/resourceGroups/{seed.TENANT_GROUP}"
    return f"{group}/providers/Microsoft.KeyVault/vaults/kv-{stack}"


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Its worker processes."""
    return [one for one in psutil.Process(process.pid).children() if "purview_ai.fleet.worker" in one.cmdline()]


def engines_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The engines of its workers, each with what it has started."""
    return [one for worker in workers_of(process) for one in worker.children(recursive=True)]


def kill_all(*processes: psutil.Process) -> None:
    """End them as a machine without memory would: none gets to do anything about the end of another."""
    for end in (psutil.Process.suspend, psutil.Process.kill):
        for one in processes:
            # Some are short-lived, or go with another one.
            with suppress(psutil.NoSuchProcess):
                end(one)
    all_gone(processes)


def kill(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """End it as a crash would; the workers that it leaves behind."""
    workers = workers_of(process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return workers


def all_gone(processes: Iterable[psutil.Process]) -> None:
    """Wait until they have ended by themselves."""
    left = list(processes)
    until(
        lambda: not [one for one in left if one.is_running() and one.status() != psutil.STATUS_ZOMBIE],
        "their end",
        LONG_S,
    )
