"""Microsoft's published descriptions of its services (OpenAPI 2), as a judge of answers.

Stricter than the descriptions themselves: a property that a description does not name is a finding, so that a
misspelt name does not pass as an extension.
"""

from __future__ import annotations

import datetime
import json
import re
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    from jsonschema import ValidationError

Json = dict[str, Any]

ROOT = "https://descriptions.example/"
"""Where the descriptions' folder seems to be, so that references between files can be followed; never asked."""
METHODS = ("get", "put", "post", "patch", "delete", "head")
KEPT = (
    "type",
    "format",
    "enum",
    "pattern",
    "required",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
)
"""What means the same in OpenAPI 2 and in JSON Schema."""

formats = FormatChecker(formats=())


@formats.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(uuid.UUID(value))


@formats.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.datetime.fromisoformat(value).tzinfo is not None


@formats.checks("uri", raises=ValueError)
def _is_address(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


@formats.checks("int32")
def _is_small(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@dataclass(frozen=True)
class Exchange:
    """A request and its answer."""

    method: str
    url: str
    """Without its query."""
    status: int
    body: Any = None

    @classmethod
    def of(cls, answer: httpx.Response) -> Exchange:
        """What was asked, and what came."""
        url = str(answer.request.url).partition("?")[0]
        return cls(answer.request.method.lower(), url, answer.status_code, answer.json() if answer.content else None)


@dataclass(frozen=True)
class Finding:
    """Something in an answer that its description does not have like this."""

    operation: str
    where: str
    """The path in the body, without positions in lists: ``value/properties/createdAt``."""
    what: str


@dataclass(frozen=True, eq=False)
class Described:
    """One operation of a description."""

    id: str
    method: str
    template: str
    responses: Json
    examples: Json
    pattern: re.Pattern[str]
    """What its addresses look like."""

    def meets(self, exchange: Exchange) -> bool:
        """Whether this is the operation of an exchange."""
        return exchange.method == self.method and self.pattern.fullmatch(exchange.url) is not None


@dataclass
class Descriptions:
    """A folder of descriptions."""

    folder: Path
    _files: dict[str, Json] = field(default_factory=dict[str, Json])

    def operations(self, file: str, base: str) -> list[Described]:
        """All operations of one file, at the addresses that begin with a base (a regular expression)."""
        found: list[Described] = []
        where = ROOT + file
        for template, described in self._load(where)["paths"].items():
            for method in METHODS:
                if method not in described:
                    continue
                operation: Json = described[method]
                given = [*described.get("parameters", []), *operation.get("parameters", [])]
                found.append(
                    Described(
                        operation["operationId"],
                        method,
                        template,
                        {status: (where, response) for status, response in operation["responses"].items()},
                        {where: operation.get("x-ms-examples", {})},
                        self._pattern(base, template, [self._followed(where, one)[1] for one in given]),
                    )
                )
        return found

    def findings(self, operation: Described, exchange: Exchange) -> list[Finding]:
        """Where an answer is not as described."""
        response = operation.responses.get(str(exchange.status))
        if response is None and exchange.status >= 400:
            response = operation.responses.get("default")
        if response is None:
            return [Finding(operation.id, "", f"status {exchange.status} is not described")]
        where, described = response
        schema: Json | None = described.get("schema")
        if schema is None or exchange.method == "head":
            unexpected = exchange.body is not None
            return [Finding(operation.id, "", f"a body where none is described: {exchange.status}")] * unexpected
        validator = Draft202012Validator(
            self._schema(where, schema, closed=True),
            registry=self._registry,
            format_checker=formats,
        )
        return [
            finding
            for error in validator.iter_errors(exchange.body)
            for finding in _told(operation, error)
            if not (error.instance is None and finding.where in self._nulls(operation))
        ]

    @cached_property
    def _registry(self) -> Registry[Any]:
        return Registry(retrieve=self._retrieve)  # pyright: ignore[reportCallIssue]  # as its documentation has it

    def _retrieve(self, where: str) -> Resource[Any]:
        definitions: Json = self._load(where).get("definitions", {})
        turned = {name: self._schema(where, one, closed=False) for name, one in definitions.items()}
        return Resource(contents={"definitions": turned}, specification=DRAFT202012)

    def _load(self, where: str) -> Json:
        if where not in self._files:
            self._files[where] = json.loads((self.folder / where.removeprefix(ROOT)).read_text("utf-8-sig"))
        return self._files[where]

    def _followed(self, where: str, node: Json) -> tuple[str, Json]:
        """What a reference leads to, and the file in which that stands."""
        while "$ref" in node:
            file, _, pointer = node["$ref"].partition("#")
            where = urljoin(where, file) if file else where
            node = self._load(where)
            for step in filter(None, pointer.split("/")):
                node = node[step]
        return where, node

    @staticmethod
    def _pattern(base: str, template: str, parameters: list[Json]) -> re.Pattern[str]:
        whole = {p["name"] for p in parameters if p.get("x-ms-skip-url-encoding")}
        parts = re.split(r"\{([^}]+)\}", template)
        turned = "".join(
            re.escape(part) if number % 2 == 0 else (".+" if part in whole else "[^/]+")
            for number, part in enumerate(parts)
        )
        return re.compile(base + turned.rstrip("/") + "/?", re.IGNORECASE)

    def _schema(self, where: str, given: Json, *, closed: bool) -> Json:
        """A schema of OpenAPI 2 as JSON Schema; ``closed`` where a value stands, and not a part of a type."""
        _, target = self._followed(where, given)
        if "$ref" in given:
            file, _, pointer = given["$ref"].partition("#")
            turned: Json = {"$ref": f"{urljoin(where, file) if file else where}#{pointer}"}
            if closed:
                turned["allOf"] = list(self._by_kind(where, given))
        else:
            turned = {name: given[name] for name in KEPT if name in given}
            if "properties" in given:
                turned.setdefault("type", "object")
            for name in ("properties",):
                if name in given:
                    inner = given[name].items()
                    turned[name] = {key: self._schema(where, one, closed=True) for key, one in inner}
            for name in ("items", "additionalProperties"):
                if isinstance(given.get(name), dict):
                    turned[name] = self._schema(where, given[name], closed=True)
            if "allOf" in given:
                turned["allOf"] = [self._schema(where, one, closed=False) for one in given["allOf"]]
        if closed and self._names_properties(where, given):
            turned["unevaluatedProperties"] = False
        if target.get("x-nullable") or given.get("x-nullable"):
            turned = {"anyOf": [turned, {"type": "null"}]}
        return turned

    def _names_properties(self, where: str, given: Json) -> bool:
        where, given = self._followed(where, given)
        return "properties" in given or any(self._names_properties(where, one) for one in given.get("allOf", []))

    def _by_kind(self, where: str, given: Json) -> Iterator[Json]:
        """What a value of each described kind must be besides."""
        home, base = self._followed(where, given)
        kind = base.get("discriminator")
        if kind is None:
            return
        own = given["$ref"].rsplit("/", 1)[1]
        definitions: Json = self._load(home)["definitions"]
        for name in definitions:
            if name != own and self._descends(definitions, name, own):
                value = definitions[name].get("x-ms-discriminator-value", name)
                yield {
                    "if": {"required": [kind], "properties": {kind: {"const": value}}},
                    "then": {"$ref": f"{home}#/definitions/{name}"},
                }

    def _descends(self, definitions: Json, name: str, base: str) -> bool:
        parents = [one["$ref"].rsplit("/", 1)[1] for one in definitions[name].get("allOf", []) if "$ref" in one]
        local = [parent for parent in parents if parent in definitions]
        return base in local or any(self._descends(definitions, parent, base) for parent in local)

    def _nulls(self, operation: Described) -> set[str]:
        """Where the description's own examples of an operation have null."""
        found: set[str] = set()
        for where, examples in operation.examples.items():
            for example in examples.values():
                _, shown = self._followed(where, example)
                for response in shown["responses"].values():
                    found |= set(_null_paths(response.get("body"), ()))
        return found


def _null_paths(value: object, path: tuple[str, ...]) -> Iterator[str]:
    if value is None:
        yield "/".join(path)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _null_paths(inner, (*path, str(name)))
    elif isinstance(value, list):
        for inner in value:
            yield from _null_paths(inner, path)


def _told(operation: Described, error: ValidationError) -> Iterator[Finding]:
    path = [str(step) for step in error.absolute_path if not isinstance(step, int)]
    if error.validator == "unevaluatedProperties":
        for name in re.findall(r"'([^']+)'", error.message.partition("(")[2]):
            yield Finding(operation.id, "/".join([*path, name]), "a property that is not described")
    else:
        yield Finding(operation.id, "/".join(path), error.message)
