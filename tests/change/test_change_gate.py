"""The gate: each rule meets what it is made for, and lets its like pass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from purview_ai.change import objects
from purview_ai.change.approvals import Approval
from purview_ai.change.events import errors_in, preview_in
from purview_ai.change.folder import Folder, FolderError, MadeFor
from purview_ai.change.gate import stops
from purview_ai.change.preview import UNKNOWN, Action, Change, Options, Preview, Property
from purview_ai.change.rules import RULES
from purview_ai.drift.azure_types import (
    ACCOUNT,
    ALERT_RULE,
    BLOB_SERVICE,
    CONTAINER,
    DIAGNOSTIC_SETTING,
    FEDERATED_CREDENTIAL,
    KEY,
    RESOURCE_GROUP,
    ROLE_ASSIGNMENT,
    SECRET,
    STORAGE_ACCOUNT,
    VAULT,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INCREMENTAL = {"scan_level": "Incremental", "frequency": "Day", "interval": 1}
PROTECTED, FREE = Options(protect=True), Options()
DENY = "properties.networkAcls.defaultAction"
EXCLUDED = "conditions.users.excludedUsers"
AUDIT_LOGS = [{"categoryGroup": "audit", "enabled": True}]
EVERY_LOG = [{"categoryGroup": "allLogs", "enabled": True}]


def change(
    type_: str, action: Action, *properties: tuple[str, Any, Any], before: Options = FREE, after: Options = FREE
) -> Change:
    """A change of one resource; what this does not say of a trigger is as the package makes one."""
    changed = [path for path, _, _ in properties]
    usual = INCREMENTAL if type_ == "trigger" and action in (Action.CHANGE, Action.REPLACE) else {}
    return Change(
        resource="it",
        urn="urn:it",
        type=type_,
        called=objects.called(type_),
        action=action,
        properties=[Property(path=path, was=was, now=now) for path, was, now in properties],
        stays={name: value for name, value in usual.items() if name not in changed},
        before=before,
        after=after,
    )


def met(one: Change, *, first: bool = False, approved: tuple[str, ...] = ()) -> set[str]:
    """The rules that stop a change."""
    preview = Preview(stack="contoso", failed=False, first=first, changes=[one])
    said = {Approval(rule, "contoso") for rule in approved}
    return {stop.rule.name for stop in stops(preview, RULES, said)}


@pytest.mark.parametrize(
    ("word", "type_"),
    [
        ("vault", VAULT),
        ("vault", RESOURCE_GROUP),
        ("account", ACCOUNT),
        ("secret", "vault secret"),
        ("secret", "azure-native:keyvault:Secret"),
        ("key-reference", "Key Vault connection"),
        ("key-reference", "credential"),
        ("source", "data source"),
        ("scan", "scan"),
        ("trigger", "trigger"),
        ("grant", ROLE_ASSIGNMENT),
        ("grant", "azure-native:keyvault:AccessPolicy"),
        ("grant", "app role grant"),
        ("grant", "collection role"),
        ("grant", objects.APP_ROLE_ASSIGNMENT),
        ("grant", objects.DIRECTORY_ROLE),
        ("conditional-access", objects.CONDITIONAL_ACCESS),
        ("diagnostics", DIAGNOSTIC_SETTING),
        ("alert", ALERT_RULE),
        ("grant", FEDERATED_CREDENTIAL),
        ("case", "eDiscovery case"),
        ("case", "eDiscovery search"),
        ("other", objects.GROUP),
        ("other", objects.SERVICE_PRINCIPAL),
        ("other", STORAGE_ACCOUNT),
        ("other", KEY),
        ("other", "random:index/randomPet:RandomPet"),
    ],
)
def test_nothing_that_matters_ends_without_a_yes(word: str, type_: str) -> None:
    assert met(change(type_, Action.DELETE)) == {f"delete-{word}"}
    assert met(change(type_, Action.REPLACE)) == {f"replace-{word}"}
    assert met(change(type_, Action.REPLACE), approved=(f"replace-{word}",)) == set()
    assert met(change(type_, Action.REPLACE), approved=(f"delete-{word}",)) == {f"replace-{word}"}
    assert met(change(type_, Action.LET_GO)) == set()


def test_what_the_gate_knows_nothing_of_is_named_by_its_type() -> None:
    [stop] = stops(Preview(stack="contoso", failed=False, changes=[change("aws:s3/b:B", Action.DELETE)]), RULES)
    assert stop.what == "The aws:s3/b:B it would be deleted; it is of the type aws:s3/b:B."


@pytest.mark.parametrize("type_", ["run", "collection"])
def test_what_can_be_made_again_goes_without_a_yes(type_: str) -> None:
    assert met(change(type_, Action.DELETE)) == set()


def policy_of(*rights: str) -> list[dict[str, Any]]:
    """A vault's list of policies with one entry."""
    return [{"objectId": "a", "permissions": {"secrets": list(rights)}}]


