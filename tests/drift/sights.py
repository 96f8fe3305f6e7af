"""What ``purview-ai drift`` and a refresh of the engine say, in one form."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tenants import NO_CHANGE, STACK, Outcome, Tenant

if TYPE_CHECKING:
    from pathlib import Path

GONE = ""
"""The field of a resource that has gone."""


@dataclass(frozen=True)
class Said:
    """What the command did and said."""

    code: int
    out: str
    err: str

    @property
    def stacks(self) -> list[dict[str, Any]]:
        """The JSON document."""
        return json.loads(self.out)

    @property
    def stack(self) -> dict[str, Any]:
        """The entry of the only stack."""
        [one] = self.stacks
        return one

    @property
    def unknown(self) -> dict[str, str]:
        """Why resources could not be looked at, by their names."""
        return {one["resource"]: one["why"] for one in self.stack["unknown"]}

    @property
    def changed(self) -> set[tuple[str, str]]:
        """Each change by its resource and its top-level field."""
        return {(one["resource"], top(one["field"])) for one in self.stack["changes"]}


def top(path: str) -> str:
    """The field that a path begins with."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def purview_ai(*words: str, env: dict[str, str], cwd: Path, limit_s: float = 120.0) -> Said:
    """The command line, as a user runs it."""
    done = subprocess.run(
        ["purview-ai", *words], cwd=cwd, env=env, capture_output=True, text=True, timeout=limit_s, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def drift_of(tenant: Tenant, *words: str, stack: str = STACK, **environment: str) -> Said:
    """``purview-ai drift --json`` of a tenant."""
    env = {**tenant.environment, **environment}
    return purview_ai("drift", "--stack", stack, "--json", *words, env=env, cwd=tenant.project)


def changed_by(refresh: Outcome) -> set[tuple[str, str]]:
    """The same as :attr:`Said.changed`, of what a refresh has found."""
    found: set[tuple[str, str]] = set()
    for event in refresh.events:
        told = (event.get("resOutputsEvent") or {}).get("metadata")
        if not told or told["op"] in NO_CHANGE or told["type"].startswith(("pulumi:", "purview-ai:")):
            continue
        name = told["urn"].rsplit("::", 1)[1]
        if told["op"] == "delete":
            found.add((name, GONE))
        elif told["detailedDiff"]:
            found |= {(name, top(path)) for path in told["detailedDiff"]}
        else:
            # A dynamic provider tells that something differs; what, stands in the inputs before and after.
            old, new = (told[when]["inputs"] for when in ("old", "new"))
            found |= {(name, field) for field in old.keys() | new.keys() if old.get(field) != new.get(field)}
    return found
