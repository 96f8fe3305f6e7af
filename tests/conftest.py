"""What every test may ask for: a local Azure of its own, and people to act as."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from deployed import PACE_S, deployed_tenant, tenant_in
from hypothesis import settings
from local_azure import seed
from local_azure.process import LocalAzure
from people import Person
from stand_ins.install import install
from tenants import CHECKOUT, PULUMI_HOME, Tenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A busy machine is no defect of the code: there is no deadline for an example.
settings.register_profile("tests", deadline=None)
settings.register_profile("nightly", deadline=None, max_examples=100, stateful_step_count=40)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "tests"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, or one worker goes on with it alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def _environment_kept() -> Iterator[None]:
    """What is put into this process's environment goes again.

    All but the engine's home, which is the session's, whichever test asks for it first.
    """
    before = dict(os.environ)
    yield
    home = {name: os.environ[name] for name in (PULUMI_HOME,) if name in os.environ}
    os.environ.clear()
    os.environ.update(before | home)


_own_environment = pytest.fixture(autouse=True, name="_own_environment")(_environment_kept)
_environment_of_a_module = pytest.fixture(autouse=True, scope="module", name="_environment_of_a_module")(
    _environment_kept
)
"""What a module's own tenant needed is not in the environment of the next module."""


@pytest.fixture
def azure(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[LocalAzure]:
    """A local Azure of its own for one test, freshly seeded, or as a first deployment left it (marker ``deployed``).

    ``LOCAL_AZURE_RULES_OFF`` switches rules off, which is how the rules are proved to matter.
    """
    if request.node.get_closest_marker("deployed"):
        shutil.copytree(request.getfixturevalue("first_deployment") / "azure", tmp_path / "azure")
    off = [name for name in os.environ.get("LOCAL_AZURE_RULES_OFF", "").split(",") if name]
    found = LocalAzure.start(tmp_path / "azure", pace=PACE_S, rules_off=off, warm=True)
    yield found
    found.kill()


@pytest.fixture
def operator(azure: LocalAzure) -> Iterator[Person]:
    """Somebody with all rights, who changes things behind Pulumi's back."""
    with azure.client() as client:
        yield Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)


@pytest.fixture
def deployer(azure: LocalAzure) -> Iterator[Person]:
    """The identity that deploys."""
    with azure.client() as client:
        yield Person(azure, client, seed.DEPLOYER_APP, seed.DEPLOYER_SECRET)


@pytest.fixture
def stranger(azure: LocalAzure) -> Iterator[Person]:
    """Somebody who can sign in and may do nothing."""
    with azure.client() as client:
        yield Person(azure, client, seed.STRANGER_APP, seed.STRANGER_SECRET)


@pytest.fixture(scope="session")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An engine's home with the provider plugins in it."""
    home = tmp_path_factory.mktemp("pulumi-home")
    install(home, CHECKOUT / ".venv" / "bin" / "python")
    os.environ[PULUMI_HOME] = str(home)
    return home


@pytest.fixture(scope="session")
def first_deployment(tmp_path_factory: pytest.TempPathFactory, pulumi_home: Path) -> Path:
    """A tenant and its local Azure, deployed once and then at rest: what others begin with a copy of."""
    del pulumi_home
    folder = tmp_path_factory.mktemp("first-deployment")
    with deployed_tenant(folder):
        return folder


@pytest.fixture
def tenant(tmp_path: Path, azure: LocalAzure, pulumi_home: Path, request: pytest.FixtureRequest) -> Tenant:
    """A tenant that nobody has deployed yet, or that was deployed on an earlier day (marker ``deployed``)."""
    del pulumi_home
    if request.node.get_closest_marker("deployed"):
        shutil.copytree(request.getfixturevalue("first_deployment") / "tenant", tmp_path / "tenant")
    return Tenant(tmp_path / "tenant", azure)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, first_deployment: Path) -> Iterator[tuple[Tenant, Person]]:
    """One tenant that was deployed on an earlier day, for a module whose tests put back what they change."""
    folder = tmp_path_factory.mktemp("deployed")
    shutil.copytree(first_deployment, folder, dirs_exist_ok=True)
    with tenant_in(folder) as found:
        yield found
