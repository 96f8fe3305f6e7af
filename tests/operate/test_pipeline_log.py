"""Nothing that a command says in a pipeline is a command to the pipeline's host, but what is meant as one."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pipeline_hosts import commands_in
from purview_ai.operate.pipeline_log import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = ("#", "##", "##vso[", "vso", "[", "]", "task.complete", "::", ":", "error", "error::", "add-mask", "\\", '"')
UNSEEN = (
    " ",
    "\t",
    "\r",
    "\n",
    "\0",
    "\N{SOFT HYPHEN}",
    "\N{ZERO WIDTH SPACE}",
    "\N{ZERO WIDTH NO-BREAK SPACE}",
    "\x1b",
)
TEXTS = st.lists(st.sampled_from([*WORDS, *UNSEEN]), max_size=30).map("".join)
AGENT, RUNNER = "##vso[task.complete]", "::error::x"


def written(parts: Sequence[str]) -> str:
    """What stands in the log, after each part was written and flushed by itself."""
    log = io.BytesIO()
    there = io.TextIOWrapper(log, "utf-8")
    stream = guarded(there)
    for part in parts:
        stream.write(part)
        stream.flush()
    stream.write("\n")
    return log.getvalue().decode()


@given(st.lists(TEXTS, max_size=4))
@example([f"a {AGENT}"])
@example(["##vs", "o[task.complete]"])
@example([f"\N{ZERO WIDTH SPACE}{RUNNER}"])
@example([f"x\r{RUNNER}"])
@example(["#\0#vso[task.complete]"])
@example(["##v\N{WORD JOINER}so[task.complete]"])
@example(["##\N{SOFT HYPHEN}[error]"])
def test_no_text_is_a_command_however_it_is_cut(parts: list[str]) -> None:
    assert commands_in(written(parts)) == []


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=5), st.booleans())
@example(AGENT, True)
@example("\\##[error]", False)
def test_a_document_for_machines_says_the_same(value: object, as_it_is: bool) -> None:  # noqa: FBT001  # its way
    told = written([json.dumps(value, ensure_ascii=not as_it_is, indent=2 if as_it_is else None)])
    assert json.loads(told) == value
    assert commands_in(told) == []


@given(st.text("abc #[]:\n\r'\"", max_size=40).filter(lambda text: "##" not in text and "::" not in text))
def test_what_is_no_command_stays_as_it_is(text: str) -> None:
    assert written([text]) == f"{text}\n"


PROGRAM = f"""
import sys
from purview_ai.operate.pipeline_log import guard, set_variable
guard()
print("{AGENT}")
print("{RUNNER}", file=sys.stderr)
print("not yet over: ", end="")
set_variable("stacks", "contoso{AGENT}")
sys.stdout.buffer.write(b"{AGENT}")
sys.exit("{AGENT}")
"""


@pytest.mark.parametrize("host", ["TF_BUILD", "GITHUB_ACTIONS", ""])
def test_in_a_pipeline_none_but_a_variable_that_is_set_reaches_the_host(host: str) -> None:
    there = {name: value for name, value in os.environ.items() if name not in ("TF_BUILD", "GITHUB_ACTIONS")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=there | ({host: "true"} if host else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    [variable] = [line for line in done.stdout.splitlines() if "setvariable" in line]
    assert "##vso[task.setvariable variable=stacks;isOutput=true]contoso" in variable
    assert variable.startswith("##") is bool(host), "what has not come to its end does not stand before it"
    rest = "\n".join(line for line in (done.stdout + done.stderr).splitlines() if line != variable)
    assert (commands_in(rest) == []) is bool(host), rest
    assert rest.count("task.complete]") == 3, "all of it is told, also what no line end came for"
    assert commands_in(variable.replace("##vso[task.setvariable", "")) == []
