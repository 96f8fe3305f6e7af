"""The app roles that the Purview account's identity needs in order to process conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_azuread as azuread

from purview_ai import explained, lookups
from purview_ai.directory.app_roles import COMPONENT, PROCESS_CONVERSATIONS, READ_USERS
from purview_ai.dynamic.resources import AppRoleGrant

if TYPE_CHECKING:
    from purview_ai.directory.app_roles import AppRole
    from purview_ai.identity import AzureSettings
    from purview_ai.settings.grants import AppRolesSettings


class AppRoleGrants(pulumi.ComponentResource):
    """The app roles of one identity, given or only expected."""

    def __init__(
        self,
        name: str,
        *,
        tenant: str,
        principal_id: pulumi.Input[str],
        grants: AppRolesSettings,
        azure: AzureSettings,
        expected: bool = False,
        release: tuple[str, ...] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """See that an identity holds its app roles.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of.
            principal_id: The object id of the Purview account's identity.
            grants: Which app roles.
            azure: How the stack signs in.
            expected: Whether somebody else gives them, so that they are only looked for.
            release: App roles that were there before and that destroy shall take back, by their values.
            opts: Pulumi's options.
        """
        directory = pulumi.ResourceOptions(providers=directory_provider(name, azure, opts))
        super().__init__(COMPONENT, name, None, pulumi.ResourceOptions.merge(opts, directory))
        self._name, self._tenant = name, tenant
        wishes = ((PROCESS_CONVERSATIONS, grants.process_conversations), (READ_USERS, grants.read_users))
        for role in [role for role, wished in wishes if wished]:
            made = grants.create_service_principal and role is PROCESS_CONVERSATIONS
            AppRoleGrant(
                f"{name}-{role.key}",
                tenant=tenant,
                principal_id=principal_id,
                resource_id=self._offered_by_a_new_one(role) if made else self._offered(role),
                app_role_id=role.app_role_id,
                role=role.value,
                expected=expected,
                release=role.value in release,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})

    def _offered(self, role: AppRole) -> str:
        """The object id of the service principal that offers an app role."""
        found = lookups.service_principal(role.client_id, role.resource, pulumi.InvokeOptions(parent=self))
        check_published(self._tenant, role, found)
        return found.object_id

    def _offered_by_a_new_one(self, role: AppRole) -> pulumi.Output[str]:
        """The same of a service principal that the stack makes.

        It belongs to the whole Entra tenant, so it is protected and stays when the stack goes.
        """
        happened = f"the service principal of {role.resource} was not created"
        told = explained.on_failure(self._name, self._tenant, happened, explained.SERVICE_PRINCIPAL, self)
        made = azuread.ServicePrincipal(
            f"{self._name}-service-principal",
            client_id=role.client_id,
            use_existing=False,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=True,
                retain_on_delete=True,
                hooks=pulumi.ResourceHookBinding(on_error=[told]),
            ),
        )

        def checked(offered: list[Any]) -> str:
            object_id, roles = offered
            check_published(self._tenant, role, lookups.FoundServicePrincipal(object_id, dict(roles)))
            return object_id

        return pulumi.Output.all(made.object_id, made.app_role_ids).apply(checked)


def directory_provider(
    name: str, azure: AzureSettings, opts: pulumi.ResourceOptions | None
) -> list[pulumi.ProviderResource]:
    """azuread, signed in as azure-native is: by itself it knows the ``ARM_*`` variables alone.

    None where azure-native has no settings of its own to hand on.
    """
    words = {
        "environment": "environment",
        "clientId": "client_id",
        "tenantId": "tenant_id",
        "clientCertificatePath": "client_certificate_path",
        "oidcTokenFilePath": "oidc_token_file_path",
        "oidcRequestUrl": "oidc_request_url",
    }
    secrets = {
        "clientSecret": "client_secret",
        "clientCertificatePassword": "client_certificate_password",
        "oidcToken": "oidc_token",
        "oidcRequestToken": "oidc_request_token",
    }
    switches = {"useOidc": "use_oidc", "useMsi": "use_msi"}
    said: dict[str, Any] = {own: azure.get(theirs) for theirs, own in words.items() if azure.is_configured(theirs)}
    said |= {own: pulumi.Output.secret(azure.get(key)) for key, own in secrets.items() if azure.is_configured(key)}
    said |= {own: azure.flag(key) for key, own in switches.items() if azure.is_configured(key)}
    if not said:
        return []
    parent = pulumi.ResourceOptions(parent=opts.parent if opts else None)
    return [azuread.Provider(f"{name}-directory", **said, opts=parent)]


def check_published(tenant: str, role: AppRole, found: lookups.FoundServicePrincipal) -> None:
    """End the program where the tenant has an app role under another id than the published one."""
    looked_up = found.app_role_ids.get(role.value)
    if looked_up != role.app_role_id:
        msg = (
            f"{tenant}: the app role {role.value} was not granted\n"
            f"  {role.resource} offers it as {looked_up}, and not as {role.app_role_id}, the published id.\n"
            "  A role of another id may allow something else, so nothing is granted.\n"
            "  docs/troubleshooting.md#app-role-mismatch"
        )
        raise pulumi.RunError(msg)
