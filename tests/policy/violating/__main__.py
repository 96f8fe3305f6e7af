"""Resources that break one rule each, named after what is wrong, beside their like that break none."""

import base64
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_azuread as azuread
from pulumi_azure_native import keyvault, monitor, resources
from purview_ai.dynamic.resources import AppRoleGrant, Credential, DataSource, Scan, VaultSecret

SUBSCRIPTION = "/subscriptions/6f0c9f0e-7d0e-4f0b-8f57-3a9a4f4a0b02"
ACCOUNT = f"{SUBSCRIPTION}/resourceGroups/rg-governance/providers/Microsoft.Purview/accounts/contoso-purview"
WORKSPACE = f"{SUBSCRIPTION}/resourceGroups/rg-governance/providers/Microsoft.OperationalInsights/workspaces/logs"
SOMEBODY = "44444444-4444-4444-4444-444444444444"
PURVIEW_IDENTITY = "0d9a8b7c-6e5f-4d3c-a2b1-f0e9d8c7b60a"
GRAPH = "5e6f7a8b-9c0d-4e1f-a2b3-c4d5e6f7a80c"
PURVIEW_API = "9ec59623-ce40-4dc8-a635-ed0275b5d58a"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
READ_USERS = "df021288-bdef-4463-88db-98f22de89214"
WRITE_DIRECTORY = "19dbc75e-c2e2-444c-a770-ec69d8559fc7"
KEY = "sk-" + "0123456789abcdefghij"
LONG_KEY = "sk-ant-admin01-" + "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9"
SPARE = "a-spare/word&of+ours"

config = pulumi.Config()
kept = pulumi.ResourceOptions(protect=True)


def vault(
    name: str,
    *,
    opts: pulumi.ResourceOptions = kept,
    called: str = "kv-one",
    tags: Mapping[str, pulumi.Input[str]] | None = None,
    **properties: Any,
) -> keyvault.Vault:
    """A vault that is as it should be, but for what is said of it here."""
    good = {
        "tenant_id": SOMEBODY,
        "sku": keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
        "enable_rbac_authorization": True,
        "enable_purge_protection": True,
        "network_acls": firewall(),
    }
    return keyvault.Vault(
        name,
        vault_name=called,
        resource_group_name="rg-one",
        tags={"Owner": "security"} if tags is None else tags,
        properties=keyvault.VaultPropertiesArgs(**{**good, **properties}),
        opts=opts,
    )


def in_base64(word: str) -> str:
    """Behind something else, as in a header."""
    return base64.b64encode(f"us:{word}".encode()).decode()


def as_in_mail(word: str) -> str:
    """In base64 with a break of the line in the midst of the word."""
    return base64.encodebytes(f"{'us' * 25}:{word}".encode()).decode()


def in_digits(word: str) -> str:
    """In hexadecimal digits, with large letters."""
    return word.encode().hex().upper()


def escaped(word: str) -> str:
    """As JSON may write it, letter by letter."""
    return "".join(f"\\u{ord(letter):04x}" for letter in word)


def firewall(**changed: Any) -> keyvault.NetworkRuleSetArgs:
    """A closed firewall that lets trusted services in, but for what is said of it here."""
    good = {"bypass": "AzureServices", "default_action": "Deny", "ip_rules": [keyvault.IPRuleArgs(value="20.0.113.7")]}
    return keyvault.NetworkRuleSetArgs(**{**good, **changed})


entry = keyvault.AccessPolicyEntryArgs(
    tenant_id=SOMEBODY, object_id=PURVIEW_IDENTITY, permissions=keyvault.PermissionsArgs(secrets=["get"])
)

