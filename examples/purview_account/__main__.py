"""Find the tenant's Purview account, and say which identity it works with."""

import pulumi
from purview_ai import PurviewAccount, settings

account = PurviewAccount("purview", tenant="contoso", place=None, azure=settings.azure_of_stack())
pulumi.export("account", account.account_id)
pulumi.export("identity", account.principal_id)
