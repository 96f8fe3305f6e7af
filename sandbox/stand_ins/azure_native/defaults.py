"""The names that Check makes up where the program gives none (facts 4 and 6 to 8)."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import TYPE_CHECKING, NamedTuple

from pulumi.runtime.proto import provider_pb2 as proto

from stand_ins.azure_native.metadata import Autoname

if TYPE_CHECKING:
    from stand_ins.azure_native.metadata import ResourceType
    from stand_ins.values import Values

CREATE_BEFORE_DELETE = "__createBeforeDelete"
"""The input that says that the name is made up, so that a replacement need not delete first (fact 23)."""

_Options = proto.CheckRequest.AutonamingOptions


class Naming(NamedTuple):
    """What the engine gives to make up names with."""

    logical_name: str
    seed: bytes
    options: proto.CheckRequest.AutonamingOptions | None


def add_names(resource: ResourceType, olds: Values, news: Values, naming: Naming) -> None:
    """Give the new inputs the names that the program left out."""
    for key, parameter in resource.parameters.items():
        if key in news or parameter.autoname is None:
            continue
        if key in olds:
            name, made_up = olds[key], olds.get(CREATE_BEFORE_DELETE) is True
        else:
            name, made_up = _new_name(parameter.autoname, naming)
        if name is not None:
            news[key] = name
        if made_up:
            news[CREATE_BEFORE_DELETE] = True


def _new_name(kind: Autoname, naming: Naming) -> tuple[str | None, bool]:
    options = naming.options
    if options is not None:
        if options.mode == _Options.DISABLE:
            return None, False
        if options.mode == _Options.ENFORCE or kind is not Autoname.UUID:
            return options.proposed_name, True
    match kind:
        case Autoname.RANDOM:
            return naming.logical_name + _hexadecimal(naming.seed, 8), True
        case Autoname.UUID:
            return str(uuid.UUID(_hexadecimal(naming.seed, 32))), True
        case Autoname.COPY:
            return naming.logical_name, False


def _hexadecimal(seed: bytes, length: int) -> str:
    """As many characters, the same for the same seed (the genuine provider's are others)."""
    return (hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(32))[:length]
