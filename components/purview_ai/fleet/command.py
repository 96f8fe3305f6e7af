"""pulumi as a worker runs it."""

from __future__ import annotations

import os
from subprocess import DEVNULL, PIPE, Popen
from typing import TYPE_CHECKING

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi.automation import OnOutput


class Pulumi(PulumiCommand):
    """pulumi, whatever bytes it says.

    Theirs stops reading at the first byte that is no UTF-8 (docs/facts.md, engine 65), and an engine that nobody reads
    waits for that for ever, with its lock.
    """

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,  # noqa: ARG002  # nobody asks: what it does is told as events
        on_error: OnOutput | None = None,
    ) -> CommandResult:
        """Run a command to its end; raises :class:`~pulumi.automation.errors.CommandError` where it fails."""
        command = [self.command, "--non-interactive", *args]
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        said = list[str]()
        with Popen(
            command, stdout=DEVNULL, stderr=PIPE, cwd=cwd, env=environment, encoding="utf-8", errors="replace"
        ) as process:
            for line in process.stderr or ():
                said.append(line.rstrip())
                if on_error:
                    on_error(said[-1])
        result = CommandResult("", "\n".join(said), process.returncode)
        if process.returncode:
            raise create_command_error(result)
        return result
