"""Keep a vendor's key in a vault that goes by roles, for a group of people and for nobody else."""

import pulumi
from purview_ai import KeyCustody, lookups, settings
from purview_ai.custody.access import Holder
from purview_ai.custody.key_custody import KeptKey, Site
from purview_ai.settings.key import KeySettings
from purview_ai.settings.vault import Principals, VaultAccess, VaultNetwork, VaultSettings

azure = pulumi.Config("azure-native")
deployer = lookups.deployer()
custody = KeyCustody(
    "custody",
    tenant="contoso",
    vault=VaultSettings(
        resource_group="rg-ai-governance",
        name="kv-contoso-ai",
        access=VaultAccess.RBAC,
        network=VaultNetwork.PUBLIC,
        readers=Principals(groups=("7d7a8f0c-1b6e-4f0e-9a53-0b1c2d3e4f51",)),
    ),
    keys=[KeptKey(KeySettings(secret="vendor-key"), pulumi.Config().require_secret("key"), for_purview=False)],
    site=Site(azure.require("location"), azure.require("subscriptionId"), deployer.tenant_id),
    deployer=Holder(deployer.object_id),
    azure=settings.azure_of_stack(),
    reader=None,
    protect=False,
)
pulumi.export("vault", custody.vault_url)
