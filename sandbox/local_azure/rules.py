"""The rules that the sandbox enforces: what each says, the fact behind it, and the test that needs it.

``tests/sandbox/test_rules.py`` runs each of those tests with its rule off and expects it to fail, so that no
rule stands here unproved. Facts are those of ``docs/facts.md``; where a rule says more than a fact, its mark is
``inferred``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Rule:
    """One behaviour of a service that a deployment can run into."""

    name: str
    says: str
    fact: str
    mark: str
    test: str
    """The test that must fail when the rule is off, as a pytest node id."""


RULES: tuple[Rule, ...] = ()  # filled below


class Rules:
    """Which rules are on."""

    def __init__(self, off: Iterable[str] = ()) -> None:
        """All but these; an unknown name is an error."""
        self._off = frozenset(off)
        unknown = self._off - {rule.name for rule in RULES}
        if unknown:
            msg = f"no such rule: {', '.join(sorted(unknown))}"
            raise ValueError(msg)

    def on(self, name: str) -> bool:
        """Whether the rule is enforced."""
        return name not in self._off