TURNED_OFF: list[tuple[str, str, tuple[str, Any, Any]]] = [
    ("purge-protection-off", VAULT, ("properties.enablePurgeProtection", True, False)),
    ("purge-protection-off", VAULT, ("properties.enablePurgeProtection", True, None)),
    ("purge-protection-off", VAULT, ("properties.enableSoftDelete", True, UNKNOWN)),
    ("purge-protection-off", VAULT, ("properties.softDeleteRetentionInDays", 90, 7)),
    ("firewall-open", VAULT, (DENY, "Deny", "Allow")),
    ("firewall-open", VAULT, (DENY, "deny", UNKNOWN)),
    ("firewall-open", VAULT, ("properties.networkAcls.bypass", "AzureServices", "None")),
    ("firewall-open", VAULT, ("properties.publicNetworkAccess", "Disabled", "Enabled")),
    ("firewall-open", VAULT, ("properties.networkAcls.ipRules", [{"value": "20.0.113.7"}], [{"value": "0.0.0.0/0"}])),
    ("firewall-open", VAULT, ("properties.networkAcls.ipRules", [], UNKNOWN)),
    ("firewall-open", VAULT, ("properties.networkAcls.virtualNetworkRules", None, [{"id": "/theirs"}])),
    ("purge-protection-off", BLOB_SERVICE, ("isVersioningEnabled", True, None)),
    ("purge-protection-off", BLOB_SERVICE, ("deleteRetentionPolicy.enabled", True, False)),
    ("purge-protection-off", BLOB_SERVICE, ("containerDeleteRetentionPolicy.days", 90, 7)),
    ("firewall-open", ACCOUNT, ("publicNetworkAccess", "Disabled", "Enabled")),
    ("firewall-open", ACCOUNT, ("ingestionStorage.publicNetworkAccess", "Disabled", None)),
    ("firewall-open", STORAGE_ACCOUNT, ("networkRuleSet.defaultAction", "Deny", "Allow")),
    ("firewall-open", STORAGE_ACCOUNT, ("networkRuleSet.ipRules", [], [{"iPAddressOrRange": "20.0.113.7"}])),
    ("firewall-open", STORAGE_ACCOUNT, ("allowSharedKeyAccess", False, True)),
    ("firewall-open", STORAGE_ACCOUNT, ("enableHttpsTrafficOnly", True, False)),
    ("firewall-open", CONTAINER, ("publicAccess", "None", "Blob")),
    ("retain-off", "eDiscovery case", ("keep", True, False)),
    ("delete-grant", VAULT, ("properties.accessPolicies", [{"objectId": "a"}], [])),
    ("delete-grant", VAULT, ("properties.accessPolicies", policy_of("get", "list"), policy_of("get"))),
    ("release-adopted", "scan", ("release", False, True)),
    ("weaken-conditional-access", objects.CONDITIONAL_ACCESS, ("state", "enabled", "disabled")),
    (
        "weaken-conditional-access",
        objects.CONDITIONAL_ACCESS,
        ("state", "enabledForReportingButNotEnforced", "disabled"),
    ),
    ("weaken-conditional-access", objects.CONDITIONAL_ACCESS, ("state", "enabled", UNKNOWN)),
    ("weaken-conditional-access", objects.CONDITIONAL_ACCESS, (EXCLUDED, ["a"], ["a", "b"])),
    ("weaken-conditional-access", objects.CONDITIONAL_ACCESS, (EXCLUDED, ["a"], ["b"])),
    ("weaken-conditional-access", objects.CONDITIONAL_ACCESS, (EXCLUDED, None, UNKNOWN)),
    (
        "weaken-conditional-access",
        objects.CONDITIONAL_ACCESS,
        ("conditions.applications.includedApplications", ["a", "b"], ["a"]),
    ),
    ("weaken-conditional-access", objects.CONDITIONAL_ACCESS, ("grantControls.builtInControls", ["block"], ["mfa"])),
    ("weaken-conditional-access", objects.CONDITIONAL_ACCESS, ("conditions.insiderRiskLevels", "minor", "elevated")),
    ("weaken-conditional-access", objects.CONDITIONAL_ACCESS, ("grantControls.operator", "AND", "OR")),
    (
        "weaken-conditional-access",
        objects.CONDITIONAL_ACCESS,
        ("grantControls.builtInControls", ["mfa"], ["mfa", "compliantDevice"]),
    ),
    ("weaken-conditional-access", objects.CONDITIONAL_ACCESS, ("conditions.clientAppTypes", ["all"], ["browser"])),
    (
        "weaken-conditional-access",
        objects.CONDITIONAL_ACCESS,
        ("conditions.locations.includedLocations", None, ["abroad"]),
    ),
    ("weaken-diagnostics", DIAGNOSTIC_SETTING, ("logs", [{"enabled": True}], [{"enabled": False}])),
    ("weaken-diagnostics", DIAGNOSTIC_SETTING, ("workspaceId", "/ours", "/theirs")),
    ("weaken-alert", ALERT_RULE, ("enabled", True, False)),
    ("weaken-alert", ALERT_RULE, ("actions.actionGroups", ["/a", "/b"], ["/a"])),
    ("more-rights", FEDERATED_CREDENTIAL, ("subject", "repo:ours", "repo:theirs")),
    ("more-rights", VAULT, ("properties.accessPolicies", policy_of("get"), policy_of("get", "list"))),
    ("more-rights", ROLE_ASSIGNMENT, ("roleDefinitionId", "reader", "owner")),
    ("more-rights", VAULT, ("properties.accessPolicies", [], [{"objectId": "a"}])),
    ("more-rights", VAULT, ("properties.enableRbacAuthorization", True, False)),
    ("more-rights", VAULT, ("properties.enabledForTemplateDeployment", False, True)),
    ("more-rights", VAULT, ("properties.enabledForDeployment", None, UNKNOWN)),
    ("more-rights", objects.GROUP, ("members", ["a"], ["a", "b"])),
    ("more-rights", objects.GROUP, ("owners", None, ["b"])),
    ("stop-trigger", "trigger", ("enabled", True, False)),
    ("slow-trigger", "trigger", ("interval", 1, 2)),
    ("change-capture", "scan", ("properties.scanRulesetName", "all", "some")),
    ("full-run", "run", ("generation", 1, 2)),
    ("full-run", "run", ("generation", 2, UNKNOWN)),
    ("full-run", "trigger", ("scan_level", "Incremental", "Full")),
    ("full-run", "trigger", ("scan_level", "Incremental", UNKNOWN)),
    ("move-expiry", "vault secret", ("expires", 1814399999, 4070908799)),
    ("move-expiry", "vault secret", ("expires", 1814399999, 1)),
    ("move-expiry", "vault secret", ("expires", 1814399999, None)),
    ("move-expiry", SECRET, ("properties.attributes.expires", 1814399999, 4070908799)),
    ("switch-off", objects.SERVICE_PRINCIPAL, ("accountEnabled", True, False)),
    ("switch-off", objects.SERVICE_PRINCIPAL, ("accountEnabled", None, UNKNOWN)),
    ("switch-off", SECRET, ("properties.attributes.enabled", True, False)),
    ("switch-off", SECRET, ("properties.attributes.enabled", None, False)),
    ("more-rights", VAULT, ("properties.tenantId", "ours", "theirs")),
    ("more-rights", objects.GROUP, ("dynamicMembership.rule", "user.x eq 1", "user.x eq 2")),
    ("weaken-alert", ALERT_RULE, ("kind", "LogAlert", "LogToMetric")),
    ("weaken-alert", ALERT_RULE, ("enabled", None, False)),
    ("purge-protection-off", VAULT, ("properties.enableSoftDelete", None, False)),
    ("weaken-alert", ALERT_RULE, ("overrideQueryTimeRange", "P2D", "PT5M")),
]


