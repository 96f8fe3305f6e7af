"""What a stack has recorded, as its backend keeps it. Nothing that is encrypted in it is decrypted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from purview_ai.json_values import JsonObject, is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The member that tells an encrypted value, an asset or a reference from an object (docs/facts.md, engine 34)."""

STATE_PAGE = "docs/troubleshooting.md#state"

Path = tuple[str | int, ...]
"""Steps into a value, from the top."""


class CheckpointError(Exception):
    """A stack's state cannot be found or read."""


@dataclass(frozen=True)
class Recorded:
    """A resource as the state has it."""

    name: str
    type: str
    id: str
    inputs: JsonObject
    outputs: JsonObject
    ignored: tuple[str, ...] = ()
    """Paths of inputs whose changes do not count."""
    only_read: bool = False
    """Whether it is somebody else's, which the program only reads."""
    going: bool = False
    """Whether it is about to be removed or replaced, so that a refresh does not look at it."""
    urn: str = ""
    protected: bool = False
    """Whether destroy refuses to begin because of it."""
    retained: bool = False
    """Whether destroy only forgets it."""


@dataclass(frozen=True)
class Checkpoint:
    """A stack's state."""

    resources: list[Recorded]
    """All but stacks, components and providers, of which there is nothing to compare."""
    pending: list[str]
    """What a deployment had begun, and had not ended, when the state was written."""


def checkpoint_of(deployment: JsonObject) -> Checkpoint:
    """What a checkpoint's ``latest`` or an export's ``deployment`` says; raises :class:`CheckpointError`."""
    try:
        resources: list[JsonObject] = deployment.get("resources") or []
        pending: list[JsonObject] = deployment.get("pending_operations") or []
        return Checkpoint([_recorded(one) for one in resources if _counts(one)], [_pending(one) for one in pending])
    except (AttributeError, KeyError, TypeError) as error:
        msg = f"the state is none that this version of purview-ai can read ({type(error).__name__})\n  {STATE_PAGE}"
        raise CheckpointError(msg) from error


def _counts(resource: JsonObject) -> bool:
    of_pulumi = str(resource.get("type", "")).startswith("pulumi:")
    # A view belongs to another resource, which is compared.
    return bool(resource.get("custom")) and not of_pulumi and not resource.get("viewOf")


def _recorded(resource: JsonObject) -> Recorded:
    return Recorded(
        name=_name(resource),
        type=str(resource["type"]),
        id=str(resource.get("id") or ""),
        inputs=_object(resource.get("inputs")),
        outputs=_object(resource.get("outputs")),
        ignored=tuple(resource.get("ignoreChanges") or ()),
        only_read=bool(resource.get("external")),
        going=bool(resource.get("delete") or resource.get("pendingReplacement")),
        urn=str(resource["urn"]),
        protected=bool(resource.get("protect")),
        retained=bool(resource.get("retainOnDelete")),
    )


def _object(value: Any) -> JsonObject:
    if value is not None and not is_object(value):
        msg = "no object"
        raise TypeError(msg)
    return value or {}


def _name(resource: JsonObject) -> str:
    return str(resource["urn"]).rsplit("::", 1)[-1]


def _pending(operation: JsonObject) -> str:
    return f"{operation.get('type') or 'change'} of {_name(operation['resource'])}"


def is_opaque(value: Any) -> bool:
    """Whether a value is encrypted, or otherwise not what it stands for."""
    return is_object(value) and _SIGNATURE in value


def opaque_paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where a value holds such ones. Of a list that holds one nothing is known, as its members may move."""
    if is_opaque(value):
        yield path
    elif is_object(value):
        for name, member in value.items():
            yield from opaque_paths(member, (*path, name))
    elif is_list(value) and any(True for member in value for _ in opaque_paths(member)):
        yield path


def without_path(values: JsonObject, path: Path) -> JsonObject:
    """The same without what stands at a path."""
    first, *rest = path
    if first not in values:
        return values
    kept = {name: value for name, value in values.items() if name != first}
    inner = values[str(first)]
    if rest and is_object(inner):
        kept[str(first)] = without_path(inner, tuple(rest))
    return kept


def written(path: Path) -> str:
    """A path as Pulumi writes it: ``a.b[0]``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")
