"""Where the engine comes from."""

from __future__ import annotations

import os
import shutil
import tomllib
from typing import TYPE_CHECKING

import pytest

from .machine import EXECUTABLES, Machine, Releases, archive_of
from .project import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _pinned(module: str) -> str:
    """The version of a module of Pulumi in go.mod."""
    words = (CHECKOUT / "sandbox" / "engine" / "go.mod").read_text().split()
    return words[words.index(f"github.com/pulumi/pulumi/{module}/v3") + 1].removeprefix("v")


VERSION = _pinned("sdk")


@pytest.fixture
def releases() -> Iterator[Releases]:
    """A download server with nothing on it yet."""
    yield from Releases().serve()


@pytest.fixture
def machine(tmp_path: Path, releases: Releases) -> Machine:
    """A machine with a checkout, and nothing on PATH."""
    made = Machine(tmp_path, releases, VERSION)
    (tmp_path / "path").mkdir()
    made.clone()
    return made


def test_engine_and_python_sdk_are_of_one_version() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    assert f"pulumi=={VERSION}" in project["project"]["dependencies"]
    assert _pinned("pkg") == VERSION


def test_a_recent_pulumi_on_path_is_linked_and_nothing_else_from_there(machine: Machine) -> None:
    machine.put_pulumi("3.999.0")
    machine.put("python3", "#!/bin/sh\n")
    assert machine.install().code == 0
    assert machine.engine_version() == "v3.999.0"
    assert sorted(each.name for each in machine.bin.iterdir()) == sorted(EXECUTABLES)
    assert machine.releases.asked == []


@pytest.mark.parametrize("version", ["3.1.0", "2.999.0", "4.0.0", "unknown"])
def test_a_pulumi_on_path_that_does_not_fit_the_sdk_is_not_used(machine: Machine, version: str) -> None:
    machine.put_pulumi(version)
    machine.releases.publish(VERSION, archive=archive_of(VERSION))
    run = machine.install()
    assert "is not used" in run.output
    assert machine.engine_version() == f"v{VERSION}"


def test_a_pulumi_on_path_without_a_language_host_is_not_used(machine: Machine) -> None:
    machine.put_pulumi("3.999.0", names=("pulumi",))
    machine.releases.publish(VERSION, archive=archive_of(VERSION))
    run = machine.install()
    assert "no Python language host beside it" in run.output
    assert machine.engine_version() == f"v{VERSION}"


def test_the_official_release_is_downloaded(machine: Machine) -> None:
    machine.releases.publish(VERSION, archive=archive_of(VERSION))
    assert machine.install().code == 0
    assert machine.engine_version() == f"v{VERSION}"
    assert sorted(each.name for each in machine.bin.iterdir()) == sorted(EXECUTABLES)


def test_an_archive_with_another_checksum_is_not_used(machine: Machine) -> None:
    machine.put_go()
    machine.releases.publish(VERSION, archive=archive_of(VERSION), checksum="0" * 64)
    run = machine.install()
    assert "does not match its published checksum" in run.output
    assert machine.builds() == 1


def test_a_cut_archive_is_not_used(machine: Machine) -> None:
    machine.put_go()
    machine.releases.publish(VERSION, archive=archive_of(VERSION))
    machine.releases.cut = {path for path in machine.releases.files if path.endswith(".tar.gz")}
    run = machine.install()
    assert "The official download is not used" in run.output
    assert machine.builds() == 1


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (archive_of(VERSION, names=EXECUTABLES[:1]), "pulumi-language-python-exec"),
        (archive_of("3.1.0"), "is 3.1.0"),
        (b"not an archive", "not a gzip file"),
    ],
    ids=["incomplete", "of another version", "no archive"],
)
def test_an_archive_with_no_fitting_engine_is_not_used(machine: Machine, archive: bytes, reason: str) -> None:
    machine.put_go()
    machine.releases.publish(VERSION, archive=archive)
    assert reason in machine.install().output
    assert machine.builds() == 1


def test_what_cannot_be_downloaded_is_built_and_shows_how_far_it_is(machine: Machine) -> None:
    machine.put_go()
    run = machine.install()
    assert "The official download is not used: Not Found" in run.output
    assert "fetching 1 of at most" in run.output
    assert "compiling 2 of 2 packages" in run.output
    assert machine.engine_version() == f"v{VERSION}"
    assert all(os.access(machine.bin / name, os.X_OK) for name in EXECUTABLES)