@pytest.mark.parametrize("above", ["properties", "properties.attributes"])
def test_a_switch_within_what_nobody_knows_is_no_switch_that_is_on(above: str) -> None:
    gone = ("properties.attributes.enabled", True, None)
    assert "switch-off" in met(change(SECRET, Action.CHANGE, gone, (above, None, UNKNOWN)))


@pytest.mark.parametrize(("rule", "type_", "of"), TURNED_OFF)
def test_no_protection_is_turned_off_without_a_yes(rule: str, type_: str, of: tuple[str, Any, Any]) -> None:
    assert met(change(type_, Action.CHANGE, of)) == {rule}
    assert met(change(type_, Action.CHANGE, of), approved=(rule,)) == set()


@pytest.mark.parametrize(
    ("type_", "of"),
    [
        (VAULT, ("properties.enablePurgeProtection", False, True)),
        (VAULT, ("properties.softDeleteRetentionInDays", 7, 90)),
        (VAULT, (DENY, "Allow", "Deny")),
        (VAULT, ("tags.owner", None, "security")),
        (VAULT, ("properties.accessPolicies", policy_of("get"), [*policy_of("get")])),
        (BLOB_SERVICE, ("deleteRetentionPolicy.days", 7, 90)),
        (STORAGE_ACCOUNT, ("allowSharedKeyAccess", True, False)),
        (STORAGE_ACCOUNT, ("networkRuleSet.ipRules", [{"iPAddressOrRange": "20.0.113.7"}], [])),
        (ACCOUNT, ("publicNetworkAccess", "Enabled", "Disabled")),
        ("eDiscovery case", ("description", "old", "new")),
        ("eDiscovery case", ("keep", False, True)),
        (objects.CONDITIONAL_ACCESS, ("grantControls.builtInControls", ["mfa"], ["block"])),
        (objects.CONDITIONAL_ACCESS, ("conditions.applications.includedApplications", ["a"], ["All"])),
        (objects.CONDITIONAL_ACCESS, ("conditions.clientAppTypes", ["browser"], ["all"])),
        (DIAGNOSTIC_SETTING, ("logs", AUDIT_LOGS, EVERY_LOG)),
        ("scan", ("collection", "old", "new")),
        (VAULT, ("properties.networkAcls.ipRules", [{"value": "20.0.113.7"}], [])),
        (VAULT, ("properties.enabledForTemplateDeployment", True, False)),
        (objects.GROUP, ("members", ["a", "b"], ["a"])),
        (objects.GROUP, ("description", "old", "new")),
        ("scan", ("release", True, False)),
        (objects.CONDITIONAL_ACCESS, ("state", "enabledForReportingButNotEnforced", "enabled")),
        (objects.CONDITIONAL_ACCESS, ("displayName", "old", "new")),
        (objects.CONDITIONAL_ACCESS, (EXCLUDED, ["a", "b"], ["a"])),
        (objects.CONDITIONAL_ACCESS, ("conditions.applications.includedApplications", ["a"], ["a", "b"])),
        (DIAGNOSTIC_SETTING, ("logs", [], [{"enabled": True}])),
        (ALERT_RULE, ("severity", 1, 2)),
        (ALERT_RULE, ("actions.actionGroups", ["/a"], ["/a", "/b"])),
        ("trigger", ("interval", 2, 1)),
        ("credential", ("secret_version", "a", UNKNOWN)),
        ("run", ("wait_minutes", 0, 10)),
        ("trigger", ("scan_level", "Full", "Incremental")),
        ("vault secret", ("expires", None, 1814399999)),
        (objects.SERVICE_PRINCIPAL, ("accountEnabled", False, True)),
        (SECRET, ("properties.attributes.enabled", False, True)),
        (objects.SERVICE_PRINCIPAL, ("accountEnabled", True, None)),
        (SECRET, ("properties.attributes.enabled", True, None)),
        (objects.GROUP, ("dynamicMembership.rule", "user.x eq 1", None)),
    ],
)
def test_what_protects_more_or_does_not_matter_passes(type_: str, of: tuple[str, Any, Any]) -> None:
    assert met(change(type_, Action.CHANGE, of)) == set()


