"""The rendered scripts are PowerShell, call what Microsoft documents, and change nothing without asking."""

from __future__ import annotations

import pytest
from cmdlets import CHANGING, CONNECTING, KNOWN, OWN, READ_BY, READING
from hypothesis import given
from hypothesis import strategies as st
from powershell_tree import Command, below, commands, functions, parsed, text, wrong
from purview_ai.governance.scripts.catalogue import FILES
from purview_ai.governance.scripts.literals import QUOTES, literal
from rendered import POLICY, rendered, scripts

SCRIPTS = scripts()
CALLS = [(file, command) for file, script in SCRIPTS.items() for command in commands(script)]


def complaints(script: str) -> list[str]:
    """What a reviewer would not let pass."""
    own = functions(script)
    told = wrong(script)
    seen: set[str] = set()
    for command in commands(script):
        told += [f"line {command.line}: {command.name} {why}" for why in _of(command, own, seen)]
        seen.add(command.name)
    told += [
        f"line {node.start_point.row + 1}: text in double quotes is expanded"
        for node in below(parsed(script))
        if node.type in ("expandable_string_literal", "expandable_here_string_literal")
    ]
    return told


def _of(command: Command, own: dict[str, frozenset[str]], seen: set[str]) -> list[str]:
    known = {**KNOWN, **own}.get(command.name)
    if known is None:
        return ["is not known"]
    told = [f"has no -{one.name}" for one in command.arguments if one.name and one.name not in known]
    if command.name in {**READING, **CHANGING, **CONNECTING} and command.told("ErrorAction") != "Stop":
        told.append("goes on after an error")
    if command.name in CHANGING:
        if command.told("Confirm") != "$false":
            told.append("asks a second time")
        if not command.asks():
            told.append("changes without asking")
        if READ_BY[command.name] not in seen:
            told.append("changes what was not read")
    return told


@pytest.mark.parametrize("file", SCRIPTS)
def test_every_script_is_right(file: str) -> None:
    assert complaints(SCRIPTS[file]) == []


READS = "$a = Get-AdminAuditLogConfig -ErrorAction Stop\n"
SETS = "Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true -Confirm:$false -ErrorAction Stop"
ASKS = "if ($PSCmdlet.ShouldProcess('a', 'b')) {{\n    {}\n}}\n"


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        (READS + ASKS.format(SETS), None),
        (READS + "if ($a { }\n", "'"),
        ("$x = 'open", "'"),
        (READS + SETS, "changes without asking"),
        (READS + "if ($a) {\n" + SETS + "\n}\n", "changes without asking"),
        (
            READS + "if ($PSCmdlet.ShouldProcess('a', 'b')) {\n    $b = 1\n}\nelse {\n    " + SETS + "\n}\n",
            "without asking",
        ),
        (ASKS.format(SETS), "changes what was not read"),
        (READS + ASKS.format(SETS.replace(" -Confirm:$false", "")), "asks a second time"),
        (READS + ASKS.format(SETS.replace("UnifiedAudit", "Audit")), "has no -AuditLogIngestionEnabled"),
        (READS + ASKS.format(f"{SETS} -RestrictiveRetention $true"), "has no -RestrictiveRetention"),
        ("$a = Get-AdminAuditLogConfig\n", "goes on after an error"),
        ("Invoke-Expression 'a'\n", "is not known"),
        ('$a = "$b"\n', "double quotes"),
    ],
)
def test_what_is_wrong_is_found(script: str, complaint: str | None) -> None:
    told = complaints(script)
    assert (told == []) if complaint is None else any(complaint in one for one in told), told


def test_every_cmdlet_is_called_somewhere_and_looking_changes_nothing() -> None:
    called = {command.name for _, command in CALLS}
    assert called >= {*READING, *CHANGING, *CONNECTING, *OWN}
    looks = {command.name for file, command in CALLS if file == "Test-Governance.ps1"}
    assert looks & {*CHANGING, "Add-Content"} == set()


