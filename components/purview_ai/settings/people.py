"""The people who run all this: groups, and the directory roles that they hold, as a stack file has it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator

from purview_ai import naming
from purview_ai.settings.forms import EachOnce, Form, PrincipalId, found
from purview_ai.settings.strict import Strict

_ROLE_GROUP = re.compile(r"^\S(?:.*\S)?\Z")
GroupKey = Annotated[str, Form(naming.SOURCE_KEY, naming.SOURCE_KEY_RULE)]
RoleGroupName = Annotated[str, Form(_ROLE_GROUP, "a name, with no blank at either end")]
_PRINCIPALS = ["44444444-4444-4444-4444-444444444444"]
CONTENT_VIEWER = "Content Explorer Content Viewer"
"""The role group that reads prompts and responses."""


class DirectoryRole(StrEnum):
    """A built-in role of Entra, by its name in the portal."""

    COMPLIANCE_ADMINISTRATOR = "Compliance Administrator"
    COMPLIANCE_DATA_ADMINISTRATOR = "Compliance Data Administrator"
    SECURITY_READER = "Security Reader"

    @property
    def role_id(self) -> str:
        """Its id, the same in every tenant (docs/facts.md, graph 22)."""
        return _ROLE_IDS[self]


_ROLE_IDS = {
    DirectoryRole.COMPLIANCE_ADMINISTRATOR: "17315797-102d-40b4-93e0-432062caca18",
    DirectoryRole.COMPLIANCE_DATA_ADMINISTRATOR: "e6d1a23a-da11-4be4-9570-befc86d067a7",
    DirectoryRole.SECURITY_READER: "5d6b6bb7-de71-4623-b4af-96380a352509",
}


class GroupSettings(Strict):
    """A security group of Entra that the stack makes, with exactly these people in it."""

    display_name: str = Field(
        min_length=1,
        max_length=256,
        description="What the group is called. No other group may be called the same.",
        examples=["Purview AI - compliance administrators"],
    )
    description: str = Field(
        default="", max_length=1024, description="What the group is for.", examples=["Run Purview for AI"]
    )
    owners: Annotated[tuple[PrincipalId, ...], EachOnce] = Field(
        min_length=1,
        max_length=100,
        description="Object ids of who answers for the group and may change who is in it. Without one the identity "
        "that deploys would own it.",
        examples=[_PRINCIPALS],
        json_schema_extra=found("Entra admin center > Users > the user > Object ID"),
    )
    members: Annotated[tuple[PrincipalId, ...], EachOnce] = Field(
        default=(),
        description="Object ids of who is in the group. The list is whole: the next deployment takes out whoever else "
        "is there.",
        examples=[_PRINCIPALS],
        json_schema_extra=found("Entra admin center > Users > the user > Object ID"),
    )
    directory_roles: Annotated[tuple[DirectoryRole, ...], EachOnce] = Field(
        default=(),
        description="Directory roles that its members hold. With one the group is made assignable to roles, which "
        "needs Entra ID P1 and never changes: a group that gets its first role, or loses its last, is made anew.",
        examples=[["Compliance Administrator"]],
    )
    role_groups: Annotated[tuple[RoleGroupName, ...], EachOnce] = Field(
        default=(),
        description="Role groups of the Purview portal that it shall be a member of. Nothing but the portal and "
        "PowerShell does that: pulumi stack output readme and purview-ai checklist list it as a step.",
        examples=[[CONTENT_VIEWER]],
        json_schema_extra=found("Purview portal > Settings > Roles and scopes > Role groups"),
    )

    @property
    def for_roles(self) -> bool:
        """Whether the group is made assignable to roles."""
        return bool(self.directory_roles)


class PeopleSettings(Strict):
    """Groups for the people who run this."""

    groups: dict[GroupKey, GroupSettings] = Field(
        min_length=1,
        description="The groups to make, by names of your choice.",
        examples=[{"compliance": {"display_name": "Purview AI - compliance", "owners": _PRINCIPALS}}],
    )

    @field_validator("groups")
    @classmethod
    def _each_name_once(cls, given: dict[str, GroupSettings]) -> dict[str, GroupSettings]:
        seen: dict[str, str] = {}
        for name, group in given.items():
            before = seen.setdefault(group.display_name.lower(), name)
            if before != name:
                msg = f"{before} and {name} have the same display_name; no two groups are called alike"
                raise ValueError(msg)
        return given

    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        told: list[str] = []
        for name, group in self.groups.items():
            path = f"groups.{name}"
            if not group.members:
                told.append(f"{path}.members: nobody is in the group")
            if group.for_roles and CONTENT_VIEWER.lower() in map(str.lower, group.role_groups):
                told.append(
                    f"{path}: whoever is in it administers compliance and reads what people wrote; two groups keep the "
                    "two apart"
                )
        return told