def test_a_firewall_that_closes_lets_in_whom_it_names() -> None:
    closes = (DENY, "Allow", "Deny"), ("properties.networkAcls.ipRules", None, [{"value": "20.0.113.7"}])
    assert met(change(VAULT, Action.CHANGE, *closes)) == set()


def test_protection_and_keeping_are_the_engines_own_and_seen_too() -> None:
    kept = Options(protect=True, retain_on_delete=True)
    assert met(change("scan", Action.OPTIONS, before=kept, after=FREE)) == {"protect-off", "retain-off"}
    assert met(change("scan", Action.OPTIONS, before=FREE, after=kept)) == set()


def test_a_new_scan_that_may_be_replaced_is_not_protected_either() -> None:
    for allowed in (True, False):
        new = change("scan", Action.CREATE, ("allow_rescan", None, allowed))
        assert met(new, first=True) == ({"protect-off"} if allowed else set())


def test_a_new_tenant_gets_its_rights_and_an_old_one_no_more_without_a_yes() -> None:
    given = change(ROLE_ASSIGNMENT, Action.CREATE, ("roleDefinitionId", None, "reader"))
    assert met(given, first=True) == set()
    assert met(given) == {"more-rights"}


@pytest.mark.parametrize(
    "type_",
    [
        objects.GROUP_MEMBER,
        objects.DELEGATED_GRANT,
        "azuread:index/applicationPassword:ApplicationPassword",
        "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential",
    ],
)
def test_who_gets_a_right_by_another_thing_that_gives_one_needs_a_yes_too(type_: str) -> None:
    assert met(change(type_, Action.CREATE)) == {"more-rights"}
    assert met(change(type_, Action.CREATE), first=True) == set()
    assert met(change(type_, Action.DELETE)) == {"delete-grant"}


