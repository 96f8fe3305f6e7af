"""The script that makes GitHub's environments, against a GitHub CLI that writes down what it is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tenants import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

TOLD = {
    "contoso-plan": {"reviewers": False, "variables": {"AZURE_CLIENT_ID": "1", "PULUMI_BACKEND_URL": "azblob://a?b=c"}},
    "contoso-production": {"reviewers": True, "variables": {"AZURE_CLIENT_ID": "2"}},
    "contoso-scans": {"reviewers": False, "variables": {"AZURE_CLIENT_ID": "2"}},
}
SCANS = "repos/contoso/purview/environments/contoso-scans"
LISTED = r'.branch_policies[] | "\(.id) \(.type) \(.name)"'
GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in
*--input*) printf 'with %s\\n' "$(cat)" >> "$CALLS" ;;
*/teams/nobody*) echo 'HTTP 404: Not Found' >&2; exit 1 ;;
*/teams/odd*) echo '{}' ;;
*/teams/*) echo 77 ;;
*--paginate*contoso-plan/*) echo '5 branch main' ;;
*--paginate*contoso-scans/*) printf '%s\\n' '6 branch release/* v1' '7 tag main' ;;
esac
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What gh was asked for, line by line."""
    program = tmp_path / "gh"
    program.write_text(GH)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    return tmp_path / "calls"


def script(*words: str, told: str = json.dumps(TOLD)) -> subprocess.CompletedProcess[str]:
    """The script, told of some environments."""
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "bootstrap" / "environments_on_github.py"), *words],
        input=told,
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_environment_is_protected_before_it_gets_its_variables(calls: Path) -> None:
    done = script("contoso/purview", "reviewers")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "contoso-plan: main alone",
        "contoso-production: main alone, approved by reviewers",
        "contoso-scans: branch release/* v1 is no longer let in",
        "contoso-scans: tag main is no longer let in",
        "contoso-scans: main alone",
    ]
    asked = calls.read_text().splitlines()
    assert asked[0] == "api orgs/contoso/teams/reviewers --jq .id"
    place = "repos/contoso/purview/environments/contoso-production"
    begun = [asked.index(f"api --method PUT {one} --input -") for one in (place, SCANS)]
    here = asked[begun[0] : begun[1]]
    assert json.loads(here[1].removeprefix("with ")) == {
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
        "reviewers": [{"type": "Team", "id": 77}],
        "prevent_self_review": True,
    }
    assert here[2:] == [
        f"api --paginate {place}/deployment-branch-policies --jq {LISTED}",
        f"api --method POST {place}/deployment-branch-policies -f name=main",
        "variable set AZURE_CLIENT_ID --repo contoso/purview --env contoso-production --body 2",
    ]
    assert not any("contoso-plan/deployment-branch-policies -f" in line for line in asked), "it is there already"
    assert '"reviewers": []' in calls.read_text()


def test_whoever_else_an_environment_let_in_is_kept_out_before_it_gets_its_variables(calls: Path) -> None:
    done = script("contoso/purview", "reviewers")
    assert done.returncode == 0, done.stderr
    asked = calls.read_text().splitlines()
    patterns = f"{SCANS}/deployment-branch-policies"
    here = asked[asked.index(f"api --method PUT {SCANS} --input -") :]
    assert here[2:] == [
        f"api --paginate {patterns} --jq {LISTED}",
        f"api --method DELETE {patterns}/6",
        f"api --method DELETE {patterns}/7",
        f"api --method POST {patterns} -f name=main",
        "variable set AZURE_CLIENT_ID --repo contoso/purview --env contoso-scans --body 2",
    ]
    assert [line for line in asked if "DELETE" in line and SCANS not in line] == []


def test_what_gh_refuses_is_told_and_nothing_else_is_asked(calls: Path) -> None:
    done = script("contoso/purview", "nobody")
    assert done.returncode == 1
    assert "gh api orgs/contoso/teams/nobody --jq .id: HTTP 404: Not Found" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(calls.read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("", "Invalid JSON: EOF while parsing a value"),
        ("error: no stack selected", "Invalid JSON"),
        ("{}", "Dictionary should have at least 1 item"),
        ("[]", "Input should be an object"),
        ('{"contoso-plan": {"variables": {}}}', "contoso-plan.reviewers: Field required"),
        (
            '{"contoso-plan": {"reviewers": "no", "variables": {}}}',
            "contoso-plan.reviewers: Input should be a valid bool",
        ),
        ('{"contoso-plan": {"reviewers": false, "variables": {"A": 1}}}', "contoso-plan.variables.A: Input should be"),
        ('{"contoso/plan": {"reviewers": false, "variables": {}}}', "it must have 1 to 60 letters, digits, hyphens"),
    ],
)
def test_what_tells_no_environments_changes_nothing(calls: Path, told: str, why: str) -> None:
    done = script("contoso/purview", "reviewers", told=told)
    assert done.returncode == 2
    assert done.stderr.startswith("standard input tells no environments: ")
    assert why in done.stderr
    assert "nothing was changed\n  It must be what this says" in done.stderr
    assert not calls.exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("contoso", "reviewers"), "'contoso' is no <organization>/<name>."),
        (("contoso/purview", "odd"), "gh tells no team 'odd' of contoso; nothing was changed"),
    ],
)
def test_a_repository_or_a_team_that_cannot_be_changes_nothing(calls: Path, words: tuple[str, ...], why: str) -> None:
    done = script(*words)
    assert done.returncode == 2
    assert why in done.stderr
    assert "Traceback" not in done.stderr
    assert "--method" not in (calls.read_text() if calls.exists() else "")


def test_without_the_github_cli_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = script("contoso/purview", "reviewers")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("gh is not on PATH; nothing was changed\n")
