"""App roles: offered under their published ids, and held."""

from __future__ import annotations

import pytest
from estates import estate_with, look
from purview_ai.directory.app_roles import PROCESS_CONVERSATIONS
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.grants import held, offered

ROLE = PROCESS_CONVERSATIONS
ANOTHER = "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    ("value", "id_", "verdict"),
    [
        (ROLE.value, ROLE.app_role_id, Verdict.PASSED),
        (ROLE.value, ROLE.app_role_id.upper(), Verdict.PASSED),
        (ROLE.value, ANOTHER, Verdict.FAILED),
        ("Something.Else", ROLE.app_role_id, Verdict.FAILED),
    ],
)
def test_an_app_role_is_offered_under_its_published_id(value: str, id_: str, verdict: Verdict) -> None:
    resource = {"id": "a-service-principal", "appRoles": [{"value": value, "id": id_}]}
    estate = estate_with({f"service principal {ROLE.client_id}": resource})
    assert look(offered(estate, ROLE)).verdict is verdict


@pytest.mark.parametrize(("id_", "verdict"), [(ROLE.app_role_id, Verdict.PASSED), (ANOTHER, Verdict.FAILED)])
def test_an_app_role_is_held(id_: str, verdict: Verdict) -> None:
    account = {"identity": {"principalId": "an-identity"}}
    estate = estate_with({"account": account, "app roles": [{"appRoleId": id_}]})
    assert look(held(estate, ROLE)).verdict is verdict
