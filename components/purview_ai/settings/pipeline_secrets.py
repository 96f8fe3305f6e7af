"""The secrets that a stack file must not hold where pipelines deploy the stack.

A pull request is previewed by an identity that decrypts the stack file, and so can a program that the pull request
brings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.json_values import JsonObject, is_object, take_from
from purview_ai.settings.files import NAMESPACE, TENANT
from purview_ai.settings.key import KeyOrigin
from purview_ai.settings.mistakes import HIDDEN, Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGN_IN = ("clientSecret", "clientCertificate", "clientCertificatePassword", "oidcToken", "oidcRequestToken")
"""The settings of azure-native and azuread with which whoever has them signs in."""
_PAGE = "docs/living-with-a-tenant.md#a-key-that-leaves-pulumi"
_READ_BY = "the identity that previews a pull request decrypts it, and so can a program that the pull request brings"


def open_to_previews(stack: str, config: JsonObject) -> list[Mistake]:
    """The secrets of a stack file that whoever previews it could read, whatever else may be wrong with it.

    Args:
        stack: The stack's name.
        config: Its settings, encrypted ones as they stand.
    """
    keys = _keys_of_pulumi(config)
    return [
        *(_kept_by_pulumi(source, stack, key) for source, key in keys.items()),
        *_others(stack, config, {f"{NAMESPACE}:{key.get('secret')}" for key in keys.values()}),
    ]


def _keys_of_pulumi(config: JsonObject) -> dict[str, JsonObject]:
    """The blocks of the keys that the stack writes to the vault, by source."""
    sources = take_from(config, (TENANT, "sources"))
    keys = {name: take_from(source, ("key",)) for name, source in sources.items()} if is_object(sources) else {}
    return {
        name: key
        for name, key in keys.items()
        if is_object(key) and key.get("origin", KeyOrigin.CONFIG) == KeyOrigin.CONFIG
    }


def _kept_by_pulumi(source: str, stack: str, key: JsonObject) -> Mistake:
    by_default = "" if "origin" in key else ", which is the default"
    return Mistake(
        f"sources.{source}.key.origin",
        f"{KeyOrigin.CONFIG.value!r}{by_default}",
        f"Pulumi keeps the vendor's key in the stack file: {_READ_BY}",
        f"origin: vault. How the key of {stack} gets there while its scans go on: {_PAGE}",
    )


def _others(stack: str, config: JsonObject, told: set[str]) -> Iterator[Mistake]:
    for name, value in config.items():
        namespace, _, own = name.rpartition(":")
        if namespace == NAMESPACE and name not in told and is_object(value) and "secure" in value:
            yield _to_take_out(name, stack, "it is a secret, and no source takes its key from here")
        elif namespace != NAMESPACE and own in _SIGN_IN:
            yield _to_take_out(name, stack, "with it somebody signs in, and pipelines need none")


def _to_take_out(name: str, stack: str, why: str) -> Mistake:
    fix = f"pulumi config rm {name} --stack {stack}; and replace it, since the repository's history keeps it"
    return Mistake(name, HIDDEN, f"{why}: {_READ_BY}", fix)
