"""Puts the Pulumi engine where the project looks for it: `.tools/engine/bin`.

It is taken from the first of these that has it: PATH, this user's cache, the official download,
the engine's own Go modules, built here. The last needs some minutes and happens once per machine:
what was fetched or built stays in the cache for other clones.

Run it from the checkout's folder: `python3 -m sandbox.engine.install`. It runs before the project
has an environment, so it uses the standard library alone.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from .build import build
from .console import EngineError, UnavailableError, say
from .download import download
from .places import EXECUTABLES, Places, numbers, of_checkout


def install(places: Places) -> Path:
    """Makes `bin` lead to an engine, and returns where that one is."""
    if found := _on_path(places):
        _replace_link(places.bin, _links_to(found, places.shelf))
        return found
    places.cache.mkdir(parents=True, exist_ok=True)
    with _alone(places.cache):
        engine = _cached(places) or _downloaded(places) or _built(places)
    _replace_link(places.bin, engine)
    return engine


def _on_path(places: Places) -> Path | None:
    """The folder on PATH that has a recent enough `pulumi`, with the Python language host beside it."""
    ours = {places.shelf, places.cache.resolve()}
    folders = [Path(entry).absolute() for entry in os.get_exec_path() if entry]
    others = [folder for folder in folders if ours.isdisjoint([folder.parent, folder.resolve().parent])]
    pulumi = shutil.which("pulumi", path=os.pathsep.join(map(str, others)))
    if pulumi is None:
        return None
    folder, version = Path(pulumi).parent, _version_of(Path(pulumi))
    if not _complete(folder):
        say(f"{pulumi} is not used: it has no Python language host beside it.")
    elif not _serves(version, places.version):
        say(f"{pulumi} is not used: it is {version or 'broken'}, not {places.version} or a later 3.x.")
    else:
        return folder
    return None


def _serves(version: str, needed: str) -> bool:
    """Whether an engine fits a Python SDK of the needed version: not older, of the same generation."""
    return numbers(needed) <= numbers(version) and numbers(needed)[0] == numbers(version)[0]


def _version_of(pulumi: Path) -> str:
    """What `pulumi version` says; empty if it does not run or does not say."""
    quiet = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        result = subprocess.run([pulumi, "version"], capture_output=True, text=True, check=True, env=quiet)
    except (OSError, subprocess.CalledProcessError):
        return ""
    match = re.fullmatch(r"v?(\d+\.\d+\.\d+\S*)", result.stdout.strip())
    return match[1] if match else ""


def _cached(places: Places) -> Path | None:
    return next((engine for engine in (places.downloaded, places.built) if _complete(engine)), None)


def _downloaded(places: Places) -> Path | None:
    """The official release, or None where it cannot be had or trusted."""
    try:
        with _part_of(places.downloaded) as part:
            download(places, part)
            _check(part, places.version)
    except UnavailableError as reason:
        say(f"The official download is not used: {reason}")
        return None
    return places.downloaded


def _built(places: Places) -> Path:
    engine = places.built
    try:
        with _part_of(engine) as part:
            build(places, part)
            _check(part, places.version)
            _check_unchanged(places, engine)
    except UnavailableError as reason:
        message = f"The build is not used: {reason}"
        raise EngineError(message) from reason
    return engine


def _check(folder: Path, version: str) -> None:
    """Lets no engine in that is incomplete or does not run on this machine."""
    missing = [name for name in EXECUTABLES if not os.access(folder / name, os.X_OK)]
    if missing:
        message = f"{', '.join(missing)} is not in it."
        raise UnavailableError(message)
    if (found := _version_of(folder / "pulumi")) != version:
        message = f"it should be version {version} and is {found or 'broken'}."
        raise UnavailableError(message)


def _check_unchanged(places: Places, engine: Path) -> None:
    """Keeps no engine under the name of sources that it may not have been built from."""
    if engine != places.built:
        message = "its sources changed while it was made."
        raise UnavailableError(message)


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in EXECUTABLES)


@contextmanager
def _alone(cache: Path) -> Generator[None]:
    """Keeps other installs out, and clears what a killed one left; its lock went with it."""
    with (cache / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another install is at work; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for rest in cache.glob("part-*"):
            shutil.rmtree(rest, ignore_errors=True)
        yield


@contextmanager
def _part_of(engine: Path) -> Generator[Path]:
    """A folder to be filled, which becomes the engine in one step and only when nothing went wrong."""
    part = Path(tempfile.mkdtemp(prefix="part-", dir=engine.parent))
    try:
        yield part
        part.chmod(0o755)
        shutil.rmtree(engine, ignore_errors=True)
        part.rename(engine)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _links_to(found: Path, shelf: Path) -> Path:
    """A folder with links to the engine alone, as there may be much else beside it."""
    links = shelf / f"on-path-{hashlib.sha256(bytes(found)).hexdigest()[:16]}"
    for name in EXECUTABLES:
        _replace_link(links / name, found / name)
    return links


def _replace_link(link: Path, target: Path) -> None:
    """Sets a link in one step, so that whoever follows it meanwhile finds the old or the new target."""
    if link.is_symlink() and link.readlink() == target:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(f".{link.name}-{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def main() -> int:
    """Installs the engine of this checkout."""
    places = of_checkout()
    before = places.bin.resolve()
    try:
        engine = install(places)
    except (EngineError, OSError) as error:
        say(str(error))
        return 1
    if places.bin.resolve() != before:
        say(f"Pulumi engine: {places.bin} -> {engine}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
