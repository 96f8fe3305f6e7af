"""Microsoft's published descriptions of its services (OpenAPI 2), as a judge of answers.

Stricter than the descriptions themselves: a property that a description does not name is a finding, so that a
misspelt name does not pass as an extension.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import httpx

Json = dict[str, Any]

ROOT = "https://descriptions.example/"
"""Where the descriptions' folder seems to be, so that references between files can be followed; never asked."""
UNDESCRIBED = "a property that is not described"
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
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


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
    version: str
    status: int
    body: Any = None

    @classmethod
    def of(cls, answer: httpx.Response) -> Exchange:
        """What was asked, and what came."""
        url = answer.request.url
        return cls(
            answer.request.method.lower(),
            str(url).partition("?")[0],
            url.params.get("api-version", ""),
            answer.status_code,
            answer.json() if answer.content else None,
        )


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

    @property
    def literal(self) -> int:
        """How much of its template is no parameter."""
        return len(re.sub(r"\{[^}]*\}", "", self.template))

    def meets(self, exchange: Exchange) -> bool:
        """Whether this can be the operation of an exchange; another one may fit more closely."""
        return exchange.method == self.method and self.pattern.fullmatch(exchange.url) is not None


@dataclass
class Descriptions:
    """A folder of descriptions."""

    folder: Path
    _files: dict[str, Json] = field(default_factory=dict[str, Json])
    _turned: dict[str, Resource[Any]] = field(default_factory=dict[str, "Resource[Any]"])

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
        validator = Draft202012Validator(self._use(where, schema), registry=self._registry, format_checker=formats)
        nulls = self._nulls(operation)
        wrong = [
            Finding(operation.id, place, error.message)
            for error in validator.iter_errors(exchange.body)
            if not ((place := _place(error.absolute_path)) in nulls and error.instance is None)
        ]
        unnamed = self._unnamed(where, schema, exchange.body)
        return [*wrong, *(Finding(operation.id, _place(path), UNDESCRIBED) for path in unnamed)]

    @cached_property
    def _registry(self) -> Registry[Any]:
        return Registry(retrieve=self._retrieve)

    def _retrieve(self, uri: str) -> Resource[Any]:
        if uri not in self._turned:
            definitions: Json = self._load(uri).get("definitions", {})
            turned = {name: self._schema(uri, one) for name, one in definitions.items()}
            self._turned[uri] = Resource(contents={"definitions": turned}, specification=DRAFT202012)
        return self._turned[uri]

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

    def _schema(self, where: str, given: Json) -> Json:
        """A schema of OpenAPI 2 as JSON Schema."""
        if "$ref" in given:
            return {"$ref": _absolute(where, given["$ref"])}
        turned = {name: given[name] for name in KEPT if name in given}
        if "properties" in given:
            turned.setdefault("type", "object")
            turned["properties"] = {name: self._use(where, one) for name, one in given["properties"].items()}
        for name in ("items", "additionalProperties"):
            if isinstance(given.get(name), dict):
                turned[name] = self._use(where, given[name])
        if "allOf" in given:
            turned["allOf"] = [self._schema(where, one) for one in given["allOf"]]
        return turned

    def _use(self, where: str, given: Json) -> Json:
        """A schema where a value stands, and not a part of a type: it may be null, and of a kind."""
        turned = self._schema(where, given)
        home, target = self._followed(where, given)
        if "discriminator" in target:
            kind = target["discriminator"]
            turned["allOf"] = [
                {
                    "if": {"required": [kind], "properties": {kind: {"const": value}}},
                    "then": {"$ref": f"{home}#/definitions/{name}"},
                }
                for value, name in self._kinds(home, given["$ref"]).items()
            ]
        nullable = target.get("x-nullable") or given.get("x-nullable")
        return {"anyOf": [turned, {"type": "null"}]} if nullable else turned

    def _unnamed(self, where: str, given: Json, value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        """Where a value has a property that its schema does not name."""
        home, target = self._followed(where, given)
        if isinstance(value, list):
            for one in value:
                yield from self._unnamed(home, target.get("items", {}), one, path)
        if not isinstance(value, dict):
            return
        named = self._named(home, target)
        if "discriminator" in target:
            name = self._kinds(home, given["$ref"]).get(str(value.get(target["discriminator"])))
            named |= self._named(home, self._load(home)["definitions"][name]) if name else {}
        others = target.get("additionalProperties", not named)
        for name, inner in value.items():
            if name in named:
                yield from self._unnamed(*named[name], inner, (*path, name))
            elif isinstance(others, dict):
                yield from self._unnamed(home, others, inner, (*path, name))
            elif not others:
                yield (*path, name)

    def _named(self, where: str, given: Json) -> dict[str, tuple[str, Json]]:
        """The properties that a schema names, with their own schemas."""
        where, given = self._followed(where, given)
        named: dict[str, tuple[str, Json]] = {}
        for parent in given.get("allOf", []):
            named |= self._named(where, parent)
        return named | {name: (where, one) for name, one in given.get("properties", {}).items()}

    def _kinds(self, home: str, base: str) -> dict[str, str]:
        """The definitions that descend from one with a discriminator, by its values."""
        definitions: Json = self._load(home)["definitions"]
        own = base.rsplit("/", 1)[1]
        return {
            one.get("x-ms-discriminator-value", name): name
            for name, one in definitions.items()
            if self._descends(definitions, name, own)
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
                # A folder need not hold all examples.
                try:
                    _, shown = self._followed(where, example)
                except FileNotFoundError:
                    continue
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


def _absolute(where: str, reference: str) -> str:
    file, _, pointer = reference.partition("#")
    return f"{urljoin(where, file) if file else where}#{pointer}"


def _place(path: Iterable[object]) -> str:
    return "/".join(str(step) for step in path if not isinstance(step, int))
