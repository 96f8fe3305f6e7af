"""What the commands tell on a pull request and in an issue."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from change.test_change_gate import change
from code_hosting import REVIEWER, SECOND, THIRD, OnAzureDevops, OnGithub
from pipeline_hosts import commands_in
from purview_ai.change.folder import Folder, MadeFor
from purview_ai.change.preview import Action, Preview
from purview_ai.drift.change import Drift, Left
from repositories import Ended
from tenants import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_azure.process import LocalAzure

PREVIEWS = ("--from", "previews")
PROGRAM = CHECKOUT / ".venv" / "bin" / "purview-ai"
LIMIT_S = 60


@pytest.fixture(params=["github", "azure devops"])
def hosted(request: pytest.FixtureRequest, azure: LocalAzure, tmp_path: Path) -> Iterator[OnGithub | OnAzureDevops]:
    """A pull request whose change deletes the scans of two tenants."""
    folder = Folder(tmp_path / "previews")
    for stack in ("contoso", "fabrikam"):
        folder.begin(stack)
        folder.plan(stack).write_text("{}")
        shown = Preview(stack=stack, failed=False, changes=[change("scan", Action.DELETE)])
        folder.keep(MadeFor(commit="", stack_file=""), shown)
    with azure.client() as client:
        yield OnGithub(azure, client, tmp_path) if request.param == "github" else OnAzureDevops(azure, client)


def approve(hosted: OnGithub | OnAzureDevops, person: str, words: str) -> None:
    """Somebody says yes, in the way of the host."""
    if isinstance(hosted, OnGithub):
        hosted.review(person, words)
    else:
        hosted.vote(person)
        hosted.say(person, words)


def pipelines_own(hosted: OnGithub | OnAzureDevops) -> list[str]:
    """The pipeline's comments."""
    found: list[dict[str, Any]] = hosted.comments()
    said = [str(one.get("body") or one.get("content")) for one in found]
    return [one for one in said if one.startswith("<!-- purview-ai")]


def closed_with(hosted: OnGithub | OnAzureDevops) -> str:
    """The last word on the only issue, which is closed."""
    if isinstance(hosted, OnGithub):
        [issue] = hosted.issues("closed")
        return hosted.does(REVIEWER, "GET", f"/issues/{issue['number']}/comments")[-1]["body"]
    [number] = hosted.items()
    assert hosted.items("Done") == []
    return hosted.does(REVIEWER, "GET", f"/wit/workitems/{number}")["fields"]["System.History"]


