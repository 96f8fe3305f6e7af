"""One request as the services see it, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from local_azure.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_azure.azure import Azure
    from local_azure.hosts import Address
    from local_azure.tokens import Caller

JsonObject = dict[str, Any]


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def require_version(call: Call, known: tuple[str, ...]) -> str:
    """The request's api-version, which must be one that the service has."""
    version = call.query.get("api-version", "")
    if version not in known and call.azure.rules.on("api-versions"):
        says = f"The api-version '{version}' is not supported."
        raise ServiceError(400, "UnsupportedApiVersion", says)
    return version


def part(body: object, *steps: str) -> JsonObject:
    """The object at a path of a body; empty where there is none."""
    for step in steps:
        body = body.get(step) if is_object(body) else None
    return body if is_object(body) else {}


def objects(body: object, name: str) -> list[JsonObject]:
    """The objects of a body's list; empty where there is none."""
    found: object = part(body).get(name)
    return [part(one) for one in cast("list[object]", found)] if isinstance(found, list) else []


@dataclass(frozen=True)
class Call:
    """A request after sign-in: its place, its parameters and who sent it."""

    azure: Azure
    address: Address
    method: str
    path: str
    params: dict[str, str]
    query: dict[str, str]
    body: JsonObject
    headers: dict[str, str]
    caller_or_none: Caller | None
    request_id: str
    content: bytes = b""
    """What was sent to a service that takes any bytes."""

    @property
    def caller(self) -> Caller:
        """Who sent it; only for services that need a sign-in."""
        if self.caller_or_none is None:
            raise ServiceError(401, "AuthenticationFailed", "Authentication failed.")
        return self.caller_or_none

    @property
    def url(self) -> str:
        """The host's address, as it stands in links of the answer."""
        return f"https://{self.headers['host']}"


@dataclass(frozen=True)
class Answer:
    """A status with a JSON body (or none, or other content) and headers."""

    status: int = 200
    body: JsonObject | list[JsonObject] | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    content: bytes | None = None
    """What is answered where it is no JSON; the headers say what it is."""


Handler = "Callable[[Call], Answer]"


@dataclass(frozen=True)
class Operation:
    """One line of a service's route table."""

    method: str
    path: str
    handler: Callable[[Call], Answer]


def items(values: list[JsonObject]) -> Answer:
    """A list in ARM's and Graph's form, all on one page."""
    return Answer(200, {"value": values})
