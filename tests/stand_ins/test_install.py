"""The stand-ins in the place where the engine looks for plugins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import psutil
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2_grpc
from stand_ins.install import PLUGINS, install

if TYPE_CHECKING:
    from stand_ins.install import Installation

PYTHON = Path(sys.executable)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_an_installed_plugin_starts_and_is_no_older_than_its_sdk(tmp_path: Path, plugin: Installation) -> None:
    install(tmp_path, PYTHON)
    started = subprocess.Popen([plugin.executable(tmp_path), "127.0.0.1:1"], stdout=subprocess.PIPE)
    try:
        assert started.stdout is not None
        port = int(started.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            reported = provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(Empty()).version
    finally:
        started.kill()
        started.wait()
    assert reported == plugin.version == version(f"pulumi-{plugin.name}")


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_a_plugin_loads_no_sdk_so_that_it_starts_quickly(plugin: Installation) -> None:
    program = f"import sys, {plugin.module}.provider; print(*sys.modules)"
    loaded = subprocess.run([PYTHON, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert not {"pulumi_azure_native", "pulumi_azuread", "azure.identity", "azure.core"} & set(loaded)


def test_a_second_installation_changes_nothing(tmp_path: Path) -> None:
    install(tmp_path, PYTHON)
    before = tree(tmp_path)
    install(tmp_path, PYTHON)
    assert tree(tmp_path) == before
    assert all(len(content.splitlines()) == 2 for content in before.values())


def test_a_genuine_plugin_stays(tmp_path: Path) -> None:
    genuine = PLUGINS[0].executable(tmp_path)
    genuine.parent.mkdir(parents=True)
    genuine.write_bytes(b"\x7fELF")
    install(tmp_path, PYTHON)
    assert genuine.read_bytes() == b"\x7fELF"
    assert PLUGINS[1].executable(tmp_path).exists()


def test_a_genuine_plugin_that_can_be_downloaded_takes_the_stand_ins_place(tmp_path: Path) -> None:
    home, pulumi = tmp_path / "home", tmp_path / "pulumi"
    install(home, PYTHON)
    # A pulumi whose registry has azuread only.
    pulumi.write_text(
        "#!/bin/sh\n"
        '[ "$4" = azuread ] || exit 1\n'
        'printf genuine > "$PULUMI_HOME/plugins/resource-azuread-$5/pulumi-resource-azuread"\n'
    )
    pulumi.chmod(0o755)
    install(home, PYTHON, download_with=pulumi)
    native, azuread = (plugin.executable(home).read_text() for plugin in PLUGINS)
    assert "stand_ins.azure_native" in native
    assert azuread == "genuine"


def test_the_command_line_installs_with_its_own_python(tmp_path: Path) -> None:
    subprocess.run([PYTHON, "-m", "stand_ins.install", tmp_path], check=True)
    assert str(PYTHON) in PLUGINS[0].executable(tmp_path).read_text()


def test_a_plugin_ends_when_its_engine_is_gone(tmp_path: Path) -> None:
    install(tmp_path, PYTHON)
    # An engine that starts a plugin, tells its process id, and dies without a word.
    engine = subprocess.Popen(
        ["/bin/sh", "-c", f"{PLUGINS[0].executable(tmp_path)} 127.0.0.1:1 >&2 & echo $!; wait"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert engine.stdout is not None
    assert engine.stderr is not None
    plugin = psutil.Process(int(engine.stdout.readline()))
    assert int(engine.stderr.readline()) > 0
    os.kill(engine.pid, signal.SIGKILL)
    engine.wait()
    plugin.wait(timeout=10)
