"""The policy pack on the real engine, and what it said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tenants import CHECKOUT

if TYPE_CHECKING:
    from tenants import Outcome, Tenant

PACK = CHECKOUT / "policy"
Violation = tuple[str, str]
"""A rule and the name of a resource."""
LASTING = {name: {"except_stacks": list[str]()} for name in ("capture-protected", "no-rescan", "required-tags")}
"""The tests' stack is called as one that is thrown away; with this it is a stack like any other."""


def judged(tenant: Tenant, *words: str, rules: Any = None) -> Outcome:
    """A command of the engine with the policy pack, and with these settings of its rules."""
    given = ["--policy-pack", str(PACK)]
    if rules is not None:
        file = tenant.folder / "rules.json"
        file.write_text(json.dumps(rules))
        given += ["--policy-pack-config", str(file)]
    return tenant.run(*words, *given)


def violations(outcome: Outcome, level: str = "") -> set[Violation]:
    """What violates which rule, of one level or of any."""
    told = [event["policyEvent"] for event in outcome.events if "policyEvent" in event]
    return {
        (one["policyName"], one["resourceUrn"].rsplit("::", 1)[-1])
        for one in told
        if level in ("", one["enforcementLevel"])
    }
