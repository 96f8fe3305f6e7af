"""The JSON Schema of a stack file, from the settings themselves."""

from __future__ import annotations

from typing import Any

from purview_ai import naming
from purview_ai.clouds import CLOUDS
from purview_ai.json_values import is_list, is_object
from purview_ai.settings.forms import GUID, found
from purview_ai.settings.tenant import TenantSettings

FILE = "tenant.schema.json"
"""Beside the stack files, whose first line names it."""
MODELINE = f"# yaml-language-server: $schema={FILE}"


def stack_file_schema() -> dict[str, Any]:
    """What editors complete and check a ``Pulumi.<tenant>.yaml`` with."""
    tenant = _plain(TenantSettings.model_json_schema())
    definitions = tenant.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A tenant of purview-ai",
        "description": "One stack file; purview-ai settings explain says more of each setting.",
        "type": "object",
        "required": ["config"],
        "properties": {"config": _config(tenant)},
        "$defs": definitions,
    }


def _config(tenant: dict[str, Any]) -> dict[str, Any]:
    secret = naming.SECRET_NAME.pattern.removeprefix("^").replace(r"\Z", "$")
    return {
        "type": "object",
        "required": ["purview-ai:tenant"],
        "properties": {
            "purview-ai:tenant": tenant,
            "azure-native:location": {"type": "string", "description": "The Azure region of what the stack makes."},
            "azure-native:subscriptionId": {
                "type": "string",
                "pattern": GUID.pattern.replace(r"\Z", "$"),
                "description": "The subscription of the vault and, unless said otherwise, of the Purview account.",
                **found("Azure portal > Subscriptions"),
            },
            "azure-native:environment": {"enum": list(CLOUDS), "description": "The Azure cloud; default: public."},
        },
        "patternProperties": {
            f"^purview-ai:(?!tenant$){secret}": {
                "description": "A vendor's API key, encrypted by pulumi config set --secret.",
                "type": "object",
                "required": ["secure"],
                "properties": {"secure": {"type": "string"}},
                "additionalProperties": False,
            }
        },
    }


def _plain(schema: Any) -> Any:
    """Without the titles that pydantic makes of names, and with names that match no pattern refused."""
    if is_list(schema):
        return [_plain(item) for item in schema]
    if not is_object(schema):
        return schema
    shown = {key: _plain(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    return {"additionalProperties": False, **shown} if "patternProperties" in shown else shown
