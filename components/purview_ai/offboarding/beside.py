"""What stands beside a stack and stays when it goes: no state knows of it, and no destroy reaches it."""

from __future__ import annotations

import re
from collections.abc import Callable  # noqa: TC003  # a field's type
from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai.directory.app_roles import PROCESS_CONVERSATIONS
from purview_ai.offboarding.item import Fate, Item, Mark, Way, filled
from purview_ai.settings.pipeline_environments import IDENTITY, tag_of
from purview_ai.settings.vault import PurviewReads

if TYPE_CHECKING:
    from purview_ai.settings.tenant import TenantSettings

_LEARN = "https://learn.microsoft.com"
_EXCHANGE = f"{_LEARN}/powershell/module/exchangepowershell"


def _always(_: TenantSettings) -> bool:
    return True


def _captures(tenant: TenantSettings) -> bool:
    return bool(tenant.captured)


def _scripted(part: str) -> Callable[[TenantSettings], bool]:
    return lambda tenant: tenant.asks_for(f"governance.scripts.{part}")


@dataclass(frozen=True)
class Beside:
    """One such thing; names in braces are the tenant's own."""

    key: str
    """A name that stays the same."""
    what: str
    why: str
    ways: tuple[Way, ...]
    applies: Callable[[TenantSettings], bool] = _always
    """Whether a tenant's settings can have brought it about."""
    when: str = ""
    """The same in words; empty: always."""


