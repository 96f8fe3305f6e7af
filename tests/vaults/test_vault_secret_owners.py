"""Whose a secret is: what others put there stays, and what a stack wrote is found again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from purview_ai.objects.failures import ObjectError
from purview_ai.vaults.secret import FINGERPRINT_TAG, STACK_TAG
from small_engine import CheckError
from vaults.key_programs import (
    KEY,
    MIDNIGHT,
    NEXT_KEY,
    Program,
    asked,
    expected,
    newest,
    put_by_hand,
    secret,
    versions,
)
from whole_chain import SECRET, VAULT_URL

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person


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
