"""``purview-ai governance render``: the files, what happens to those that are there, and which settings are refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from purview_ai.operate.cli import app
from purview_ai.settings.tenant import TenantSettings
from pydantic import ValidationError
from rendered import APP, EVERYTHING, OBJECT, scripts
from settings_blocks import block
from tenants import CHECKOUT
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

GOOD, BAD, USAGE = 0, 1, 2


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one stack that asks for everything."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text((CHECKOUT / "Pulumi.yaml").read_text())
    asks(tmp_path, {"scripts": EVERYTHING})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asks(project: Path, governance: dict[str, Any] | None) -> None:
    """Has the stack file ask for this."""
    file = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text())
    if governance is not None:
        file["config"]["purview-ai:tenant"]["governance"] = governance
    (project / "stacks" / "Pulumi.contoso.yaml").write_text(yaml.safe_dump(file, allow_unicode=True))


def render(*words: str) -> Result:
    """What the command says."""
    done = CliRunner().invoke(app, ["governance", "render", "--stack", "contoso", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done


def test_the_files_are_written_once_and_found_unchanged_then(project: Path) -> None:
    first = json.loads(render("--json").stdout)
    assert set(first["files"].values()) == {"new"}
    assert (first["folder"], first["written"]) == ("governance/contoso", True)
    folder = project / "governance" / "contoso"
    assert {file.name for file in folder.iterdir()} == set(first["files"])
    assert (folder / "Set-Retention.ps1").read_bytes().startswith(b"\xef\xbb\xbf<#")
    again = render()
    assert again.exit_code == GOOD
    assert {line.rsplit(": ")[-1] for line in again.stdout.splitlines()} == {"unchanged"}


def test_a_file_that_differs_is_shown_and_written_over_only_when_told(project: Path) -> None:
    render("--out", "scripts")
    mine = project / "scripts" / "Set-Retention.ps1"
    mine.write_text("# mine\n")
    (project / "scripts" / "README.md").unlink()
    kept = render("--out", "scripts")
    assert (kept.exit_code, mine.read_text()) == (BAD, "# mine\n")
    assert f"{mine.relative_to(project)}: changed" in kept.stdout
    assert "nothing was written" in kept.stderr
    assert not (project / "scripts" / "README.md").exists()
    forced = render("--out", "scripts", "--force")
    assert forced.exit_code == GOOD
    assert mine.read_bytes().startswith(b"\xef\xbb\xbf<#")


def test_what_is_no_longer_asked_for_is_named_and_left(project: Path) -> None:
    render()
    asks(project, {"scripts": {"auditing": True}})
    told = json.loads(render("--force", "--json").stdout)["files"]
    assert told["Set-Retention.ps1"] == "no longer asked for"
    assert told["Set-Auditing.ps1"] == "unchanged"
    assert (project / "governance" / "contoso" / "Set-Retention.ps1").exists()


@pytest.mark.parametrize("governance", [None, {}, {"scripts": {"auditing": False}}])
def test_where_no_scripts_are_asked_for_it_says_so(project: Path, governance: dict[str, Any] | None) -> None:
    asks(project, governance)
    done = render()
    assert done.exit_code == USAGE
    assert "governance.scripts" in done.stderr
    assert not (project / "governance").exists()


def test_a_wrong_stack_file_says_what_is_wrong(project: Path) -> None:
    asks(project, {"scripts": {"retention": {"days": "unlimited", "action": "delete"}}})
    done = render()
    assert done.exit_code == USAGE
    assert "governance.scripts.retention.action" in done.stderr
    assert "never deleted" in done.stderr


@pytest.mark.parametrize(
    ("scripts", "path"),
    [
        ({"retention": {}}, "retention.days"),
        ({"retention": {"days": 0}}, "retention.days"),
        ({"retention": {"days": 1, "name": "x" * 65}}, "retention.name"),
        ({"retention": {"days": 1, "name": "a\nb"}}, "retention.name"),
        ({"retention": {"days": 1, "name": " a"}}, "retention.name"),
        ({"retention": {"days": 1, "name": ""}}, "retention.name"),
        ({"retention": {"days": 1, "restrictive": True}}, "retention.restrictive"),
        ({"capture": {"name": "x" * 65}}, "capture.name"),
        ({"ediscovery": {"name": "a", "app_id": APP}}, "ediscovery.object_id"),
        ({"ediscovery": {"name": "a", "app_id": "a", "object_id": OBJECT}}, "ediscovery.app_id"),
        ({"ediscovery": {"name": "a", "app_id": APP, "object_id": APP.upper()}}, "ediscovery.object_id"),
        ({"capture": {"name": "One"}, "network": {"name": "one"}}, "network"),
        ({"network": {"name": "DSPM for AI - Capture interactions for enterprise AI apps"}}, "network"),
    ],
)
def test_settings_that_no_cmdlet_takes_are_refused(scripts: dict[str, Any], path: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TenantSettings.model_validate(block(governance={"scripts": scripts}))
    places = {".".join(str(one) for one in error["loc"]) for error in refused.value.errors()}
    assert any(place.startswith(f"governance.scripts.{path}") for place in places), places


@pytest.mark.parametrize(
    ("scripts", "warning"),
    [
        ({"retention": {"days": 30, "action": "delete"}, "capture": {}}, "deletes the interactions of all enterprise"),
        ({"retention": {"days": 30}}, "no content to retain"),
        ({"retention": {"days": 30}, "capture": {}}, None),
    ],
)
def test_what_looks_like_a_mistake_is_told(scripts: dict[str, Any], warning: str | None) -> None:
    told = TenantSettings.model_validate(block(governance={"scripts": scripts})).warnings()
    about = [one for one in told if one.startswith("governance.scripts.")]
    assert (about == []) if warning is None else any(warning in one for one in about), about


def test_what_session_the_ediscovery_cmdlets_may_need_is_said() -> None:
    told = scripts()["Set-EDiscoveryApp.ps1"]
    assert "Connect-IPPSSession -EnableSearchOnlySession, then" in " ".join(told.split())
