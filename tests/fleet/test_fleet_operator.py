"""``purview-ai fleet operator``: resources that the operator's own definition takes.

``PULUMI_OPERATOR_CRDS`` names the folder of the definition. Without it nothing is checked against it, and the summary
says so.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from docs.pages import CHECKOUT
from purview_ai.operate.cli import app
from tenants import STACK
from typer.testing import CliRunner

if TYPE_CHECKING:
    from typer.testing import Result

FOLDER = "PULUMI_OPERATOR_CRDS"
REPOSITORY = "https://github.com/contoso/tenants"
BACKEND = "azblob://states?storage_account=contosostates"
ALL = ("--all", "--repository", REPOSITORY)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tenants below the root of a repository: one whose secrets a key in Azure opens, one with a passphrase."""
    folder = tmp_path / "tenants"
    (folder / "stacks").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text("name: purview-ai\nruntime: python\nstackConfigDir: stacks\n")
    file = yaml.safe_load((CHECKOUT / "stacks" / f"Pulumi.{STACK}.yaml").read_text())
    write(folder, "fabrikam", file)
    file["secretsprovider"] = "azurekeyvault://kv-states.vault.azure.net/keys/states"
    file["config"] |= {"azure-native:clientId": "1" * 8, "azure-native:tenantId": "2" * 8}
    write(folder, "Contoso_EU", file)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PULUMI_BACKEND_URL", BACKEND)
    return folder


@pytest.mark.parametrize("text", ["config: [", "", "config: {}"])
def test_where_a_file_cannot_be_used_nothing_is_written_that_would_lack_its_stack(project: Path, text: str) -> None:
    (project / "stacks" / "Pulumi.fabrikam.yaml").write_text(text)
    refused = operator(*ALL)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "fabrikam: " in refused.stderr
    assert "no resource is written, since those of these stacks would be missing" in refused.stderr
    assert documents("--stack", "Contoso_EU", *ALL[1:])


def write(folder: Path, stack: str, file: dict[str, Any]) -> None:
    (folder / "stacks" / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(file))


def operator(*words: str) -> Result:
    return CliRunner().invoke(app, ["fleet", "operator", *words])


def documents(*words: str) -> list[dict[str, Any]]:
    done = operator(*words)
    assert done.exit_code == 0, done.output
    return list(yaml.safe_load_all(done.stdout))


def wrong_fields(text: str, folder: Path) -> list[str]:
    """What the definition takes exception to, by Kubernetes' own validation."""
    file = folder / "stacks.yaml"
    file.write_text(text)
    validator = os.environ.get("KUBECTL_VALIDATE") or str(CHECKOUT / ".tools/kubectl-validate/kubectl-validate")
    command = [validator, str(file), "--local-crds", os.environ[FOLDER], "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout[: done.stdout.rindex("}") + 1])[str(file)]
    found = [cause["field"] for one in told for cause in (one.get("details") or {}).get("causes", [])]
    assert bool(found) == bool(done.returncode), done.stdout + done.stderr
    return found


@pytest.mark.usefixtures("project")
def test_the_operators_definition_takes_them_and_finds_a_planted_wrong_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not (Path(os.environ.get(FOLDER) or "no-such-folder") / "pulumi.com_stacks.yaml").is_file():
        with capsys.disabled():
            print(f"\nNOT CHECKED: {FOLDER} names no folder with the operator's definition.")
        return
    more = ("--git-secret", "git", "--image", "contoso.azurecr.io/tenants:1", "--service-account", "one")
    for words in (ALL, (*ALL, *more), (*ALL, "--commit", "a" * 40, "--directory", "")):
        assert wrong_fields(operator(*words).stdout, tmp_path) == []
    good, looking, *_ = documents(*ALL)
    looking["spec"]["updateTemplate"]["spec"]["expectNoChange"] = True
    assert wrong_fields(yaml.safe_dump(looking), tmp_path)
    for path, value in (
        ("spec.driftDetection", True),
        ("spec.resyncFrequencySeconds", "hourly"),
        ("spec.workspaceReclaimPolicy", "Keep"),
        ("spec.workspaceTemplate.spec.podTemplate.metadata.tags", {}),
        ("spec.envRefs.ARM_USE_OIDC.type", None),
    ):
        planted = copy.deepcopy(good)
        *above, last = path.split(".")
        block = planted
        for step in above:
            block = block[step]
        block[last] = value
        found = wrong_fields(yaml.safe_dump(planted), tmp_path)
        assert found, f"{path} was not found"
        assert any(one.startswith(path.rpartition(".")[0]) for one in found), (path, found)


