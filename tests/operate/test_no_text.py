"""A pulumi that says bytes which are no UTF-8: what it says else is heard, and whoever asks goes on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from purview_ai.drift.backend import ExportBackend
from purview_ai.drift.checkpoint import CheckpointError
from purview_ai.operate.chosen_stack import selected_stack
from purview_ai.operate.pulumi_stack import PulumiError, PulumiStack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Pulumi = Callable[[str], None]

SAYS = r"""#!/bin/sh
printf '{words}'
"""
REFUSES = r"""#!/bin/sh
printf 'error: Zo\353 was here' >&2
exit 1
"""
SHOWS = r"""#!/bin/sh
while [ "$1" != --event-log ]; do shift; done
printf 'Zo\353 was here'
printf '{"diagnosticEvent": {"message": "Zo\353\302\205was here"}}\n{"summaryEvent": {}}\n{"cut o' > "$2"
"""
SEEN = "Zo\N{REPLACEMENT CHARACTER} was here"


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pulumi:
    """What is found as pulumi."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    program = tmp_path / "pulumi"

    def put(text: str) -> None:
        program.write_text(text)
        program.chmod(0o755)

    return put


def test_the_selected_stack_is_taken_for_one_that_there_is_not(pulumi: Pulumi) -> None:
    pulumi(SAYS.format(words=r"contoso\377"))
    assert selected_stack() == "contoso\N{REPLACEMENT CHARACTER}"


def test_a_command_that_fails_says_why(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(REFUSES)
    with pytest.raises(PulumiError, match=f"error: {SEEN}"):
        PulumiStack.of(tmp_path, "contoso").make(None)
    with pytest.raises(CheckpointError, match=f"could not be read\n  {SEEN}\n"):
        ExportBackend(tmp_path).find("contoso")


def test_a_key_and_a_state_are_not_guessed(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(SAYS.format(words=r"sk-contoso\377"))
    with pytest.raises(PulumiError, match="a byte that is no UTF-8") as refused:
        PulumiStack.of(tmp_path, "contoso").decrypted("chatgpt-compliance-key")
    assert "sk-contoso" not in str(refused.value)
    pulumi(SAYS.format(words=r'{{"deployment": "\377"}}'))
    with pytest.raises(CheckpointError, match="could not be read"):
        ExportBackend(tmp_path).find("contoso")


def test_no_event_of_a_preview_is_lost(tmp_path: Path, pulumi: Pulumi) -> None:
    pulumi(SHOWS)
    code, events = PulumiStack.of(tmp_path, "contoso").operate("preview")
    told = {"diagnosticEvent": {"message": "Zo\N{REPLACEMENT CHARACTER}\x85was here"}}
    assert (code, events) == (0, [told, {"summaryEvent": {}}])
