"""The engine built from its Go modules, for where it cannot be downloaded."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from .console import EngineError, Progress, say
from .places import BUILD_ENVIRONMENT, BUILD_FLAGS, HOST, SDK_MODULE, Places, numbers

PACKAGES = ("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", "./host")
SDK_SCRIPTS = (
    "python/cmd/pulumi-language-python-exec",
    "python/dist/pulumi-resource-pulumi-python",
)
FETCHED = "go: downloading "


def build(places: Places, folder: Path) -> None:
    """Builds the command line and the language host, and puts the SDK's two scripts beside them."""
    go = Go(places)
    say(f"Building Pulumi {places.version} from its Go modules: some minutes, once on this machine.")
    version = f"-X {SDK_MODULE}/go/common/version.Version=v{places.version}"
    flags = [*BUILD_FLAGS, f"-ldflags=-s -w {version}"]
    stale = go.run(
        ["list", *flags, "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", *PACKAGES],
        Progress("fetching", f"of at most {places.count_modules()} modules"),
        counts=FETCHED,
    )
    total = sum(not line.startswith("go: ") for line in stale)
    go.run(
        ["build", *flags, "-v", "-o", f"{folder}{os.sep}", *PACKAGES],
        Progress("compiling", f"of {total} packages"),
        counts="",
    )
    (folder / "host").rename(folder / HOST)
    sdk = go.folder_of(SDK_MODULE)
    for script in SDK_SCRIPTS:
        copy = folder / Path(script).name
        shutil.copyfile(sdk / script, copy)
        copy.chmod(0o755)


class Go:
    """The Go tool chain of this machine, at work in the engine's module."""

    def __init__(self, places: Places) -> None:
        """Raises EngineError, with what to install, where no Go fits."""
        self._sources = places.sources
        ways = (
            f"Install Go {places.go_version} or newer (https://go.dev/dl/), "
            f"or Pulumi {places.version} or newer, and try again."
        )
        program = shutil.which("go")
        if program is None:
            message = f"Pulumi cannot be built here: Go is not on PATH. {ways}"
            raise EngineError(message)
        self._program = program
        found = self._first_line("env", "GOVERSION").removeprefix("go")
        if not found or numbers(found) < numbers(places.go_version):
            message = f"Pulumi cannot be built here: this Go is {found or 'too old'}. {ways}"
            raise EngineError(message)

    def folder_of(self, module: str) -> Path:
        """Where Go keeps the files of a module."""
        return Path(self._first_line("list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module))

    def run(self, arguments: list[str], progress: Progress, *, counts: str) -> list[str]:
        """Runs a long command and returns its output.

        Each line that starts with `counts` takes the progress one further.
        """
        lines: list[str] = []
        with self._start(arguments) as process:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                progress.at(progress.done + line.startswith(counts))
        progress.finish()
        if process.returncode:
            message = "\n  ".join([f"`go {arguments[0]}` failed:", *lines[-8:]])
            raise EngineError(message)
        return lines

    def _first_line(self, *arguments: str) -> str:
        """The answer to a short question; empty if there is none."""
        with self._start(arguments) as process:
            answer, _ = process.communicate()
        return "" if process.returncode else answer.partition("\n")[0].strip()

    def _start(self, arguments: Iterable[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self._program, *arguments],
            cwd=self._sources,
            env=os.environ | BUILD_ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
