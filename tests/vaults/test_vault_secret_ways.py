"""What may be in the way of a key: deleted secrets, conflicts, lost answers, missing roles and firewalls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_azure import seed
from purview_ai.calls.patience import Patience
from purview_ai.objects.failures import ObjectError
from purview_ai.vaults.writing import RECOVERY_S
from vaults.key_programs import (
    KEY,
    NEXT_KEY,
    SECRETS_OFFICER,
    VAULT_ID,
    Program,
    newest,
    put_by_hand,
    secret,
    versions,
)
from whole_chain import SECRET, VAULT, VAULT_URL, role_body, role_url, vault_body

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person


def test_a_deleted_secret_is_taken_back_and_gets_a_new_version(
    stack: Program, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up({"key": secret()})
    stack.destroy()
    stack.up({"key": secret()})
    assert "a deleted secret of this name is being taken back" in capsys.readouterr().err
    assert versions(operator) == 2
    # Where somebody deletes it and nobody refreshes, an update meets the same.
    operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
    stack.key = NEXT_KEY
    stack.up({"key": secret(NEXT_KEY)})
    assert newest(operator)["value"] == NEXT_KEY


def test_a_role_that_the_stack_gives_is_waited_for_where_a_secret_is_taken_back(
    deployers: Program, operator: Person, azure: LocalAzure, capsys: pytest.CaptureFixture[str]
) -> None:
    """It comes with the same deployment, minutes before the vault sees it."""
    deployers.up({"key": secret()})
    operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
    deployers.refresh()
    azure.weather(effect="slow-propagation", checks=4, times=1)
    operator.do("PUT", role_url(VAULT), json=role_body(SECRETS_OFFICER, seed.DEPLOYER_ID))
    deployers.role_is_given = True
    deployers.up({"key": secret()})
    assert newest(operator)["value"] == KEY
    assert "waiting, for 10 minutes at most: the vault does not see the deployer's role yet" in capsys.readouterr().err


def test_a_conflict_is_told_also_where_the_vault_lets_nobody_look(deployers: Program, azure: LocalAzure) -> None:
    busy = {"effect": "status", "service": "arm", "method": "PUT", "path": "/secrets/"}
    azure.weather(**busy, status=409, code="VaultBusy", times=99)
    with pytest.raises(ObjectError, match="403 Forbidden ForbiddenByRbac") as refused:
        deployers.up({"key": secret()})
    assert "409 VaultBusy" in str(refused.value)


def test_a_conflict_about_something_else_is_told(stack: Program, azure: LocalAzure) -> None:
    azure.weather(
        effect="status", service="arm", method="PUT", path="/secrets/", status=409, code="VaultBusy", times=99
    )
    with pytest.raises(ObjectError, match='vault secret "chatgpt-compliance-key" was not written') as refused:
        stack.up({"key": secret()})
    assert "409 VaultBusy" in str(refused.value)
    azure.fine_weather()
    azure.weather(effect="status", service="arm", method="PUT", path="/secrets/", status=409, code="VaultBusy", times=2)
    stack.up({"key": secret()})


def test_a_deleted_secret_of_somebody_else_is_not_taken_back(stack: Program, operator: Person) -> None:
    put_by_hand(operator, "theirs", owner="another team")
    operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
    assert stack.preview({"key": secret()}) == {"key": "create"}
    with pytest.raises(ObjectError, match="A deleted secret of this name is kept in key vault") as refused:
        stack.up({"key": secret()})
    assert "key.secret" in str(refused.value)
    assert operator.get(f"{VAULT_URL}/deletedsecrets/{SECRET}")["tags"] == {"owner": "another team"}
    assert stack.state == {}


@pytest.mark.parametrize("effect", ["cut-before", "cut-after", "cut-middle"])
def test_a_lost_answer_leaves_the_recorded_version_the_newest(
    stack: Program, azure: LocalAzure, operator: Person, effect: str
) -> None:
    azure.weather(effect=effect, service="arm", method="PUT", path="/secrets/", times=1)
    stack.up({"key": secret()})
    assert newest(operator)["id"].endswith(stack.state["key"].outputs["version"])


def test_who_may_not_write_is_told_the_role(azure: LocalAzure, capsys: pytest.CaptureFixture[str]) -> None:
    stranger = Program.of(azure, seed.STRANGER_APP, seed.STRANGER_SECRET)
    stranger.preview({"key": secret()})
    assert "could not be looked for, so the preview cannot tell whether it is there already" in capsys.readouterr().err
    with pytest.raises(ObjectError, match="403 AuthorizationFailed") as refused:
        stranger.up({"key": secret()})
    assert "Key Vault Contributor, on the vault's resource group" in str(refused.value)


@pytest.mark.parametrize(
    ("role", "network", "code"),
    [(False, [], "ForbiddenByRbac"), (True, [{"value": "198.51.100.1/32"}], "ForbiddenByFirewall")],
)
def test_deleting_and_taking_back_need_a_role_and_a_way_through_the_firewall(
    deployers: Program,
    operator: Person,
    role: bool,  # noqa: FBT001  # a table
    network: list[dict[str, str]],
    code: str,
) -> None:
    """Writing needs neither: it is a call to Azure. No role of the stack's own opens a firewall."""
    deployers.role_is_given = code == "ForbiddenByFirewall"
    if role:
        operator.do("PUT", role_url(VAULT), json=role_body(SECRETS_OFFICER, seed.DEPLOYER_ID))
    let_in = vault_body()["properties"]["networkAcls"]["ipRules"]
    closed = {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": network or let_in}
    operator.do("PUT", VAULT, json=vault_body(networkAcls=closed))
    deployers.up({"key": secret()})
    with pytest.raises(ObjectError, match=f"403 Forbidden {code}") as refused:
        deployers.destroy()
    told = [str(refused.value)]
    operator.do("PUT", VAULT, json=vault_body())
    operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
    operator.do("PUT", VAULT, json=vault_body(networkAcls=closed))
    deployers.refresh()
    with pytest.raises(ObjectError, match=f"403 Forbidden {code}") as refused:
        deployers.up({"key": secret()})
    told.append(str(refused.value))
    for words in told:
        assert "vault.deployer_access: true" in words
        assert "vault.allow_from" in words


def test_a_vault_that_is_not_there_is_told(stack: Program) -> None:
    gone = secret(vault_id=VAULT_ID + "-gone")
    assert stack.preview({"key": gone}) == {"key": "create"}, "it may come with this very deployment"
    with pytest.raises(ObjectError, match="The vault is not there"):
        stack.up({"key": gone})


class Time:
    """It passes while somebody waits."""

    now = 0.0

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def read(self) -> float:
        return self.now


@pytest.mark.parametrize("given", [False, True])
def test_a_secret_that_does_not_come_back_is_not_waited_for_as_a_role_is(
    stack: Program, operator: Person, azure: LocalAzure, *, given: bool
) -> None:
    stack.up({"key": secret()})
    operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
    stack.refresh()
    conflict = {"effect": "status", "service": "arm", "method": "PUT", "path": "/secrets/", "status": 409}
    azure.weather(**conflict, code="Conflict", times=999)
    time = Time()
    stack.role_is_given, stack.patience = given, Patience(lambda _: None, time.read, time.wait)
    with pytest.raises(ObjectError, match="a deleted secret of this name is being taken back"):
        stack.up({"key": secret()})
    assert RECOVERY_S <= time.now <= RECOVERY_S + 60.0
