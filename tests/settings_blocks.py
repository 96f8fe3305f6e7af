"""A tenant's block of settings, as the sandbox's stack file has it, with changes."""

from __future__ import annotations

from typing import Any

import yaml
from purview_ai.settings.files import TENANT
from tenants import CHECKOUT


def block(**changes: Any) -> dict[str, Any]:
    """The sandbox's tenant with settings changed, each by its path with two underscores for a dot."""
    found = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text())["config"][TENANT]
    for path, value in changes.items():
        at = found
        *above, last = path.split("__")
        for step in above:
            at = at[step]
        at[last] = value
    return found
