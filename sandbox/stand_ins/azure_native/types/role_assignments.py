"""Role assignments."""

from __future__ import annotations

from stand_ins.azure_native import role_assignment
from stand_ins.azure_native.metadata import Autoname, Parameter, Property, ResourceType, Shape, Steps
from stand_ins.azure_native.types.words import SYSTEM_DATA, TEXT, flattened, texts

_ROLE_ASSIGNMENT_PROPERTIES = {
    **texts("condition", "conditionVersion", "delegatedManagedIdentityResourceId", "description"),
    "principalId": Property(replaces=True),
    "principalType": Property(default="User"),
    "roleDefinitionId": TEXT,
}

ROLE_ASSIGNMENT = ResourceType(
    name="azure-native:authorization:RoleAssignment",
    path="/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    api_version="2022-04-01",
    parameters={
        "scope": Parameter(verbatim=True),
        "roleAssignmentName": Parameter(autoname=Autoname.UUID, verbatim=True),
    },
    body=Shape(
        flattened(_ROLE_ASSIGNMENT_PROPERTIES),
        required=("roleDefinitionId", "principalId"),
    ),
    answer=Shape(
        {
            **texts("id", "name", "type"),
            **flattened(_ROLE_ASSIGNMENT_PROPERTIES),
            **flattened(texts("createdBy", "createdOn", "scope", "updatedBy", "updatedOn")),
            "systemData": SYSTEM_DATA,
        }
    ),
    steps=Steps(read_query=role_assignment.read_query),
)
