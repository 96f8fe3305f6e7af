"""Resource groups."""

from __future__ import annotations

from stand_ins.azure_native.metadata import Autoname, Parameter, Property, ResourceType, Shape
from stand_ins.azure_native.types.words import TAGS, TEXT, an_object, texts

RESOURCE_GROUP = ResourceType(
    name="azure-native:resources:ResourceGroup",
    path="/subscriptions/{subscriptionId}/resourcegroups/{resourceGroupName}",
    api_version="2024-03-01",
    parameters={
        "resourceGroupName": Parameter(
            Property(min_length=1, max_length=90, pattern=r"^[-\w\._\(\)]+$"), autoname=Autoname.RANDOM
        )
    },
    body=Shape(
        {"location": Property(replaces=True), "managedBy": TEXT, "tags": TAGS},
        required=("location",),
    ),
    answer=Shape(
        {
            **texts("id", "location", "managedBy", "name", "type"),
            "properties": an_object(Shape(texts("provisioningState"))),
            "tags": TAGS,
        }
    ),
    long_running=frozenset({"DELETE"}),
)
