"""The objects of all APIs as Pulumi resources. Their arguments are their wishes' fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import pulumi
from pulumi.dynamic import Resource
from pulumi.runtime import rpc

from purview_ai.dynamic.families import PREVIEWED
from purview_ai.dynamic.own_settings import provider_of_program
from purview_ai.dynamic.provider import KIND, ObjectProvider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class _Object(Resource):
    """One object of any kind."""

    def __init__(
        self, kind: str, resource_name: str, fields: Mapping[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        """An object of a kind, by the fields of its wish."""
        own = pulumi.ResourceOptions(provider=provider_of_program())
        merged = pulumi.ResourceOptions.merge(own, opts)
        previewed = {PREVIEWED: rpc.UNKNOWN} if pulumi.runtime.is_dry_run() else {}
        super().__init__(ObjectProvider(), resource_name, {KIND: kind, **fields, **previewed}, merged)


class _Common(TypedDict, total=False):
    """What every object takes: whose it is, and what may be done with one that was there before."""

    tenant: str
    account_id: pulumi.Input[str]
    adopt: pulumi.Input[bool]
    release: pulumi.Input[bool]


class KeyVaultConnectionArgs(_Common, total=False):
    """A vault by its address."""

    name: pulumi.Input[str]
    base_url: pulumi.Input[str]
    description: pulumi.Input[str]


class KeyVaultConnection(_Object, module="purview", name="KeyVaultConnection"):
    """A vault that Purview knows."""

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **fields: Unpack[KeyVaultConnectionArgs],
    ) -> None:
        """See :class:`~purview_ai.datamap.wishes.KeyVaultConnectionWish`."""
        super().__init__("Key Vault connection", resource_name, fields, opts)


class CredentialArgs(_Common, total=False):
    """A secret by the connection to its vault, its name and its version; an empty version is the newest."""

    name: pulumi.Input[str]
    kind: pulumi.Input[str]
    description: pulumi.Input[str]
    secret_property: pulumi.Input[str]
    connection: pulumi.Input[str]
    secret_name: pulumi.Input[str]
    secret_version: pulumi.Input[str]


class Credential(_Object, module="purview", name="Credential"):
    """A key that Purview may use, by the name and version of a secret."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **fields: Unpack[CredentialArgs]
    ) -> None:
        """See :class:`~purview_ai.datamap.wishes.CredentialWish`."""
        super().__init__("credential", resource_name, fields, opts)


class CollectionArgs(_Common, total=False):
    """A collection below another one, or below a domain."""

    name: pulumi.Input[str]
    friendly_name: pulumi.Input[str]
    description: pulumi.Input[str]
    parent: pulumi.Input[str]


class Collection(_Object, module="purview", name="Collection"):
    """Data sources and scans under one set of roles."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **fields: Unpack[CollectionArgs]
    ) -> None:
        """See :class:`~purview_ai.datamap.wishes.CollectionWish`."""
        super().__init__("collection", resource_name, fields, opts)


class CollectionRoleArgs(_Common, total=False):
    """One role on one collection for one principal, by its object id."""

    collection: pulumi.Input[str]
    role: pulumi.Input[str]
    principal_id: pulumi.Input[str]
    bootstrap: pulumi.Input[bool]


class CollectionRole(_Object, module="purview", name="CollectionRole"):
    """One holder of one role on a collection; all others stay as they are."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **fields: Unpack[CollectionRoleArgs]
    ) -> None:
        """See :class:`~purview_ai.datamap.wishes.CollectionRoleWish`."""
        super().__init__("collection role", resource_name, fields, opts)


class DataSourceArgs(_Common, total=False):
    """A workspace in the connector's wire names."""

    name: pulumi.Input[str]
    kind: pulumi.Input[str]
    properties: pulumi.Input[Mapping[str, Any]]
    collection: pulumi.Input[str]
    allow_rescan: pulumi.Input[bool]


class DataSource(_Object, module="purview", name="DataSource"):
    """A workspace that Purview knows."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **fields: Unpack[DataSourceArgs]
    ) -> None:
        """See :class:`~purview_ai.datamap.wishes.DataSourceWish`."""
        super().__init__("data source", resource_name, fields, opts)


class ScanArgs(_Common, total=False):
    """A scan in the connector's wire names."""

    data_source: pulumi.Input[str]
    name: pulumi.Input[str]
    kind: pulumi.Input[str]
    properties: pulumi.Input[Mapping[str, Any]]
    collection: pulumi.Input[str]
    domain: pulumi.Input[str]
    capture_since: pulumi.Input[str]
    since_at: pulumi.Input[list[list[str]]]
    test_connection: pulumi.Input[bool]
    patience_minutes: pulumi.Input[int]
    allow_rescan: pulumi.Input[bool]


