"""One identity for all three providers, from wherever the stack has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leaks import leaks
from local_azure import seed

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant


def test_the_settings_of_azure_native_serve_all_providers(tenant: Tenant, operator: Person) -> None:
    for name in ("ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_TENANT_ID", "ARM_SUBSCRIPTION_ID"):
        tenant.environment.pop(name)
    tenant.set_config({"azure-native:clientId": seed.DEPLOYER_APP, "azure-native:tenantId": seed.TENANT})
    tenant.set_config({"azure-native:subscriptionId": seed.SUBSCRIPTION})
    tenant.set_key(seed.DEPLOYER_SECRET, name="clientSecret", project="azure-native")
    tenant.up().must_succeed()
    assert operator.run_of()["status"] == "Succeeded"
    assert tenant.preview("--expect-no-changes").must_succeed().steps == {}
    assert tenant.refresh().must_succeed().steps == {}
    assert leaks(tenant.state_file.read_bytes(), seed.DEPLOYER_SECRET) == []
    tenant.destroy().must_succeed()