def test_a_run_is_full_again_unless_it_is_the_first_one_or_looks_for_what_is_new() -> None:
    assert met(change("run", Action.CREATE, ("generation", None, 1), ("level", None, "Full"))) == set()
    assert met(change("run", Action.CREATE, ("generation", None, 9), ("level", None, "Full")), first=True) == {
        "full-run"
    }
    assert met(change("run", Action.CHANGE, ("generation", 1, 2), ("level", "Full", "Incremental"))) == set()
    quiet = change("run", Action.CHANGE, ("generation", 1, 2)).model_copy(update={"stays": {"level": "Incremental"}})
    assert met(quiet) == set()


SCAN = (("account_id", None, "/a"), ("data_source", None, "chatgpt"), ("name", None, "daily"))
RUN = (*SCAN[:2], ("scan", None, "daily"), ("generation", None, 9), ("level", None, "Full"))


@pytest.mark.parametrize(
    ("scan", "rules"),
    [
        (change("scan", Action.CREATE, *SCAN, ("adopt", None, False)), set[str]()),
        (change("scan", Action.CREATE, *SCAN), set[str]()),
        (change("scan", Action.CREATE, *SCAN, ("adopt", None, True)), {"full-run"}),
        (change("scan", Action.CREATE, *SCAN, ("adopt", None, UNKNOWN)), {"full-run"}),
        (change("scan", Action.CREATE, *SCAN[:2], ("name", None, "other")), {"full-run"}),
        (change("scan", Action.CREATE, *SCAN[:2], ("name", None, UNKNOWN)), {"full-run"}),
        (change("scan", Action.CREATE, ("account_id", None, "/b"), *SCAN[1:]), {"full-run"}),
        (change("scan", Action.CHANGE, *SCAN), {"full-run"}),
        (change("trigger", Action.CREATE, *SCAN), {"full-run"}),
    ],
)
def test_the_first_run_of_a_scan_that_the_same_deployment_makes_has_any_generation(
    scan: Change, rules: set[str]
) -> None:
    preview = Preview(stack="contoso", failed=False, first=True, changes=[change("run", Action.CREATE, *RUN), scan])
    assert {stop.rule.name for stop in stops(preview, RULES)} == rules


