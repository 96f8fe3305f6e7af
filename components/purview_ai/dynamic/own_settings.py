"""What the dynamic provider is told of the stack's settings: how to sign in, and no vendor's key.

By itself the engine hands the whole configuration of a stack to a dynamic provider and records it with that provider
in the stack's state, the keys among it (docs/facts.md, pulumi 16). So this one gets settings of its own.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime import get_root_resource
from pulumi.runtime.config import get_config, is_config_secret

from purview_ai.dynamic.families import TENANT_BLOCK, endpoint_in
from purview_ai.identity import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping


def provider_of_program() -> pulumi.ProviderResource:
    """The one provider of all objects of a program."""
    return _provider_below(get_root_resource())


@cache
def _provider_below(root: pulumi.Resource | None) -> pulumi.ProviderResource:
    del root  # a process may run one program after another, each with a stack of its own
    return pulumi.ProviderResource("pulumi-python", "purview-ai", _settings())


def _settings() -> Mapping[str, pulumi.Input[str]]:
    known = {name: value for name in SETTINGS if (value := get_config(name)) is not None}
    told: dict[str, pulumi.Input[str]] = {
        name: pulumi.Output.secret(str(value)) if is_config_secret(name) else str(value)
        for name, value in known.items()
    }
    endpoint = endpoint_in(get_config(TENANT_BLOCK))
    return told | ({TENANT_BLOCK: json.dumps({"purview": {"endpoint": endpoint}})} if endpoint else {})