@pytest.mark.parametrize("file", [file for file in SCRIPTS if file.startswith("Set-")])
def test_scripts_that_change_say_so_to_powershell_and_to_people(file: str) -> None:
    script = SCRIPTS[file]
    assert "[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]" in script
    for word in ("Role: ", "-WhatIf", "-Confirm:$false", "safe to run twice", "$RecordPath"):
        assert " ".join(word.split()) in " ".join(script.split()), word


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("Set-Auditing.ps1", ["Audit Logs", "always reads False", "Licence: "]),
        ("Set-Retention.ps1", ["PREVIEW", "Licence: ", "only work together", "Preservation Lock", "does not work"]),
        ("Set-Capture.ps1", ["PREVIEW", "must be on BEFORE", "NOT DOCUMENTED"]),
        ("Set-NetworkDetection.ps1", ["PREVIEW", "must be on BEFORE", "NOT DOCUMENTED", "SASE or SSE"]),
        ("Set-EDiscoveryApp.ps1", ["A PERSON must run", "EVERY eDiscovery case"]),
    ],
)
def test_each_carries_its_warnings(file: str, words: list[str]) -> None:
    said = " ".join(SCRIPTS[file].split())
    assert [word for word in words if word not in said] == []


def mandatory(script: str) -> dict[str, bool]:
    """The parameters that must be given, and whether one has a default all the same."""
    block = next(node for node in below(parsed(script)) if node.type == "param_block")
    return {
        text(next(one for one in node.children if one.type == "variable")).removeprefix("$"): any(
            one.type == "script_parameter_default" for one in node.children
        )
        for node in below(block)
        if node.type == "script_parameter" and "[Parameter(Mandatory)]" in text(node)
    }


def test_what_is_not_documented_has_no_default() -> None:
    assert {file: mandatory(script) for file, script in SCRIPTS.items() if mandatory(script)} == {
        "Set-Capture.ps1": {"EnforcementPlanes": False, "Locations": False},
        "Set-NetworkDetection.ps1": {"Activities": False, "EnforcementPlanes": False, "Locations": False},
    }


@pytest.mark.parametrize(
    ("left_out", "file"),
    [("retention", "Set-Retention.ps1"), ("capture", "Set-Capture.ps1"), ("network", "Set-NetworkDetection.ps1"),
     ("ediscovery", "Set-EDiscoveryApp.ps1")],
)  # fmt: skip
def test_what_nobody_asked_for_is_not_rendered(left_out: str, file: str) -> None:
    found = rendered(**{left_out: None})
    assert file not in found
    assert file not in found["README.md"]
    assert {complaint for script in scripts(**{left_out: None}).values() for complaint in complaints(script)} == set()


def test_the_least_that_can_be_asked_for_is_right_too() -> None:
    found = rendered(auditing=False, retention=None, network=None, ediscovery=None)
    assert list(found) == ["Set-Capture.ps1", "Test-Governance.ps1", "README.md"]
    assert set(found) <= set(FILES)
    assert [complaints(text) for file, text in found.items() if file.endswith(".ps1")] == [[], []]


def test_scripts_begin_with_a_byte_order_mark_and_pages_do_not() -> None:
    assert {file: text[0] == "\ufeff" for file, text in rendered().items()} == {
        file: file.endswith(".ps1") for file in rendered()
    }


def read(shown: str) -> tuple[str, str]:
    """A text in single quotes as PowerShell's tokenizer reads it, and what is left behind it (graph 46)."""
    assert shown[0] in QUOTES
    found: list[str] = []
    at = 1
    while at < len(shown):
        if shown[at] in QUOTES:
            if at + 1 == len(shown) or shown[at + 1] not in QUOTES:
                return "".join(found), shown[at + 1 :]
            at += 1
        found.append(shown[at])
        at += 1
    pytest.fail("the text does not end")


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.text(
    f'{QUOTES}"`$(){{}};#@\n\r a'
)


@given(TEXTS)
def test_any_text_comes_out_of_its_literal_as_it_went_in(value: str) -> None:
    assert read(literal(value)) == (value, "")


@given(TEXTS)
def test_the_grammar_sees_one_text_and_nothing_else(value: str) -> None:
    script = f"$a = {literal(value)}\n$b = 1\n"
    assert wrong(script) == []
    kinds = [node.type for node in below(parsed(script))]
    assert (kinds.count("verbatim_string_characters"), kinds.count("assignment_expression")) == (1, 2)
    assert "command" not in kinds


@pytest.mark.parametrize(
    ("value", "shown"),
    [(True, "$true"), (False, "$false"), (7, "7"), ("a'b", "'a''b'"), ("a\u2019b", "'a\u2019\u2019b'")],
)
def test_literals(value: str | int, shown: str) -> None:
    assert literal(value) == shown


@pytest.mark.parametrize("value", ["\0", "\ud800"])
def test_what_no_file_can_hold_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="PowerShell file"):
        literal(value)


def test_a_name_that_looks_like_code_is_a_name() -> None:
    assert f"$Name = {literal(POLICY)}" in SCRIPTS["Set-Retention.ps1"]
    assert "Remove-Item" not in {command.name for _, command in CALLS}