vault("good-vault")
vault("private-vault", public_network_access="Disabled", network_acls=firewall(default_action=None))
vault("purgeable-vault", enable_purge_protection=None)
vault("unrecoverable-vault", enable_soft_delete=False)
vault("vault-by-policies", enable_rbac_authorization=False, access_policies=[])
vault("silent-vault", enable_rbac_authorization=None)
vault("two-minded-vault", access_policies=[entry])
vault("fireless-vault", network_acls=None)
vault("closed-vault", network_acls=None, public_network_access="Disabled")
vault("quiet-vault", network_acls=firewall(bypass=None))
vault("open-vault", network_acls=firewall(default_action="Allow"))
vault("untrusting-vault", network_acls=firewall(bypass="None"))
vault("wide-vault", network_acls=firewall(ip_rules=[keyvault.IPRuleArgs(value="0.0.0.0/1")]))
vault(
    "scattered-vault",
    network_acls=firewall(ip_rules=[keyvault.IPRuleArgs(value=f"{n}.0.0.0/8") for n in range(1, 224)]),
)
vault(
    "vault-of-offices",
    network_acls=firewall(ip_rules=[keyvault.IPRuleArgs(value=f"20.{n}.0.0/16") for n in range(200)]),
)
vault("unprotected-vault", opts=pulumi.ResourceOptions())
vault("ownerless-vault", tags={"owner": "", "cost": "42"})
vault("misnamed-vault", called="keys-of-contoso")
vault("telling-vault", tags={"owner": "security", "note": KEY})
vault("linking-vault", tags={"owner": "security", "note": f"https://api.example.com/?key={LONG_KEY}&page=2"})
vault("naming-vault", tags={"owner": "security", SPARE: "a word"})
for name, encode in (("encoding", in_base64), ("mailing", as_in_mail), ("counting", in_digits), ("escaping", escaped)):
    vault(f"{name}-vault", tags={"owner": "security", "note": config.require_secret("spare").apply(encode)})
vault(config.require("called"))
vault("slovak-vault", tags={"owner": "security", "note": "in unit/sk-bratislava-governance-europe of contoso"})
vault("noted-vault", tags={"owner": "security", "note": config.require("note")})
vault("telling-vault-of-settings", tags={"owner": "security", "note": config.require_secret("spare")})

keyvault.Secret(
    "kept-secret",
    secret_name="note",
    vault_name="kv-one",
    resource_group_name="rg-one",
    properties=keyvault.SecretPropertiesArgs(value="a word"),
)
resources.ResourceGroup("good-group", resource_group_name="rg-one", tags={"cost": "42"})
resources.ResourceGroup("misnamed-group", resource_group_name="contoso")
for word, called in (("good", "purview-ai-sandbox"), ("misnamed", "logs")):
    monitor.DiagnosticSetting(
        f"{word}-logs", name=called, resource_uri=ACCOUNT, workspace_id=WORKSPACE, logs=[{"enabled": True}]
    )
    monitor.ScheduledQueryRule(
        f"{word}-alert",
        rule_name=f"{called}-failed-run",
        resource_group_name="rg-one",
        kind="LogAlert",
        location="westeurope",
        scopes=[WORKSPACE],
        criteria=monitor.ScheduledQueryRuleCriteriaArgs(all_of=[]),
    )


def own(name: str, **fields: Any) -> dict[str, Any]:
    """What the package's own objects are told."""
    return {"tenant": "sandbox", "account_id": ACCOUNT, "name": name, **fields}


def key(name: str, **fields: Any) -> dict[str, Any]:
    """What a key in the vault is told."""
    vault_id = f"{SUBSCRIPTION}/resourceGroups/rg-one/providers/Microsoft.KeyVault/vaults/kv-one"
    return {"tenant": "sandbox", "stack": "violating/sandbox", "vault_id": vault_id, "name": name, **fields}


def grant(app_role_id: str, role: str, **fields: Any) -> dict[str, Any]:
    """What a grant is told."""
    held = {"tenant": "sandbox", "principal_id": PURVIEW_IDENTITY, "resource_id": GRAPH}
    return {**held, "app_role_id": app_role_id, "role": role, **fields}


class Whole(pulumi.ComponentResource):
    """A component around others' resources."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__("contoso:index:Whole", name, None, opts)


def child(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Of a component with these options, and none of its own."""
    return pulumi.ResourceOptions(parent=Whole("whole" if opts else "unprotected-whole", opts))


