"""Where the engine comes from and goes to, and which one it is."""

import hashlib
import json
import os
import platform
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .console import EngineError

SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"

# What has to lie side by side: the command line, and what it starts for Python.
HOST = "pulumi-language-python"
EXECUTABLES = ("pulumi", HOST, "pulumi-language-python-exec", "pulumi-resource-pulumi-python")

# No C compiler is needed, and nothing of this machine ends up in the result.
BUILD_FLAGS = ("-mod=readonly", "-trimpath", "-buildvcs=false", "-tags=osusergo,grpcnotrace")
BUILD_ENVIRONMENT = {"CGO_ENABLED": "0", "GOWORK": "off"}


@dataclass(frozen=True)
class Places:
    """The folders of one checkout."""

    sources: Path
    """Holds go.mod, go.sum, the language host and release.toml."""
    shelf: Path
    """The checkout's own; `bin` in it leads to the engine."""
    cache: Path
    """Shared by all checkouts of this user."""

    @property
    def bin(self) -> Path:
        """The folder that belongs on PATH."""
        return self.shelf / "bin"

    @property
    def version(self) -> str:
        """The engine's version, which go.mod pins."""
        return self._pinned(rf"{re.escape(SDK_MODULE)} v(\S+)")

    @property
    def go_version(self) -> str:
        """The oldest Go that builds this engine."""
        return self._pinned(r"go (\S+)")

    @property
    def releases(self) -> str:
        """Where the official archives are."""
        return tomllib.loads((self.sources / "release.toml").read_text())["releases"]

    @property
    def downloaded(self) -> Path:
        """Where the cache keeps the official release."""
        return self.cache / f"v{self.version}-{machine()}"

    @property
    def built(self) -> Path:
        """Where the cache keeps what is built from these very sources."""
        return self.cache / self.build_key()

    def count_modules(self) -> int:
        """How many Go modules are pinned."""
        return len(re.findall(r"^\s+\S+ v\d", (self.sources / "go.mod").read_text(), re.MULTILINE))

    def build_key(self) -> str:
        """A name for what a build would give: it changes with anything that goes into the build."""
        digest = hashlib.sha256(json.dumps([machine(), BUILD_FLAGS, BUILD_ENVIRONMENT]).encode())
        host = sorted((self.sources / "host").glob("*.go"))
        for file in [self.sources / "go.mod", self.sources / "go.sum", *host]:
            content = file.read_bytes()
            digest.update(f"{file.name} {len(content)}\n".encode() + content)
        return digest.hexdigest()[:32]

    def _pinned(self, line: str) -> str:
        match = re.search(rf"^\s*{line}", (self.sources / "go.mod").read_text(), re.MULTILINE)
        if match is None:
            message = f"{self.sources / 'go.mod'} has no line like {line}"
            raise EngineError(message)
        return match[1]


def of_checkout() -> Places:
    """The places of the checkout that this file belongs to."""
    sources = Path(__file__).resolve().parent
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Places(sources, sources.parents[1] / ".tools" / "engine", cache / "purview-ai" / "engine")


def machine() -> str:
    """This machine, as the official archives are named."""
    kind = platform.machine().lower()
    kind = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(kind, kind)
    return f"{platform.system().lower()}-{kind}"


def numbers(version: str) -> tuple[int, ...]:
    """A version in a form that can be compared."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
