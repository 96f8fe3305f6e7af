"""What only pulumi itself can do with a stack, run as a person would run it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from purview_ai.operate.pipeline_log import is_guarded
from purview_ai.settings.files import NAMESPACE, StackFileError

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject

_NO_UTF8 = "\N{REPLACEMENT CHARACTER}"
"""What stands for a byte that is no UTF-8."""


class PulumiError(Exception):
    """A command of pulumi failed; the message is its own."""


@dataclass(frozen=True)
class PulumiStack:
    """A stack of the project in a folder."""

    program: str
    folder: Path
    name: str

    @classmethod
    def of(cls, folder: Path, name: str) -> PulumiStack:
        """With the pulumi on PATH."""
        program = shutil.which("pulumi")
        if program is None:
            msg = "pulumi is not on PATH: install it first (https://www.pulumi.com/docs/install/)"
            raise StackFileError(msg)
        return cls(program, folder, name)

    def make(self, secrets_provider: str | None) -> None:
        """Make the stack where there is none, and select it."""
        provider = ["--secrets-provider", secrets_provider] if secrets_provider else []
        self._run(["stack", "select", "--create", self.name, *provider])

    def encrypt(self, secret: str, key: str) -> None:
        """Encrypt a key into the stack file; it goes over standard input, which no list of processes shows."""
        self._run(["config", "set", "--secret", f"{NAMESPACE}:{secret}", "--stack", self.name], said=key)

    def decrypted(self, secret: str) -> str:
        """A key from the stack file; it comes over a pipe, and is shown to nobody."""
        key = self._run(["config", "get", f"{NAMESPACE}:{secret}", "--stack", self.name]).strip()
        if _NO_UTF8 in key:
            msg = "it has a byte that is no UTF-8: set it anew"
            raise PulumiError(msg)
        return key

    def operate(self, *words: str) -> tuple[int, list[JsonObject]]:
        """One operation of the engine: its exit code and its own events. What it says goes to standard error."""
        from purview_ai.change.events import events_in

        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "events"
            command = [self.program, *words, "--stack", self.name, "--non-interactive", "--event-log", str(log)]
            # The engine keeps this flag for those who debug commands; its Automation API uses it, too.
            environment = {**os.environ, "PULUMI_DEBUG_COMMANDS": "1"}
            # In a pipeline none but this process writes to the log.
            said = (subprocess.PIPE, subprocess.STDOUT) if is_guarded(sys.stderr) else (sys.stderr.fileno(), None)
            process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=said[0], stderr=said[1])
            return _patiently(process), events_in(log)

    def _run(self, words: list[str], said: str = "") -> str:
        done = subprocess.run(
            [self.program, *words, "--non-interactive"],
            cwd=self.folder,
            input=said,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            raise PulumiError(done.stderr.strip() or done.stdout.strip())
        return done.stdout


def _patiently(process: subprocess.Popen[bytes]) -> int:
    """The end of a command, however often Ctrl-C is pressed: it heard that, too, and tidies up before it ends."""
    while True:
        try:
            for line in process.stdout or ():
                sys.stderr.buffer.write(line)
                sys.stderr.flush()
            return process.wait()
        except KeyboardInterrupt:
            continue
