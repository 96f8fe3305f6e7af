"""Secrets of a vault: the program writes the key, and the provider, which is not told it, records the rest."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from leaks import leaks
from local_azure import seed
from people import ARM
from purview_ai.calls.patience import Patience
from purview_ai.identity import AzureSettings, credential_of
from purview_ai.objects.failures import ObjectError
from purview_ai.vaults.client import Vaults
from purview_ai.vaults.secret import FINGERPRINT_TAG, STACK_TAG, VaultSecretWish, fingerprint
from purview_ai.vaults.writing import write_key
from small_engine import CheckError, SmallEngine, wish
from whole_chain import SECRET, VAULT, VAULT_URL, role_body, role_url, vault_body

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person

VAULT_ID = VAULT.removeprefix(ARM)
KEY, NEXT_KEY = "sk-of/the+first&day0123456789", "sk-of/the+second&day0123456789"
MIDNIGHT = 1_893_455_999
SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"


def secret(key: str = KEY, **more: Any) -> dict[str, Any]:
    """The key as a program wishes it."""
    fields = {"tenant": "contoso", "stack": "purview-ai/contoso", "vault_id": VAULT_ID, "name": SECRET}
    fields |= more
    place = f"{fields['vault_id']}/secrets/{fields['name']}"
    return wish("vault secret", **{"fingerprint": fingerprint(place, key), **fields})


@pytest.fixture(autouse=True)
def _vault(operator: Person) -> None:
    operator.do("PUT", VAULT, json=vault_body())


@dataclass
class Program(SmallEngine):
    """A stack whose program has a key, and writes it where the engine calls its hooks."""

    key: str = KEY
    role_is_given: bool = False
    """Whether the stack lets the deployer into the vault."""

    def _create(self, name: str, inputs: dict[str, Any]) -> None:
        self._write(inputs, {})
        super()._create(name, inputs)

    def _update(self, name: str, inputs: dict[str, Any]) -> None:
        self._write(inputs, self.state[name].outputs)
        super()._update(name, inputs)

    def _write(self, inputs: dict[str, Any], before: dict[str, Any]) -> None:
        if inputs["expected"]:
            return
        os.environ.update(self.environment)
        settings = AzureSettings.of({}.get)
        vaults = Vaults(
            settings.cloud, lambda: credential_of(settings), Patience(lambda text: print(text, file=sys.stderr))
        )
        wanted = VaultSecretWish.model_validate({n: inputs[n] for n in VaultSecretWish.model_fields if n in inputs})
        write_key(vaults, wanted, self.key, before, role_is_given=self.role_is_given)


@pytest.fixture
def stack(azure: LocalAzure) -> Program:
    """A stack of somebody with all rights, with the first key."""
    return Program.of(azure)


@pytest.fixture
def deployers(azure: LocalAzure) -> Program:
    """The same of the identity that deploys, which has no role in the vault itself."""
    return Program.of(azure, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)


def put_by_hand(operator: Person, key: str = KEY, **tags: str) -> None:
    """Somebody puts a key into the vault."""
    operator.do("PUT", f"{VAULT_URL}/secrets/{SECRET}", json={"value": key, "tags": tags})


def expected() -> dict[str, Any]:
    """The same secret, kept by somebody else."""
    return secret(fingerprint="", expected=True)


def newest(operator: Person) -> dict[str, Any]:
    """The secret with its value."""
    return operator.get(f"{VAULT_URL}/secrets/{SECRET}")


def versions(operator: Person) -> int:
    """How many versions the secret has."""
    return len(operator.get(f"{VAULT_URL}/secrets/{SECRET}/versions")["value"])


def asked(azure: LocalAzure) -> list[str]:
    """What was asked of Azure and of vaults."""
    return [f"{one['method']} {one['service']}" for one in azure.requests() if one["service"] != "login"]


def test_a_key_is_written_once_and_recorded_in_no_form(stack: Program, operator: Person) -> None:
    assert stack.preview({"key": secret()}) == {"key": "create"}
    assert stack.up({"key": secret()}) == {"key": "create"}
    written = newest(operator)
    assert written["value"] == KEY
    assert written["tags"] == {STACK_TAG: "purview-ai/contoso", FINGERPRINT_TAG: secret()["fingerprint"]}
    assert written["id"].endswith(stack.state["key"].outputs["version"])
    assert "value" not in stack.state["key"].outputs
    assert stack.state["key"].id == f"{VAULT_ID}/secrets/{SECRET}"
    assert leaks(repr(stack.state).encode(), KEY) == []
    assert stack.drift() == {}
    assert stack.new_process().up({"key": secret()}) == {}


def test_a_preview_looks_once_for_a_new_secret_and_never_again(stack: Program, azure: LocalAzure) -> None:
    azure.forget_requests()
    stack.preview({"key": secret()})
    assert asked(azure) == ["GET arm"]
    azure.forget_requests()
    stack.up({"key": secret()})
    assert asked(azure) == ["GET arm", "GET arm", "PUT arm", "GET arm"]
    azure.forget_requests()
    assert stack.preview({"key": secret()}) == {}
    assert stack.preview({"key": secret(NEXT_KEY)}) == {"key": "update"}
    assert asked(azure) == []


def test_another_key_or_expiry_is_a_new_version(stack: Program, operator: Person) -> None:
    stack.up({"key": secret()})
    first = stack.state["key"].outputs["version"]
    stack.key = NEXT_KEY
    assert stack.up({"key": secret(NEXT_KEY)}) == {"key": "update"}
    second = stack.state["key"].outputs["version"]
    assert (newest(operator)["value"], second != first) == (NEXT_KEY, True)
    assert stack.up({"key": secret(NEXT_KEY, expires=MIDNIGHT)}) == {"key": "update"}
    assert newest(operator)["attributes"]["exp"] == MIDNIGHT
    assert newest(operator)["id"].endswith(stack.state["key"].outputs["version"])
    assert versions(operator) == 3
    assert stack.drift() == {}
    assert stack.up({"key": secret(NEXT_KEY)}) == {"key": "update"}
    assert "exp" not in newest(operator)["attributes"]


def test_how_it_is_written_changes_nothing(stack: Program) -> None:
    stack.up({"key": secret()})
    for change in ({"tenant": "fabrikam"}, {"stack": "purview-ai/renamed"}, {"vault_id": VAULT_ID.lower()}):
        told = secret() | change
        assert stack.preview({"key": told}) == {}, change


def test_refresh_sees_another_expiry_a_newer_version_and_a_secret_that_has_gone(
    stack: Program, operator: Person
) -> None:
    stack.up({"key": secret(expires=MIDNIGHT)})
    put_by_hand(operator, NEXT_KEY)
    version = newest(operator)["id"].rsplit("/", 1)[1]
    assert stack.drift() == {"key": {"fingerprint": "", "version": version, "expires": None}}
    stack.refresh()
    assert stack.preview({"key": secret(expires=MIDNIGHT)}) == {"key": "update"}
    operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
    assert stack.drift() == {"key": {}}


def test_a_secret_is_deleted_in_the_vault_and_gone_already_is_good(stack: Program, operator: Person) -> None:
    stack.up({"key": secret()})
    stack.destroy()
    assert operator.ask("GET", f"{VAULT_URL}/secrets/{SECRET}").status_code == 404
    assert operator.get(f"{VAULT_URL}/deletedsecrets/{SECRET}")["recoveryId"]
    stack.up({"key": secret()})
    operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
    stack.destroy()
    assert stack.state == {}


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


def test_what_somebody_added_to_a_secret_goes_on_with_the_next_version(stack: Program, operator: Person) -> None:
    stack.up({"key": secret()})
    tags = newest(operator)["tags"] | {"owner": "security"}
    body = {"value": KEY, "tags": tags, "contentType": "text/plain"}
    operator.do("PUT", f"{VAULT_URL}/secrets/{SECRET}", json=body)
    stack.key = NEXT_KEY
    stack.up({"key": secret(NEXT_KEY)})
    now = newest(operator)
    assert (now["value"], now["tags"]["owner"], now["contentType"]) == (NEXT_KEY, "security", "text/plain")
    assert now["tags"][FINGERPRINT_TAG] == secret(NEXT_KEY)["fingerprint"]


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


@pytest.mark.parametrize("key", [KEY, NEXT_KEY])
def test_what_somebody_else_put_there_stops_a_preview_and_stays(stack: Program, operator: Person, key: str) -> None:
    put_by_hand(operator, key)
    for refused in (stack.preview, stack.up):
        with pytest.raises(CheckError, match="this stack did not write it") as told:
            refused({"key": secret()})
        assert "key.origin: vault" in str(told.value)
    assert (versions(operator), newest(operator)["value"]) == (1, key)


def test_what_another_stack_wrote_is_not_taken_over(stack: Program, azure: LocalAzure, operator: Person) -> None:
    stack.up({"key": secret()})
    with pytest.raises(CheckError, match="this stack did not write it"):
        Program.of(azure).up({"key": secret(stack="purview-ai/fabrikam")})
    assert versions(operator) == 1


def test_what_an_engine_wrote_and_did_not_live_to_record_is_found_again(
    stack: Program, azure: LocalAzure, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up({"key": secret(expires=MIDNIGHT)})
    after = Program.of(azure)
    azure.forget_requests()
    assert after.preview({"key": secret(expires=MIDNIGHT)}) == {"key": "create"}
    assert "of this stack is there already; it is taken over and left as it is" in capsys.readouterr().err
    after.up({"key": secret(expires=MIDNIGHT)})
    assert set(asked(azure)) == {"GET arm"}
    assert versions(operator) == 1
    assert after.state["key"].outputs == stack.state["key"].outputs


def test_an_own_secret_with_an_older_key_gets_a_new_version(
    stack: Program, azure: LocalAzure, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up({"key": secret()})
    after = Program.of(azure)
    after.key = NEXT_KEY
    after.preview({"key": secret(NEXT_KEY)})
    assert "it is taken over and gets a new version" in capsys.readouterr().err
    after.up({"key": secret(NEXT_KEY)})
    assert newest(operator)["value"] == NEXT_KEY


def test_a_version_that_somebody_put_over_it_is_not_written_over(
    stack: Program, azure: LocalAzure, operator: Person
) -> None:
    stack.up({"key": secret()})
    put_by_hand(operator, NEXT_KEY)
    with pytest.raises(CheckError, match="this stack did not write it"):
        Program.of(azure).up({"key": secret()})
    assert newest(operator)["value"] == NEXT_KEY


def test_a_version_that_somebody_put_over_a_recorded_one_is_written_over_once_a_refresh_has_shown_it(
    stack: Program, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up({"key": secret()})
    put_by_hand(operator, "theirs", **{STACK_TAG: "purview-ai/fabrikam", FINGERPRINT_TAG: secret()["fingerprint"]})
    stack.key = NEXT_KEY
    with pytest.raises(ObjectError, match="is not this stack's, and no preview has shown that") as refused:
        stack.up({"key": secret(NEXT_KEY)})
    assert "pulumi refresh" in str(refused.value)
    assert (newest(operator)["value"], versions(operator)) == ("theirs", 2)
    assert set(stack.drift()["key"]) == {"fingerprint", "version"}
    stack.refresh()
    assert stack.preview({"key": secret(NEXT_KEY)}) == {"key": "update"}
    assert "is not this stack's, and gets the stack's key written over it" in capsys.readouterr().err
    assert stack.up({"key": secret(NEXT_KEY)}) == {"key": "update"}
    assert newest(operator)["value"] == NEXT_KEY
    assert newest(operator)["id"].endswith(stack.state["key"].outputs["version"])
    assert stack.drift() == {}
    # What is put there after the refresh is not what the preview showed.
    put_by_hand(operator, "theirs")
    stack.refresh()
    put_by_hand(operator, "theirs again")
    with pytest.raises(ObjectError, match="no preview has shown that"):
        stack.up({"key": secret(NEXT_KEY)})
    assert newest(operator)["value"] == "theirs again"


def test_a_secret_whose_newest_version_is_somebody_elses_is_not_deleted(
    stack: Program, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    for refreshed in (False, True):
        stack.up({"key": secret()})
        put_by_hand(operator, "theirs")
        if refreshed:
            stack.refresh()
        stack.destroy()
        assert stack.state == {}
        assert newest(operator)["value"] == "theirs"
        assert "stays: its newest version is not this stack's" in capsys.readouterr().err
        operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
        operator.do("DELETE", f"{VAULT_URL}/deletedsecrets/{SECRET}")


def test_a_rotation_that_was_written_and_not_recorded_is_not_written_again(
    stack: Program, azure: LocalAzure, operator: Person
) -> None:
    stack.up({"key": secret()})
    stack.key = NEXT_KEY
    azure.forget_requests()
    Program(stack.environment, dict(stack.state), key=NEXT_KEY).up({"key": secret(NEXT_KEY)})
    assert asked(azure) == ["GET arm", "PUT arm", "GET arm"]
    assert stack.up({"key": secret(NEXT_KEY)}) == {"key": "update"}
    assert versions(operator) == 2
    assert newest(operator)["id"].endswith(stack.state["key"].outputs["version"])


def test_who_goes_back_to_the_old_key_after_it_sees_the_other_one_in_a_refresh(
    stack: Program, operator: Person
) -> None:
    stack.up({"key": secret()})
    Program(stack.environment, dict(stack.state), key=NEXT_KEY).up({"key": secret(NEXT_KEY)})
    assert stack.drift()["key"]["fingerprint"] == secret(NEXT_KEY)["fingerprint"]
    stack.refresh()
    assert stack.up({"key": secret()}) == {"key": "update"}
    assert newest(operator)["value"] == KEY


def test_a_deleted_secret_of_somebody_else_is_not_taken_back(stack: Program, operator: Person) -> None:
    put_by_hand(operator, "theirs", owner="another team")
    operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
    assert stack.preview({"key": secret()}) == {"key": "create"}
    with pytest.raises(ObjectError, match="A deleted secret of this name is kept in key vault") as refused:
        stack.up({"key": secret()})
    assert "key.secret" in str(refused.value)
    assert operator.get(f"{VAULT_URL}/deletedsecrets/{SECRET}")["tags"] == {"owner": "another team"}
    assert stack.state == {}


def test_a_secret_is_handed_over_with_a_tag(stack: Program, operator: Person) -> None:
    put_by_hand(operator, "theirs", **{STACK_TAG: "purview-ai/contoso"})
    stack.up({"key": secret()})
    assert (versions(operator), newest(operator)["value"]) == (2, KEY)


def test_a_stack_with_another_name_keeps_its_secret(stack: Program, operator: Person) -> None:
    stack.up({"key": secret()})
    stack.key = NEXT_KEY
    stack.up({"key": secret(NEXT_KEY, stack="purview-ai/renamed")})
    assert newest(operator)["tags"][STACK_TAG] == "purview-ai/renamed"
    operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
    stack.key = KEY
    stack.up({"key": secret(stack="purview-ai/again")})
    assert newest(operator)["value"] == KEY
    stack.destroy()
    assert operator.ask("GET", f"{VAULT_URL}/secrets/{SECRET}").status_code == 404


def test_what_somebody_else_keeps_from_now_on_stays_and_is_asked_about_by_a_refresh_alone(
    stack: Program, azure: LocalAzure, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up({"key": secret(expires=MIDNIGHT)})
    azure.forget_requests()
    assert stack.preview({"key": expected()}) == {"key": "update"}
    assert "is not this stack's from now on: it stays as it is" in capsys.readouterr().err
    assert stack.up({"key": expected()}) == {"key": "update"}
    assert stack.preview({"key": expected()}) == {}
    assert asked(azure) == []
    put_by_hand(operator, NEXT_KEY)
    assert stack.drift() == {}
    assert stack.new_process().up({"another-name": expected()}) == {"another-name": "create", "key": "delete"}
    stack.destroy()
    assert (newest(operator)["value"], versions(operator)) == (NEXT_KEY, 2)
    assert "stays: somebody else keeps it" in capsys.readouterr().err


@pytest.mark.parametrize("theirs", [False, True])
def test_what_somebody_else_kept_becomes_the_stacks_only_where_it_wrote_it(
    stack: Program, operator: Person, capsys: pytest.CaptureFixture[str], *, theirs: bool
) -> None:
    stack.up({"key": secret()})
    stack.up({"key": expected()})
    if theirs:
        put_by_hand(operator, "theirs")
        for refused in (stack.preview, stack.up):
            with pytest.raises(CheckError, match="this stack did not write it"):
                refused({"key": secret()})
    else:
        assert stack.preview({"key": secret()}) == {"key": "update"}
        assert "it is taken over and left as it is" in capsys.readouterr().err
        stack.up({"key": secret()})
        assert newest(operator)["id"].endswith(stack.state["key"].outputs["version"])
    assert versions(operator) == 1 + theirs


def test_what_somebody_else_keeps_and_deleted_has_gone(stack: Program, operator: Person) -> None:
    put_by_hand(operator)
    stack.up({"key": expected()})
    operator.do("DELETE", f"{VAULT_URL}/secrets/{SECRET}")
    assert stack.drift() == {"key": {}}


@pytest.mark.parametrize("effect", ["cut-before", "cut-after", "cut-middle"])
def test_a_lost_answer_leaves_the_recorded_version_the_newest(
    stack: Program, azure: LocalAzure, operator: Person, effect: str
) -> None:
    azure.weather(effect=effect, service="arm", method="PUT", path="/secrets/", times=1)
    stack.up({"key": secret()})
    assert newest(operator)["id"].endswith(stack.state["key"].outputs["version"])


def test_a_key_that_is_not_the_planned_one_is_not_written(stack: Program, operator: Person) -> None:
    stack.key = NEXT_KEY
    with pytest.raises(ObjectError, match="not the one that this deployment was planned with") as refused:
        stack.up({"key": secret()})
    assert 'contoso: vault secret "chatgpt-compliance-key" was not written' in str(refused.value)
    assert NEXT_KEY not in str(refused.value)
    assert operator.ask("GET", f"{VAULT_URL}/secrets/{SECRET}").status_code == 404


def test_what_the_program_did_not_write_is_not_recorded(azure: LocalAzure, operator: Person) -> None:
    without_hooks = SmallEngine.of(azure)
    with pytest.raises(ObjectError, match="is not the one that this deployment wrote"):
        without_hooks.up({"key": secret()})
    stack = Program.of(azure)
    stack.up({"key": secret()})
    put_by_hand(operator, NEXT_KEY)
    with pytest.raises(ObjectError, match="is not the one that this deployment wrote"):
        SmallEngine(stack.environment, stack.state).up({"key": secret(NEXT_KEY)})


def test_a_secret_with_another_name_in_the_stack_is_kept(
    stack: Program, operator: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up({"key": secret()})
    stack.new_process().up({"renamed": secret()})
    assert "the stack goes on with it" in capsys.readouterr().err
    assert versions(operator) == 1


def test_another_place_is_another_secret(stack: Program, operator: Person) -> None:
    stack.up({"key": secret()})
    assert stack.up({"key": secret(name="other-key")}) == {"key": "replace"}
    assert operator.get(f"{VAULT_URL}/secrets/other-key")["value"] == KEY
    assert operator.ask("GET", f"{VAULT_URL}/secrets/{SECRET}").status_code == 404


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
