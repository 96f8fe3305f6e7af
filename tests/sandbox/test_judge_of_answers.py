"""The judge itself: it finds what differs from a description, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from descriptions import Descriptions, Exchange

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://pets.example"
PETS = {
    "paths": {
        "/pets/{name}": {
            "get": {
                "operationId": "Pets_Get",
                "parameters": [{"name": "name"}],
                "responses": {
                    "200": {"schema": {"$ref": "#/definitions/Pet"}},
                    "204": {},
                    "default": {"schema": {"$ref": "../common.json#/definitions/Failure"}},
                },
                "x-ms-examples": {"a pet": {"$ref": "./examples/pet.json"}},
            },
            "delete": {"operationId": "Pets_Delete", "responses": {"204": {}}},
        },
        "/{scope}/pets": {
            "get": {
                "operationId": "Pets_List",
                "parameters": [{"name": "scope", "x-ms-skip-url-encoding": True}],
                "responses": {"200": {"schema": {"type": "array", "items": {"$ref": "#/definitions/Pet"}}}},
            }
        },
    },
    "definitions": {
        "Pet": {
            "allOf": [{"$ref": "../common.json#/definitions/Named"}],
            "required": ["kind"],
            "discriminator": "kind",
            "properties": {
                "kind": {"type": "string"},
                "born": {"type": "string", "format": "date-time", "readOnly": True},
                "collar": {"$ref": "#/definitions/Collar"},
                "tags": {"type": "object", "additionalProperties": {"type": "string"}},
                "notes": {"type": "object"},
                "died": {"type": "string"},
                "owner": {"type": "string", "x-nullable": True},
            },
        },
        "Collar": {"properties": {"colour": {"type": "string", "enum": ["red", "blue"]}}},
        "Cat": {
            "allOf": [{"$ref": "#/definitions/Pet"}],
            "x-ms-discriminator-value": "cat",
            "properties": {"lives": {"type": "integer", "maximum": 9}},
        },
    },
}
COMMON = {
    "definitions": {
        "Named": {"required": ["name"], "properties": {"name": {"type": "string"}}},
        "Failure": {"required": ["code"], "properties": {"code": {"type": "string"}}},
    }
}
EXAMPLE = {"responses": {"200": {"body": {"kind": "cat", "name": "Tom", "died": None}}}}
TOM: dict[str, Any] = {"kind": "cat", "name": "Tom", "lives": 9, "born": "2026-01-01T00:00:00Z"}


@pytest.fixture
def judge(tmp_path: Path) -> Descriptions:
    for name, content in (
        ("pets/pets.json", PETS),
        ("common.json", COMMON),
        ("pets/examples/pet.json", EXAMPLE),
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))
    return Descriptions(tmp_path)


def places(judge: Descriptions, body: Any, status: int = 200, method: str = "get") -> list[str]:
    """Where an answer about Tom is not as described."""
    exchange = Exchange(method, f"{HOST}/pets/Tom", "1", status, body)
    [operation] = [o for o in judge.operations("pets/pets.json", HOST) if o.meets(exchange)]
    return sorted(finding.where for finding in judge.findings(operation, exchange))


@pytest.mark.parametrize(
    "body",
    [
        TOM,
        {"kind": "dog", "name": "Rex"},
        {**TOM, "collar": {"colour": "red"}},
        {**TOM, "tags": {"anything": "goes"}},
        {**TOM, "notes": {"anything": ["goes"]}},
        {**TOM, "died": None},
        {**TOM, "owner": None},
    ],
)
def test_a_good_answer_passes(judge: Descriptions, body: dict[str, Any]) -> None:
    assert places(judge, body) == []


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({**TOM, "lives": 10}, "lives"),
        ({**TOM, "colour": "red"}, "colour"),
        ({"kind": "dog", "name": "Rex", "lives": 1}, "lives"),
        ({**TOM, "collar": {"color": "red"}}, "collar/color"),
        ({**TOM, "collar": {"colour": "green"}}, "collar/colour"),
        ({**TOM, "tags": {"anything": 7}}, "tags/anything"),
        ({**TOM, "born": None}, "born"),
        ({**TOM, "born": "2026-01-01"}, "born"),
        ({"kind": "cat"}, ""),
        ([], ""),
    ],
)
def test_a_wrong_answer_is_found_where_it_is_wrong(judge: Descriptions, body: Any, where: str) -> None:
    assert set(places(judge, body)) == {where}


def test_statuses_bodies_and_errors_are_judged_too(judge: Descriptions) -> None:
    assert places(judge, {"code": "Gone"}, status=410) == []
    assert places(judge, {"error": {"code": "Gone"}}, status=410) == ["", "error"]
    assert places(judge, None, status=204) == []
    assert places(judge, {}, status=204) == [""]
    assert places(judge, TOM, status=201) == [""]
    assert places(judge, {"code": "Gone"}, status=410, method="delete") == [""]


def test_a_scope_may_have_slashes_and_a_name_may_not(judge: Descriptions) -> None:
    operations = {o.id: o for o in judge.operations("pets/pets.json", HOST)}
    deep = Exchange("get", f"{HOST}/a/b/c/PETS", "1", 200)
    assert operations["Pets_List"].meets(deep)
    assert not operations["Pets_Get"].meets(Exchange("get", f"{HOST}/pets/a/b", "1", 200))
