"""A worker that is told to end before it has an engine."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from purview_ai.fleet.job import Command, Job, Report
from purview_ai.fleet.order import Operation
from purview_ai.fleet.results import Ending
from waiting import until

if TYPE_CHECKING:
    from pathlib import Path

SLOW_PULUMI = """#!/bin/sh
cd {folder}
if [ "$1" != version ]; then touch engine; exit 1; fi
trap '{at_signal}' INT
touch started
while [ ! -e heard ]; do sleep 0.02; done
echo v3.246.0
"""
"""Takes its time to say its version."""


@pytest.mark.parametrize("at_signal", ["touch heard", "exit 130"])
def test_who_is_told_to_end_before_there_is_an_engine_begins_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_signal: str
) -> None:
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(SLOW_PULUMI.format(folder=tmp_path, at_signal=at_signal))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    worker = subprocess.Popen(
        [sys.executable, "-m", "purview_ai.fleet.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert worker.stdin is not None
    job = Job(stack="contoso", operation=Operation.UP, project=str(tmp_path))
    print(Command(job=job).model_dump_json(exclude_defaults=True), file=worker.stdin, flush=True)
    until((tmp_path / "started").exists, "pulumi")
    said, _ = worker.communicate(Command(cancel=True).model_dump_json(exclude_defaults=True) + "\n", timeout=30)
    result = Report.model_validate_json(said).result
    assert result is not None
    assert (result.ending, result.reason) == (Ending.CANCELLED, "contoso: it was ended before it was over")
    assert worker.returncode == 0
    assert not (tmp_path / "engine").exists()
