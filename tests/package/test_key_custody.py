"""Who holds a role on a vault."""

from __future__ import annotations

import pytest
from purview_ai.key_custody import Holder


@pytest.mark.parametrize(("is_person", "kind"), [(True, "User"), (False, "ServicePrincipal")])
def test_azure_is_told_what_kind_of_principal_holds_a_role(is_person: bool, kind: str) -> None:  # noqa: FBT001  # a table
    assert Holder("b6b8e0a7-6b0f-4a43-8f86-9d2f0c8c1e05", is_person=is_person).principal_type.value == kind
