"""Two stacks of one account at the same time, on the real engine."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from estate import collection, connection, credential, role, run, scan, source, trigger
from objects_program import ObjectsProgram
from people import PURVIEW
from policies import policy
from purview_ai.datamap.policy import gives
from rights import give_deployer

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure
    from people import Person


def holder_of(name: str) -> str:
    """To whom a tenant's stack gives a role."""
    return f"00000000-0000-4000-8000-{len(name):012}"


def estate(name: str) -> dict[str, dict[str, Any]]:
    """A tenant's objects, all named after it, in the collection that both share."""
    of_scan = {"data_source": name, "scan": f"{name}-scan"}
    reference = {"referenceName": f"{name}-key", "credentialType": "TalonKey"}
    properties = {"firstLight": "2026-01-01T00:00:00Z", "perch": {"credentialReference": reference}}
    scanned = scan(data_source=name, name=f"{name}-scan", properties=properties)
    return {
        "role": role(principal_id=holder_of(name)),
        "collection": collection(name=f"{name}-own"),
        "connection": connection(name=f"{name}-kv"),
        "credential": credential(name=f"{name}-key", connection=f"{name}-kv") | {"after": ["connection"]},
        "source": source(f"workspace-{name}", name=name),
        "scan": scanned | {"after": ["credential", "source"]},
        "trigger": trigger(**of_scan) | {"after": ["scan"]},
        "run": run(**of_scan) | {"after": ["scan"]},
    }


def at_once(*commands: Any) -> None:
    """All of them at the same time, to their end."""
    threads = [threading.Thread(target=command) for command in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_stacks_at_the_same_time_do_not_disturb_each_other(
    tmp_path: Path, pulumi_home: Path, azure: LocalAzure, operator: Person
) -> None:
    del pulumi_home
    give_deployer(operator, "collection-administrator", "data-source-administrator")
    stacks = {name: ObjectsProgram.of(tmp_path / name, azure).wish(estate(name)) for name in ("alpha", "omega-two")}
    first, second = stacks.values()
    outcomes: list[Any] = []
    at_once(*(lambda one=one: outcomes.append(one.up()) for one in stacks.values()))
    for outcome in outcomes:
        outcome.must_succeed()
    held = policy(operator)
    lost = [name for name in stacks if not gives(held, "purview-reader", holder_of(name))]
    assert not lost or any("written over somebody else's change" in one.output for one in outcomes), lost
    for one in stacks.values():
        # Whoever was told that it wrote over the other's role is run again, as it was told.
        one.run("refresh", "--yes").must_succeed()
        one.up().must_succeed()
        assert one.refresh().must_succeed().steps == {}
    assert sorted(one["name"] for one in operator.get(f"{PURVIEW}/scan/datasources")["value"]) == list(stacks)
    first.destroy().must_succeed()
    assert second.refresh().must_succeed().steps == {}
    assert second.preview("--expect-no-changes").must_succeed().steps == {}
    assert [one["name"] for one in operator.get(f"{PURVIEW}/scan/datasources")["value"]] == ["omega-two"]
