"""A tiny Pulumi project in a folder of its own, run by the real engine."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import grpc
import psutil
from pulumi.runtime.proto.language_pb2_grpc import LanguageRuntimeStub

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

CHECKOUT = Path(__file__).parents[2]
ENGINE = CHECKOUT / ".tools" / "engine" / "bin"
UV = CHECKOUT / ".tools" / "uv" / "bin"
VENV = CHECKOUT / ".venv"
STACK = "dev"

# The rest of a program that waits for a child of its own, which never ends.
BLOCKED = """
import subprocess
subprocess.run(["sleep", "infinity"], close_fds=False)
"""


@dataclass(frozen=True)
class Outcome:
    """How a command of the engine ended, and what it said."""

    code: int
    output: str


@dataclass
class Project:
    """The folder and the environment that the engine runs in. Nothing of it outlives the test."""

    folder: Path
    engine: Path = ENGINE
    more: dict[str, str] = field(default_factory=dict[str, str])

    def write(self, name: str, text: str) -> Path:
        """Writes a file of the project."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip())
        return file

    def init(self) -> None:
        """Makes the stack that all commands work on."""
        assert self.pulumi("stack", "init", STACK).code == 0

    def up(self) -> Outcome:
        """`pulumi up`, without asking."""
        return self.pulumi("up", "--yes", "--skip-preview")

    def drift(self) -> Outcome:
        """Asks whether the world is still as the state says."""
        return self.pulumi("refresh", "--preview-only", "--expect-no-changes")

    def pulumi(self, *arguments: str) -> Outcome:
        """Runs a command of the engine to its end."""
        with self.begin(*arguments) as run:
            output, _ = run.communicate()
        return Outcome(run.returncode, output)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts a command of the engine."""
        return subprocess.Popen(
            [self.engine / "pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def environment(self) -> Mapping[str, str]:
        """All that the engine gets to see: no network, no settings of whoever runs the tests."""
        return {
            "PATH": os.pathsep.join([str(self.engine), str(UV), os.defpath]),
            "HOME": os.environ["HOME"],  # uv has its cache there
            "TMPDIR": str(self.folder),
            "PULUMI_HOME": str(self.folder / ".pulumi-home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder}",
            "PULUMI_CONFIG_PASSPHRASE": "only for tests",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_STACK": STACK,
            "UV_OFFLINE": "1",
            "UV_FROZEN": "1",
            **self.more,
        }


class Pulse:
    """Tells by a pipe when processes are at work and when the last of them is gone.

    A program opens the pipe and keeps it; so do its own children, who inherit it.
    """

    def __init__(self, file: Path) -> None:
        """Makes the pipe."""
        os.mkfifo(file)
        self._file = file
        self._end = os.open(file, os.O_RDONLY | os.O_NONBLOCK)

    @property
    def opening(self) -> str:
        """What a Python program runs to take part."""
        return (
            "import os\n"
            f"pulse = os.open({str(self._file)!r}, os.O_WRONLY)\n"
            "os.set_inheritable(pulse, True)\n"
            "os.write(pulse, f'{os.getpid()}\\n'.encode())\n"
        )

    def beats(self, run: subprocess.Popen[str]) -> psutil.Process:
        """Waits until a program of this run has opened the pipe, and returns its process."""
        while True:
            with contextlib.suppress(BlockingIOError):
                if line := os.read(self._end, 64):
                    return psutil.Process(int(line))
            assert run.poll() is None, run.communicate()[0]
            select.select([self._end], [], [], 0.05)

    def stopped(self) -> bool:
        """Waits until nobody holds the pipe any more."""
        os.set_blocking(self._end, True)
        with os.fdopen(self._end, "rb") as pipe:
            return pipe.read() == b""


@contextlib.contextmanager
def silent_engine() -> Generator[str]:
    """An engine that is there and says nothing; the address of it."""
    server = grpc.server(ThreadPoolExecutor(1))
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield address
    server.stop(None)


@contextlib.contextmanager
def host_for(engine: str) -> Generator[tuple[subprocess.Popen[str], LanguageRuntimeStub]]:
    """A language host of our own, to be spoken to directly."""
    environment = Project(Path()).environment()
    with subprocess.Popen(
        [ENGINE / "pulumi-language-python", engine], env=environment, stdout=subprocess.PIPE, text=True
    ) as host:
        assert host.stdout is not None
        try:
            with grpc.insecure_channel(f"127.0.0.1:{host.stdout.readline().strip()}") as channel:
                yield host, LanguageRuntimeStub(channel)
        finally:
            host.terminate()


def host_of(run: subprocess.Popen[str]) -> psutil.Process:
    """The language host that a running engine has started."""
    (host,) = [each for each in psutil.Process(run.pid).children() if "pulumi-language-python" in each.cmdline()[0]]
    return host


def wait_for_end(process: psutil.Process) -> None:
    """Waits until a process that is not ours has ended; a zombie has."""
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE:
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(0.05)


def interrupt(run: subprocess.Popen[str]) -> Outcome:
    """Ctrl-C, once, and what came of it."""
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate()
    return Outcome(run.returncode, output)
