"""The engine as its makers publish it."""

import hashlib
import http.client
import shutil
import tarfile
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path

from .console import Progress, UnavailableError
from .places import EXECUTABLES, Places, machine

CONNECT_SECONDS = 5
STALL_SECONDS = 30
CHUNK = 1 << 20

WEB = urllib.request.build_opener()  # goes through the proxy of the environment, as Go does


def download(places: Places, folder: Path) -> None:
    """Fetches the official release and puts what is needed of it into the folder."""
    try:
        with tempfile.TemporaryFile() as archive:
            _fetch(places, archive.write)
            archive.seek(0)
            with tarfile.open(fileobj=archive, mode="r:gz") as files:
                _unpack(files, folder)
    except (OSError, http.client.HTTPException, tarfile.TarError) as error:
        raise UnavailableError(str(getattr(error, "reason", error))) from error


def _fetch(places: Places, write: Callable[[bytes], object]) -> None:
    """Passes the archive on, and refuses it at the end if it is not what its makers published."""
    name = f"pulumi-v{places.version}-{machine()}.tar.gz"
    published = _text(f"{places.releases}/pulumi-{places.version}-checksums.txt")
    digest = _stream(f"{places.releases}/{name}", write)
    if [digest, name] not in [line.split() for line in published.splitlines()]:
        message = f"{name} does not match its published checksum."
        raise UnavailableError(message)


def _text(url: str) -> str:
    with WEB.open(url, timeout=CONNECT_SECONDS) as answer:
        return answer.read().decode()


def _stream(url: str, write: Callable[[bytes], object]) -> str:
    """Passes the content on and returns its SHA-256."""
    digest = hashlib.sha256()
    with WEB.open(url, timeout=STALL_SECONDS) as answer:
        size = int(answer.headers.get("Content-Length", 0))
        progress = Progress("downloading", f"of {size >> 20} MB")
        done = 0
        while chunk := answer.read(CHUNK):
            digest.update(chunk)
            write(chunk)
            done += len(chunk)
            progress.at(done >> 20)
    progress.finish()
    return digest.hexdigest()


def _unpack(files: tarfile.TarFile, folder: Path) -> None:
    """Takes the executables out by name, so that no entry can write anywhere else."""
    for member in files:
        name = Path(member.name).name
        if name in EXECUTABLES and member.isfile() and (content := files.extractfile(member)):
            with content, (folder / name).open("wb") as file:
                shutil.copyfileobj(content, file)
            (folder / name).chmod(0o755)