def test_of_which_scan_a_run_is_must_be_known() -> None:
    unknown = ("data_source", None, UNKNOWN)
    run, scan = (
        change("run", Action.CREATE, RUN[0], unknown, *RUN[2:]),
        change("scan", Action.CREATE, SCAN[0], unknown, SCAN[2]),
    )
    preview = Preview(stack="contoso", failed=False, changes=[run, scan])
    assert {stop.rule.name for stop in stops(preview, RULES)} == {"full-run"}


def test_another_run_of_a_scan_that_was_lost_is_asked_about() -> None:
    again = change("run", Action.CHANGE, ("generation", 1, 9))
    again = again.model_copy(update={"stays": {"account_id": "/a", "data_source": "chatgpt", "scan": "daily"}})
    preview = Preview(stack="contoso", failed=False, changes=[again, change("scan", Action.CREATE, *SCAN)])
    assert {stop.rule.name for stop in stops(preview, RULES)} == {"full-run"}


def test_a_schedule_of_full_runs_is_asked_about_however_it_comes_to_be() -> None:
    full = ("scan_level", None, "Full")
    assert met(change("trigger", Action.CREATE, full), first=True) == {"full-run"}
    assert met(change("trigger", Action.CREATE, ("scan_level", None, "Incremental"))) == set()
    for other, rules in (
        (("enabled", False, True), {"full-run"}),
        (("interval", 2, 1), {"full-run"}),
        (("hours", [2], [2, 14]), {"full-run"}),
        (("enabled", True, False), {"stop-trigger"}),
        (("time_zone", "UTC", "Europe/Berlin"), set()),
    ):
        found = change("trigger", Action.CHANGE, other)
        assert met(found.model_copy(update={"stays": {**found.stays, "scan_level": "Full"}})) == rules


def test_another_key_brings_its_own_last_day() -> None:
    day = ("expires", 1814399999, 4070908799)
    assert met(change("vault secret", Action.CHANGE, day, ("fingerprint", "a", "b"))) == set()
    native = change(SECRET, Action.CHANGE, ("properties.attributes.expires", 1814399999, 4070908799))
    assert met(native.model_copy(update={"hidden": ["properties.value"]})) == set()


def test_what_is_taken_over_as_it_is_passes_and_what_would_be_changed_does_not() -> None:
    new = change("trigger", Action.CREATE, ("scan_level", None, "Incremental"))
    assert met(new, first=True) == set()
    for overwrites, words in (("interval: 1 instead of 4", "changed: interval: 1 instead of 4"), (UNKNOWN, "nobody")):
        one = new.model_copy(update={"overwrites": overwrites})
        assert met(one, first=True) == {"take-over-changed"}
        [stop] = stops(Preview(stack="contoso", failed=False, changes=[one]), RULES)
        assert words in stop.what