class Scan(_Object, module="purview", name="Scan"):
    """What is captured of a data source."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **fields: Unpack[ScanArgs]
    ) -> None:
        """See :class:`~purview_ai.datamap.wishes.ScanWish`."""
        super().__init__("scan", resource_name, fields, opts)


class TriggerArgs(_Common, total=False):
    """A recurrence."""

    data_source: pulumi.Input[str]
    scan: pulumi.Input[str]
    collection: pulumi.Input[str]
    scan_level: pulumi.Input[str]
    enabled: pulumi.Input[bool]
    frequency: pulumi.Input[str]
    interval: pulumi.Input[int]
    start_time: pulumi.Input[str]
    end_time: pulumi.Input[str]
    time_zone: pulumi.Input[str]
    hours: pulumi.Input[Sequence[int]]
    minutes: pulumi.Input[Sequence[int]]
    week_days: pulumi.Input[Sequence[str]]
    month_days: pulumi.Input[Sequence[int]]


class Trigger(_Object, module="purview", name="Trigger"):
    """When a scan runs by itself."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **fields: Unpack[TriggerArgs]
    ) -> None:
        """See :class:`~purview_ai.datamap.wishes.TriggerWish`."""
        super().__init__("trigger", resource_name, fields, opts)


class RunArgs(_Common, total=False):
    """A run of a scan; each generation is one run."""

    data_source: pulumi.Input[str]
    scan: pulumi.Input[str]
    collection: pulumi.Input[str]
    generation: pulumi.Input[int]
    level: pulumi.Input[str]
    wait_minutes: pulumi.Input[int]


class Run(_Object, module="purview", name="Run"):
    """A run that shall have been started; its progress is no state."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **fields: Unpack[RunArgs]
    ) -> None:
        """See :class:`~purview_ai.datamap.wishes.ScanRunWish`."""
        super().__init__("run", resource_name, fields, opts)


class AppRoleGrantArgs(TypedDict, total=False):
    """An app role by the object ids of who holds it and of who offers it."""

    tenant: str
    principal_id: pulumi.Input[str]
    resource_id: pulumi.Input[str]
    app_role_id: pulumi.Input[str]
    role: pulumi.Input[str]
    expected: pulumi.Input[bool]
    release: pulumi.Input[bool]


class AppRoleGrant(_Object, module="entra", name="AppRoleGrant"):
    """An app role that a service principal holds: given by the stack, or expected from somebody else."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **fields: Unpack[AppRoleGrantArgs]
    ) -> None:
        """See :class:`~purview_ai.directory.app_role_grant.AppRoleGrantWish`."""
        super().__init__("app role grant", resource_name, fields, opts)


class VaultSecretArgs(TypedDict, total=False):
    """A key by its fingerprint, or one that is expected from somebody else; the key itself is no argument."""

    tenant: str
    stack: str
    vault_id: pulumi.Input[str]
    name: pulumi.Input[str]
    fingerprint: pulumi.Input[str]
    expected: pulumi.Input[bool]
    expires: pulumi.Input[int] | None


class VaultSecret(_Object, module="vault", name="Secret"):
    """A vendor's key in a vault. Whoever declares one that nobody else keeps writes it, in a hook.

    See :mod:`purview_ai.custody.writing`.
    """

    version: pulumi.Output[str]
    """The id of the version that was written last; empty where somebody else keeps the secret."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **fields: Unpack[VaultSecretArgs]
    ) -> None:
        """See :class:`~purview_ai.vaults.secret.VaultSecretWish`."""
        super().__init__("vault secret", resource_name, {**fields, "version": None}, opts)


class _EdiscoveryArgs(TypedDict, total=False):
    """What a case and a search take."""

    tenant: str
    name: pulumi.Input[str]
    description: pulumi.Input[str]
    keep: pulumi.Input[bool]
    adopt: pulumi.Input[bool]
    release: pulumi.Input[bool]


class CaseArgs(_EdiscoveryArgs, total=False):
    """A case by its name."""

    number: pulumi.Input[str]


class Case(_Object, module="ediscovery", name="Case"):
    """A case of eDiscovery; it outlives its stack unless ``keep`` is false."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **fields: Unpack[CaseArgs]
    ) -> None:
        """See :class:`~purview_ai.governance.ediscovery.kinds.CaseWish`."""
        super().__init__("eDiscovery case", resource_name, fields, opts)


class SearchArgs(_EdiscoveryArgs, total=False):
    """A search by its name, and its case by that one's."""

    case: pulumi.Input[str]
    query: pulumi.Input[str]
    scopes: pulumi.Input[Sequence[str]]


class Search(_Object, module="ediscovery", name="Search"):
    """A search of a case, declared and never run; it outlives its stack unless ``keep`` is false."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **fields: Unpack[SearchArgs]
    ) -> None:
        """See :class:`~purview_ai.governance.ediscovery.kinds.SearchWish`."""
        super().__init__("eDiscovery search", resource_name, fields, opts)
