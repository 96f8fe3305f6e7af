"""Programs in Python on the real engine."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

from .project import (
    BLOCKED,
    ENGINE,
    UV,
    VENV,
    Project,
    Pulse,
    host_of,
    interrupt,
    wait_for_end,
)

if TYPE_CHECKING:
    from pathlib import Path

NOTHING_ANSWERS_HERE = "http://127.0.0.1:9"


def test_what_goes_up_needs_no_change_afterwards(project: Project) -> None:
    assert project.up().code == 0
    assert (project.folder / "note.txt").read_text() == "hello"
    again = project.pulumi("preview", "--expect-no-changes")
    assert again.code == 0, again.output


def test_a_preview_changes_nothing(project: Project) -> None:
    preview = project.pulumi("preview")
    assert preview.code == 0
    assert "+ 2 to create" in preview.output
    assert not (project.folder / "note.txt").exists()


def test_a_program_knows_its_stack_and_settings(project: Project) -> None:
    project.pulumi("config", "set", "text", "from the stack file")
    project.pulumi("config", "set", "--secret", "key", "sk-12345")
    assert "sk-12345" not in project.up().output
    outputs = json.loads(project.pulumi("stack", "output", "--json", "--show-secrets").output)
    assert outputs == {
        "text": "from the stack file",
        "where": "organization/tiny/dev",
        "key": "sk-12345",
    }
    assert '"[secret]"' in project.pulumi("stack", "output", "--json").output


def test_drift_is_told_apart_from_none(project: Project) -> None:
    project.up()
    assert project.drift().code == 0
    (project.folder / "note.txt").write_text("changed by hand")
    drifted = project.drift()
    assert drifted.code == 7
    assert "~ 1 to update" in drifted.output


def test_destroy_removes_what_was_made(project: Project) -> None:
    project.up()
    assert project.pulumi("destroy", "--yes", "--skip-preview").code == 0
    assert not (project.folder / "note.txt").exists()


def test_about_names_the_python_the_plugins_and_the_packages(project: Project) -> None:
    shutil.copy(VENV.parent / "uv.lock", project.folder)
    about = json.loads(project.pulumi("about", "--json", "--transitive").output)
    assert about["runtime"]["executable"] == str(VENV / "bin" / "python")
    assert {"name": "pulumi", "version": about["cliAbout"]["version"]} in about["dependencies"]
    assert "azure-native" in [plugin["name"] for plugin in about["plugins"]]


def test_a_failing_program_is_told_once_and_readably(project: Project) -> None:
    project.write("__main__.py", "raise ValueError('the tenant has no account')\n")
    run = project.up()
    assert run.code != 0
    diagnostics = run.output.partition("Diagnostics:")[2]
    assert diagnostics.count("error:") == 1
    assert f'File "{project.folder}/__main__.py", line 1' in diagnostics
    assert "ValueError: the tenant has no account" in diagnostics


def test_a_program_that_dies_says_of_what(project: Project) -> None:
    project.write("__main__.py", "import os\nos.kill(os.getpid(), 9)\n")
    assert "the program ended with signal: killed" in project.up().output


def test_after_a_failing_program_the_host_ends_before_the_engine_has_to_kill_it(
    project: Project, tmp_path: Path
) -> None:
    # The engine prefers the host beside itself; so it is put beside one that keeps the exit code.
    # A host that is killed after the engine's grace takes this script along, and nothing is written.
    project.engine = tmp_path / "engine"
    shutil.copytree(ENGINE, project.engine)
    ending = project.folder / "ending"
    watch = project.engine / "pulumi-language-python"
    watch.unlink()
    watch.write_text(f'#!/bin/sh\ntrap : INT\n"{ENGINE}/pulumi-language-python" "$@"\necho $? >>{ending}\n')
    watch.chmod(0o755)
    project.write("__main__.py", "raise ValueError\n")
    assert project.up().code != 0
    assert set(ending.read_text().split()) == {"0"}


def test_an_unknown_runtime_option_is_refused_by_name(project: Project) -> None:
    project.write(
        "Pulumi.yaml",
        f"""
        name: tiny
        runtime: {{name: python, options: {{toolchain: uv, virtualenv: {VENV}, typechecker: mypy}}}}
        """,
    )
    assert "runtime option typechecker: mypy is not known" in project.pulumi("preview").output


def test_ctrl_c_ends_the_program_and_its_children_at_once(project: Project) -> None:
    pulse = Pulse(project.folder / "pulse")
    project.write("__main__.py", pulse.opening + BLOCKED)
    run = project.begin("up", "--yes", "--skip-preview")
    pulse.beats(run)
    cancelled = interrupt(run)
    assert pulse.stopped()
    assert cancelled.code != 0
    assert "update canceled" in cancelled.output


def test_nothing_outlives_a_killed_engine(project: Project) -> None:
    pulse = Pulse(project.folder / "pulse")
    project.write("__main__.py", pulse.opening + BLOCKED)
    with project.begin("up", "--yes", "--skip-preview") as run:
        pulse.beats(run)
        host = host_of(run)
        run.kill()
    assert pulse.stopped()
    wait_for_end(host)


def test_uv_keeps_the_environment_of_a_program_in_order_without_the_network(project: Project) -> None:
    project.write("Pulumi.yaml", "name: tiny\nruntime: {name: python, options: {toolchain: uv}}\n")
    project.write(
        "pyproject.toml",
        f"""
        [project]
        name = "tiny"
        version = "0"
        requires-python = ">=3.11"
        dependencies = ["pulumi=={_sdk_version()}"]
        """,
    )
    # Once with the network, if uv does not have the packages at hand.
    subprocess.run([UV / "uv", "sync", "--quiet"], cwd=project.folder, check=True)
    gone = _installed(project.folder, "semver")
    for part in gone:
        shutil.rmtree(part)
    project.more = {"UV_DEFAULT_INDEX": NOTHING_ANSWERS_HERE, "HTTPS_PROXY": NOTHING_ANSWERS_HERE}
    run = project.up()
    assert run.code == 0, run.output
    assert _installed(project.folder, "semver") == gone


def test_install_makes_the_environment_of_a_program(project: Project) -> None:
    project.write("Pulumi.yaml", "name: tiny\nruntime: {name: python, options: {toolchain: uv}}\n")
    project.write("pyproject.toml", '[project]\nname = "tiny"\nversion = "0"\nrequires-python = ">=3.11"\n')
    subprocess.run([UV / "uv", "lock", "--quiet", "--offline"], cwd=project.folder, check=True)
    installed = project.pulumi("install")
    assert installed.code == 0, installed.output
    assert (project.folder / ".venv" / "bin" / "python").exists()


def _sdk_version() -> str:
    (info,) = (VENV / "lib").glob("python*/site-packages/pulumi-*.dist-info")
    return info.stem.removeprefix("pulumi-")


def _installed(folder: Path, package: str) -> list[Path]:
    return sorted((folder / ".venv" / "lib").glob(f"python*/site-packages/{package}*"))
