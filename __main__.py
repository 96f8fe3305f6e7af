"""One tenant: from its stack file to its first scan."""

import pulumi
from purview_ai import TenantOnboarding, settings

tenant = TenantOnboarding("tenant", settings.of_stack())
pulumi.export("readme", tenant.readme)
pulumi.export("account", tenant.account_id)
pulumi.export("vault", tenant.vault_url)
pulumi.export("scans", tenant.scans)