BESIDE = (
    Beside(
        "captured-interactions",
        "captured prompts and responses, in people's mailboxes",
        "they are people's and the law's, not the stack's",
        (
            Way(
                "A retention policy for Enterprise AI apps that deletes, before it is removed itself",
                "Compliance Administrator",
                f"{_LEARN}/purview/retention-policies-copilot",
            ),
            Way(
                "eDiscovery, search and purge, 10 items of a mailbox at a time: documented for Microsoft's Copilots, "
                "not for this connector's items",
                "Search And Purge, and eDiscovery Manager",
                f"{_LEARN}/purview/edisc-search-copilot-data",
                Mark.UNKNOWN,
            ),
        ),
    ),
    Beside(
        "audit-records",
        "audit records of the interactions",
        "no documented interface deletes them",
        (
            Way(
                "They end by themselves: other vendors' AI apps after 180 days, as far as anybody has seen",
                source="docs/facts.md, graph 3",
                mark=Mark.UNKNOWN,
            ),
        ),
    ),
    Beside(
        "vendor-key",
        "the vendors' keys themselves: {keys}",
        "a deleted secret revokes no key",
        (
            Way(
                "Delete each where it was made ({made_at})",
                "an owner of the vendor's organisation",
                "docs/facts.md, graph 4",
                Mark.INFERRED,
            ),
        ),
        lambda tenant: bool(tenant.keys),
        "where a source has a `key`",
    ),
    Beside(
        "key-in-stack-file",
        "the keys in the stack file, encrypted: {secrets}",
        "no destroy changes a stack file",
        (
            Way(
                "Take each out of it: pulumi config rm purview-ai:<secret> --stack {stack}. The repository's history "
                "keeps it, encrypted",
                "who may change the stack file",
                "docs/living-with-a-tenant.md#the-vault-and-the-key",
            ),
        ),
        lambda tenant: any(key.from_config for key in tenant.keys.values()),
        "unless `key.origin: vault`",
    ),
    Beside(
        "state",
        "the stack's own state with its backups and history, in {backend}",
        "pulumi destroy empties it and keeps it",
        (
            Way(
                "pulumi stack rm {stack} --remove-backups --preserve-config; without the last word it deletes the "
                "stack file, too",
                "who may write the state",
                "https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_rm",
            ),
            Way(
                "A storage that keeps versions or deleted blobs keeps the state in them: remove those there",
                "Storage Blob Data Owner on the container",
                f"{_LEARN}/azure/storage/blobs/soft-delete-blob-overview",
            ),
        ),
    ),
    Beside(
        "account",
        "Purview account {account}",
        "it was there before this stack",
        (Way("Leave it: other stacks and all of Purview's other data live in it", mark=Mark.INFERRED),),
        lambda tenant: not tenant.purview.create,
        "unless `purview.create`",
    ),
    Beside(
        "collection",
        "collection {collection}",
        "it was there before this stack",
        (
            Way(
                "Purview portal > Data Map > Domains > {collection} > Delete, once nothing is in it",
                "Collection Administrator on the collection above it",
                f"{_LEARN}/purview/data-map-domains-collections-manage",
            ),
        ),
        lambda tenant: _captures(tenant) and not tenant.purview.collection.create,
        "unless `purview.collection.create`",
    ),
    Beside(
        "vault",
        "key vault {vault}, with the secrets that others keep there",
        "it was there before this stack",
        (Way("az keyvault delete --name {vault}", "its owner", f"{_LEARN}/cli/azure/keyvault"),),
        lambda tenant: tenant.vault.existing,
        "only with `vault.existing`",
    ),
    Beside(
        "vault-access",
        "the access that somebody gave the Purview account's identity in key vault {vault}",
        "somebody else gave it (vault.purview_reads: expected)",
        (
            Way(
                "Azure portal > Key vaults > {vault} > Access control (IAM), or Access policies: take the identity out",
                "User Access Administrator on the vault, or Key Vault Contributor",
                f"{_LEARN}/azure/key-vault/general/rbac-guide",
            ),
        ),
        lambda tenant: _captures(tenant) and tenant.vault.reading is PurviewReads.EXPECTED,
        "only with `vault.purview_reads: expected`",
    ),
    Beside(
        "first-party-service-principal",
        "the service principal of the Purview API ({purview_api})",
        "it is Microsoft's own and the whole Entra tenant's",
        (Way("Leave it: every Purview AI integration of the tenant needs it", mark=Mark.INFERRED),),
        _captures,
        "where a source is captured by a scan",
    ),
    Beside(
        "permissions",
        "the roles and permissions that somebody gave by hand to who deploys, looks and runs pipelines",
        "no stack gives them",
        (
            Way(
                "purview-ai permissions --stack {stack} lists them: take back what no other stack needs",
                "who gave them",
                "README.md#permissions",
            ),
        ),
    ),
    Beside(
        "pipelines",
        "what lets pipelines in as {identity}: identities with their roles, a container and a key of states, and the "
        "environments or service connections of the code host",
        "bootstrap/ and people made it, and other stacks may share it",
        (
            Way(
                "Once no stack uses it: take {identity} out of the tenants of bootstrap/, let go of its container and "
                "its key, and delete those",
                "who deploys bootstrap/",
                "docs/bootstrap.md#adding-and-removing-a-tenant",
            ),
            Way(
                "gh api --method DELETE repos/<organization>/<repository>/environments/{identity}-<job>, for each; on "
                "Azure DevOps the service connections purview-{identity}-<job>",
                "an administrator of the repository, or of the project",
                "https://docs.github.com/rest/deployments/environments",
            ),
        ),
    ),
    Beside(
        "operator-resources",
        "resources of Pulumi's operator in Kubernetes, with their service account and Secret",
        "destroyOnFinalize: false: they let go of the stack, and go on with it until they go",
        (
            Way(
                "Before pulumi destroy, which they would undo: kubectl delete stacks.pulumi.com of the stack and of "
                "its -drift",
                "who may delete stacks.pulumi.com in the namespace",
                "docs/operator.md",
                Mark.INFERRED,
            ),
        ),
    ),
    Beside(
        "logs",
        "logs in the workspace {workspace}",
        "a diagnostic setting that goes takes no logs along",
        (
            Way(
                "They end with the workspace's retention; sooner with a purge, which is for personal data",
                "Data Purger on the workspace",
                f"{_LEARN}/azure/azure-monitor/logs/personal-data-mgmt",
            ),
        ),
        lambda tenant: tenant.diagnostics is not None,
        "only with `diagnostics`",
    ),
    Beside(
        "script-retention",
        "the retention policy that Set-Retention.ps1 made",
        "a script made it, and no API reads it",
        (
            Way(
                "Security & Compliance PowerShell: Remove-AppRetentionCompliancePolicy -Identity <name>; not once it "
                "is locked",
                "Compliance Administrator",
                f"{_EXCHANGE}/remove-appretentioncompliancepolicy",
            ),
        ),
        _scripted("retention"),
        "only with `governance.scripts.retention`",
    ),
    Beside(
        "script-collection-policies",
        "the collection policies that Set-Capture.ps1 and Set-NetworkDetection.ps1 made",
        "a script made them, and no API reads them",
        (
            Way(
                "Security & Compliance PowerShell: Remove-FeatureConfiguration -Identity <name>, in preview",
                "Compliance Administrator",
                f"{_EXCHANGE}/remove-featureconfiguration",
            ),
        ),
        lambda tenant: _scripted("capture")(tenant) or _scripted("network")(tenant),
        "only with `governance.scripts.capture` or `network`",
    ),
    Beside(
        "script-auditing",
        "auditing, which Set-Auditing.ps1 turned on",
        "it is the whole organisation's",
        (
            Way(
                "Leave it on: others rely on it. It goes off with Set-AdminAuditLogConfig "
                "-UnifiedAuditLogIngestionEnabled $false",
                "Audit Logs in Exchange Online",
                f"{_LEARN}/purview/audit-log-enable-disable",
            ),
        ),
        _scripted("auditing"),
        "only with `governance.scripts.auditing`",
    ),
    Beside(
        "script-ediscovery",
        "the application that Set-EDiscoveryApp.ps1 let in",
        "it sees every case of the tenant until it is taken out",
        (
            Way(
                "Security & Compliance PowerShell: Remove-eDiscoveryCaseAdmin -User <object id>, "
                "Remove-RoleGroupMember -Identity eDiscoveryManager -Member <object id>, Remove-ServicePrincipal "
                "-Identity <object id>",
                "a person who may manage role groups (Organization Management)",
                _EXCHANGE,
            ),
        ),
        lambda tenant: tenant.asks_for("governance.ediscovery") or _scripted("ediscovery")(tenant),
        "only with `governance.ediscovery`",
    ),
    Beside(
        "role-groups",
        "the entries of role groups in the Purview portal: {role_groups}",
        "no public interface but the portal's and PowerShell's changes role groups",
        (
            Way(
                "Purview portal > Settings > Roles and scopes > Role groups: take the groups out",
                "Role Management in Purview, which Organization Management holds",
                f"{_LEARN}/purview/purview-permissions",
            ),
        ),
        lambda tenant: bool(tenant.nested_groups),
        "only with `role_groups` of a group",
    ),
    Beside(
        "portal-policies",
        "what people set up in the Purview portal: DSPM for AI's and one-click policies, insider risk, communication "
        "compliance, adaptive protection, assessments, {portal_connectors}",
        "the portal alone makes and removes it",
        (
            Way(
                "purview-ai checklist --stack {stack} lists where each was set up: remove it there",
                "the role that it took",
                mark=Mark.UNKNOWN,
            ),
        ),
    ),
    Beside(
        "pay-as-you-go",
        "pay-as-you-go billing of Purview",
        "it is the whole tenant's",
        (
            Way(
                "Purview portal > Settings > Account > Pay-as-you-go, once nobody else needs it",
                "Global Administrator",
                f"{_LEARN}/purview/purview-billing-models",
            ),
        ),
    ),
    Beside(
        "scripts-folder",
        "governance/{stack}, the scripts that were written, with their records of what they did",
        "they are files of the repository",
        (
            Way(
                "git rm -r governance/{stack}; the *.record.jsonl files may be evidence",
                "who may change the repository",
                "docs/governance.md#scripts",
            ),
        ),
        lambda tenant: tenant.governance is not None and tenant.governance.scripts is not None,
        "only with `governance.scripts`",
    ),
)
"""From docs/facts.md, graph 0.31, 2.1 to 2.4, 3, 4, 24, 40 to 45 and 80 to 83, and engine 44."""


