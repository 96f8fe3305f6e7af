"""A yes: one rule, the stacks that it names, and nothing else."""

from __future__ import annotations

import pytest
from change.test_change_gate import change
from hypothesis import given
from hypothesis import strategies as st
from purview_ai.change.approvals import ALLOW, Approval, ApprovalError, approvals_in
from purview_ai.change.gate import stops
from purview_ai.change.preview import Action, Preview
from purview_ai.change.rules import RULES

NAMES = [rule.name for rule in RULES]
ENDS = ["scan", "credential", "trigger", "data source", "vault secret", "random:index/randomPet:RandomPet"]
STACKS = ["contoso", "contoso-2", "fabrikam", "sandbox"]
STOPPED = st.lists(st.tuples(st.sampled_from(STACKS), st.sampled_from(ENDS), st.sampled_from(Action)), max_size=6)
SAID = st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(STACKS)))


@given(STOPPED, SAID)
def test_an_approval_never_lets_pass_what_it_does_not_name(
    changed: list[tuple[str, str, Action]], said: set[tuple[str, str]]
) -> None:
    approved = {Approval(rule, stack) for rule, stack in said}
    for stack in STACKS:
        changes = [change(type_, action) for of, type_, action in changed if of == stack]
        preview = Preview(stack=stack, failed=False, changes=changes)
        everything = [(one.rule.name, one.what) for one in stops(preview, RULES)]
        left = [(one.rule.name, one.what) for one in stops(preview, RULES, approved)]
        assert left == [one for one in everything if (one[0], stack) not in said]


@given(st.lists(st.sampled_from(STACKS), min_size=1), st.sampled_from(NAMES))
def test_what_a_stop_says_to_write_is_read_as_just_that(stacks: list[str], rule: str) -> None:
    assert approvals_in(f"{rule} {', '.join(stacks)}", NAMES) == [Approval(rule, one) for one in stacks]
    preview = Preview(stack=stacks[0], failed=False, changes=[change("scan", Action.DELETE)])
    [stop] = stops(preview, RULES)
    assert approvals_in(str(stop.approval), NAMES) == [stop.approval]
    assert ALLOW.endswith(" ")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("replace-scan", "it names no stack"),
        ("replace-scan *", r"'\*' is no stack"),
        ("replace-scan contos?", "is no stack"),
        ("replace-scan contoso fabrikam", "'contoso fabrikam' is no stack"),
        ("replace-scan contoso,", "'' is no stack"),
        ("* contoso", "the gate has no rule"),
        ("replace-scam contoso", "did you mean replace-scan"),
        ("", "the gate has no rule ''"),
    ],
)
def test_there_is_no_wildcard_and_no_half_a_yes(words: str, why: str) -> None:
    with pytest.raises(ApprovalError, match=why):
        approvals_in(words, NAMES)
