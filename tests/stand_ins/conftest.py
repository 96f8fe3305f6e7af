"""Plugins and services that the tests of the stand-ins ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from listening_engine import ListeningEngine
from local_azure import seed
from local_azure.process import LocalAzure
from people import Person
from plugin_process import NOBODY, PluginProcess
from scripted_service import ScriptedService
from tidying import Broom
from whole_chain import let_the_deployer_make_resource_groups

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def offline() -> Iterator[PluginProcess]:
    """azure-native where nothing can be reached: for what needs no call."""
    plugin = PluginProcess.start(
        "stand_ins.azure_native", {**NOBODY, "HTTPS_PROXY": "http://127.0.0.1:1", "STAND_INS_PACE": "0.0001"}
    )
    plugin.configure(location="westeurope")
    yield plugin
    plugin.stop()


@pytest.fixture(scope="session")
def process() -> Iterator[PluginProcess]:
    """azure-native, not configured yet."""
    plugin = PluginProcess.start("stand_ins.azure_native", {**NOBODY, "STAND_INS_PACE": "0.001"})
    yield plugin
    plugin.stop()


@pytest.fixture
def scripted(process: PluginProcess, service: ScriptedService) -> PluginProcess:
    """azure-native, whose cloud is a service that answers by script."""
    service.will_describe_a_cloud()
    process.configure(metadataHost=service.url)
    service.asked.clear()
    return process


@pytest.fixture(scope="session")
def shared_azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAzure]:
    """One local Azure for all tests of these folders, since most of them ask it for little.

    Who deploys may do here what the plugins are tried with, which is more than a tenant's deployment asks for.
    """
    found = LocalAzure.start(tmp_path_factory.mktemp("azure"), pace=0.02, warm=True)
    with found.client() as client:
        let_the_deployer_make_resource_groups(Person(found, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET))
    yield found
    found.kill()


@pytest.fixture(scope="session")
def broom(shared_azure: LocalAzure) -> Iterator[Broom]:
    """What cleans up behind each test."""
    with shared_azure.client() as client:
        yield Broom(shared_azure, client)


@pytest.fixture
def azure(shared_azure: LocalAzure, broom: Broom) -> Iterator[LocalAzure]:
    """The shared local Azure, left as it was found."""
    yield shared_azure
    shared_azure.fine_weather()
    broom.sweep()
    shared_azure.forget_requests()


@pytest.fixture(scope="session")
def native_process(shared_azure: LocalAzure) -> Iterator[PluginProcess]:
    """azure-native beside the shared local Azure."""
    plugin = PluginProcess.start("stand_ins.azure_native", _variables(shared_azure))
    yield plugin
    plugin.stop()


@pytest.fixture
def native(azure: LocalAzure, native_process: PluginProcess) -> PluginProcess:
    """azure-native against the local Azure."""
    native_process.configure()
    azure.forget_requests()
    return native_process


@pytest.fixture(scope="session")
def azuread_process(shared_azure: LocalAzure) -> Iterator[PluginProcess]:
    """azuread beside the shared local Azure."""
    plugin = PluginProcess.start("stand_ins.azuread", _variables(shared_azure))
    yield plugin
    plugin.stop()


@pytest.fixture
def azuread(azure: LocalAzure, azuread_process: PluginProcess) -> PluginProcess:
    """azuread against the local Azure."""
    azuread_process.configure("azuread")
    azure.forget_requests()
    return azuread_process


@pytest.fixture
def listening_engine() -> Iterator[ListeningEngine]:
    """An engine that keeps what plugins log."""
    found = ListeningEngine()
    yield found
    found.stop()


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    """A service that answers by script."""
    found = ScriptedService()
    yield found
    found.stop()


def _variables(azure: LocalAzure) -> dict[str, str]:
    return {**azure.network(), **azure.deployer(), "STAND_INS_PACE": "0.001"}
