"""Which backend keeps a project's stacks, and what it has of one."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import yaml

from purview_ai.calls.service import OneSignIn
from purview_ai.drift.checkpoint import STATE_PAGE, Checkpoint, CheckpointError, checkpoint_of
from purview_ai.drift.stores import BlobStore, FolderStore, identity_of
from purview_ai.json_values import JsonObject, is_object, take_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.core.credentials import TokenCredential

    from purview_ai.drift.stores import Store

OWN_BACKEND, OF_STACK = "PURVIEW_AI_BACKEND", "{stack}"
"""The variable that gives each stack a backend of its own, and what stands for the stack's name in its URL."""
_HOLDINGS = ".pulumi"
_KNOWN_VERSIONS = (3, 4)
_ENDINGS = (".json", ".json.gz", ".json.zst")
_GZIP, _ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_EXPORT_LIMIT_S = 300


@dataclass(frozen=True)
class Found:
    """A stack's state, and who is changing it."""

    checkpoint: Checkpoint
    locked_by: list[str]


class Backend(Protocol):
    """Keeps stacks."""

    def find(self, stack: str) -> Found | None:
        """What is recorded of a stack; None where it was never made. Raises :class:`CheckpointError`."""
        ...


def backend_url(folder: Path, environment: Mapping[str, str]) -> str:
    """The environment's, the project's own, or the one that is logged in to (docs/facts.md, engine 33)."""
    if said := environment.get("PULUMI_BACKEND_URL"):
        return said
    if of_project := take_from(_project(folder), ("backend", "url")):
        return str(of_project)
    home = Path(environment.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        credentials: Any = json.loads((home / "credentials.json").read_text())
    except (OSError, ValueError):
        credentials = {}
    current = take_from(credentials, ("current",))
    if not current:
        msg = f"no backend is known: set PULUMI_BACKEND_URL, or log in with pulumi login\n  {STATE_PAGE}"
        raise CheckpointError(msg)
    return str(current)


def own_backend(stack: str, environment: Mapping[str, str]) -> str:
    """The URL of a stack's own backend; empty where all stacks are in one.

    Raises :class:`CheckpointError` where the variable leads all stacks to one place all the same.
    """
    said = environment.get(OWN_BACKEND, "")
    if said and OF_STACK not in said:
        msg = (
            f"{OWN_BACKEND} does not say where a stack's name goes: write {OF_STACK} there, or use PULUMI_BACKEND_URL, "
            "where all stacks share one backend"
        )
        raise CheckpointError(msg)
    return said.replace(OF_STACK, stack)


def backend_url_of(stack: str, folder: Path, environment: Mapping[str, str]) -> str:
    """The URL of a stack's own backend, or of the one where all are."""
    return own_backend(stack, environment) or backend_url(folder, environment)


def backend_of(folder: Path, environment: Mapping[str, str]) -> Backend:
    """The backend of a project in a folder, or those of its stacks."""
    if own_backend("", environment):
        return OwnBackends(folder, environment)
    return _backend_at(backend_url(folder, environment), folder, environment)


def _backend_at(
    url: str, folder: Path, environment: Mapping[str, str], identity: TokenCredential | None = None
) -> Backend:
    project, export = str(_project(folder).get("name") or ""), ExportBackend(folder, environment)
    if url.startswith("file://"):
        return FilesBackend(FolderStore.of(url, Path.cwd()), project, export)
    if url.startswith("azblob://"):
        return FilesBackend(BlobStore.of(url, environment, identity), project, export)
    return export


class OwnBackends:
    """A backend for each stack, and one sign-in for all of them."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Nobody signs in yet."""
        self._folder, self._environment = folder, environment
        self._identity = OneSignIn(lambda: identity_of(environment))

    def find(self, stack: str) -> Found | None:
        """See :class:`Backend`."""
        url = own_backend(stack, self._environment)
        environment = {**self._environment, "PULUMI_BACKEND_URL": url}
        return _backend_at(url, self._folder, environment, self._identity).find(stack)


def _project(folder: Path) -> JsonObject:
    try:
        read: Any = yaml.safe_load((folder / "Pulumi.yaml").read_text())
    except (OSError, yaml.YAMLError) as error:
        msg = f"{folder / 'Pulumi.yaml'} cannot be read: {error}"
        raise CheckpointError(msg) from error
    return read if is_object(read) else {}


@dataclass(frozen=True)
class FilesBackend:
    """A backend of files, read without the engine. It takes no lock, and one of others does not stop it."""

    store: Store
    project: str
    otherwise: Backend
    """What reads a file that this cannot."""

    def find(self, stack: str) -> Found | None:
        """See :class:`Backend`."""
        folder, locks = self._places(stack)
        written = self.store.names(folder)
        candidates = [f"{stack}{ending}" for ending in _ENDINGS if f"{stack}{ending}" in written]
        if not candidates:
            return None
        # The newest one counts, and of several that are as new the last one.
        newest = max(enumerate(candidates), key=lambda one: (written[one[1]], one[0]))[1]
        raw = self.store.read(f"{folder}/{newest}")
        if raw is None:
            return None
        if raw.startswith(_ZSTANDARD):
            return self.otherwise.find(stack)
        versioned = _parsed(raw, f"{self.store.url}/{folder}/{newest}")
        if versioned.get("version") not in _KNOWN_VERSIONS:
            return self.otherwise.find(stack)
        latest: JsonObject = take_from(versioned, ("checkpoint", "latest")) or {}
        return Found(checkpoint_of(latest), [self._locker(f"{locks}/{name}") for name in self.store.names(locks)])

    def _places(self, stack: str) -> tuple[str, str]:
        """The folders of a stack's state and of its locks; older stores know no projects."""
        if self._knows_projects():
            return f"{_HOLDINGS}/stacks/{self.project}", f"{_HOLDINGS}/locks/organization/{self.project}/{stack}"
        return f"{_HOLDINGS}/stacks", f"{_HOLDINGS}/locks/{stack}"

    def _knows_projects(self) -> bool:
        raw = self.store.read(f"{_HOLDINGS}/meta.yaml")
        if raw is None:
            # The engine writes the file into an empty store only.
            return False
        try:
            read: Any = yaml.safe_load(raw)
        except yaml.YAMLError as error:
            msg = f"{self.store.url}/{_HOLDINGS}/meta.yaml cannot be read: {error}"
            raise CheckpointError(msg) from error
        return bool(take_from(read, ("version",)))

    def _locker(self, path: str) -> str:
        raw = self.store.read(path)
        try:
            lock: Any = json.loads(raw or b"{}")
        except ValueError:
            lock = {}
        whose = f"{take_from(lock, ('username',)) or 'somebody'}@{take_from(lock, ('hostname',)) or 'somewhere'}"
        return f"{whose} since {take_from(lock, ('timestamp',)) or 'some time'}"


def _parsed(raw: bytes, where: str) -> JsonObject:
    try:
        read: Any = json.loads(gzip.decompress(raw) if raw.startswith(_GZIP) else raw)
    except (ValueError, OSError, EOFError, zlib.error) as error:
        msg = (
            f"the state in {where} could not be read\n  {error}\n  Look at the stack with pulumi stack --show-urns.\n"
            f"  {STATE_PAGE}"
        )
        raise CheckpointError(msg) from error
    return read if is_object(read) else {}


@dataclass(frozen=True)
class ExportBackend:
    """Any backend, asked through the engine, which shows what is encrypted as it is kept."""

    folder: Path
    environment: Mapping[str, str] | None = None
    """Which the engine gets; None: this process's own."""

    def find(self, stack: str) -> Found | None:
        """See :class:`Backend`."""
        pulumi = shutil.which("pulumi")
        if pulumi is None:
            msg = f"the state of {stack} is read through pulumi, which is not on PATH\n  {STATE_PAGE}"
            raise CheckpointError(msg)
        command = [pulumi, "stack", "export", "--stack", stack, "--non-interactive"]
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=None if self.environment is None else dict(self.environment),
                capture_output=True,
                check=False,
                timeout=_EXPORT_LIMIT_S,
            )
        except subprocess.TimeoutExpired as error:
            msg = f"the state of {stack} could not be read\n  pulumi stack export did not end in time\n  {STATE_PAGE}"
            raise CheckpointError(msg) from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace")
            if "no stack named" in said:
                return None
            words = said.strip().removeprefix("error: ")
            msg = f"the state of {stack} could not be read\n  {words}\n  Log in with pulumi login.\n  {STATE_PAGE}"
            raise CheckpointError(msg)
        exported = _parsed(done.stdout, f"pulumi stack export of {stack}")
        return Found(checkpoint_of(exported.get("deployment") or {}), [])
