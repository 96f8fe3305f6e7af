"""A group of compliance administrators, and one whose members shall read prompts and responses."""

import pulumi
from purview_ai import PeopleGroups, settings
from purview_ai.settings.people import CONTENT_VIEWER, DirectoryRole, GroupSettings, PeopleSettings

config = pulumi.Config()
owner = (config.require("owner"),)
people = PeopleGroups(
    "people",
    tenant="contoso",
    settings=PeopleSettings(
        groups={
            "compliance": GroupSettings(
                display_name="Compliance",
                owners=owner,
                members=owner,
                directory_roles=(DirectoryRole.COMPLIANCE_ADMINISTRATOR,),
            ),
            "viewers": GroupSettings(display_name="Content viewers", owners=owner, role_groups=(CONTENT_VIEWER,)),
        }
    ),
    azure=settings.azure_of_stack(),
)
pulumi.export("viewers", people.group_ids["viewers"])
