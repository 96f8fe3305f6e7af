"""Make a collection, and let a group read what is in it."""

import pulumi
from purview_ai import InteractionCollection, PurviewAccount, lookups, settings
from purview_ai.datamap.policy import CollectionRole
from purview_ai.settings.purview import CollectionSettings, PurviewSettings

account = PurviewAccount("purview", tenant="contoso", place=None, azure=settings.azure_of_stack())
InteractionCollection(
    "collection",
    tenant="contoso",
    account_id=account.account_id,
    purview=PurviewSettings(
        account="default",
        collection=CollectionSettings(name="ai-readers", create=True, friendly_name="AI, for readers"),
        roles={CollectionRole.PURVIEW_READER: ("7d7a8f0c-1b6e-4f0e-9a53-0b1c2d3e4f51",)},
    ),
    deployer_id=lookups.deployer().object_id,
    opts=pulumi.ResourceOptions(depends_on=[account]),
)
