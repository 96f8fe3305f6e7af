"""The secrets that a stack file must not hold where pipelines deploy the stack.

A pull request is previewed by an identity that decrypts the stack file, and so can a program that the pull request
brings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.identity import SIGN_IN_SECRETS
from purview_ai.settings.files import NAMESPACE, TENANT, is_encrypted
from purview_ai.settings.key import KeyOrigin, keys_of_pulumi
from purview_ai.settings.mistakes import HIDDEN, Mistake, encrypted_block, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from purview_ai.json_values import JsonObject

_BLOCKS = (TENANT, f"{NAMESPACE}:grants", f"{NAMESPACE}:bootstrap")
"""The package's own settings that are no key: one for each of its programs."""
_PROVIDERS = ("azure-native", "azuread")
_PAGE = "docs/living-with-a-tenant.md#a-key-that-leaves-pulumi"
_READ_BY = "the identity that previews a pull request decrypts it, and so can a program that the pull request brings"


def in_a_pipeline(stack: str, config: JsonObject, wrong: Sequence[Mistake]) -> list[Mistake]:
    """What is wrong with a stack file in a pipeline, where nobody shall give a setting a key.

    Args:
        stack: The stack's name.
        config: Its settings, encrypted ones as they stand.
        wrong: What is wrong with them wherever that is.
    """
    held = open_to_previews(stack, config)
    return [*held, *(one for one in wrong if one not in held and not _of_a_key(one.path))]


def _of_a_key(path: str) -> bool:
    return path.startswith(f"{NAMESPACE}:") and path not in _BLOCKS


def open_to_previews(stack: str, config: JsonObject) -> list[Mistake]:
    """The secrets of a stack file that whoever previews it could read, whatever else may be wrong with it.

    Args:
        stack: The stack's name.
        config: Its settings, encrypted ones as they stand.
    """
    keys = keys_of_pulumi(config.get(TENANT))
    return [
        *(_kept_by_pulumi(source, stack, key) for source, key in keys.items()),
        *_others(stack, config, {f"{NAMESPACE}:{key.get('secret')}" for key in keys.values()}),
    ]


def _kept_by_pulumi(source: str, stack: str, key: JsonObject) -> Mistake:
    return Mistake(
        path_of(("sources", source, "key", "origin")),
        _shown(key),
        f"Pulumi keeps the vendor's key in the stack file: {_READ_BY}",
        f"origin: vault. How the key of {stack} gets there while its scans go on: {_PAGE}",
    )


def _shown(key: JsonObject) -> str:
    if "origin" not in key:
        return f"{KeyOrigin.CONFIG.value!r}, which is the default"
    return repr(KeyOrigin.CONFIG.value) if key["origin"] == KeyOrigin.CONFIG else HIDDEN


def _others(stack: str, config: JsonObject, of_sources: set[str]) -> Iterator[Mistake]:
    for name, value in config.items():
        namespace, _, own = name.partition(":")
        if namespace != NAMESPACE:
            if namespace in _PROVIDERS and own in SIGN_IN_SECRETS:
                yield _to_take_out(name, stack, f"with it somebody signs in, and pipelines need none: {_READ_BY}")
        elif name in _BLOCKS:
            if is_encrypted(value):
                yield encrypted_block(name, stack)
        elif name not in of_sources:
            yield _to_take_out(name, stack, f"no source takes its key from here, and it may be one: {_READ_BY}")
        elif not is_encrypted(value):
            yield _to_take_out(name, stack, "it stands in plain text; whoever has seen the file has the key")


def _to_take_out(name: str, stack: str, why: str) -> Mistake:
    fix = f"pulumi config rm {name} --stack {stack}; and replace it, since the repository's history keeps it"
    return Mistake(name, HIDDEN, why, fix)
