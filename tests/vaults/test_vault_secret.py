"""Secrets of a vault: the program writes the key, and the provider, which is not told it, records the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from leaks import leaks
from purview_ai.objects.failures import ObjectError
from purview_ai.vaults.secret import FINGERPRINT_TAG, STACK_TAG
from small_engine import SmallEngine
from vaults.key_programs import (
    KEY,
    MIDNIGHT,
    NEXT_KEY,
    VAULT_ID,
    Program,
    asked,
    newest,
    put_by_hand,
    secret,
    versions,
)
from whole_chain import SECRET, VAULT_URL

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person


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
