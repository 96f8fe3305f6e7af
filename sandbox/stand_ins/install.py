"""Putting the stand-ins where the engine looks for plugins: ``python -m stand_ins.install PULUMI_HOME``.

Genuine plugins go first: one that is there stays, and with ``--download`` they are tried to be had.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from stand_ins import azure_native, azuread

DOWNLOAD_S = 60


@dataclass(frozen=True)
class Installation:
    """One plugin's place in a Pulumi home."""

    name: str
    version: str
    module: str

    def folder(self, pulumi_home: Path) -> Path:
        """Where the engine looks for it."""
        return pulumi_home / "plugins" / f"resource-{self.name}-v{self.version}"

    def executable(self, pulumi_home: Path) -> Path:
        """What the engine starts."""
        return self.folder(pulumi_home) / f"pulumi-resource-{self.name}"

    def script(self, python: Path) -> str:
        """The stand-in's executable: this Python, without the working directory on its path."""
        return f'#!/bin/sh\nexec {shlex.quote(str(python))} -P -m {self.module} "$@"\n'

    def is_genuine(self, pulumi_home: Path) -> bool:
        """Whether somebody else's plugin is there."""
        executable = self.executable(pulumi_home)
        if not executable.exists():
            return False
        return f"-m {self.module}".encode() not in executable.read_bytes()[:4096]


PLUGINS = (
    Installation("azure-native", azure_native.VERSION, "stand_ins.azure_native"),
    Installation("azuread", azuread.VERSION, "stand_ins.azuread"),
)


def install(pulumi_home: Path, python: Path, *, download_with: Path | None = None) -> None:
    """Make both plugins available in this Pulumi home; to repeat it changes nothing.

    ``python`` is the interpreter that has this package. ``download_with`` is a ``pulumi`` that is asked
    for the genuine plugins first, for a minute at most.
    """
    for plugin in PLUGINS:
        if download_with is not None and not plugin.is_genuine(pulumi_home):
            _download(plugin, pulumi_home, download_with)
        if not plugin.is_genuine(pulumi_home):
            _write(plugin, pulumi_home, python)


def _write(plugin: Installation, pulumi_home: Path, python: Path) -> None:
    folder = plugin.folder(pulumi_home)
    folder.mkdir(parents=True, exist_ok=True)
    folder.with_name(folder.name + ".partial").unlink(missing_ok=True)
    executable = plugin.executable(pulumi_home)
    executable.write_text(plugin.script(python))
    executable.chmod(0o755)


def _download(plugin: Installation, pulumi_home: Path, pulumi: Path) -> None:
    """Try; where the genuine plugin cannot be had, its stand-in is what there is."""
    command = [str(pulumi), "plugin", "install", "resource", plugin.name, f"v{plugin.version}", "--reinstall"]
    try:
        subprocess.run(
            command,
            env={**os.environ, "PULUMI_HOME": str(pulumi_home)},
            timeout=DOWNLOAD_S,
            check=False,
            capture_output=True,
        )
    except subprocess.TimeoutExpired:
        return


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m stand_ins.install")
    parser.add_argument("pulumi_home", type=Path, metavar="PULUMI_HOME")
    parser.add_argument("--download", type=Path, metavar="PULUMI", help="try the genuine ones with this pulumi")
    arguments = parser.parse_args()
    install(arguments.pulumi_home, Path(sys.executable), download_with=arguments.download)


if __name__ == "__main__":
    main()