class Tell:
    """``purview-ai change`` in a pipeline."""

    def __init__(self, hosted: OnGithub | OnAzureDevops, folder: Path) -> None:
        """For this pull request, with the previews of this folder."""
        self.hosted, self._folder = hosted, folder

    def __call__(self, *words: str) -> Ended:
        """One command."""
        done = subprocess.run(
            [PROGRAM, "change", *words],
            cwd=self._folder,
            env={**os.environ, **self.hosted.azure.network(), **self.hosted.environment()},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert commands_in(done.stdout + done.stderr) == []
        return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def told(hosted: OnGithub | OnAzureDevops, tmp_path: Path) -> Tell:
    """The commands, as a pipeline gives them."""
    return Tell(hosted, tmp_path)


def test_a_yes_for_one_tenant_lets_nothing_of_another_pass(told: Tell) -> None:
    gate = ("gate", *PREVIEWS, "--on-pull-request")
    stopped = told(*gate)
    assert stopped.code == 1
    assert [line for line in stopped.err.splitlines() if line.startswith("  ")] == [
        "  allow: delete-scan contoso",
        "  allow: delete-scan fabrikam",
    ]
    approve(told.hosted, REVIEWER, "allow: delete-scan contoso")
    stopped = told(*gate, "--json")
    assert [one["approval"] for one in json.loads(stopped.out)["stops"]] == ["delete-scan fabrikam"]
    assert told("comment", *PREVIEWS).code == 0
    [comment] = pipelines_own(told.hosted)
    assert "To let it pass: `allow: delete-scan fabrikam`" in comment
    assert "**Approved:**\n\n* `delete-scan` in contoso" in comment
    approve(told.hosted, THIRD, "allow: delete-scan fabrikam")
    assert told(*gate).code == 0


def test_what_is_said_in_vain_is_told_with_its_reason(told: Tell) -> None:
    if isinstance(told.hosted, OnAzureDevops):
        told.hosted.push(THIRD)
    else:
        told.hosted.push(SECOND, author=THIRD)
    said = ("delete-scan", "delete-scan *", "everything contoso", "##vso[task.uploadfile]/etc/passwd", "##[add-mask]a")
    approve(told.hosted, REVIEWER, "\n".join(f"allow: {one}" for one in said))
    approve(told.hosted, THIRD, "allow: delete-scan contoso")
    stopped = told("gate", *PREVIEWS, "--on-pull-request")
    assert stopped.code == 1
    assert told("comment", *PREVIEWS).code == 0
    [comment] = pipelines_own(told.hosted)
    for words in (
        "allow: delete-scan: it names no stack",
        "'*' is no stack",
        "the gate has no rule 'everything'",
        "/etc/passwd",
        f"{THIRD} has a part in this change",
    ):
        assert words in stopped.err
        assert words.replace("*", "\\*") in comment


def test_a_pull_request_that_touches_no_tenant_any_more_says_so_where_it_said_otherwise(told: Tell) -> None:
    nothing = ("comment", "--from", "none", "--of", "")
    assert told(*nothing).code == 0
    assert pipelines_own(told.hosted) == []
    assert told("comment", *PREVIEWS).code == 0
    assert told(*nothing).code == 0
    [comment] = pipelines_own(told.hosted)
    assert "touches no tenant any more" in comment
    assert told("gate", "--from", "none", "--of", "").code == 0


def test_a_stack_file_that_is_taken_away_is_told_whatever_else_there_is(told: Tell) -> None:
    assert told("comment", "--from", "none", "--of", "", "--gone", "northwind,adatum").code == 0
    [comment] = pipelines_own(told.hosted)
    assert "**Stack files are taken away:** northwind, adatum. What they deployed stays" in comment
    assert told("comment", *PREVIEWS, "--gone", "northwind").code == 0
    [comment] = pipelines_own(told.hosted)
    assert "taken away:** northwind." in comment
    assert "`delete-scan` in contoso" in comment


def test_a_preview_that_is_missing_is_one_that_failed(told: Tell) -> None:
    """Its job did not come so far: others' previews say nothing of it."""
    wanted = ("--of", "contoso,fabrikam,northwind")
    approved = ("--approved", "delete-scan contoso, fabrikam")
    assert told("gate", *PREVIEWS, *approved).code == 0
    stopped = told("gate", *PREVIEWS, *approved, *wanted)
    assert (stopped.code, "northwind: its preview failed or is missing" in stopped.err) == (1, True)
    for folder in ("previews", "none"):
        assert told("comment", "--from", folder, *wanted).code == 0
        [comment] = pipelines_own(told.hosted)
        assert "There is no preview of northwind" in comment
        assert "exactly this is deployed" not in comment


@pytest.mark.parametrize("why", ["unknown", "fork"])
def test_a_pull_request_of_which_nobody_knows_anything_says_so(told: Tell, why: str) -> None:
    assert told("comment", "--instead", why).code == 0
    [comment] = pipelines_own(told.hosted)
    assert "**Nobody knows what this would change:**" in comment
    for words in (("comment",), ("comment", *PREVIEWS, "--instead", why)):
        wrong = told(*words)
        assert (wrong.code, "say --from or --instead, and not both" in wrong.words) == (2, True)


def test_an_issue_about_drift_names_those_who_differ_now(told: Tell, tmp_path: Path) -> None:
    change = {"kind": "scan", "resource": "it", "field": "", "was": None, "now": None}
    for stacks in (("contoso",), ("contoso", "fabrikam")):
        found = [{"stack": one, "changes": [change], "unknown": [], "problem": ""} for one in stacks]
        (tmp_path / "drift.json").write_text(json.dumps(found))
        assert told("issue", "--drift", "drift.json").code == 0
    if isinstance(told.hosted, OnGithub):
        titles = [one["title"] for one in told.hosted.issues()]
    else:
        titles = told.hosted.titles()
    assert titles == ["Drift: contoso, fabrikam"]
    left = Left("readers", "collection role", "", "nobody <looks>")
    over = [Drift(one, covered=["it"], left_out=[left]).as_json() for one in ("contoso", "fabrikam")]
    (tmp_path / "drift.json").write_text(json.dumps(over))
    closed = told("issue", "--drift", "drift.json")
    besides = "2 objects of contoso, fabrikam left out: collection role"
    assert (closed.code, f": no drift; {besides}\n" in closed.out) == (0, True)
    last_word = closed_with(told.hosted)
    assert f"Nothing differs any more; {besides}." in last_word
    assert (r"\<looks" if isinstance(told.hosted, OnGithub) else r"\&lt;looks") in last_word, "it is no markup"


def test_a_night_whose_jobs_have_left_nothing_is_not_taken_for_one_without_drift(told: Tell, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: purview-ai\nruntime: python\n")
    nobody = told("issue", "--drift", "drifts")
    assert (nobody.code, "there is no stack file in" in nobody.err) == (3, True)
    for stack in ("contoso", "fabrikam"):
        (tmp_path / f"Pulumi.{stack}.yaml").touch()
    dark = told("issue", "--drift", "drifts")
    assert dark.code == 3
    assert "nobody knows whether there is drift, 2 of 2 could not wholly be looked at" in dark.out
    assert "drifts does not exist: no job has looked at any stack" in dark.err
    assert "fabrikam: could not wholly be looked at" in dark.err
    open_now = told.hosted.issues() if isinstance(told.hosted, OnGithub) else told.hosted.titles()
    assert open_now == [], "an issue is opened where something differs"
    (tmp_path / "Pulumi.yaml").unlink()
    lost = told("issue", "--drift", "drifts")
    assert (lost.code, "no Pulumi.yaml in" in lost.err) == (2, True)
