"""Azure Storage on loopback: Azurite, as Microsoft releases it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from azure.storage.blob import ContainerClient
from tenants import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = CHECKOUT / ".tools/azurite/node_modules/azurite/dist/src/blob/main.js"
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's own, which everybody knows."""
CONTAINER = "states"


@dataclass(frozen=True)
class LocalStorage:
    """A running Azurite with an empty container."""

    process: subprocess.Popen[str]
    port: int

    @classmethod
    def start(cls, folder: Path) -> LocalStorage:
        """On a free port, with its data in memory."""
        assert PROGRAM.is_file(), "make storage installs Azurite"
        folder.mkdir(parents=True)
        options = (
            "--blobPort",
            "0",
            "--inMemoryPersistence",
            "--skipApiVersionCheck",
            "--disableTelemetry",
            "--silent",
        )
        process = subprocess.Popen(
            ["node", str(PROGRAM), *options], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if found := re.search(r"listens on http://127\.0\.0\.1:(\d+)", line):
                made = cls(process, int(found[1]))
                made.container().create_container()
                return made
        raise AssertionError(said)

    def container(self) -> ContainerClient:
        """The container, for whoever has the key."""
        credential = {"account_name": ACCOUNT, "account_key": KEY}
        return ContainerClient(self.service, CONTAINER, credential=credential)

    @property
    def service(self) -> str:
        """Where the account answers."""
        return f"http://127.0.0.1:{self.port}/{ACCOUNT}"

    def url(self, folder: str = "") -> str:
        """The backend's URL, of a folder in the container."""
        return (
            f"azblob://{CONTAINER}{folder}?storage_account={ACCOUNT}&domain=127.0.0.1:{self.port}"
            "&protocol=http&localemu=true"
        )

    def backend(self, folder: str = "") -> dict[str, str]:
        """What the engine's environment says, to keep states there."""
        return {
            "PULUMI_BACKEND_URL": self.url(folder),
            "AZURE_STORAGE_ACCOUNT": ACCOUNT,
            "AZURE_STORAGE_KEY": KEY,
        }

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(30)
