"""Which stack is meant, and how its settings reach a program; without what it takes to understand them."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from purview_ai.identity import AzureSettings
from purview_ai.json_values import JsonObject, is_object
from purview_ai.settings.files import TENANT, StackFileError

if TYPE_CHECKING:
    from collections.abc import Iterable


def as_engine_hands_over(value: Any) -> str | None:
    """A setting as the engine would hand it over; one that is encrypted cannot be read here."""
    if is_object(value):
        msg = "azure-native's settings are encrypted in the stack file: give them as ARM_* variables instead"
        raise StackFileError(msg)
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def stacks_in(words: Iterable[str]) -> list[str]:
    """The names in the words of a command line; several may stand in one, with commas between them.

    Raises :class:`StackFileError` where there are words without a name: nobody means the selected stack by that.
    """
    said = list(words)
    names = list(dict.fromkeys(name.strip() for word in said for name in word.split(",") if name.strip()))
    if said and not names:
        msg = "--stack names no stack"
        raise StackFileError(msg)
    return names


def selected_stack() -> str:
    """The stack that pulumi has selected in this folder."""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        msg = "name the stack with --stack: pulumi, which knows the selected one, is not on PATH"
        raise StackFileError(msg)
    command = [pulumi, "stack", "--show-name"]
    asked = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if asked.returncode:
        msg = "no stack is selected: name one with --stack, or select one with pulumi stack select"
        raise StackFileError(msg)
    return asked.stdout.strip()


def azure_in(config: JsonObject) -> AzureSettings:
    """Azure's settings in a stack file, and the tenant's block as it stands there."""

    def setting(key: str) -> Any:
        return config.get(key) if key == TENANT else as_engine_hands_over(config.get(key))

    return AzureSettings.of(setting)
