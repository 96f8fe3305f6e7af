"""Connector profiles: the wire names with which a Purview connector is addressed.

Microsoft publishes neither the ``kind`` strings nor the property names of the ChatGPT Enterprise connector
(docs/facts.md, purview 0), so they are data: shipped for each app, replaceable in a stack file.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from purview_ai.json_values import is_list, is_object

_PLACEHOLDER = re.compile(r"\{(?P<name>\w+)(?::(?P<format>[^{}]+))?\}")
_MISSING = object()


class WireObject(BaseModel):
    """What a data source or a scan looks like on the wire."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(description="The object's kind, as GET answers it.", min_length=1)
    properties: dict[str, Any] = Field(
        default_factory=dict,
        description="Its properties; texts may hold placeholders such as {workspace_id}.",
    )

    def rendered(self, values: dict[str, object]) -> dict[str, Any]:
        """The properties with their placeholders filled; a property whose value is missing is left out."""
        return {
            name: value
            for name, template in self.properties.items()
            if (value := _render(template, values)) is not _MISSING
        }

    def places_of(self, placeholder: str) -> list[list[str]]:
        """Where in the properties a placeholder stands, step by step."""
        return _places(self.properties, placeholder)


class WireCredential(BaseModel):
    """What the API key credential looks like on the wire."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(description="The credential's kind.", min_length=1)
    secret_property: str = Field(
        description="The name below typeProperties that holds the Key Vault reference.", min_length=1
    )


SOURCE_PLACEHOLDERS = frozenset({"workspace_id"})
SCAN_PLACEHOLDERS = frozenset({"workspace_id", "capture_since", "credential", "credential_kind", "data_source"})


class ConnectorProfile(BaseModel):
    """The wire names of one connector."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data_source: WireObject = Field(description="The data source; placeholder: {workspace_id}.")
    scan: WireObject = Field(
        description="The scan; placeholders: {workspace_id}, {data_source}, {credential}, {credential_kind} "
        "and {capture_since}, a date whose form may follow a colon as in {capture_since:%Y-%m-%dT00:00:00Z}."
    )
    credential: WireCredential = Field(description="The API key credential.")

    @field_validator("data_source")
    @classmethod
    def _source_placeholders(cls, given: WireObject) -> WireObject:
        _check_placeholders(given.properties, SOURCE_PLACEHOLDERS)
        return given

    @field_validator("scan")
    @classmethod
    def _scan_placeholders(cls, given: WireObject) -> WireObject:
        _check_placeholders(given.properties, SCAN_PLACEHOLDERS)
        return given


def has_placeholder(text: str) -> bool:
    """Whether a profile would take some of a text for a placeholder."""
    return _PLACEHOLDER.search(text) is not None


def _check_placeholders(template: Any, known: frozenset[str]) -> None:
    unknown = {
        match["name"]
        for text in _texts(template)
        for match in _PLACEHOLDER.finditer(text)
        if match["name"] not in known
    }
    if unknown:
        listed = ", ".join(f"{{{name}}}" for name in sorted(unknown))
        msg = f"there is no placeholder {listed} here; known are {', '.join(sorted(known))}"
        raise ValueError(msg)


def _texts(template: Any) -> list[str]:
    if isinstance(template, str):
        return [template]
    if is_object(template):
        return [text for value in template.values() for text in _texts(value)]
    if is_list(template):
        return [text for value in template for text in _texts(value)]
    return []


def _places(template: Any, placeholder: str) -> list[list[str]]:
    if is_object(template):
        return [[name, *place] for name, value in template.items() for place in _places(value, placeholder)]
    here = isinstance(template, str) and any(m["name"] == placeholder for m in _PLACEHOLDER.finditer(template))
    return [[]] if here else []


def _render(template: Any, values: dict[str, object]) -> Any:
    if is_object(template):
        return WireObject(kind="-", properties=template).rendered(values)
    if is_list(template):
        filled = [_render(item, values) for item in template]
        return [item for item in filled if item is not _MISSING]
    if not isinstance(template, str):
        return template
    if any(values.get(match["name"]) is None for match in _PLACEHOLDER.finditer(template)):
        return _MISSING
    return _PLACEHOLDER.sub(lambda match: _filled(values[match["name"]], match["format"]), template)


def _filled(value: object, form: str | None) -> str:
    if isinstance(value, date):
        return value.strftime(form or "%Y-%m-%d")
    return str(value)
