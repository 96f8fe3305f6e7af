"""Vendors' keys and other secrets: in the encrypted stack file and in the vault, and nowhere else.

The SDK takes the engine's marks of what is secret away before a rule sees it (docs/facts.md, policy 4). So these rules
know a secret by its value, and do not tell whether it would be encrypted: a key has no place in a state either way
(docs/decisions/0014-the-key-is-not-in-the-state.md).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pulumi.runtime.config import get_config_env, get_config_secret_keys_env
from purview_ai.drift.azure_types import SECRET
from purview_ai.identity import SIGN_IN_SECRETS
from purview_ai.json_values import is_list, is_object
from purview_ai.settings.mistakes import LIKE_A_KEY

from purview_policy.encoded import holds, readings
from purview_policy.judged import PROVIDER, STACK, Judged
from purview_policy.rule import Parameters, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHORTEST_SECRET = 8
"""Shorter ones stand in other words by chance."""
SHORTEST_KEY = 20
_KEY_IN_TEXT = re.compile(r"(?<![A-Za-z0-9])sk-(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{20,}")
"""A key in the middle of a text: words that somebody thought of have no such mixture of letters and digits."""
_SIGN_IN = ("azure-native:", "azuread:")
"""The settings of providers, which need the secrets among them."""
_TAKE_IT_OUT = (
    "give the setting that sources.<name>.key.secret names with pulumi config set --secret, and leave the writing to "
    "the package; somebody who has seen the key may have it, so replace it."
)


def secrets_of_stack() -> dict[str, str]:
    """The secret settings of the stack, by their names; blocks are left out, because most of one is no secret."""
    settings, secret = get_config_env(), get_config_secret_keys_env()
    found = {name: settings[name].strip() for name in secret if name in settings and not _harmless(name)}
    return {name: value for name, value in found.items() if _can_be_told(value)}


def _harmless(setting: str) -> bool:
    """Whether it only tells a provider where, or who signs in: ids, which stand everywhere, encrypted or not."""
    return setting.startswith(_SIGN_IN) and setting.partition(":")[2] not in SIGN_IN_SECRETS


def _can_be_told(value: str) -> bool:
    return len(value) >= SHORTEST_SECRET and not value.startswith(("{", "["))


def places(values: Any, secrets: Mapping[str, str], path: str = "") -> Iterator[str]:
    """Where a secret stands, and which one; also in a name, encoded, or within a longer text."""
    if is_object(values):
        for name, value in values.items():
            held = _in_text(name, secrets)
            if held:
                yield f"a name in {path or 'the values'} {held}"
            shown = "(a name)" if held else name
            yield from places(value, secrets, f"{path}.{shown}" if path else shown)
    elif is_list(values):
        for number, value in enumerate(values):
            yield from places(value, secrets, f"{path}[{number}]")
    elif isinstance(values, str) and (held := _in_text(values, secrets)):
        yield f"{path} {held}"


def _in_text(text: str, secrets: Mapping[str, str]) -> str:
    """What a text holds that it should not; empty where it holds nothing of that."""
    read = readings(text)
    for name, secret in secrets.items():
        if holds(read, secret):
            return f"holds the secret setting {name}"
    return "holds what looks like a vendor's key" if any(map(_like_a_key, read)) else ""


def _like_a_key(text: str) -> bool:
    alone = LIKE_A_KEY.match(text) and len(text.strip()) >= SHORTEST_KEY
    return bool(alone or _KEY_IN_TEXT.search(text))


def _held(resource: Judged, _: Parameters) -> Iterator[str]:
    known = secrets_of_stack()
    if resource.kind.startswith(PROVIDER):
        known = {name: value for name, value in known.items() if not name.startswith(_SIGN_IN)}
    yield from places(resource.values, known)


def _written(resource: Judged, parameters: Parameters) -> Iterator[str]:
    if resource.kind == STACK:
        yield from _in_plain()
    yield from _called(resource)
    found = list(_held(resource, parameters))
    yield from found
    if resource.kind == SECRET and not found and resource.value("properties.value") is not None:
        yield "properties.value is kept in the stack's state"


def _called(resource: Judged) -> Iterator[str]:
    """What the state has in plain, and every line of the engine tells (docs/facts.md, policy 11)."""
    known = secrets_of_stack()
    for what, text in (("name", resource.name), ("URN", resource.urn)):
        if held := _in_text(text, known):
            yield f"its {what} {held}"
            return


def _in_plain() -> Iterator[str]:
    """The settings of the stack that are encrypted by nobody and should be."""
    settings, secret = get_config_env(), get_config_secret_keys_env()
    for name in sorted(settings.keys() - set(secret)):
        if name.startswith(_SIGN_IN) and not _harmless(name):
            yield f"the setting {name} stands in the stack file in plain"
        elif _like_a_key(settings[name]):
            yield f"the setting {name} stands in the stack file in plain and holds what looks like a vendor's key"


PLAIN_SECRETS = Rule(
    name="no-secret-in-resources",
    says="No resource is told a vendor's key or a secret of the stack, and no setting that is one is in plain.",
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
