"""The sandbox answers as Microsoft's own descriptions say, wherever these are at hand.

``AZURE_REST_API_SPECS`` names the folder of the descriptions. Without it nothing is checked, and the summary says so.
"""

from __future__ import annotations

import copy
import os
import re
import sys
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from descriptions import Described, Descriptions, Exchange, Finding
from local_azure import seed
from local_azure.app import ARM_OPERATIONS, PURVIEW_OPERATIONS
from local_azure.key_vault import KEY_VAULT_OPERATIONS
from people import ARM, PURVIEW, Person
from whole_chain import (
    ACCOUNT,
    CONNECTION,
    CREDENTIAL,
    GROUP,
    LOG_WORKSPACE_ID,
    SCAN,
    SCAN_API,
    SECRETS_USER,
    SOURCE,
    SUBSCRIPTION,
    TRIGGER,
    VAULT,
    VAULT_URL,
    VAULTS,
    WholeChain,
    account_body,
    connection_body,
    policy_for,
    reference,
    role_body,
    role_url,
    settled_account,
    source_body,
    trigger_body,
    vault_body,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from local_azure.call import Operation
    from local_azure.process import LocalAzure

FOLDER = "AZURE_REST_API_SPECS"


@dataclass(frozen=True)
class Api:
    """One description, and where its service answers in the sandbox."""

    file: str
    version: str
    base: str
    """What its addresses begin with."""
    implemented: tuple[Operation, ...]
    prefix: str = ""
    """What its paths begin with in the sandbox's route table."""
    stands_for: tuple[str, ...] = ()
    """Other api-versions that clients send, with no description of their own at hand."""


ARM_API = (re.escape(ARM), tuple(ARM_OPERATIONS))
PURVIEW_API = tuple(PURVIEW_OPERATIONS)
_RM = "resource-manager"
_DATA = "specification/purview/data-plane"
APIS = {
    "resource groups": Api(
        f"specification/resources/{_RM}/Microsoft.Resources/stable/2024-03-01/resources.json",
        "2024-03-01",
        *ARM_API,
        stands_for=("2025-04-01 (azure-mgmt-resource)",),
    ),
    "role assignments": Api(
        f"specification/authorization/{_RM}/Microsoft.Authorization/stable/2022-04-01"
        "/authorization-RoleAssignmentsCalls.json",
        "2022-04-01",
        *ARM_API,
    ),
    "vaults": Api(
        f"specification/keyvault/{_RM}/Microsoft.KeyVault/stable/2023-07-01/keyvault.json",
        "2023-07-01",
        *ARM_API,
        stands_for=("2024-11-01 (azure-native)", "2026-05-15 (azure-mgmt-keyvault)"),
    ),
    "vaults' secrets in ARM": Api(
        f"specification/keyvault/{_RM}/Microsoft.KeyVault/stable/2023-07-01/secrets.json",
        "2023-07-01",
        *ARM_API,
        stands_for=("2024-11-01 (azure-native)", "2026-05-15 (azure-mgmt-keyvault)"),
    ),
    "diagnostic settings": Api(
        f"specification/monitor/{_RM}/Microsoft.Insights/preview/2021-05-01-preview/diagnosticsSettings_API.json",
        "2021-05-01-preview",
        *ARM_API,
    ),
    "Log Analytics workspaces": Api(
        f"specification/operationalinsights/{_RM}/Microsoft.OperationalInsights/stable/2022-10-01/Workspaces.json",
        "2022-10-01",
        *ARM_API,
        stands_for=("2023-09-01 (azure-native)",),
    ),
    "Purview accounts, stable": Api(
        f"specification/purview/{_RM}/Microsoft.Purview/stable/2021-12-01/purview.json",
        "2021-12-01",
        *ARM_API,
        stands_for=("2021-07-01 (azure-mgmt-purview)",),
    ),
    "Purview accounts, preview": Api(
        f"specification/purview/{_RM}/Microsoft.Purview/preview/2024-04-01-preview/purview.json",
        "2024-04-01-preview",
        *ARM_API,
    ),
    "secrets": Api(
        "specification/keyvault/data-plane/Microsoft.KeyVault/stable/7.5/secrets.json",
        "7.5",
        r"https://[^/]+\.vault\.azure\.net",
        tuple(KEY_VAULT_OPERATIONS),
        stands_for=("2026-04-01 (azure-keyvault-secrets)",),
    ),
    "scanning": Api(
        f"{_DATA}/Azure.Analytics.Purview.Scanning/stable/2023-09-01/scanningService.json",
        "2023-09-01",
        re.escape(f"{PURVIEW}/scan"),
        PURVIEW_API,
        prefix="/scan",
        stands_for=("2018-12-01-preview (azure-purview-scanning)",),
    ),
    "collections, 2019": Api(
        f"{_DATA}/Azure.Analytics.Purview.Account/preview/2019-11-01-preview/account.json",
        "2019-11-01-preview",
        re.escape(f"{PURVIEW}/account"),
        PURVIEW_API,
        prefix="/account",
    ),
    "collections, 2023": Api(
        f"{_DATA}/Azure.Analytics.Purview.Account/preview/2023-10-01-preview/account.json",
        "2023-10-01-preview",
        re.escape(f"{PURVIEW}/account"),
        PURVIEW_API,
        prefix="/account",
    ),
    "roles on collections": Api(
        f"{_DATA}/Azure.Analytics.Purview.MetadataPolicies/preview/2021-07-01-preview/purviewMetadataPolicy.json",
        "2021-07-01-preview",
        re.escape(f"{PURVIEW}/policystore"),
        PURVIEW_API,
        prefix="/policystore",
        stands_for=("2021-07-01 (seen in use)",),
    ),
}
NARROWER = (
    "RoleAssignments_ListForSubscription",
    "RoleAssignments_ListForResourceGroup",
    "RoleAssignments_ListForResource",
)
"""Described beside an operation that the sandbox implements in one for all."""

DIFFERENCES = {
    (r"Scans_\w+", r"(value/)?properties/scanScopeType"): "seen in an export of a live account (purview 2.4)",
    (r"Triggers_\w+", r"properties/scanId"): "seen in an export of a live account (purview 6.7)",
    (
        r"Triggers_\w+",
        r"properties/recurrence/schedule/\w+",
    ): "null where nothing was sent, as some of the examples' are",
    (r"DataSources_List", r"nextLink"): "null at the end, as the examples of all other lists have it",
    (r"ScanResult_\w+", r"(value/)?(endTime|\w+/(discovery|ingestion)EndTime)"): (
        "null while a run goes on, as the example of a cancellation has it"
    ),
}
"""Known differences by operation and place (regular expressions), with their reasons."""

TWINS = {"Kestrel7": "PowerBI", "Kestrel7Flight": "PowerBIMsi", "TalonKey": "AccountKey", "talon": "accountKey"}
"""The sandbox's connector has wire names of its own (purview 0). Where they have a published twin, that is judged."""
UNPUBLISHED = ("nest", "firstLight", "perch")
"""Those of them that have no twin."""


@dataclass
class Witness(Person):
    """Somebody who remembers every answer."""

    seen: list[Exchange] = field(default_factory=list[Exchange])

    def ask(self, method: str, url: str, **more: Any) -> httpx.Response:  # type: ignore[override]
        """One request, remembered."""
        answer = super().ask(method, url, **more)
        seen = Exchange.of(answer)
        self.seen.append(replace(seen, body=in_published_words(seen.body)))
        return answer


def folder() -> Path | None:
    """Where the descriptions are."""
    given = Path(os.environ.get(FOLDER) or "no-such-folder")
    return given if (given / "specification").is_dir() else None


def tell_everything(who: Witness) -> None:
    """A story that comes by every operation that the sandbox has and the descriptions know."""
    chain = WholeChain(who).build()
    _resource_groups(who)
    _log_analytics(who)
    _vaults(who)
    _secrets(who)
    _account(who)
    _scanning(who, chain)
    for version in ("2019-11-01-preview", "2023-10-01-preview"):
        _collections(who, {"api-version": version})
    _domains(who, {"api-version": "2023-10-01-preview"})
    _policies(who, {"api-version": "2021-07-01-preview"})
    _accounts_life(who)


def _resource_groups(who: Witness) -> None:
    group, version = f"{SUBSCRIPTION}/resourceGroups/rg-described", {"api-version": "2024-03-01"}
    for method, url, body in (
        ("PUT", group, {"location": seed.LOCATION, "tags": {"a": "b"}}),
        ("PUT", group, {}),
        ("PATCH", group, {"tags": {"a": "c"}}),
        ("GET", group, None),
        ("HEAD", group, None),
        ("HEAD", f"{group}-not", None),
        ("GET", f"{group}-not", None),
        ("GET", group.rsplit("/", 1)[0], None),
        ("DELETE", group, None),
        ("DELETE", f"{group}-not", None),
    ):
        who.ask(method, url, params=dict(version), json=body)
    grant, version = role_url(GROUP), {"api-version": "2022-04-01"}
    for method, url, body in (
        ("PUT", grant, role_body(SECRETS_USER, seed.STRANGER_ID)),
        ("PUT", role_url(GROUP), role_body(SECRETS_USER, seed.STRANGER_ID)),
        ("GET", grant, None),
        ("GET", grant.rsplit("/", 1)[0], None),
        ("GET", role_url(VAULT).rsplit("/", 1)[0], None),
        ("GET", role_url(f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/x").rsplit("/", 1)[0], None),
        ("GET", role_url(SUBSCRIPTION).rsplit("/", 1)[0], None),
        ("DELETE", grant, None),
        ("DELETE", grant, None),
        ("GET", grant, None),
    ):
        who.ask(method, url, params=dict(version), json=body)
    setting, version = (
        f"{ACCOUNT}/providers/Microsoft.Insights/diagnosticSettings/all",
        {"api-version": "2021-05-01-preview"},
    )
    logs = {"logs": [{"categoryGroup": "allLogs", "enabled": True}], "workspaceId": LOG_WORKSPACE_ID}
    for method, url, body in (
        ("PUT", setting, {"properties": logs}),
        ("PUT", setting, {}),
        ("GET", setting, None),
        ("GET", setting.rsplit("/", 1)[0], None),
        ("DELETE", setting, None),
        ("DELETE", setting, None),
        ("GET", setting, None),
    ):
        who.ask(method, url, params=dict(version), json=body)


def _log_analytics(who: Witness) -> None:
    workspace = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/law-described"
    everywhere = f"{SUBSCRIPTION}/providers/Microsoft.OperationalInsights/workspaces"
    for method, url, body in (
        ("PUT", workspace, {"location": seed.LOCATION, "properties": {"sku": {"name": "PerGB2018"}}}),
        ("PUT", workspace, {}),
        ("GET", workspace, None),
        ("GET", workspace.rsplit("/", 1)[0], None),
        ("GET", everywhere, None),
        ("DELETE", workspace, None),
        ("DELETE", workspace, None),
        ("GET", workspace, None),
    ):
        who.ask(method, url, params={"api-version": "2022-10-01"}, json=body)


def _vaults(who: Witness) -> None:
    vault, secret = f"{VAULTS}/kv-described", f"{VAULTS}/kv-described/secrets/one"
    binned = f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/{seed.LOCATION}/deletedVaults/kv-described"
    policies = {"properties": {"accessPolicies": [policy_for(seed.STRANGER_ID, "get")]}}
    value = {"properties": {"value": "v", "contentType": "text/plain", "attributes": {"exp": 4_102_444_800}}}
    for method, url, body in (
        ("PUT", vault, vault_body()),
        ("PUT", vault, {}),
        ("PATCH", vault, {"tags": {"a": "b"}}),
        ("GET", vault, None),
        ("GET", VAULTS, None),
        ("GET", f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults", None),
        ("PUT", f"{vault}/accessPolicies/add", policies),
        ("PUT", secret, value),
        ("PUT", secret, {}),
        ("PATCH", secret, {"tags": {"a": "b"}}),
        ("GET", secret, None),
        ("GET", secret.rsplit("/", 1)[0], None),
        ("GET", f"{secret}-not", None),
        ("DELETE", vault, None),
        ("DELETE", vault, None),
        ("GET", vault, None),
        ("PUT", vault, vault_body()),
        ("GET", binned, None),
        ("GET", binned.rsplit("/", 1)[0].replace(f"/locations/{seed.LOCATION}", ""), None),
        ("POST", f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/checkNameAvailability", _name("kv-described")),
        ("POST", f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/checkNameAvailability", _name("kv-free")),
        ("POST", f"{binned}/purge", None),
        ("GET", binned, None),
    ):
        who.ask(method, url, params={"api-version": "2023-07-01"}, json=body)


def _name(name: str) -> dict[str, str]:
    return {"name": name, "type": "Microsoft.KeyVault/vaults"}


def _secrets(who: Witness) -> None:
    secret, binned = f"{VAULT_URL}/secrets/two", f"{VAULT_URL}/deletedsecrets/two"
    made = who.do("PUT", secret, json={"value": "v", "attributes": {"exp": 4_102_444_800}, "tags": {"a": "b"}})
    for method, url, body in (
        ("GET", secret, None),
        ("GET", made["id"], None),
        ("PATCH", made["id"], {"attributes": {"enabled": True}}),
        ("GET", f"{VAULT_URL}/secrets", None),
        ("GET", f"{secret}/versions", None),
        ("GET", f"{VAULT_URL}/secrets/none", None),
        ("DELETE", secret, None),
        ("PUT", secret, {"value": "v"}),
        ("GET", f"{VAULT_URL}/deletedsecrets", None),
        ("GET", binned, None),
        ("POST", f"{binned}/recover", None),
        ("DELETE", secret, None),
        ("DELETE", binned, None),
        ("GET", binned, None),
    ):
        who.ask(method, url, json=body)


def _account(who: Witness) -> None:
    for version in ("2021-12-01", "2024-04-01-preview"):
        default = {"scopeTenantId": seed.TENANT, "scopeType": "Tenant"}
        for method, url, more in (
            ("GET", ACCOUNT, {}),
            ("GET", f"{ACCOUNT}-not", {}),
            ("GET", ACCOUNT.rsplit("/", 1)[0], {}),
            ("GET", f"{SUBSCRIPTION}/providers/Microsoft.Purview/accounts", {}),
            ("POST", f"{ACCOUNT}/addRootCollectionAdmin", {}),
            ("GET", f"{ARM}/providers/Microsoft.Purview/getDefaultAccount", default),
        ):
            body = {"objectId": seed.OPERATOR_ID} if method == "POST" else None
            who.ask(method, url, params={"api-version": version, **more}, json=body)
        for name in ("contoso-purview", "contoso-purview-2", "no_name"):
            names = f"{SUBSCRIPTION}/providers/Microsoft.Purview/checkNameAvailability"
            asked = {"name": name, "type": "Microsoft.Purview/accounts"}
            who.ask("POST", names, params={"api-version": version}, json=asked)


def _accounts_life(who: Witness) -> None:
    """The tenant's account, in the end: gone, and made anew."""
    for version in ("2021-12-01", "2024-04-01-preview"):
        for method, body in (
            ("DELETE", None),
            ("PUT", account_body()),
            ("PUT", account_body(tags={"a": "b"})),
            ("PATCH", {"tags": {"a": "c"}}),
            ("DELETE", None),
            ("DELETE", None),
            ("PUT", {}),
        ):
            who.ask(method, ACCOUNT, params={"api-version": version}, json=body)
            settled_account(who)


def _scanning(who: Witness, chain: WholeChain) -> None:
    for made in (CONNECTION, CREDENTIAL, SOURCE, SCAN):
        body = who.get(made)
        who.ask("PUT", made, json=body)
        who.ask("GET", made.rsplit("/", 1)[0])
        who.ask("GET", f"{made}-not")
    who.ask("PUT", f"{SCAN_API}/datasources/another", json=source_body())
    _triggers(who)
    run_id = str(uuid.uuid4())
    who.ask("POST", f"{SCAN}:run", params={"runId": run_id})
    who.ask("POST", f"{SCAN}:run", params={"runId": "no-guid"})
    who.ask("GET", f"{SCAN}/runs/{run_id}")
    who.ask("POST", f"{SCAN}/runs/{run_id}:cancel")
    chain.run()
    chain.operator.azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    chain.run()
    who.ask("GET", f"{SCAN}/runs/{uuid.uuid4()}")
    who.ask("GET", f"{SCAN}/runs")
    for url in (CREDENTIAL, SCAN, SOURCE, CREDENTIAL, CONNECTION):
        who.ask("DELETE", url)
    who.ask("PUT", f"{SCAN_API}/azureKeyVaults/no--name", json=connection_body())


def _triggers(who: Witness) -> None:
    monthly = {"monthDays": [31, 1], "monthlyOccurrences": [{"day": "Wednesday", "occurrence": 2}]}
    for method, url, body in (
        ("GET", TRIGGER, None),
        ("PUT", TRIGGER, trigger_body(frequency="Month", endTime="2027-01-01T00:00:00Z", timeZone="UTC")),
        ("GET", TRIGGER, None),
        ("PUT", TRIGGER, trigger_body(frequency="Month", schedule=monthly)),
        ("POST", f"{TRIGGER}:disable", None),
        ("POST", f"{TRIGGER}:enable", None),
        ("PUT", TRIGGER, trigger_body(interval=0)),
        ("DELETE", SCAN, None),
        ("DELETE", TRIGGER, None),
        ("DELETE", TRIGGER, None),
        ("POST", f"{TRIGGER}:enable", None),
    ):
        who.ask(method, url, json=body)


def _collections(who: Witness, version: dict[str, str]) -> None:
    collections = f"{PURVIEW}/account/collections"
    body = {"friendlyName": "Described", "parentCollection": reference(seed.COLLECTION)}
    for method, url, sent in (
        ("GET", f"{PURVIEW}/account", None),
        ("GET", collections, None),
        ("PUT", f"{collections}/described", body),
        ("GET", f"{collections}/described", None),
        ("GET", f"{collections}/described/getCollectionPath", None),
        ("GET", f"{collections}/{seed.COLLECTION}/getChildCollectionNames", None),
        ("DELETE", f"{collections}/{seed.COLLECTION}", None),
        ("PUT", f"{collections}/described", {**body, "parentCollection": reference(seed.ACCOUNT)}),
        ("GET", f"{collections}/described", None),
        ("PUT", f"{collections}/{seed.ACCOUNT}", body),
        ("DELETE", f"{collections}/described", None),
        ("GET", f"{collections}/described", None),
    ):
        who.ask(method, url, params=dict(version), json=sent)


def _domains(who: Witness, version: dict[str, str]) -> None:
    domains = f"{PURVIEW}/account/domains"
    # Written with a version that has no description at hand.
    who.ask("PUT", f"{domains}/described", params={"api-version": "2023-12-01-preview"}, json={"description": "d"})
    for name in ("", "/described", "/nowhere"):
        who.ask("GET", domains + name, params=dict(version))


def _policies(who: Witness, version: dict[str, str]) -> None:
    policies = f"{PURVIEW}/policystore/metadataPolicies"
    listed = who.ask("GET", policies, params=dict(version)).json()["values"]
    for policy in listed:
        who.ask("GET", f"{policies}/{policy['id']}", params=dict(version))
        who.ask("PUT", f"{policies}/{policy['id']}", params=dict(version), json=policy)
    who.ask("GET", f"{policies}/{uuid.uuid4()}", params=dict(version))


@pytest.fixture(scope="module")
def story(shared_azure: LocalAzure) -> Iterator[list[Exchange]]:
    """Every answer of a story that leaves no described operation out."""
    with shared_azure.client() as client:
        who = Witness(shared_azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET)
        tell_everything(who)
        yield who.seen


def implemented(api: Api, described: list[Described]) -> list[Described]:
    """The described operations that the sandbox has."""

    def plain(path: str) -> str:
        return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/").lower()

    own = {(operation.method.lower(), plain(operation.path)) for operation in api.implemented}
    return [d for d in described if (d.method, plain(api.prefix + d.template)) in own or d.id in NARROWER]


def in_published_words(body: Any) -> Any:
    """A body with the published names in place of the sandbox's own."""
    if isinstance(body, dict):
        return {TWINS.get(k, k): in_published_words(v) for k, v in body.items() if k not in UNPUBLISHED}
    if isinstance(body, list):
        return [in_published_words(one) for one in body]
    return TWINS.get(body, body) if isinstance(body, str) else body


def known(finding: Finding) -> list[tuple[str, str]]:
    """The known differences that a finding is one of."""
    return [
        (operation, where)
        for operation, where in DIFFERENCES
        if re.fullmatch(operation, finding.operation) and re.fullmatch(where, finding.where)
    ]


@dataclass
class Verdict:
    """What became of all answers."""

    operations: int = 0
    wrong: list[str] = field(default_factory=list[str])
    differences: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """The known ones that were met."""


def judge(api: Api, descriptions: Descriptions, story: list[Exchange], verdict: Verdict) -> None:
    """Hold the answers of one API against its description."""
    operations = implemented(api, descriptions.operations(api.file, api.base))
    told: dict[Described, list[Exchange]] = {operation: [] for operation in operations}
    for exchange in (e for e in story if e.version == api.version):
        fitting = sorted((o for o in operations if o.meets(exchange)), key=lambda o: o.literal)
        for operation in fitting[-1:]:
            told[operation].append(exchange)
    verdict.operations += len(operations)
    verdict.wrong += [f"{o.id}: never answered well" for o, es in told.items() if not any(e.status < 400 for e in es)]
    if not any(e.status >= 400 for es in told.values() for e in es):
        verdict.wrong.append(f"{api.file}: no refusal was seen")
    for finding in {f for o, es in told.items() for e in es for f in descriptions.findings(o, e)}:
        verdict.differences |= set(known(finding))
        if not known(finding):
            verdict.wrong.append(f"{finding.operation}: {finding.where}: {finding.what}")


def say(words: str) -> None:
    """Tell the person at the terminal; a parallel run shows only what goes to the standard error."""
    print(f"\nThe sandbox against Microsoft's descriptions: {words}", file=sys.stderr)


def test_answers_are_as_described(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> None:
    found = folder()
    if found is None:
        with capsys.disabled():
            say(f"NOT CHECKED: {FOLDER} names no folder of descriptions.")
        return
    story: list[Exchange] = request.getfixturevalue("story")
    descriptions, verdict = Descriptions(found), Verdict()
    for api in APIS.values():
        judge(api, descriptions, story, verdict)
    assert not verdict.wrong, "\n".join(sorted(verdict.wrong))
    assert verdict.differences == set(DIFFERENCES)
    with capsys.disabled():
        say(f"{verdict.operations} described operations answer as described.")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(("status",), "Done", id="an-unknown-state"),
        pytest.param(("startTime",), "yesterday", id="no-time"),
        pytest.param(("id",), 7, id="a-number-for-a-text"),
        pytest.param(("id",), None, id="null-where-no-example-has-it"),
        pytest.param(("runid",), "x", id="a-misspelt-name"),
        pytest.param(("discoveryExecutionDetails", "isErrorLogAvailable"), "maybe", id="deep-inside"),
    ],
)
def test_a_wrong_answer_is_found(request: pytest.FixtureRequest, path: tuple[str, ...], value: object) -> None:
    found = folder()
    if found is None:
        return
    story: list[Exchange] = request.getfixturevalue("story")
    descriptions, api = Descriptions(found), APIS["scanning"]
    [run] = [o for o in descriptions.operations(api.file, api.base) if o.id == "ScanResult_GetScanStatus"]
    good = next(e for e in story if run.meets(e) and e.status == 200)
    assert [f for f in descriptions.findings(run, good) if not known(f)] == []
    bad = copy.deepcopy(good)
    *above, last = path
    place: dict[str, Any] = bad.body
    for step in above:
        place = place[step]
    place[last] = value
    assert {f.where for f in descriptions.findings(run, bad) if not known(f)} == {"/".join(path)}
    assert descriptions.findings(run, replace(good, status=203))
    assert descriptions.findings(run, replace(good, status=404))
