"""Every command of docs/fleets.md runs, in its order, as it stands there but for the stacks' names."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from typing import TYPE_CHECKING

from docs.pages import CHECKOUT, commands_of
from fleet.fleets import Fleet
from purview_ai.fleet.matrix import matrix_of

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure

PAGE = (CHECKOUT / "docs" / "fleets.md").read_text()
COMMANDS = [line for block in commands_of("docs/fleets.md") for line in block.splitlines()]
ENDS = {"preview --stack": (1,), "verify --all": (0, 1, 3, 4), "verify --resume": (0, 1, 3, 4)}
"""What two tenants that nobody has deployed come to, where it is not 0."""


def test_the_commands_of_the_page_run(tmp_path: Path, azure: LocalAzure, pulumi_home: Path) -> None:
    del pulumi_home
    assert len(COMMANDS) > 10
    fleet = Fleet.of(tmp_path, azure, 2)
    fleet.change("tenant00", {"tags": {"wave": "canary"}})
    _committed(fleet.folder)
    fleet.change("tenant01", {"tags": {"wave": "main"}})
    for command in COMMANDS:
        program, group, *words = shlex.split(command.replace("contoso-*", "tenant0*").replace("origin/main", "main"))
        assert (program, group) == ("purview-ai", "fleet")
        said = fleet.said(*words)
        assert said.code in ENDS.get(" ".join(words[:2]), (0,)), (command, said)
    pages = {"preview.html", "drift.html", "pages/index.html", "pages/tenant00.html", "plans/tenant01.json"}
    assert {name for name in pages if (fleet.folder / name).is_file()} == pages


def _committed(folder: Path) -> None:
    settings = ("-c", "user.name=somebody", "-c", "user.email=somebody@contoso.example")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    (folder / ".gitignore").write_text("state/\n__pycache__/\nplans/\n*.html\npages/\n")
    for words in (("init", "--initial-branch", "main"), ("add", "."), (*settings, "commit", "--message", "tenants")):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True)


def test_the_matrix_of_nothing_is_what_the_page_says() -> None:
    assert f"'{json.dumps(matrix_of([]))}'" in PAGE


def test_the_options_of_the_page_are_some() -> None:
    known = "".join(
        subprocess.run(
            [CHECKOUT / ".venv" / "bin" / "purview-ai", "fleet", name, "--help"],
            env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in ("list", "preview", "up", "drift")
    )
    named = set(re.findall(r"`(--[a-z-]+)[ `]", PAGE))
    assert len(named) > 10
    assert {option for option in named if option not in known} == set()
