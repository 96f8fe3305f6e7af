"""Each rule over resources that break it alone, and over their like that do not, in one preview of the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from policy.judging import LASTING, judged, violations
from purview_policy.rules import RULES
from tenants import CHECKOUT, Outcome, Tenant

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure

SPARE = "a-spare/word&of+ours"
PLAIN = "sk-0123456789" + "abcdefghij"
CALLED = "vault-by-the-name-of-a-secret"
STACK_ITSELF = "violating-sandbox"
ENCODING = {"encoding-vault", "mailing-vault", "counting-vault", "escaping-vault"}
TELLING = {"telling-vault", "telling-vault-of-settings", "linking-vault", "naming-vault", *ENCODING}
TAKEN = {"taken-principal", "taken-principal-of-exchange", "taken-principal-of-a-new-application"}
UNPROTECTED = {"unprotected-vault", "unprotected-source", "unprotected-scan", "unprotected-key"}
WRONG = {
    "vault-purge-protection": {"purgeable-vault", "unrecoverable-vault"},
    "vault-access-model": {"silent-vault", "two-minded-vault"},
    "vault-firewall": {"fireless-vault", "open-vault", "untrusting-vault", "wide-vault", "scattered-vault"},
    "no-secret-in-resources": {*TELLING, CALLED, "kept-secret", STACK_ITSELF},
    "no-secret-in-outputs": {*TELLING, STACK_ITSELF},
    "known-app-roles": {"misspoken-grant", "unknown-grant", "unknown-assignment"},
    "first-party-service-principals": {"strewn-principal", "unprotected-principal", *TAKEN},
    "conditional-access-exclusions": {"locking-access", "guests-access", "group-access", "unknown-access"},
    "capture-protected": {*UNPROTECTED, "unprotected-source-of-a-component"},
    "no-rescan": {"replaceable-source", "replaceable-scan"},
    "required-tags": {"ownerless-vault"},
    "names": {"misnamed-vault", "misnamed-group", "misnamed-credential", "misnamed-logs", "misnamed-alert"},
}


@pytest.fixture
def violating(tmp_path: Path, azure: LocalAzure, pulumi_home: Path) -> Tenant:
    """The stack of the program whose resources break rules."""
    del pulumi_home
    made = Tenant(tmp_path / "stack", azure, project=CHECKOUT / "tests" / "policy" / "violating")
    made.set_config({"purview-ai:tenant": None, "purview-ai:chatgpt-compliance-key": None})
    made.set_config({"violating:note": "see sk-2", "violating:open": PLAIN, "azuread:clientCertificate": "MIIKAgIB"})
    made.set_key(SPARE, name="spare", project="violating")
    made.set_key(CALLED, name="called", project="violating")
    return made


def told_of(outcome: Outcome) -> dict[str, set[str]]:
    """The names of what violates, by rule."""
    found: dict[str, set[str]] = {rule.name: set() for rule in RULES}
    for rule, name in violations(outcome):
        found[rule].add(name)
    return found


def test_each_rule_finds_what_breaks_it_and_nothing_else(violating: Tenant) -> None:
    stopped = judged(violating, "preview", rules=LASTING).must_fail()
    assert told_of(stopped) == WRONG
    assert "can't run policy" not in stopped.words, "no rule stumbles over what a preview does not know"
    assert SPARE not in stopped.output
    assert "0123456789abcdefghij" not in stopped.output
    assert violating.writes() == []
    listed = violations(stopped, "mandatory") | violations(stopped, "advisory")
    advised = {rule.name for rule in RULES if rule.level.value == "advisory"}
    assert {rule for rule, _ in violations(stopped, "advisory")} == advised == {"required-tags", "names"}
    assert len(listed) == sum(map(len, WRONG.values()))


def test_parameters_widen_and_narrow_what_a_rule_lets_through(violating: Tenant) -> None:
    rules = {
        "all": "disabled",
        "known-app-roles": {"enforcementLevel": "advisory", "also": ["19DBC75E-c2e2-444c-a770-ec69d8559fc7"]},
        "first-party-service-principals": {
            "enforcementLevel": "advisory",
            "also": ["44444444-4444-4444-4444-444444444444"],
        },
        "conditional-access-exclusions": {
            "enforcementLevel": "advisory",
            "emergency_access": ["44444444-4444-4444-4444-444444444444"],
        },
        "required-tags": {
            "enforcementLevel": "advisory",
            "required": ["Cost"],
            "on": ["azure-native:resources:ResourceGroup"],
            "except_stacks": ["another"],
        },
        "vault-firewall": {"enforcementLevel": "advisory", "most_addresses": 2**31},
        "names": {"enforcementLevel": "advisory", "vault": "", "resource_group": "^contoso$"},
    }
    told = told_of(judged(violating, "preview", rules=rules).must_succeed())
    assert {rule: names for rule, names in told.items() if names} == {
        "known-app-roles": {"misspoken-grant"},
        "first-party-service-principals": {*WRONG["first-party-service-principals"], "principal-of-ones-own"},
        "conditional-access-exclusions": {*WRONG["conditional-access-exclusions"], "good-access-of-a-new-group"},
        "required-tags": {"misnamed-group"},
        "vault-firewall": WRONG["vault-firewall"] - {"wide-vault"},
        "names": {"good-group", "misnamed-credential", "misnamed-logs", "misnamed-alert"},
    }
