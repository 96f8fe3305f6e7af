"""The commands behind the make targets: ``python -m workbench COMMAND``."""

from __future__ import annotations

import contextlib
import fcntl
import json
import shlex
import shutil
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn
from urllib.parse import urlsplit

import typer
from local_azure.process import LocalAzure, StartError
from rich.console import Console
from stand_ins.install import install

from workbench.engine import Engine, patiently
from workbench.places import SLOW_SETTINGS, Places, environment_for, foreign_variables, settings_for
from workbench.summary import summary

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
Stack = Annotated[str, typer.Option(help="One of the sandbox's stacks.")]
say = Console(highlight=False, soft_wrap=True).print

DEFAULT_STACK = "sandbox"


@app.command()
def up(stack: Stack = DEFAULT_STACK) -> None:
    """Deploy the stack, follow its newest run, and sum up."""
    engine, environment = _ready(stack)
    begun = datetime.now(UTC)
    code, tally = engine.tallied("up", "--yes")
    if code:
        _end(
            code,
            "pulumi up failed. What was made stays: run make up again once it is mended. The log: make logs.\n"
            f'If it was killed and left a lock: eval "$(make -s env)", pulumi cancel --stack {stack}, make up.',
        )
    say(f"\nFollowing the newest run of {stack} (Ctrl-C leaves it alone) …")
    with subprocess.Popen(
        ["purview-ai", "scan", "watch", "--stack", stack, "--every", "0.2", "--json"],
        cwd=engine.checkout,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as watching:
        code = patiently(watching)
        told = watching.stdout.read() if watching.stdout else ""
    for line in summary(stack, tally, [json.loads(line) for line in told.splitlines()], begun):
        say(line, markup=False)
    raise typer.Exit(code)


@app.command()
def preview(stack: Stack = DEFAULT_STACK) -> None:
    """Show what up would change."""
    raise typer.Exit(_ready(stack)[0].run("preview", "--diff"))


@app.command()
def refresh(stack: Stack = DEFAULT_STACK) -> None:
    """Show how Azure differs from what was deployed; changes nothing. Exit code 7: it does differ."""
    raise typer.Exit(_ready(stack)[0].run("refresh", "--preview-only", "--expect-no-changes", "--diff"))


@app.command()
def destroy(stack: Stack = DEFAULT_STACK) -> None:
    """Remove what the stack made."""
    raise typer.Exit(_ready(stack)[0].run("destroy", "--yes"))


@app.command()
def down() -> None:
    """End the local Azure; what it was told stays for the next time."""
    running = LocalAzure.running(Places.of_checkout().azure)
    if running is None:
        say("The local Azure is not running.")
        return
    running.stop()
    say("The local Azure has ended; make up starts it again where it was.")


@app.command()
def clean() -> None:
    """End the local Azure and forget everything that it was told."""
    if running := LocalAzure.running(Places.of_checkout().azure):
        running.stop()
    shutil.rmtree(Places.of_checkout().root, ignore_errors=True)


@app.command()
def logs() -> None:
    """Show the local Azure's log."""
    log = Places.of_checkout().log
    typer.echo(log.read_text() if log.exists() else "There is no log yet: make up starts the local Azure.")


@app.command()
def env(stack: Stack = DEFAULT_STACK) -> None:
    """Print the exports with which plain pulumi and purview-ai work against the sandbox: eval "$(make env)"."""
    places = Places.of_checkout()
    _ready(stack)
    for name in (*SLOW_SETTINGS, *foreign_variables()):
        typer.echo(f"unset {name}")
    for name, value in settings_for(places, _azure(places)).items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def _ready(stack: str) -> tuple[Engine, dict[str, str]]:
    places = Places.of_checkout()
    _only_the_sandbox(places, stack)
    azure = _azure(places)
    places.backend.mkdir(parents=True, exist_ok=True)
    _install_plugins(places)
    environment = environment_for(places, azure)
    engine = Engine(places.checkout, environment, stack)
    try:
        engine.select()
    except subprocess.CalledProcessError as error:
        _end(1, f"the stack {stack} could not be selected: {error.stderr.strip()}")
    return engine, environment


def _install_plugins(places: Places) -> None:
    """The provider plugins: genuine ones where they can be downloaded (asked for once), else the stand-ins."""
    asked = (places.pulumi_home / "plugins").exists()
    pulumi = places.checkout / ".tools" / "engine" / "bin" / "pulumi"
    python = places.checkout / ".venv" / "bin" / "python"
    install(places.pulumi_home, python, download_with=None if asked else pulumi)


def _azure(places: Places) -> LocalAzure:
    with _alone(places.root):
        running = LocalAzure.running(places.azure)
        if running is not None:
            return running
        try:
            started = _start(places)
        except StartError as error:
            _end(1, str(error))
        places.port.write_text(str(urlsplit(started.proxy).port))
        return started


@contextlib.contextmanager
def _alone(root: Path) -> Generator[None]:
    """One at a time: two commands at once must not start two local Azures on one state."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(places: Places) -> LocalAzure:
    """Start on the port of the last time, if it is free: exported environments then stay right."""
    if places.port.exists():
        with contextlib.suppress(StartError):
            return LocalAzure.start(places.azure, log=places.log, port=int(places.port.read_text()))
    return LocalAzure.start(places.azure, log=places.log)


def _only_the_sandbox(places: Places, stack: str) -> None:
    """Refuse a stack that is not the sandbox's: these commands never reach a real tenant."""
    known = sorted(
        file.name.removeprefix("Pulumi.").removesuffix(".yaml")
        for file in (places.checkout / "stacks").glob("Pulumi.sandbox*.yaml")
    )
    if stack not in known:
        choice = f"those are: {', '.join(known)}. For a real tenant use pulumi itself."
        _end(2, f"STACK={stack} is not a stack of the sandbox; {choice}")


def _end(code: int, text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