def items_beside(stack: str, tenant: TenantSettings, backend: str) -> list[Item]:
    """What a tenant's settings can have brought about."""
    names = _names(stack, tenant, backend)
    return [
        Item(
            one.key,
            filled(one.what, names).removesuffix(", "),
            Fate.STAYS,
            one.why,
            tuple(way.of(names) for way in one.ways),
        )
        for one in BESIDE
        if one.applies(tenant)
    ]


def _names(stack: str, tenant: TenantSettings, backend: str) -> dict[str, str]:
    apps = {source.app: source.application for source in tenant.sources.values()}
    account = tenant.purview.account
    by_portal = [f"the data connector of {app.title}" for app in apps.values() if app.no_connector_api]
    return {
        "stack": stack,
        "identity": tag_of(tenant.tags, IDENTITY, stack),
        "backend": backend,
        "account": "(the tenant's default one)" if account == "default" else account.rsplit("/", 1)[-1],
        "collection": tenant.purview.collection.name,
        "vault": tenant.vault.name,
        "keys": ", ".join(dict.fromkeys(key.secret for key in tenant.keys.values())),
        "secrets": ", ".join(dict.fromkeys(key.secret for key in tenant.keys.values() if key.from_config)),
        "made_at": "; ".join(app.key.made_at for app in apps.values()),
        "workspace": tenant.diagnostics.workspace.rsplit("/", 1)[-1] if tenant.diagnostics else "",
        "role_groups": ", ".join(f"{group} in {role_group}" for group, role_group in tenant.nested_groups),
        "portal_connectors": ", ".join(by_portal),
        "purview_api": PROCESS_CONVERSATIONS.client_id,
    }


def as_markdown() -> str:
    """A table for a page: what stays, when, and how it is removed."""
    lines = ["| what stays | when | how it is removed | who | how sure |", "|---|---|---|---|---|"]
    for one in BESIDE:
        what, when = _plain(one.what), one.when or "always"
        for way in one.ways:
            lines.append(f"| {what} | {when} | {_plain(way.text)} | {_plain(way.who)} | {_sure(way)} |")
            what = when = ""
    return "\n".join(lines)


def _plain(text: str) -> str:
    """With the places of names as pages show them."""
    shown = re.sub(r"\{(\w+)\}", lambda found: f"*{found[1].replace('_', ' ')}*", text)
    return shown.replace("|", "\\|").replace("<", "\\<")


def _sure(way: Way) -> str:
    if way.source.startswith("https://"):
        return f"[{way.mark}]({way.source})"
    return str(way.mark)
