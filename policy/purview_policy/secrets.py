"""Vendors' keys and other secrets: in the encrypted stack file and in the vault, and nowhere else.

The SDK takes the engine's marks of what is secret away before a rule sees it (docs/facts.md, policy 4). So these rules
know a secret by its value, and do not tell whether it would be encrypted: a key has no place in a state either way
(docs/decisions/0014-the-key-is-not-in-the-state.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi.runtime.config import get_config_env, get_config_secret_keys_env
from purview_ai.drift.azure_types import SECRET
from purview_ai.json_values import is_list, is_object
from purview_ai.settings.mistakes import LIKE_A_KEY

from purview_policy.judged import PROVIDER, Judged
from purview_policy.rule import Parameters, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHORTEST_SECRET = 8
"""Shorter ones stand in other words by chance."""
SHORTEST_KEY = 20
_SIGN_IN = ("azure-native:", "azuread:")
"""The settings of providers, which need the secrets among them."""
_TAKE_IT_OUT = (
    "give the setting that sources.<name>.key.secret names with pulumi config set --secret, and leave the writing to "
    "the package; somebody who has seen the key may have it, so replace it."
)


def secrets_of_stack() -> dict[str, str]:
    """The secret settings of the stack, by their names; blocks are left out, because most of one is no secret."""
    settings, secret = get_config_env(), get_config_secret_keys_env()
    return {name: settings[name] for name in secret if name in settings and _can_be_told(settings[name])}


def _can_be_told(value: str) -> bool:
    return len(value) >= SHORTEST_SECRET and not value.startswith(("{", "["))


def places(values: Any, secrets: Mapping[str, str], path: str = "") -> Iterator[str]:
    """Where a secret stands, and which one."""
    if is_object(values):
        for name, value in values.items():
            yield from places(value, secrets, f"{path}.{name}" if path else name)
    elif is_list(values):
        for number, value in enumerate(values):
            yield from places(value, secrets, f"{path}[{number}]")
    elif isinstance(values, str):
        held = [name for name, secret in secrets.items() if secret in values]
        if held:
            yield f"{path} holds the secret setting {held[0]}"
        elif LIKE_A_KEY.match(values) and len(values.strip()) >= SHORTEST_KEY:
            yield f"{path} holds what looks like a vendor's key"


def _held(resource: Judged, _: Parameters) -> Iterator[str]:
    known = secrets_of_stack()
    if resource.kind.startswith(PROVIDER):
        known = {name: value for name, value in known.items() if not name.startswith(_SIGN_IN)}
    yield from places(resource.values, known)


def _written(resource: Judged, parameters: Parameters) -> Iterator[str]:
    found = list(_held(resource, parameters))
    yield from found
    if resource.kind == SECRET and not found and resource.value("properties.value") is not None:
        yield "properties.value is kept in the stack's state"


PLAIN_SECRETS = Rule(
    name="no-secret-in-resources",
    says="No resource is told a vendor's key or a secret of the stack.",
    remedy=_TAKE_IT_OUT,
    settings=("sources.<name>.key.secret",),
    wrong=_written,
    parameters=Parameters,
)
OUTPUTS = Rule(
    name="no-secret-in-outputs",
    says="No output of a stack, component or resource holds a vendor's key or a secret of the stack.",
    remedy=f"take it out of the outputs, since whoever needs the key reads it in the vault; {_TAKE_IT_OUT}",
    settings=("sources.<name>.key.secret",),
    of_outputs=True,
    wrong=_held,
    parameters=Parameters,
)
