"""How a credential refers to the secret that holds its key; the key itself is never in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from purview_ai.datamap.kinds import CREDENTIAL
from purview_ai.discovery.registered import ChoiceError, name_of
from purview_ai.discovery.wire import own_properties
from purview_ai.json_values import is_object, take_from
from purview_ai.objects.sameness import same

if TYPE_CHECKING:
    from purview_ai.json_values import JsonObject

_VERSION = "secretVersion"


@dataclass(frozen=True)
class SecretReference:
    """Where the reference stands, and what of the credential no profile can say."""

    secret_property: str
    unexpressed: list[str] = field(default_factory=list[str])


def secret_reference(credential: JsonObject) -> SecretReference:
    """The reference of a credential; raises :class:`ChoiceError` where nothing in it looks like one."""
    types = take_from(credential, ("properties", "typeProperties"))
    members: JsonObject = types if is_object(types) else {}
    references = [name for name, value in members.items() if is_object(value) and "secretName" in value]
    if len(references) != 1:
        msg = (
            f'credential "{name_of(credential)}" refers to {len(references) or "no"} secrets in a known form; its '
            f"typeProperties are {', '.join(members) or 'empty'}"
        )
        raise ChoiceError(msg)
    [name] = references
    unexpressed = [f"credential {other}: it stands beside the secret" for other in members if other != name]
    unexpressed += [f"credential {other}: no profile says it" for other in _others(credential)]
    if not same(_sent(credential, name, members[name]), {_VERSION: "", **members[name]}):
        unexpressed.append(f"credential {name}: the reference to the secret is of an unfamiliar form")
    return SecretReference(name, unexpressed)


def _others(credential: JsonObject) -> list[str]:
    return sorted(own_properties("credential", credential.get("properties")))


def _sent(credential: JsonObject, name: str, reference: JsonObject) -> Any:
    """The reference as a deployment would send it."""
    wish = CREDENTIAL.wish.model_construct(
        name=name_of(credential),
        kind=str(credential.get("kind")),
        secret_property=name,
        connection=take_from(reference, ("store", "referenceName")) or "",
        secret_name=reference.get("secretName") or "",
        secret_version=reference.get(_VERSION) or "",
        description="",
    )
    return take_from(wish.body(CREDENTIAL.constants), ("properties", "typeProperties", name))