def test_a_second_run_neither_downloads_nor_builds(machine: Machine) -> None:
    machine.put_go()
    machine.install()
    asked = list(machine.releases.asked)
    assert machine.install().code == 0
    assert machine.releases.asked == asked
    assert machine.builds() == 1


def test_a_second_clone_takes_what_the_first_has_built(machine: Machine) -> None:
    machine.put_go()
    machine.install()
    second = machine.clone("second")
    assert machine.install(second).code == 0
    assert (second / ".tools" / "engine" / "bin" / "pulumi").exists()
    assert machine.builds() == 1


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "host/run.go"])
def test_a_changed_input_is_built_anew(machine: Machine, name: str) -> None:
    machine.put_go()
    machine.install()
    before = machine.bin.resolve()
    with (machine.checkout / "sandbox" / "engine" / name).open("a") as file:
        file.write("\n")
    machine.install()
    assert machine.builds() == 2
    assert machine.bin.resolve() != before


def test_a_lost_cache_is_filled_again(machine: Machine) -> None:
    machine.put_go()
    machine.install()
    shutil.rmtree(machine.folder / "cache")
    machine.install()
    assert machine.engine_version() == f"v{VERSION}"


def test_without_go_one_line_says_what_to_install(machine: Machine) -> None:
    run = machine.install()
    assert run.code == 1
    assert f"or Pulumi {VERSION} or newer, and try again" in run.output.splitlines()[-1]
    assert "Go is not on PATH" in run.output.splitlines()[-1]
    assert not machine.bin.exists()


def test_an_old_go_is_refused_with_the_version_that_is_needed(machine: Machine) -> None:
    machine.put_go(go_version="1.2.3")
    run = machine.install()
    assert run.code == 1
    assert "this Go is 1.2.3. Install Go 1." in run.output.splitlines()[-1]
    assert machine.builds() == 0


def test_a_failed_build_shows_what_go_said_and_leaves_nothing(machine: Machine) -> None:
    machine.put_go()
    (machine.folder / "no-build").touch()
    run = machine.install()
    assert run.code == 1
    assert "two.go:7: undefined: three" in run.output
    assert machine.engines() == []
    assert not machine.bin.exists()


def test_a_killed_install_leaves_no_engine_and_does_not_hinder_the_next(machine: Machine) -> None:
    machine.put_go()
    begun = _hold_build(machine)
    with machine.begin() as run:
        begun.read_text()
        run.kill()
    assert not machine.bin.exists()
    begun.unlink()  # The next build is not held; the first still is.
    assert machine.install().code == 0
    assert machine.engine_version() == f"v{VERSION}"
    assert machine.engines() == [machine.bin.resolve()]
    _go_on(machine)


def test_a_build_whose_sources_change_meanwhile_is_not_kept(machine: Machine) -> None:
    machine.put_go()
    begun = _hold_build(machine)
    with machine.begin() as run:
        begun.read_text()
        with (machine.checkout / "sandbox" / "engine" / "go.sum").open("a") as file:
            file.write("\n")
        _go_on(machine)
        output, _ = run.communicate()
    assert run.returncode == 1
    assert "its sources changed" in output
    assert machine.engines() == []


def test_of_two_installs_at_once_one_builds_and_both_have_the_engine(machine: Machine) -> None:
    machine.put_go()
    second = machine.clone("second")
    begun = _hold_build(machine)
    with machine.begin() as one:
        begun.read_text()
        with machine.begin(second) as other:
            assert other.stdout is not None
            assert "waiting" in other.stdout.readline()
            _go_on(machine)
            other.communicate()
        one.communicate()
    assert (one.returncode, other.returncode) == (0, 0)
    assert (second / ".tools" / "engine" / "bin").resolve() == machine.bin.resolve()
    assert machine.builds() == 1


def _hold_build(machine: Machine) -> Path:
    """Lets the next build stop half-way; the returned pipe tells when it is there."""
    for name in ("begun", "go-on"):
        os.mkfifo(machine.folder / name)
    return machine.folder / "begun"


def _go_on(machine: Machine) -> None:
    (machine.folder / "go-on").write_text("")