@pytest.mark.usefixtures("project")
def test_each_stack_signs_in_as_its_pod_and_secrets_are_only_referred_to() -> None:
    contoso, _, fabrikam, _ = documents(*ALL)
    assert (contoso["metadata"], contoso["spec"]["stack"]) == (
        {"name": "contoso-eu", "namespace": "purview-ai"},
        "organization/purview-ai/Contoso_EU",
    )
    for one in (contoso, fabrikam):
        spec = one["spec"]
        assert spec["serviceAccountName"] == one["metadata"]["name"]
        labels = spec["workspaceTemplate"]["spec"]["podTemplate"]["metadata"]["labels"]
        assert labels == {"azure.workload.identity/use": "true"}
        assert (spec["backend"], spec["repoDir"], spec["branch"]) == (BACKEND, "tenants", "main")
        assert (spec["destroyOnFinalize"], "refresh" in spec) == (False, False)
    assert contoso["spec"]["secretsProvider"] == "azurekeyvault://kv-states.vault.azure.net/keys/states"
    assert contoso["spec"]["envRefs"].keys() == {"ARM_USE_OIDC", "ARM_OIDC_TOKEN_FILE_PATH"}
    assert "secretsProvider" not in fabrikam["spec"]
    passphrase = {"type": "Secret", "secret": {"name": "fabrikam", "key": "PULUMI_CONFIG_PASSPHRASE"}}
    assert fabrikam["spec"]["envRefs"]["PULUMI_CONFIG_PASSPHRASE"] == passphrase
    named = "Secret purview-ai/fabrikam must have: ARM_CLIENT_ID, ARM_TENANT_ID, PULUMI_CONFIG_PASSPHRASE\n"
    assert operator(*ALL).stderr == named


@pytest.mark.usefixtures("project")
def test_what_looks_for_drift_is_only_ever_a_preview() -> None:
    """An update would write over what differs: the operator itself heeds no expectNoRefreshChanges."""
    deploys, looks, *_ = documents(*ALL)
    drift = {"purview-ai/looks-for": "drift"}
    assert looks["metadata"] == {"name": "contoso-eu-drift", "namespace": "purview-ai", "labels": drift}
    assert "labels" not in deploys["metadata"], "whoever asks for drift again asks nobody to deploy"
    spec = looks["spec"]
    assert (spec["preview"], spec["refresh"], spec["continueResyncOnCommitMatch"]) == (True, True, True)
    assert spec["updateTemplate"] == {"spec": {"expectNoChanges": True}}
    assert (spec["resyncFrequencySeconds"], "destroyOnFinalize" in spec) == (3600, False)
    same = ("stack", "backend", "secretsProvider", "serviceAccountName", "workspaceTemplate", "envRefs", "branch")
    assert [spec[field] for field in same] == [deploys["spec"][field] for field in same]
    assert "continueResyncOnCommitMatch" not in deploys["spec"]


@pytest.mark.usefixtures("project")
def test_a_stack_with_a_backend_of_its_own_is_sent_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PURVIEW_AI_BACKEND", "azblob://state-{stack}?storage_account=stcontoso")
    backends = [one["spec"]["backend"] for one in documents(*ALL)]
    own = "azblob://state-{}?storage_account=stcontoso"
    assert backends == [own.format("Contoso_EU")] * 2 + [own.format("fabrikam")] * 2


