"""A machine to install the engine on: a checkout, a PATH, a cache and a download server of its own."""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from textwrap import dedent
from typing import TYPE_CHECKING

from .project import CHECKOUT, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXECUTABLES = (
    "pulumi",
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-resource-pulumi-python",
)
SOURCES = CHECKOUT / "sandbox" / "engine"
ARCHITECTURES = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}

# Stands for Go: answers what it is asked, and "builds" a pulumi that tells its version.
GO = """
    #!{python}
    import os, pathlib, sys
    here, command = pathlib.Path(__file__).parent.parent, sys.argv[1]
    with (here / "go.log").open("a") as log:
        log.write(command + "\\n")
    if command == "env":
        print("go{go_version}")
    elif command == "list" and "-m" in sys.argv:
        print(here / "module")
    elif command == "list":
        print("go: downloading example.com/one v1.0.0\\nexample.com/one\\nexample.com/two")
    elif (here / "no-build").exists():
        sys.exit("two.go:7: undefined: three")
    else:
        folder = pathlib.Path(sys.argv[sys.argv.index("-o") + 1])
        print("example.com/one\\nexample.com/two")
        (folder / "pulumi").write_text("#!/bin/sh\\necho v{version}\\n")
        if (here / "begun").exists():
            (here / "begun").write_text("")
            (here / "go-on").read_text()
        (folder / "host").write_text("#!/bin/sh\\n")
        for name in ("pulumi", "host"):
            (folder / name).chmod(0o755)
    """


@dataclass
class Releases:
    """Serves files on loopback. What is cut is announced in full and sent in half."""

    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    cut: set[str] = field(default_factory=set[str])
    asked: list[str] = field(default_factory=list[str])
    url: str = ""

    def publish(self, version: str, *, archive: bytes, checksum: str = "") -> None:
        """Puts an archive and the list with its checksum (or with another) on the server."""
        system = f"{platform.system().lower()}-{ARCHITECTURES[platform.machine()]}"
        name = f"pulumi-v{version}-{system}.tar.gz"
        self.files[f"/{name}"] = archive
        line = f"{checksum or hashlib.sha256(archive).hexdigest()}  {name}\n"
        self.files[f"/pulumi-{version}-checksums.txt"] = line.encode()

    def serve(self) -> Iterator[Releases]:
        """Answers until the test is over."""
        releases = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                releases.asked.append(self.path)
                content = releases.files.get(self.path)
                self.send_response(200 if content is not None else 404)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                half = self.path in releases.cut
                self.wfile.write((content or b"")[: len(content or b"") // 2 if half else None])

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_port}"
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            yield self
            server.shutdown()


@dataclass
class Machine:
    """Everything that an installation reads and writes."""

    folder: Path
    releases: Releases
    version: str

    @property
    def bin(self) -> Path:
        """Where the checkout looks for its engine."""
        return self.checkout / ".tools" / "engine" / "bin"

    @property
    def checkout(self) -> Path:
        """The checkout that is installed for."""
        return self.folder / "checkout"

    def clone(self, name: str = "checkout") -> Path:
        """A checkout with the engine's sources, whose releases are on the loopback server."""
        sources = self.folder / name / "sandbox" / "engine"
        shutil.copytree(SOURCES, sources, ignore=shutil.ignore_patterns("__pycache__"))
        (sources / "release.toml").write_text(f'releases = "{self.releases.url}"\n')
        return self.folder / name

    def put(self, name: str, script: str, folder: str = "path") -> Path:
        """An executable, by default in a folder on PATH."""
        file = self.folder / folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(dedent(script).lstrip())
        file.chmod(0o755)
        return file

    def put_pulumi(self, version: str, names: tuple[str, ...] = EXECUTABLES) -> None:
        """A Pulumi on PATH."""
        for name in names:
            self.put(name, f"#!/bin/sh\necho v{version}\n")

    def put_go(self, go_version: str = "1.99.0") -> None:
        """A Go on PATH."""
        for name in EXECUTABLES[2:]:
            part = "cmd" if "exec" in name else "dist"
            script = self.folder / "module" / "python" / part / name
            script.parent.mkdir(parents=True, exist_ok=True)
            script.write_text("#!/bin/sh\n")
        self.put("go", GO.format(python=sys.executable, go_version=go_version, version=self.version))

    def install(self, checkout: Path | None = None) -> Outcome:
        """Installs the engine and waits for the end."""
        with self.begin(checkout) as run:
            output, _ = run.communicate()
        return Outcome(run.returncode, output)

    def begin(self, checkout: Path | None = None) -> subprocess.Popen[str]:
        """Starts to install the engine, with the place where it will be on PATH as in daily use."""
        folders = (self.folder / "path", self.bin)
        return subprocess.Popen(
            [sys.executable, "-m", "sandbox.engine.install"],
            cwd=checkout or self.checkout,
            env={"PATH": os.pathsep.join(map(str, folders)), "XDG_CACHE_HOME": str(self.folder / "cache")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def builds(self) -> int:
        """How many times Go was asked to build."""
        log = self.folder / "go.log"
        return log.read_text().split().count("build") if log.exists() else 0

    def engine_version(self) -> str:
        """What the installed engine says."""
        run = subprocess.run([self.bin / "pulumi", "version"], capture_output=True, text=True, check=True)
        return run.stdout.strip()

    def engines(self) -> list[Path]:
        """What lies in the cache beside the lock."""
        cache = self.folder / "cache" / "purview-ai" / "engine"
        return [each for each in cache.iterdir() if each.name != "lock"]


def archive_of(version: str, names: tuple[str, ...] = EXECUTABLES) -> bytes:
    """An archive in the form of the official one."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as files:
        for name in (*names, "pulumi-language-cobol"):
            content = f"#!/bin/sh\necho v{version}\n# {'much more ' * 1000}\n".encode()
            member = tarfile.TarInfo(f"pulumi/{name}")
            member.size = len(content)
            files.addfile(member, io.BytesIO(content))
    return packed.getvalue()