of_source = {"kind": "Kestrel7", "properties": {}, "collection": "one"}
of_scan = {"kind": "Kestrel7Flight", "properties": {}, "collection": "one", "data_source": "bare"}
of_credential = {"kind": "TalonKey", "secret_property": "talon", "connection": "sandbox-one", "secret_name": "one"}
DataSource("good-source", kept, **own("good", **of_source))
DataSource("source-of-a-component", child(kept), **own("inner", **of_source))
DataSource("unprotected-source-of-a-component", child(None), **own("inner-bare", **of_source))
DataSource("unprotected-source", **own("bare", **of_source))
DataSource("replaceable-source", **own("replaceable", allow_rescan=True, **of_source))
Scan("good-scan", kept, **own("good-scan", **of_scan))
Scan("unprotected-scan", **own("bare-scan", **of_scan))
Scan("replaceable-scan", kept, **own("replaceable-scan", allow_rescan=True, **of_scan))
VaultSecret("good-key", kept, **key("one", fingerprint="0" * 64))
VaultSecret("unprotected-key", **key("two", fingerprint="0" * 64))
VaultSecret("key-of-others", **key("three", expected=True))
Credential("good-credential", **own("sandbox-one", **of_credential))
Credential("misnamed-credential", **own("contoso-one", **of_credential))

AppRoleGrant("good-grant", **grant(READ_USERS, "User.Read.All"))
AppRoleGrant("misspoken-grant", **grant(READ_USERS, "Application.Read.All"))
AppRoleGrant("unknown-grant", **grant(WRITE_DIRECTORY, "Directory.ReadWrite.All"))
for name, role in (("good-assignment", READ_USERS), ("unknown-assignment", WRITE_DIRECTORY)):
    azuread.AppRoleAssignment(name, app_role_id=role, principal_object_id=PURVIEW_IDENTITY, resource_object_id=GRAPH)


class AppRoleGrants(pulumi.ComponentResource):
    """Called as the package's component is."""

    def __init__(self) -> None:
        super().__init__("purview-ai:index:AppRoleGrants", "grants")


below = pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(parent=AppRoleGrants()))
azuread.ServicePrincipal("good-principal", client_id=PURVIEW_API, opts=below)
azuread.ServicePrincipal("principal-of-ones-own", client_id=SOMEBODY)
azuread.ServicePrincipal("strewn-principal", client_id=PURVIEW_API, opts=kept)
azuread.ServicePrincipal(
    "unprotected-principal",
    client_id=PURVIEW_API,
    opts=pulumi.ResourceOptions.merge(below, pulumi.ResourceOptions(protect=False)),
)
azuread.ServicePrincipal("taken-principal", client_id=PURVIEW_API, use_existing=True, opts=below)
azuread.ServicePrincipal("taken-principal-of-exchange", client_id=EXCHANGE, use_existing=True)
application = azuread.Application("application", display_name="one")
azuread.ServicePrincipal("taken-principal-of-a-new-application", client_id=application.client_id, use_existing=True)
azuread.ServicePrincipal("principal-of-a-new-application", client_id=application.client_id)


def access(name: str, state: Any, *, meets: str = "All", **others: Any) -> azuread.ConditionalAccessPolicy:
    """A policy that meets everybody, or who is said here."""
    users = azuread.ConditionalAccessPolicyConditionsUsersArgs(included_users=[meets], **others)
    return azuread.ConditionalAccessPolicy(
        name,
        display_name=name,
        state=state,
        conditions=azuread.ConditionalAccessPolicyConditionsArgs(
            client_app_types=["all"],
            applications=azuread.ConditionalAccessPolicyConditionsApplicationsArgs(included_applications=["All"]),
            users=users,
        ),
        grant_controls=azuread.ConditionalAccessPolicyGrantControlsArgs(operator="OR", built_in_controls=["block"]),
    )


emergency = azuread.Group("emergency", display_name="emergency", security_enabled=True)
access("good-access", "enabled", excluded_users=[SOMEBODY])
access("good-access-of-a-new-group", "enabled", excluded_groups=[emergency.object_id])
access("reported-access", "enabledForReportingButNotEnforced")
access("disabled-access", "disabled")
access("locking-access", "enabled")
access("access-of-applications", "enabled", meets="None")
access("group-access", "enabled", meets="None", included_groups=[SOMEBODY])
access("guests-access", "enabled", excluded_users=["GuestsOrExternalUsers"])
access("unknown-access", emergency.object_id, excluded_users=[SOMEBODY])

pulumi.export("harmless", "a word")
pulumi.export("key", config.require_secret("spare"))
pulumi.export("asset", pulumi.StringAsset("a word"))