@pytest.mark.usefixtures("project")
def test_the_same_stacks_give_the_same_text_and_a_commit_takes_the_branchs_place() -> None:
    assert operator(*ALL).stdout == operator(*ALL).stdout
    assert documents(*ALL) == json.loads(operator(*ALL, "--json").stdout)["items"]
    pinned, _ = documents("--stack", "fabrikam", "--repository", REPOSITORY, "--commit", "b" * 40)
    assert (pinned["spec"]["commit"], "branch" in pinned["spec"]) == ("b" * 40, False)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((*ALL, "--backend", "file://states"), "--backend: file://states is on no pod"),
        ((*ALL, "--commit", "main"), "--commit: main is no commit"),
        ((*ALL, "--namespace", "Purview AI"), "--namespace: Purview AI is no name of Kubernetes"),
        (("--all", "--repository", "https://robin:hunter2@github.com/a/b"), "--repository: it holds what opens it"),
        ((*ALL, "--every-seconds", "5"), "should be greater than or equal to 60"),
        (("--repository", REPOSITORY), "say which stacks"),
    ],
)
def test_what_cannot_be_written_is_told_before_anything_is(words: tuple[str, ...], told: str) -> None:
    done = operator(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in re.sub(r"[│\s]+", " ", done.stderr)
    assert "hunter2" not in done.output


@pytest.mark.usefixtures("project")
def test_without_git_the_projects_folder_is_said_or_git_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = operator(*ALL)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("git is not on PATH: install it first")
    assert operator(*ALL, "--directory", "tenants").exit_code == 0


def test_a_project_at_the_root_of_its_repository_needs_no_folder(project: Path) -> None:
    subprocess.run(["git", "init", "--quiet", project], check=True)
    assert "repoDir" not in documents(*ALL)[0]["spec"]


@pytest.mark.parametrize(
    ("stack", "told"),
    [
        ("contoso-eu", "Contoso_EU and contoso-eu are both called contoso-eu in Kubernetes"),
        ("fabrikam-drift", "fabrikam-drift and fabrikam are both called fabrikam-drift in Kubernetes"),
        ("___", "___: no name in Kubernetes can be made of it"),
    ],
)
def test_a_name_that_kubernetes_cannot_have_is_refused(project: Path, stack: str, told: str) -> None:
    write(project, stack, yaml.safe_load((project / "stacks" / "Pulumi.fabrikam.yaml").read_text()))
    done = operator(*ALL)
    assert (done.exit_code, told in done.stderr) == (2, True), done.stderr


@pytest.mark.usefixtures("project")
def test_the_page_asks_for_drift_again_by_the_label_and_namespace_that_are_written() -> None:
    page = (CHECKOUT / "docs" / "operator.md").read_text()
    [asked] = re.findall(r"^kubectl annotate .*$", page, re.MULTILINE)
    for one in documents(*ALL)[1::2]:
        [(label, value)] = one["metadata"]["labels"].items()
        assert f"--selector {label}={value} " in asked
        assert f"--namespace {one['metadata']['namespace']} " in asked


def test_names_are_as_kubernetes_wants_them_of_pods_and_services(project: Path) -> None:
    """A set of pods has 52 letters at most, its service begins with one, and the operator puts -workspace behind."""
    file = yaml.safe_load((project / "stacks" / "Pulumi.fabrikam.yaml").read_text())
    stacks = ["2degrees.eu", *(f"the-subsidiary-of-contoso-in-the-country-{one}" for one in ("north", "south"))]
    for stack in stacks:
        write(project, stack, file)
    found = documents(*ALL)
    names = {one["spec"]["stack"].rpartition("/")[2]: one["metadata"]["name"] for one in found[::2]}
    assert names["2degrees.eu"] == "stack-2degrees-eu"
    assert names[stacks[1]].startswith("the-subsidiary-of-contoso-i")
    every = [one["metadata"]["name"] for one in found]
    assert len(set(every)) == len(every) == 2 * 5
    assert [one for one in every if not re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", one) or len(one) > 52 - 10] == []


def test_the_page_shows_what_the_command_writes(project: Path) -> None:
    page = (CHECKOUT / "docs" / "operator.md").read_text()
    [shown] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    [command, *_] = [line for line in page.splitlines() if line.startswith("purview-ai fleet operator")]
    write(project, "contoso", yaml.safe_load((project / "stacks" / "Pulumi.Contoso_EU.yaml").read_text()))
    assert operator(*command.split()[3:]).stdout == shown
