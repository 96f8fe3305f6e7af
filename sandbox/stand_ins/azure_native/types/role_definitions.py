"""Role definitions (fact 104)."""

from __future__ import annotations

from stand_ins.azure_native.metadata import Autoname, Parameter, Property, ResourceType, Shape
from stand_ins.azure_native.types.words import SYSTEM_DATA, TEXT, a_list, an_object, flattened, texts

_PERMISSION = {name: a_list(TEXT) for name in ("actions", "dataActions", "notActions", "notDataActions")}
_ROLE_DEFINITION = {
    **texts("description", "roleName"),
    "assignableScopes": a_list(TEXT),
    "permissions": a_list(an_object(Shape(_PERMISSION))),
    "roleType": Property(wire="type"),
}
_PERMISSION_ANSWERED = {**_PERMISSION, **texts("condition", "conditionVersion")}

ROLE_DEFINITION = ResourceType(
    name="azure-native:authorization:RoleDefinition",
    path="/{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}",
    api_version="2022-05-01-preview",
    parameters={
        "scope": Parameter(verbatim=True),
        "roleDefinitionId": Parameter(autoname=Autoname.UUID),
    },
    body=Shape(flattened(_ROLE_DEFINITION)),
    answer=Shape(
        {
            **texts("id", "name", "type"),
            **flattened({**_ROLE_DEFINITION, "permissions": a_list(an_object(Shape(_PERMISSION_ANSWERED)))}),
            **flattened(texts("createdBy", "createdOn", "updatedBy", "updatedOn")),
            "systemData": SYSTEM_DATA,
        }
    ),
)
