"""Collections: made and moved in their own time, below others or below a domain, and kept while they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from estate import collection, connection, credential, role, scan, source
from local_azure import seed
from local_azure.process import LocalAzure
from people import PURVIEW, Person
from purview_ai.objects.failures import ObjectError
from small_engine import CheckError, SmallEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READING = {"api-version": "2023-10-01-preview"}


@pytest.fixture
def unhurried(tmp_path: Path) -> Iterator[tuple[SmallEngine, Person]]:
    """A stack in a sandbox that takes a moment for a collection."""
    azure = LocalAzure.start(tmp_path / "unhurried", pace=0.5, warm=True)
    with azure.client() as client:
        yield SmallEngine.of(azure), Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
    azure.kill()


def test_what_goes_into_a_collection_waits_until_it_is_there(
    unhurried: tuple[SmallEngine, Person], capsys: pytest.CaptureFixture[str]
) -> None:
    stack, operator = unhurried
    stack.up({"collection": collection(), "source": source(collection="contoso-ai")})
    assert "waiting, for 10 minutes at most: collection contoso-ai is Creating" in capsys.readouterr().err
    moved = {
        "above": collection(name="contoso-above"),
        "collection": collection(parent="contoso-above"),
        "source": source(collection="contoso-ai"),
    }
    assert stack.up(moved) == {"above": "create", "collection": "update"}
    assert "collection contoso-ai is Moving" in capsys.readouterr().err
    found = operator.get(f"{PURVIEW}/account/collections/contoso-ai", **READING)
    assert found["parentCollection"]["referenceName"] == "contoso-above"
    assert stack.drift() == {}


def test_a_collection_that_a_killed_deployment_left_on_its_way_is_waited_for(
    unhurried: tuple[SmallEngine, Person], capsys: pytest.CaptureFixture[str]
) -> None:
    stack, operator = unhurried
    wished = collection()
    body = {
        "friendlyName": wished["friendly_name"],
        "description": wished["description"],
        "parentCollection": {"referenceName": wished["parent"], "type": "CollectionReference"},
    }
    operator.do("PUT", f"{PURVIEW}/account/collections/contoso-ai", json=body, params=READING)
    stack.up({"collection": wished, "source": source(collection="contoso-ai")})
    assert "collection contoso-ai is Creating" in capsys.readouterr().err
    assert stack.drift() == {}


def test_a_collection_may_stand_below_a_domain(stack: SmallEngine, operator: Person) -> None:
    made = {"params": {"api-version": "2023-12-01-preview"}}
    body = {"name": "research", "containerType": "Domain", "friendlyName": "Research", "description": ""}
    operator.do("PUT", f"{PURVIEW}/account/domains/research", json=body, **made)
    program = {
        "collection": collection(parent="research"),
        "writer": role(collection="contoso-ai", role="data-source-administrator", principal_id=seed.OPERATOR_ID),
        "connection": connection(),
        "credential": credential(),
        "source": source(collection="contoso-ai"),
        "scan": scan(collection="contoso-ai", domain="research"),
    }
    stack.up(program)
    assert stack.drift() == {}
    assert operator.get(f"{PURVIEW}/account/collections/contoso-ai", **READING)["domain"] == "research"
    program["scan"]["domain"] = "x7k2qd"
    assert stack.up(program) == {"scan": "update"}


def test_a_collection_that_is_in_use_says_by_what(stack: SmallEngine, other_stack: SmallEngine) -> None:
    stack.up({"collection": collection()})
    other_stack.up(
        {
            "below": collection(name="contoso-below", parent="contoso-ai"),
            "connection": connection(),
            "credential": credential(),
            "source": source(collection="contoso-ai"),
            "scan": scan(collection="contoso-ai"),
        }
    )
    with pytest.raises(ObjectError, match="409 12005") as stopped:
        stack.destroy()
    for user in ("data source chatgpt", "scan chatgpt-scan of data source chatgpt", "collection contoso-below"):
        assert user in str(stopped.value)
    assert "docs/troubleshooting.md#collection-in-use" in str(stopped.value)
    other_stack.destroy()
    stack.destroy()


def test_the_systems_own_collection_stays_and_says_why(stack: SmallEngine, operator: Person) -> None:
    root = operator.get(f"{PURVIEW}/account/collections/{seed.ACCOUNT}", **READING)
    fields = {"name": seed.ACCOUNT, "friendly_name": root["friendlyName"], "parent": "x7k2qd"}
    with pytest.raises((ObjectError, CheckError)):
        stack.up({"root": collection(**fields)})
    stack.up({"root": collection()})
    stack.state["root"].outputs["name"] = seed.ACCOUNT
    with pytest.raises(ObjectError, match="400 1006") as stopped:
        stack.destroy()
    assert "belongs to the system" in str(stopped.value)


def test_a_parent_that_is_not_there_is_told(stack: SmallEngine) -> None:
    with pytest.raises(ObjectError, match="404 ResourceNotFound") as stopped:
        stack.up({"collection": collection(parent="nowhere")})
    assert 'collection "contoso-ai" was not created' in str(stopped.value)
