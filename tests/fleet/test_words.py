"""What is said of a failure, from what the engine says of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from purview_ai.fleet.words import Heard, plain

URN = "urn:pulumi:contoso::purview-ai::azure-native:keyvault:Vault::custody-vault"
STACK = "urn:pulumi:contoso::purview-ai::pulumi:pulumi:Stack::purview-ai-contoso"
LOCKED = (
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the "
    "lock file with `pulumi cancel`.\n  file:///x.json: created by robin@build-7 (pid 1) at 2026-11-26T10:00:00Z"
)


def heard(*errors: tuple[str, str]) -> Heard:
    """What said these things, each with the resource that it is about."""
    found = Heard("contoso")
    for text, urn in errors:
        found.failed(text, urn)
    return found


def test_an_error_names_the_stack_and_the_resource_once() -> None:
    assert heard(("Status=403", URN)).reason() == ("contoso: custody-vault: Status=403", True)
    ours = 'contoso: data source "x" was not created\n  Purview: 404\n  Does it exist?'
    assert heard((f"Exception calling application: \n{ours}", URN)).reason() == (ours, True)
    assert heard(("no such thing", STACK)).reason() == ("contoso: no such thing", True)


def test_who_tells_what_to_do_comes_first_and_what_says_nothing_is_left_out() -> None:
    hint = "contoso: key vault kv was not created\n  A vault of this name is there already."
    told, _ = heard(("update failed", ""), ("Status=409", URN), (hint, URN), ("update failed", STACK)).reason()
    assert told == f"{hint}\ncontoso: custody-vault: Status=409"


def test_many_errors_are_told_in_part_and_counted() -> None:
    told, _ = heard(*((f"error {number}", URN) for number in range(5)), ("error 1", URN)).reason()
    assert told.splitlines()[-1] == "  and 2 more of the kind, which pulumi shows"
    long, _ = heard(("\n".join(map(str, range(20))), URN)).reason()
    assert len(long.splitlines()) == 9


@pytest.mark.parametrize(
    ("text", "again", "told"),
    [
        ("contoso: 1 setting is wrong in its stack file; nothing was sent", False, "1 setting is wrong"),
        (f"resource {URN} violates plan: properties changed: ++x[{{secret}}]", False, "custody-vault would not become"),
        ("no stack named 'contoso' found", False, "pulumi stack init contoso, with the --secrets-provider"),
        (LOCKED, True, "its state is locked by robin@build-7 since 2026-11-26T10:00:00Z"),
        ("[409] Conflict: Another update is currently in progress.", True, "its state is locked: somebody else"),
        ("Purview: 503 ServiceUnavailable", True, "503"),
    ],
)
def test_only_what_may_pass_is_tried_again(text: str, *, again: bool, told: str) -> None:
    reason, may_pass = heard((text, "")).reason()
    assert may_pass is again
    assert told in reason
    assert "{secret}" not in reason


def test_a_lock_of_a_process_that_is_not_on_this_machine_may_be_one_of_another_of_its_name() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    here = LOCKED.replace("build-7", socket.gethostname())
    reason, again = heard((here.replace("pid 1)", f"pid {gone.pid})"), "")).reason()
    assert again, "on the other one it ends"
    assert (
        f"there is no process {gone.pid} on this machine\n  If {socket.gethostname()} is this machine and no" in reason
    )
    assert "take the lock away, and do it again: pulumi cancel --stack contoso\n  Otherwise wait" in reason
    reason, again = heard((here.replace("pid 1)", f"pid {os.getpid()})"), "")).reason()
    assert (again, "somebody else is working on it" in reason) == (True, True)


def test_a_violated_policy_is_told_before_all_else_and_not_tried_again() -> None:
    found = heard(("Status=403", URN))
    found.violated("required-tags", "A resource says whose it is.\nthe tag owner is missing\n", URN)
    told = "contoso: policy required-tags (custody-vault): A resource says whose it is.\n  the tag owner is missing"
    assert found.reason() == (told, False)


def test_where_the_engine_does_not_begin_its_last_words_are_told() -> None:
    own = Heard("contoso", "file:///own", loose=["error: no stack named 'contoso' found"])
    assert "Make it once: PULUMI_BACKEND_URL=file:///own pulumi stack init contoso, with" in own.reason()[0]
    found = Heard("contoso", loose=["", "error: could not decrypt", "  passphrase must be set"])
    assert found.reason() == ("contoso: could not decrypt\n  passphrase must be set", True)
    assert Heard("contoso").reason() == ("contoso: the engine ended without saying why", True)


@given(st.text(), st.sampled_from(["<{%fg 1%}>", "<{%reset%}>", "\x1b[31m", "\x1b[0m", "\x1b[?25l"]))
def test_no_colour_is_left(text: str, colour: str) -> None:
    assert colour not in plain(f"{text}{colour}{text}")
