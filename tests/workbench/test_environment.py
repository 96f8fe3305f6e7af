"""What a command of the workbench hands on: nothing of a real Azure, and Ctrl-C once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from local_azure.process import LocalAzure
from waiting import until
from workbench.places import Places, environment_for, foreign_variables

if TYPE_CHECKING:
    from pathlib import Path

FOREIGN = {
    "ARM_CLIENT_ID": "real",
    "ARM_ENVIRONMENT": "usgovernment",
    "AZURE_TENANT_ID": "real",
    "PULUMI_STACK": "production",
    "PULUMI_BACKEND_URL": "azblob://real",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://real.example",
}
TIDY = """
import pathlib, signal, sys
ended, folder = [], pathlib.Path(sys.argv[1])
signal.signal(signal.SIGINT, lambda *_: ended.append(1))
(folder / "ready").touch()
while not (folder / "go").exists() or not ended:
    signal.pause() if not ended else None
(folder / "tidied").touch()
"""
WAITS = """
import subprocess, sys
from workbench.engine import patiently
sys.exit(patiently(subprocess.Popen(sys.argv[1:])))
"""


def test_nothing_of_a_real_azure_reaches_the_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    assert set(FOREIGN) <= set(foreign_variables())
    azure = LocalAzure.start(tmp_path / "azure")
    handed_on = environment_for(Places(tmp_path, tmp_path / ".sandbox"), azure)
    azure.stop()
    assert not set(FOREIGN.values()) & set(handed_on.values())
    assert handed_on["PULUMI_BACKEND_URL"].startswith("file://")
    assert (handed_on["UV_OFFLINE"], handed_on["UV_FROZEN"]) == ("1", "1")


def test_ctrl_c_leaves_a_command_the_time_to_tidy_up(tmp_path: Path) -> None:
    waiting = subprocess.Popen(
        [sys.executable, "-c", WAITS, sys.executable, "-c", TIDY, str(tmp_path)], start_new_session=True
    )
    until((tmp_path / "ready").exists, "the command to be ready")
    os.killpg(waiting.pid, signal.SIGINT)
    # subprocess.run would have killed the command by then: it waits for a quarter of a second.
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(timeout=1)
    (tmp_path / "go").touch()
    assert waiting.wait(timeout=20) == 0
    assert (tmp_path / "tidied").exists()
