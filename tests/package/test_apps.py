"""The apps' data files: what the documents say of each capability, and what a file must hold."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from purview_ai.apps.app import App
from purview_ai.apps.capability import UNDATED, Answer
from purview_ai.apps.catalogue import AppFileError, app_named, app_names
from purview_ai.apps.vendor import Verdict
from pydantic import ValidationError
from tenants import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

    from purview_ai.apps.app import ByHand
    from purview_ai.apps.way import Way

APPS = [app_named(name) for name in app_names()]
CHATGPT, CLAUDE = app_named("chatgpt-enterprise"), app_named("claude-enterprise")


def answers(app: App, *, connector: bool = False) -> dict[str, str]:
    """A table as its document prints it."""
    cells = app.connector.capabilities if connector and app.connector else app.capabilities
    return {cell.title: cell.answer.value for cell in cells.values()}


def test_what_purview_does_for_chatgpt_enterprise() -> None:
    assert answers(CHATGPT) == {
        "DSPM for AI": "yes",
        "Auditing": "yes",
        "Data classification": "yes",
        "Sensitivity labels": "no",
        "Encryption without sensitivity labels": "no",
        "Data loss prevention": "no",
        "Insider Risk Management": "yes",
        "Communication compliance": "yes",
        "eDiscovery": "yes",
        "Data Lifecycle Management": "yes",
        "Compliance Manager": "yes",
    }


def test_what_the_connector_of_chatgpt_enterprise_does() -> None:
    assert answers(CHATGPT, connector=True) == {
        "Metadata extraction": "yes",
        "Full scan": "yes",
        "Incremental scan": "yes",
        "Scoped scan": "no",
        "Classification": "yes",
        "Labeling": "no",
        "Access policy": "no",
        "Lineage": "no",
        "Data sharing": "no",
        "Live view": "no",
    }


def test_what_purview_does_for_claude_enterprise_and_since_when_it_says_so() -> None:
    said = {cell.title: f"{cell.answer} {CLAUDE.document_of(cell).date}" for cell in CLAUDE.capabilities.values()}
    assert said == {
        "DSPM and DSPM for AI (classic)": "yes undated",
        "Auditing": "yes undated",
        "DSPM recommendations": "no undated",
        "One-click policies": "no undated",
        "AI observability of agents": "no undated",
        "Data classification": "yes 2026-08",
        "Insider Risk Management": "yes 2026-08",
        "Communication compliance": "yes 2026-08",
        "eDiscovery": "yes 2026-08",
        "Data Lifecycle Management": "yes 2026-08",
        "Compliance Manager": "yes 2026-08",
        "Sensitivity labels": "not stated undated",
        "Encryption without sensitivity labels": "not stated undated",
        "Data loss prevention": "not stated undated",
    }


def test_claude_enterprise_has_no_connector_and_says_why() -> None:
    assert CLAUDE.connector is None
    assert CLAUDE.no_connector_api
    assert "no published API" in CLAUDE.no_connector_api.reason


@pytest.mark.parametrize(
    ("app", "key", "verdict"),
    [
        (CLAUDE, "sk-ant-api01-x", Verdict.ACCEPTED),
        (CLAUDE, "sk-ant-admin01-x", Verdict.DOUBTFUL),
        (CLAUDE, "sk-ant-api03-x", Verdict.REFUSED),
        (CLAUDE, "sk-x", None),
        (CHATGPT, "sk-ant-api01-x", Verdict.REFUSED),
        (CHATGPT, "sess-x", None),
    ],
)
def test_the_kind_of_a_key_is_told_by_its_beginning(app: App, key: str, verdict: Verdict | None) -> None:
    form = app.key.form_of(key)
    assert (form.verdict if form else None) is verdict


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_a_probe_asks_the_vendor_for_no_conversation_and_puts_the_key_into_a_header(app: App) -> None:
    assert app.probes
    for probe in app.probes:
        assert probe.url.startswith(("https://api.chatgpt.com/", "https://api.anthropic.com/"))
        assert "conversations" not in probe.url
        assert any("{key}" in value for value in probe.headers.values())
        assert [answer.status for answer in probe.answers if answer.good] == [200]


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_what_remains_to_be_done_in_the_portal_is_told_in_order(app: App) -> None:
    keys = [step.key for step in app.by_hand]
    assert keys.index("pay-as-you-go") < keys.index("auditing") < keys.index("reports")
    assert "Wait at least a day" in " ".join(step.text for step in app.by_hand)


def file_of(app: App) -> dict[str, Any]:
    """An app as its file has it."""
    return app.model_dump(mode="json", exclude_none=True)


EDISCOVERY = file_of(CHATGPT)["ways"]["ediscovery"]
CELL = {"title": "Flight", "answer": "yes", "document": "protections"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"no_connector_api": {"reason": "none", "document": "protections"}}, "either a connector"),
        ({"colour": "blue"}, "not permitted"),
        ({"capabilities": {"flight": {**CELL, "answer": "no"}}}, "reason stands with each no"),
        ({"capabilities": {"flight": {**CELL, "reason": "because"}}}, "reason stands with each no"),
        ({"capabilities": {"flight": {**CELL, "answer": "perhaps"}}}, "'yes', 'no' or 'not stated'"),
        ({"capabilities": {"flight": {**CELL, "document": "hearsay"}}}, "no document hearsay"),
        ({"capabilities": {"Flight": CELL}}, "lower-case"),
        ({"capabilities": {"full-scan": CELL}}, "full-scan is taken"),
        ({"documents": {"protections": {"title": "T", "link": "https://x", "date": "lately"}}}, "or undated"),
        (
            {"key": {**file_of(CHATGPT)["key"], "forms": [{"prefix": "k", "kind": "K", "verdict": "refused"}]}},
            "a reason",
        ),
        ({"workspace": {**file_of(CHATGPT)["workspace"], "pattern": "("}}, "regular expression"),
        ({"ways": {**file_of(CHATGPT)["ways"], "ediscovery": {**EDISCOVERY, "needs": ["telepathy"]}}}, "telepathy"),
        ({"ways": {**file_of(CHATGPT)["ways"], "ediscovery": {**EDISCOVERY, "facts": []}}}, "at least 1"),
        ({"ways": {**file_of(CHATGPT)["ways"], "ediscovery": {**EDISCOVERY, "facts": ["hearsay 1"]}}}, "pattern"),
    ],
)
def test_a_data_file_that_cannot_be_meant_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(reason)):
        App.model_validate({**file_of(CHATGPT), **changes})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"url": "https://vendor.example/{key}"}, "no placeholder {key}"),
        ({"url": "http://vendor.example/"}, "pattern"),
        ({"headers": {"x-api-key": "{secret}"}}, "no placeholder {secret}"),
        ({"answers": []}, "at least 1"),
    ],
)
def test_a_probe_that_cannot_be_meant_is_refused(changes: dict[str, Any], reason: str) -> None:
    file = file_of(CHATGPT)
    file["probes"] = [{**file["probes"][0], **changes}]
    with pytest.raises(ValidationError, match=re.escape(reason)):
        App.model_validate(file)


def test_an_app_without_a_folder_is_not_there() -> None:
    with pytest.raises(AppFileError, match="there is no app kestrel; known are chatgpt-enterprise, claude-enterprise"):
        app_named("kestrel")


def told_with(tmp_path: Path, app: str, text: str) -> str:
    """What a check of the stack files says, where the package has one data file more."""
    components = tmp_path / "components"
    shutil.copytree(CHECKOUT / "components", components, ignore=shutil.ignore_patterns("__pycache__"))
    folder = components / "purview_ai" / "apps" / "kestrel_desk"
    folder.mkdir()
    (folder / "app.toml").write_text(text)
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    shutil.copy(CHECKOUT / "Pulumi.yaml", tmp_path)
    stack = (CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text()
    (stacks / "Pulumi.sandbox.yaml").write_text(stack.replace("app: chatgpt-enterprise", f"app: {app}"))
    done = subprocess.run(
        [CHECKOUT / ".venv" / "bin" / "purview-ai", "settings", "check"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(components)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [("title = ", "is no TOML"), ('title = "Kestrel Desk"\ncolour = "blue"', "is wrong at workspace: Field required")],
)
def test_a_wrong_data_file_is_named_where_it_is_used_and_nowhere_else(tmp_path: Path, text: str, reason: str) -> None:
    told = told_with(tmp_path, "kestrel-desk", text)
    assert re.search(r"sources\.chatgpt\.app = 'kestrel-desk'\n +the data file of kestrel-desk, \S+app\.toml, ", told)
    assert reason in told
    shutil.rmtree(tmp_path / "components")
    shutil.rmtree(tmp_path / "stacks")
    assert told_with(tmp_path, "chatgpt-enterprise", text) == "sandbox: right\n"


FACTS = (CHECKOUT / "docs" / "facts.md").read_text()


def fact(named: str) -> str:
    """A numbered fact of docs/facts.md."""
    part, _, number = named.partition(" ")
    section = FACTS.split(f"\n## {part}\n", 1)[1].split("\n## ", 1)[0]
    found = re.search(rf"^- \*\*{re.escape(number)}\*\* (.*?)(?=^- \*\*|\Z)", section, re.MULTILINE | re.DOTALL)
    assert found, f"docs/facts.md has no {named}"
    return re.sub(r"\s+", " ", found[1])


TOLD = [
    (f"{app.name}-{name}", told)
    for app in APPS
    for name, told in (*app.ways.items(), *((step.key, step) for step in app.by_hand))
]


@pytest.mark.parametrize(("name", "told"), TOLD, ids=[name for name, _ in TOLD])
def test_what_a_person_is_told_to_do_stands_on_numbered_facts(name: str, told: Way | ByHand) -> None:
    facts = [fact(one) for one in told.facts]
    assert all(re.search(r"\*\*\[(documented|observed|source|measured)\]\*\*", one) for one in facts), name
    page = told.link.rsplit("/", 1)[-1]
    # LEARN is the article on the connector, and what's new goes by its title.
    called = {"archive-chatgpt-interactions": "LEARN", "whats-new": "What's new in Microsoft Purview"}.get(page, page)
    assert any(called in one for one in facts), f"no fact of {name} names {page}"


def test_the_hunting_query_looks_for_what_verify_looks_for() -> None:
    [step] = CHATGPT.ways["advanced-hunting"].steps
    for words in (*CHATGPT.audit.record_types, CHATGPT.audit.app_identity):
        assert f'"{words}"' in step


PAGE = (CHECKOUT / "docs" / "apps.md").read_text()


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_whoever_searches_the_audit_log_is_told_for_what(app: App) -> None:
    told = re.findall(r"\w+", app.ways["auditing"].proof)
    assert {*app.audit.record_types, app.audit.app_identity} <= {*told}


def test_that_retention_reaches_claude_is_not_claimed() -> None:
    assert "take in Claude's interactions is not documented" in CLAUDE.ways["data-lifecycle-management"].proof


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_the_page_on_the_apps_shows_what_the_data_files_say(app: App) -> None:
    section = PAGE.split(f"## {app.title}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+) \| (.+) \| ([a-z-]+) \|$", section, re.MULTILINE)
    assert rows == [
        (name, cell.title, f"{cell.answer}: {cell.reason}" if cell.reason else cell.answer.value, cell.document)
        for name, cell in app.cells.items()
    ]
    assert re.findall(r"^\* \*\*([a-z-]+)\*\*: \[(.+)\]\((.+)\), (\S+)$", section, re.MULTILINE) == [
        (name, document.title, document.link, document.date) for name, document in app.documents.items()
    ]


def test_a_cell_without_a_date_says_so() -> None:
    dates = {app.document_of(cell).date for app in APPS for cell in app.cells.values()}
    assert dates == {UNDATED, "2026-08", "2025-01-30"}
    assert {cell.answer for cell in CHATGPT.cells.values()} == {Answer.YES, Answer.NO}
