"""Every field of every kind on the real engine: one stack, one object for each field, all changed at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drift.sights import changed_by, drift_of
from estate import FIELDS, FieldCase, connection, credential, whole_tenant, with_value
from local_azure import seed
from objects_program import ObjectsProgram
from people import PURVIEW
from purview_ai.datamap.policy import without_member
from rights import STORE, give_deployer

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure
    from people import Person

NEEDED = {
    "connection": [],
    "credential": ["connection"],
    "collection": [],
    "role": [],
    "source": [],
    "scan": ["connection", "credential", "source"],
    "trigger": ["connection", "credential", "source", "scan"],
    "run": ["connection", "credential", "source", "scan"],
}
"""What must be there before an object of each kind."""
STORE_URL = f"{PURVIEW}/policystore/metadataPolicies"
CASES = {f"c{number:02}": case for number, case in enumerate(FIELDS) if case.field != "account_id"}


def group(key: str, case: FieldCase, value: Any = None) -> dict[str, dict[str, Any]]:
    """The object of one case and all that it needs, with names of their own; with another value where one is given."""
    objects = whole_tenant()
    number = int(key[1:])
    of_scan = {"data_source": f"source-{key}", "scan": f"scan-{key}"}
    credential_name = {"referenceName": f"credential-{key}", "credentialType": "TalonKey"}
    properties = {**objects["scan"]["properties"], "perch": {"credentialReference": credential_name}}
    own: dict[str, dict[str, Any]] = {
        "connection": {"name": f"connection-{key}"},
        "credential": {"name": f"credential-{key}", "connection": f"connection-{key}"},
        "collection": {"name": f"collection-{key}"},
        "role": {"principal_id": f"00000000-0000-4000-8000-{number:012}"},
        "source": {"name": f"source-{key}", "properties": {"nest": {"burrowId": f"workspace-{key}"}}},
        "scan": {"data_source": f"source-{key}", "name": f"scan-{key}", "properties": properties},
        "trigger": of_scan,
        "run": of_scan,
    }
    made: dict[str, dict[str, Any]] = {}
    for name in [*NEEDED[case.name], case.name]:
        made[f"{key}-{name}"] = objects[name] | own[name] | {"after": [f"{key}-{one}" for one in NEEDED[name]]}
    if value is not None:
        made[f"{key}-{case.name}"][case.field] = value
    return made


def address(key: str, case: FieldCase) -> str:
    """Where the service has the object of a case."""
    return {
        "connection": f"scan/azureKeyVaults/connection-{key}",
        "credential": f"scan/credentials/credential-{key}",
        "collection": f"account/collections/collection-{key}",
        "source": f"scan/datasources/source-{key}",
        "scan": f"scan/datasources/source-{key}/scans/scan-{key}",
        "trigger": f"scan/datasources/source-{key}/scans/scan-{key}/triggers/default",
    }[case.name]


def everything(*changed: str, cases: dict[str, FieldCase] = CASES) -> dict[str, dict[str, Any]]:
    """All cases, those of these keys with their other value."""
    objects = {
        "other-kv": connection(name="other-kv"),
        "other-key": credential(name="other-key", connection="other-kv"),
    }
    objects["other-key"]["after"] = ["other-kv"]
    for key, case in cases.items():
        objects |= group(key, case, case.value if key in changed else None)
    return objects


def test_one_preview_shows_exactly_what_was_changed_and_one_refresh_what_others_changed(
    tmp_path: Path, pulumi_home: Path, azure: LocalAzure, operator: Person
) -> None:
    del pulumi_home
    give_deployer(operator, "collection-administrator", "data-source-administrator")
    program = ObjectsProgram.of(tmp_path / "objects", azure)
    program.wish(everything()).up().must_succeed()

    allowed = [key for key, case in CASES.items() if case.expected != "refused"]
    stack = program.wish(everything(*allowed))
    azure.forget_requests()
    shown = stack.preview().must_succeed().steps
    expected = {f"{key}-{CASES[key].name}": CASES[key].expected for key in allowed if CASES[key].expected != "same"}
    # The engine tells a replacement in parts; which of them comes last depends on what goes first.
    parts: dict[str, str] = {"create-replacement": "replace", "delete-replaced": "replace"}
    assert {name: parts.get(step, step) for name, step in shown.items()} == expected
    assert stack.writes() == []

    changed: set[str] = set()
    for key, case in CASES.items():
        if case.path:
            version = {"api-version": "2019-11-01-preview"} if case.name == "collection" else {}
            url = f"{PURVIEW}/{address(key, case)}"
            body = with_value(operator.get(url, **version), case.path, case.outside or case.value)
            operator.do("PUT", url, json=body, params=version)
            changed.add(f"{key}-{case.name}")
    switched, gone, taken = (key_of(*case) for case in (("trigger", "enabled"), ("trigger", "scan"), ("role", "role")))
    operator.do("POST", f"{PURVIEW}/{address(switched, CASES[switched])}:disable")
    operator.do("DELETE", f"{PURVIEW}/{address(gone, CASES[gone])}")
    take_reader(operator, everything()[f"{taken}-role"]["principal_id"])
    found = program.wish(everything()).refresh()
    assert found.code == 7, found.output
    expected = dict.fromkeys([*changed, f"{switched}-trigger"], "update")
    assert found.steps == expected | {f"{gone}-trigger": "delete", f"{taken}-role": "delete"}

    without_the_program = drift_of(stack)
    assert without_the_program.changed == changed_by(found)
    assert {name for name, _ in without_the_program.changed} == set(found.steps)
    assert (without_the_program.code, without_the_program.stack["uncovered"]) == (1, [])


def key_of(name: str, field: str) -> str:
    """The key of the case of a field."""
    return next(key for key, case in CASES.items() if (case.name, case.field) == (name, field))


def take_reader(operator: Person, principal: str) -> None:
    """Somebody takes a reader's role away."""
    [policy] = operator.get(STORE_URL, collectionName=seed.COLLECTION, **STORE)["values"]
    without = without_member(policy, "purview-reader", principal)
    operator.do("PUT", f"{STORE_URL}/{policy['id']}", params=STORE, json=without)


def test_each_change_that_would_replace_a_scan_is_refused_and_nothing_else_is_shown(
    tmp_path: Path, pulumi_home: Path, azure: LocalAzure, operator: Person
) -> None:
    del pulumi_home
    give_deployer(operator, "collection-administrator", "data-source-administrator")
    program = ObjectsProgram.of(tmp_path / "objects", azure)
    cases = {key: case for key, case in CASES.items() if case.expected == "refused"}
    program.wish(everything(cases=cases)).up().must_succeed()
    azure.forget_requests()
    for key, case in cases.items():
        said = program.wish(everything(key, cases=cases)).preview().must_fail()
        assert f'"{case.name}-{key}" was not replaced' in said.words
        assert said.words.count("was not replaced") == 1
        assert set(said.steps) == set()
    assert program.tenant.writes() == []
