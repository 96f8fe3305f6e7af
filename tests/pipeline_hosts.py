"""How the hosts of pipelines read a log: which of its words are commands to them (docs/facts.md, graph 160 and 161)."""

from __future__ import annotations

import re
import unicodedata

_OF_GITHUB = {
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
}


def commands_in(log: str) -> list[str]:
    """The lines that Azure Pipelines' agent or GitHub's runner would act on, of whatever version."""
    lines = re.split(r"\r\n|\r|\n", log)
    return [line for line in lines for read in (line, _as_people_read(line)) if _agent_acts(read) or _runner_acts(read)]


def _agent_acts(line: str) -> bool:
    """It only warns of what has the prefix and no form."""
    _, prefix, rest = line.partition("##vso[")
    words, closed, _ = rest.partition("]")
    name = words.partition(" ")[0]
    return bool(prefix and closed and len([part for part in name.split(".") if part]) == 2)


def _runner_acts(line: str) -> bool:
    begins = line.lstrip()
    if begins.startswith("::"):
        words, closed, _ = begins[2:].partition("::")
        if closed and words.partition(" ")[0].lower() in _OF_GITHUB:
            return True
    _, prefix, rest = line.partition("##[")
    words, closed, _ = rest.partition("]")
    return bool(prefix and closed and words.partition(" ")[0].lower() in _OF_GITHUB)


def _as_people_read(line: str) -> str:
    """Comparisons that go by a culture overlook what has no width, and .NET's are such where nothing else is said."""
    return "".join(one for one in line if unicodedata.category(one) not in ("Cf", "Cc", "Mn") or one == "\t")
