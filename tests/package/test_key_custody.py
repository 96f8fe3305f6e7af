"""Who may do what in a vault."""

from __future__ import annotations

from pulumi_azure_native.authorization import PrincipalType
from purview_ai.custody.access import Holder, Permit, permits_of, policy_entries
from purview_ai.custody.rights import Right
from purview_ai.settings.vault import Principals

SOMEBODY = "b6b8e0a7-6b0f-4a43-8f86-9d2f0c8c1e05"
ANOTHER = "b6b8e0a7-6b0f-4a43-8f86-9d2f0c8c1e06"


def test_azure_is_told_what_kind_of_principal_holds_a_role() -> None:
    named = Principals(users=(SOMEBODY,), groups=(ANOTHER,), applications=(SOMEBODY,))
    kinds = [permit.holder.kind for permit in permits_of(named, "reads", Right.READ)]
    assert kinds == [PrincipalType.USER, PrincipalType.GROUP, PrincipalType.SERVICE_PRINCIPAL]


def test_a_principal_has_one_entry_with_all_that_it_may() -> None:
    permits = [
        Permit("manages", Holder(SOMEBODY), Right.MANAGE),
        Permit("reads", Holder(ANOTHER), Right.READ),
        Permit("administers", Holder(SOMEBODY), Right.ADMINISTER),
    ]
    first, second = policy_entries(permits, "tenant")
    assert (first.key, first.policy.object_id) == ("manages", SOMEBODY)
    assert first.policy.permissions.secrets == ["all"]  # pyright: ignore[reportAttributeAccessIssue]
    assert second.policy.permissions.secrets == ["get", "list"]  # pyright: ignore[reportAttributeAccessIssue]
