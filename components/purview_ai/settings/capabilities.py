"""What a source wishes of Purview, held against the table of its app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, GetJsonSchemaHandler, ValidationInfo

from purview_ai.apps.capability import Answer
from purview_ai.apps.catalogue import app_named, capability_names
from purview_ai.settings.forms import unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema

    from purview_ai.apps.app import App


def _that_purview_can(given: str, info: ValidationInfo) -> str:
    """Refuse what the app's table does not know, or says no to; where the app is wrong, nothing can be said."""
    named = info.data.get("app")
    if named is None:
        return given
    app = app_named(named)
    cell = app.cells.get(given)
    if cell is None:
        raise ValueError(unknown_name(f"capability of {app.title}", given, list(app.cells)))
    if cell.answer is Answer.NO:
        msg = f"for {app.title}, Purview does not do this: {cell.reason}. Source: {app.document_of(cell)}"
        raise ValueError(msg)
    return given


class _Names:
    """In the JSON Schema: the capabilities of all apps."""

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        shown: dict[str, Any] = handler(schema)
        return {**shown, "enum": list(capability_names())}


Wish = Annotated[str, _Names(), AfterValidator(_that_purview_can)]


def wish_warnings(app: App, wishes: Iterable[str]) -> list[str]:
    """What to say of wishes that no document answers."""
    return [
        f"capabilities: whether Purview does {app.cells[wish].title} for {app.title} is not stated in "
        f"{app.document_of(app.cells[wish])}, so it may not"
        for wish in wishes
        if app.cells[wish].answer is Answer.NOT_STATED
    ]
