"""An app role is granted only if it is the published one."""

from __future__ import annotations

import pulumi
import pytest
from purview_ai.app_grants import check_published
from purview_ai.directory.app_roles import PROCESS_CONVERSATIONS
from purview_ai.lookups import FoundServicePrincipal

VALUE = PROCESS_CONVERSATIONS.value


def test_the_published_app_role_is_granted() -> None:
    found = FoundServicePrincipal("somebody", {VALUE: PROCESS_CONVERSATIONS.app_role_id})
    check_published("contoso", PROCESS_CONVERSATIONS, found)


@pytest.mark.parametrize("offered", [{}, {VALUE: "00000000-0000-4000-8000-000000000000"}])
def test_another_role_of_that_name_is_not(offered: dict[str, str]) -> None:
    with pytest.raises(pulumi.RunError, match=f"contoso: the app role {VALUE} was not granted"):
        check_published("contoso", PROCESS_CONVERSATIONS, FoundServicePrincipal("somebody", offered))