def test_every_rule_is_met_by_a_test_and_speaks_in_sentences() -> None:
    tried = {rule for rule, _, _ in TURNED_OFF if not rule.startswith("delete-")}
    tried |= {"protect-off", "take-over-changed", "hidden-change"}
    assert {rule.name for rule in RULES if not rule.name.startswith(("delete-", "replace-"))} == tried
    for rule in RULES:
        for sentence in (rule.why, rule.means):
            assert sentence[0].isupper()
            assert sentence.endswith(".")
    assert len({rule.name for rule in RULES}) == len(RULES)


def step(op: str, **state: Any) -> dict[str, Any]:
    """A step as the engine tells it."""
    urn = "urn:pulumi:contoso::purview-ai::azure-native:keyvault:Vault::custody-vault"
    old = {"type": "azure-native:keyvault:Vault", "urn": urn, "inputs": {"vaultName": "kv"}, "outputs": {}, **state}
    return {"resourcePreEvent": {"metadata": {"op": op, "urn": urn, "type": "azure-native:keyvault:Vault", "old": old}}}


def update(was: dict[str, Any], now: dict[str, Any], *paths: str) -> Change:
    """A change of a vault, of which the provider says which paths it has."""
    event = step("update", inputs=was)
    told = event["resourcePreEvent"]["metadata"]
    told["new"] = {**told["old"], "inputs": now}
    told["detailedDiff"] = {path: {"diffKind": "update", "inputDiff": True} for path in paths}
    [found] = preview_in("contoso", [event], failed=False).changes
    return found


def test_what_changes_within_a_secret_is_stopped_by_its_path() -> None:
    secret = {
        "vaultName": "kv",
        "properties": {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            "ciphertext": "[secret]",
        },
    }
    hidden = update(secret, secret, "properties.networkAcls.defaultAction", "properties.networkAcls.ipRules[0].value")
    assert met(hidden) == {"hidden-change"}
    [stop] = stops(Preview(stack="contoso", failed=False, changes=[hidden]), RULES)
    assert "properties.networkAcls.defaultAction and properties.networkAcls.ipRules" in stop.what
    seen = {"tags": {"a.b": "x", "list": [{"c": 1}]}, "sku": {"name": "standard"}}
    now = {"tags": {"a.b": "y", "list": [{"c": 2}]}}
    assert update(seen, now, 'tags["a.b"]', "tags.list[0].c", "sku").hidden == []
    assert update(secret, {**secret, "tags": {"owner": "a"}}, "tags", "properties").hidden == ["properties"]
    within = {"vaultName": "kv", "list": [secret["properties"]]}
    assert update(within, within).hidden == ["list"], "nobody says where, so it may be any secret"
    assert update(secret, {**seen, "properties": seen}, "properties").hidden == []


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("env[1]", "tags.env[1]"),
        ("env[1]", 'tags["env[1]"]'),
        ("x.y[0]", "tags.x.y[0]"),
        ("x.y[0]", 'tags["x.y[0]"]'),
        ('a"b', 'tags.a"b'),
        ('a"b', r'tags["a\"b"]'),
        ('a"]b[0]', r'tags["a\"]b[0]"]'),
        (r"a\b.c", r'tags["a\b.c"]'),
    ],
)
def test_a_name_that_is_no_plain_word_is_seen_however_a_provider_writes_it(name: str, path: str) -> None:
    assert update({"tags": {name: "x"}}, {"tags": {name: "y"}}, path).hidden == []
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
    within = {"tags": secret, "sku": "a"}
    assert len(update(within, {**within, "sku": "b"}, path, "sku").hidden) == 1


def test_what_only_follows_from_the_inputs_is_no_hidden_change() -> None:
    was, now = {"principalId": "a"}, {"principalId": "b"}
    assert update(was, now, "principalId", "principalDisplayName", "systemData.createdBy").hidden == []


def test_another_value_of_a_secret_is_another_key_and_passes() -> None:
    another = change(SECRET, Action.CHANGE).model_copy(update={"hidden": ["properties.value"]})
    assert met(another) == set()


def test_what_an_interrupted_replacement_left_to_delete_is_a_deletion() -> None:
    left = preview_in("contoso", [step("delete-replaced", delete=True)], failed=False)
    assert [one.action for one in left.changes] == [Action.DELETE]
    whole = preview_in("contoso", [step("replace", new=None), step("delete-replaced")], failed=False)
    assert [one.action for one in whole.changes] == [Action.REPLACE]


def test_what_no_setting_of_a_source_protects_is_told_in_the_engines_words() -> None:
    said = 'resource "urn:…$azure-native:keyvault:Vault::it" cannot be deleted\nbecause it is protected. To unprotect …'
    assert list(errors_in([{"diagnosticEvent": {"severity": "error", "message": said}}])) == [said]


def test_what_is_kept_on_delete_is_let_go() -> None:
    [kept] = preview_in("contoso", [step("delete", retainOnDelete=True)], failed=False).changes
    assert kept.action is Action.LET_GO


def test_a_preview_under_another_stacks_name_is_none_of_it(tmp_path: Path) -> None:
    folder, made_for = Folder(tmp_path), MadeFor(commit="", stack_file="")
    folder.keep(made_for, Preview(stack="contoso", failed=True))
    (tmp_path / "contoso.preview.json").rename(tmp_path / "fabrikam.preview.json")
    for asked in (folder.previews, lambda: folder.plan_for("fabrikam", made_for)):
        with pytest.raises(FolderError, match="is the preview of 'contoso', and not of fabrikam"):
            asked()


def rewritten(folder: Folder, edit: Callable[[dict[str, Any]], object]) -> Path:
    """The file of a kept preview, as another version would have written it."""
    folder.begin("contoso")
    folder.plan("contoso").write_text("{}")
    shown = Preview(stack="contoso", failed=False, changes=[change("scan", Action.DELETE)])
    folder.keep(MadeFor(commit="", stack_file=""), shown)
    file = folder.path / "contoso.preview.json"
    kept = json.loads(file.read_text())
    edit(kept)
    file.write_text(json.dumps(kept))
    return file


@pytest.mark.parametrize(
    "edit",
    [
        lambda kept: kept.update(region="x"),
        lambda kept: kept["preview"].update(region="x"),
        lambda kept: kept["preview"]["changes"][0].update(region="x"),
    ],
)
def test_what_only_a_newer_program_keeps_is_judged_without_it_and_not_deployed(tmp_path: Path, edit: Any) -> None:
    rewritten(Folder(tmp_path), edit)
    [found] = Folder(tmp_path).previews()
    assert [stop.rule.name for stop in stops(found, RULES)] == ["delete-scan"]
    with pytest.raises(FolderError, match=r"another version of purview-ai.*region: Extra inputs"):
        Folder(tmp_path).plan_for("contoso", MadeFor(commit="", stack_file=""))


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        (lambda kept: kept["preview"].pop("failed"), "preview.failed: Field required"),
        (lambda kept: kept["preview"]["changes"][0].update(action="move"), "preview.changes.0.action: Input should be"),
    ],
)
def test_what_this_program_needs_and_another_one_does_not_keep_is_told_with_what_to_do(
    tmp_path: Path, edit: Any, what: str
) -> None:
    rewritten(Folder(tmp_path), edit)
    with pytest.raises(FolderError) as refused:
        Folder(tmp_path).previews()
    assert what in str(refused.value)
    assert "On a pull request that changes what a preview keeps, this is main's own version" in str(refused.value)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff"])
def test_what_is_no_preview_at_all_is_told(tmp_path: Path, text: bytes) -> None:
    rewritten(Folder(tmp_path), len).write_bytes(text)
    with pytest.raises(FolderError, match=r"contoso.preview.json is no preview: .*; make it again"):
        Folder(tmp_path).previews()
