"""What the scripts do to a tenant: against stand-ins for the cmdlets, run by a reader of the PowerShell that they use.

Neither is Microsoft's. What this shows, and what it does not, is in docs/governance.md.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from compliance_centre import ComplianceCentre
from powershell import PowerShell, PowerShellError, UnknownHereError
from rendered import APP, OBJECT, POLICY, scripts

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPTS = scripts()
CAPTURE = "DSPM for AI - Capture interactions for enterprise AI apps"
PLACES = json.dumps([{"Workload": "Applications", "Location": "All", "LocationSource": "Entra"}])
CHANGES: dict[str, dict[str, Any]] = {
    "Set-Auditing.ps1": {},
    "Set-Retention.ps1": {},
    "Set-Capture.ps1": {"EnforcementPlanes": ["Application"], "Locations": PLACES},
    "Set-NetworkDetection.ps1": {"Activities": ["UploadText"], "EnforcementPlanes": ["Network"], "Locations": PLACES},
    "Set-EDiscoveryApp.ps1": {},
}
"""Each script that changes something, with what must be given."""


@dataclass
class Ran:
    """What became of a run."""

    code: int
    out: list[dict[str, Any]]
    shell: PowerShell
    records: list[dict[str, str]] = field(default_factory=list)

    @property
    def outcomes(self) -> set[str]:
        return {record["outcome"] for record in self.records}

    @property
    def in_force(self) -> dict[str, str]:
        return {one["Object"]: one["InForce"] for one in self.out}


def run(file: str, tenant: ComplianceCentre, **how: Any) -> Ran:
    """One run, in a new session, by somebody who says yes unless told otherwise."""
    tenant.called.clear()
    tenant.sessions.clear()
    given = {**CHANGES.get(file, {}), **how.pop("given", {})}
    shell = PowerShell(tenant, **how)
    code, out = shell.run(SCRIPTS[file], UserPrincipalName="admin@contoso.com", **given)
    records = [json.loads(line) for lines in shell.recorded.values() for line in lines]
    return Ran(code, [one.properties for one in out], shell, records)


def set_up() -> ComplianceCentre:
    """A tenant on which every script has run."""
    tenant = ComplianceCentre()
    for file in CHANGES:
        run(file, tenant)
    return tenant


@pytest.mark.parametrize("file", CHANGES)
def test_a_second_run_finds_all_as_it_should_be(file: str) -> None:
    tenant = ComplianceCentre()
    first = run(file, tenant)
    assert tenant.changes
    assert first.outcomes == {"found", "changed"}
    assert len(first.shell.asked) == len(tenant.changes), "each change is asked for"
    again = run(file, tenant)
    assert (tenant.changes, again.shell.asked, again.outcomes) == ([], [], {"unchanged"})


@pytest.mark.parametrize("file", CHANGES)
@pytest.mark.parametrize(
    ("how", "outcome"), [({"what_if": True}, "would change"), ({"says_yes": lambda *_: False}, "declined")]
)
def test_nothing_changes_without_a_yes(file: str, how: dict[str, Any], outcome: str) -> None:
    tenant = ComplianceCentre()
    ran = run(file, tenant, **how)
    assert tenant.changes == []
    assert ran.outcomes == {"found", outcome}, "it says all the same what it would change"
    assert ran.shell.asked


@pytest.mark.parametrize("file", CHANGES)
def test_without_a_person_nobody_is_asked(file: str) -> None:
    tenant = ComplianceCentre()

    def nobody(*_: str) -> bool:
        pytest.fail("somebody was asked")

    run(file, tenant, never_asks=True, says_yes=nobody)
    assert tenant.changes


@pytest.mark.parametrize("file", CHANGES)
def test_each_step_can_be_declined_by_itself_and_made_up_for_later(file: str) -> None:
    whole = ComplianceCentre()
    steps = len(run(file, whole).shell.asked)
    for declined in range(steps):
        tenant = ComplianceCentre()
        answers = iter([number != declined for number in range(steps)])
        run(file, tenant, says_yes=lambda *_, answers=answers: next(answers))
        run(file, tenant)
        assert vars(tenant) | {"called": []} == vars(whole) | {"called": []}


@pytest.mark.parametrize("file", CHANGES)
def test_a_change_that_fails_stops_the_script_and_the_next_run_goes_on(file: str) -> None:
    whole = ComplianceCentre()
    run(file, whole)
    for name in whole.changes:
        tenant = ComplianceCentre(broken=(name,))
        with pytest.raises(PowerShellError, match="failed"):
            run(file, tenant)
        tenant.broken = ()
        run(file, tenant)
        assert vars(tenant) | {"called": []} == vars(whole) | {"called": []}


@pytest.mark.parametrize("file", CHANGES)
def test_a_change_that_fails_is_in_the_record_with_its_message(file: str) -> None:
    whole = ComplianceCentre()
    run(file, whole)
    for name in whole.changes:
        shell = PowerShell(ComplianceCentre(broken=(name,)))
        with pytest.raises(PowerShellError, match="failed"):
            shell.run(SCRIPTS[file], **CHANGES[file])
        (lines,) = shell.recorded.values()
        last = json.loads(lines[-1])
        assert (last["outcome"], last["message"]) == ("failed", f"{name} failed")
        assert last["after"] == json.loads(lines[-2])["after"]


def test_what_others_have_made_is_left_as_it_is() -> None:
    tenant = ComplianceCentre(
        policies={"another": {"Applications": ["User:MicrosoftTeams"], "Enabled": False, "RestrictiveRetention": True}},
        rules={"another": {"Name": "its rule", "RetentionDuration": 1, "RetentionComplianceAction": "Delete"}},
        collections={"another": {"Mode": "Disable", "ScenarioConfig": "{}", "Locations": "[]"}},
        applications={"another": {"AppId": "another", "ObjectId": "x", "DisplayName": "purview-ai", "Guid": "g"}},
        managers=["x"],
        administrators=["x"],
    )
    before = deepcopy(vars(tenant))
    for file in CHANGES:
        run(file, tenant)
    others = {kind: getattr(tenant, kind)["another"] for kind in ("policies", "rules", "collections", "applications")}
    assert others == {kind: before[kind]["another"] for kind in others}
    assert (tenant.managers, tenant.administrators) == (["x", OBJECT], ["x", OBJECT])
    assert set(run("Test-Governance.ps1", tenant).in_force.values()) == {"yes"}


def test_the_record_says_who_did_what_when_and_names_stay_names() -> None:
    ran = run("Set-Retention.ps1", ComplianceCentre())
    (path,) = ran.shell.recorded
    assert path == "/scripts/Set-Retention.record.jsonl"
    made = next(record for record in ran.records if record["outcome"] == "changed")
    assert made == {
        "time": "2026-11-26T12:00:00.0000000Z", "stack": "contoso", "script": "Set-Retention.ps1", "by": "somebody",
        "object": f"retention policy {POLICY}", "outcome": "changed", "before": "not there",
        "after": "User:Entrabased3PAIApps,ChatGPTEnterprise,AzureAIServices", "message": "",
    }  # fmt: skip
    elsewhere = run("Set-Retention.ps1", ComplianceCentre(), given={"RecordPath": "/var/log/mine"})
    assert list(elsewhere.shell.recorded) == ["/var/log/mine"]


# Retention


def test_retention_is_made_with_its_rule_and_never_locked() -> None:
    tenant = set_up()
    assert tenant.policies[POLICY] == {
        "Applications": ["User:Entrabased3PAIApps", "User:ChatGPTEnterprise", "User:AzureAIServices"],
        "ExchangeLocation": "All", "ExchangeLocationException": [], "Enabled": True, "RestrictiveRetention": False,
    }  # fmt: skip
    assert tenant.rules[POLICY] == {
        "Name": POLICY, "RetentionDuration": "2555", "RetentionComplianceAction": "KeepAndDelete",
    }  # fmt: skip


def test_a_rule_that_a_person_made_is_changed_whatever_it_is_called() -> None:
    tenant = set_up()
    tenant.rules[POLICY] = {"Name": "its own", "RetentionDuration": 3650, "RetentionComplianceAction": "Keep"}
    tenant.policies[POLICY]["Enabled"] = False
    tenant.policies["another"] = {"Enabled": False}
    ran = run("Set-Retention.ps1", tenant)
    assert tenant.changes == ["Set-AppRetentionCompliancePolicy", "Set-AppRetentionComplianceRule"]
    assert tenant.rules[POLICY]["RetentionDuration"] == "2555"
    assert tenant.policies["another"] == {"Enabled": False}
    question = "Change its rule its own from Keep, days: 3650 to KeepAndDelete, days: 2555; a shorter time"
    assert question in ran.shell.asked[1][1]


LEGAL_HOLD = {"Name": "legal hold", "RetentionDuration": 3650, "RetentionComplianceAction": "Keep"}


@pytest.mark.parametrize("policies_by", ["Name", "Guid"])
def test_a_rule_of_another_policy_is_never_taken_for_its_own(policies_by: str) -> None:
    tenant = ComplianceCentre(
        policies={"legal": {"Enabled": True}}, rules={"legal": dict(LEGAL_HOLD)}, policies_by=policies_by
    )
    run("Set-Retention.ps1", tenant)
    assert tenant.changes == ["New-AppRetentionCompliancePolicy", "New-AppRetentionComplianceRule"]
    del tenant.rules[POLICY]
    assert run("Test-Governance.ps1", tenant).in_force[f"retention policy {POLICY}"] == "no"
    run("Set-Retention.ps1", tenant)
    assert tenant.changes == ["New-AppRetentionComplianceRule"]
    assert tenant.rules["legal"] == LEGAL_HOLD
    assert run("Test-Governance.ps1", tenant).in_force[f"retention policy {POLICY}"] == "yes"


@pytest.mark.parametrize("change", [{"hidden": ("Policy",)}, {"hidden": ("Guid",)}])
def test_rules_whose_policy_cannot_be_read_stop_the_script(change: dict[str, Any]) -> None:
    tenant = set_up()
    tenant.policies[POLICY]["Enabled"] = False
    vars(tenant).update(change)
    with pytest.raises(PowerShellError, match="cannot be read"):
        run("Set-Retention.ps1", tenant)
    assert tenant.changes == []
    assert run("Test-Governance.ps1", tenant).in_force[f"retention policy {POLICY}"] == "unknown"


def test_a_locked_policy_is_left_alone() -> None:
    tenant = set_up()
    tenant.policies[POLICY] |= {"RestrictiveRetention": True, "Enabled": False}
    with pytest.raises(PowerShellError, match="Preservation Lock"):
        run("Set-Retention.ps1", tenant)
    assert tenant.changes == []


def test_a_policy_whose_lock_cannot_be_read_is_left_alone() -> None:
    tenant = set_up()
    tenant.policies[POLICY]["Enabled"] = False
    tenant.hidden = ("RestrictiveRetention",)
    with pytest.raises(PowerShellError, match="Preservation Lock cannot be read"):
        run("Set-Retention.ps1", tenant)
    assert tenant.changes == []


def test_a_policy_that_may_be_off_is_told_and_left() -> None:
    tenant = set_up()
    tenant.hidden = ("Enabled",)
    ran = run("Set-Retention.ps1", tenant)
    assert (tenant.changes, ran.outcomes) == ([], {"unchanged", "not readable"})


def test_a_policy_for_other_applications_is_left_with_its_rule() -> None:
    tenant = set_up()
    tenant.policies[POLICY] |= {"Applications": ["User:MicrosoftTeams", "User:ChatGPTEnterprise"], "Enabled": False}
    tenant.rules[POLICY]["RetentionDuration"] = "3650"
    with pytest.raises(PowerShellError, match="other applications"):
        run("Set-Retention.ps1", tenant)
    assert tenant.changes == []


def test_applications_that_are_missing_are_added() -> None:
    tenant = set_up()
    tenant.policies[POLICY]["Applications"] = ["User:ChatGPTEnterprise"]
    run("Set-Retention.ps1", tenant)
    assert tenant.changes == ["Set-AppRetentionCompliancePolicy"]
    assert run("Test-Governance.ps1", tenant).code == 0


def test_what_cannot_be_read_is_not_changed() -> None:
    tenant = set_up()
    tenant.hidden = ("Applications", "ExchangeLocation", "RetentionDuration", "ScenarioConfig", "Mode", "Locations")
    for file in ("Set-Retention.ps1", "Set-Capture.ps1"):
        ran = run(file, tenant)
        assert (tenant.changes, ran.outcomes) == ([], {"not readable"})


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"ExchangeLocation": ["bob@contoso.com"]}, "differs"),
        ({"ExchangeLocationException": ["bob@contoso.com"]}, "differs"),
        ({"ExchangeLocation": None}, "not readable"),
    ],
)
def test_a_policy_that_is_not_for_all_mailboxes_is_told_and_left(change: dict[str, Any], outcome: str) -> None:
    tenant = set_up()
    tenant.policies[POLICY] |= change
    ran = run("Set-Retention.ps1", tenant)
    assert (tenant.changes, ran.outcomes) == ([], {"unchanged", outcome})
    assert bool(ran.shell.warned) == (outcome == "differs")


# Collection policies


def test_a_capture_policy_takes_in_content_and_one_for_the_network_does_not() -> None:
    tenant = set_up()
    capture, network = tenant.collections[CAPTURE], tenant.collections["network of 'Bob'"]
    assert json.loads(capture["ScenarioConfig"]) == {
        "Activities": ["UploadText", "DownloadText"], "EnforcementPlanes": ["Application"],
        "SensitiveTypeIds": ["All"], "IsIngestionEnabled": True,
    }  # fmt: skip
    assert (capture["Mode"], network["Mode"]) == ("Enable", "Disable")
    assert json.loads(network["ScenarioConfig"])["IsIngestionEnabled"] is False


@pytest.mark.parametrize("missing", ["EnforcementPlanes", "Locations"])
def test_what_is_not_documented_must_be_given(missing: str) -> None:
    given = {name: value for name, value in CHANGES["Set-Capture.ps1"].items() if name != missing}
    with pytest.raises(PowerShellError, match=f"-{missing} must be given"):
        PowerShell(ComplianceCentre()).run(SCRIPTS["Set-Capture.ps1"], **given)


@pytest.mark.parametrize(
    ("file", "given"),
    [
        ("Set-Capture.ps1", {"EnforcementPlanes": ["Application,Browser"]}),
        ("Set-NetworkDetection.ps1", {"Activities": ["UploadText,DownloadText"]}),
    ],
)
def test_a_list_that_came_as_one_text_is_refused(file: str, given: dict[str, Any]) -> None:
    tenant = ComplianceCentre()
    with pytest.raises(PowerShellError, match="not a list"):
        run(file, tenant, given={**CHANGES[file], **given})
    assert tenant.called == []


def test_locations_that_are_no_json_change_nothing() -> None:
    tenant = ComplianceCentre()
    with pytest.raises(PowerShellError):
        run("Set-Capture.ps1", tenant, given={"Locations": "[{"})
    assert tenant.called == []


def test_the_portals_own_policy_is_put_right_where_nothing_of_it_gets_lost() -> None:
    tenant = set_up()
    scenario = {"Activities": ["UploadText"], "EnforcementPlanes": ["Application"], "SensitiveTypeIds": ["All"]}
    tenant.collections[CAPTURE] |= {"ScenarioConfig": json.dumps(scenario), "Mode": "Disable"}
    run("Set-Capture.ps1", tenant)
    assert tenant.changes == ["Set-FeatureConfiguration", "Set-FeatureConfiguration"]
    assert json.loads(tenant.collections[CAPTURE]["ScenarioConfig"])["IsIngestionEnabled"] is True

    kept = json.dumps({**scenario, "ExcludedSensitiveTypeIds": ["some"]})
    tenant.collections[CAPTURE]["ScenarioConfig"] = kept
    ran = run("Set-Capture.ps1", tenant)
    assert (tenant.changes, "refused" in ran.outcomes) == ([], True)
    assert "portal" in ran.shell.warned[0]


@pytest.mark.parametrize(
    "others",
    [
        {"EnforcementPlanes": ["Application", "Browser"]},
        {"Activities": ["UploadText", "DownloadText", "UploadFile"]},
        {"SensitiveTypeIds": ["All", "credit"]},
    ],
)
def test_values_that_others_have_chosen_are_never_lost(others: dict[str, Any]) -> None:
    tenant = set_up()
    scenario(**others)(tenant)
    assert run("Set-Capture.ps1", tenant, never_asks=True).outcomes == {"unchanged"}
    assert tenant.changes == []
    scenario(IsIngestionEnabled=False)(tenant)
    ran = run("Set-Capture.ps1", tenant, never_asks=True)
    assert (tenant.changes, "refused" in ran.outcomes, len(ran.shell.warned)) == ([], True, 1)


def test_content_is_kept_again_where_that_is_all_that_is_wrong() -> None:
    tenant = set_up()
    scenario(IsIngestionEnabled=False)(tenant)
    run("Set-Capture.ps1", tenant)
    assert tenant.changes == ["Set-FeatureConfiguration"]
    assert run("Test-Governance.ps1", tenant).code == 0


def test_other_locations_are_told_and_left() -> None:
    tenant = set_up()
    tenant.collections[CAPTURE]["Locations"] = json.dumps([{"Location": "elsewhere"}, {"Location": "and there"}])
    ran = run("Set-Capture.ps1", tenant)
    assert (tenant.changes, ran.outcomes) == ([], {"unchanged", "differs"})


# eDiscovery


@pytest.mark.parametrize("listed_by", ["ObjectId", "ExternalDirectoryObjectId", "Guid", "Identity", "NobodyKnows"])
def test_an_application_is_added_once_however_it_is_listed(listed_by: str) -> None:
    tenant = ComplianceCentre(listed_by=listed_by)
    run("Set-EDiscoveryApp.ps1", tenant)
    assert tenant.applications[APP]["DisplayName"] == "purview-ai"
    ran = run("Set-EDiscoveryApp.ps1", tenant)
    assert (tenant.managers, tenant.administrators) == ([OBJECT], [OBJECT])
    assert "changed" not in ran.outcomes


def test_the_object_id_of_the_registration_is_refused() -> None:
    tenant = ComplianceCentre()
    tenant.applications[APP] = {"AppId": APP, "ObjectId": "another", "DisplayName": "purview-ai", "Guid": "g"}
    with pytest.raises(PowerShellError, match="another object id"):
        run("Set-EDiscoveryApp.ps1", tenant)
    assert tenant.changes == []


# Looking


def test_looking_says_what_is_in_force_and_changes_nothing() -> None:
    tenant = set_up()
    ran = run("Test-Governance.ps1", tenant)
    assert (ran.code, set(ran.in_force.values()), len(ran.in_force)) == (0, {"yes"}, 5)
    assert tenant.changes == []
    assert ran.shell.recorded == {}


def test_looking_at_a_new_tenant_finds_nothing_in_force() -> None:
    ran = run("Test-Governance.ps1", ComplianceCentre())
    assert (ran.code, set(ran.in_force.values())) == (1, {"no"})


FOR_EDISCOVERY = f"application purview-ai ({APP}) for eDiscovery"


def scenario(**changes: Any) -> Callable[[ComplianceCentre], None]:
    """Has the policy that captures say something else."""

    def change(tenant: ComplianceCentre) -> None:
        policy = tenant.collections[CAPTURE]
        policy["ScenarioConfig"] = json.dumps({**json.loads(policy["ScenarioConfig"]), **changes})

    return change


@pytest.mark.parametrize(
    ("change", "object_"),
    [
        (lambda tenant: setattr(tenant, "auditing", False), "auditing"),
        (lambda tenant: tenant.rules.clear(), f"retention policy {POLICY}"),
        (lambda tenant: tenant.policies[POLICY].update(Enabled=False), f"retention policy {POLICY}"),
        (lambda tenant: tenant.policies[POLICY].update(Applications=["User:Others"]), f"retention policy {POLICY}"),
        (lambda tenant: tenant.collections[CAPTURE].update(Mode="Disable"), f"collection policy {CAPTURE}"),
        (lambda tenant: tenant.collections[CAPTURE].update(ScenarioConfig='{"IsIngestionEnabled":false}'),
         f"collection policy {CAPTURE}"),
        (scenario(SensitiveTypeIds=["credit"]), f"collection policy {CAPTURE}"),
        (scenario(Activities=["UploadText"]), f"collection policy {CAPTURE}"),
        (lambda tenant: tenant.policies[POLICY].update(ExchangeLocation=["bob@contoso.com"]),
         f"retention policy {POLICY}"),
        (lambda tenant: tenant.policies[POLICY].update(ExchangeLocationException=["bob@contoso.com"]),
         f"retention policy {POLICY}"),
        (lambda tenant: tenant.applications.clear(), FOR_EDISCOVERY),
        (lambda tenant: tenant.applications[APP].update(ObjectId="another"), FOR_EDISCOVERY),
        (lambda tenant: tenant.managers.clear(), FOR_EDISCOVERY),
        (lambda tenant: tenant.administrators.clear(), FOR_EDISCOVERY),
    ],
)  # fmt: skip
def test_what_is_not_in_force_is_found(change: Any, object_: str) -> None:
    tenant = set_up()
    change(tenant)
    ran = run("Test-Governance.ps1", tenant)
    assert ran.code == 1
    assert [name for name, how in ran.in_force.items() if how != "yes"] == [object_]


def test_what_cannot_be_read_is_unknown_and_no_yes() -> None:
    tenant = set_up()
    tenant.broken = ("Get-FeatureConfiguration",)
    tenant.hidden = ("Applications",)
    ran = run("Test-Governance.ps1", tenant)
    assert (ran.code, list(ran.in_force.values())) == (3, ["yes", "unknown", "unknown", "unknown", "yes"])


@pytest.mark.parametrize(
    ("change", "object_"),
    [
        ({"hidden": ("ExchangeLocation",)}, f"retention policy {POLICY}"),
        ({"hidden": ("ExchangeLocationException",)}, f"retention policy {POLICY}"),
        ({"hidden": ("RetentionDuration",)}, f"retention policy {POLICY}"),
        ({"listed_by": "NobodyKnows"}, FOR_EDISCOVERY),
        ({"broken": ("Get-RoleGroupMember",)}, FOR_EDISCOVERY),
    ],
)
def test_what_may_be_in_force_and_cannot_be_told_is_unknown(change: dict[str, Any], object_: str) -> None:
    tenant = set_up()
    vars(tenant).update(change)
    ran = run("Test-Governance.ps1", tenant)
    assert (ran.code, {name: how for name, how in ran.in_force.items() if how != "yes"}) == (3, {object_: "unknown"})


def test_without_its_session_nothing_is_asked_of_another() -> None:
    tenant = set_up()
    tenant.broken = ("Connect-IPPSSession",)
    ran = run("Test-Governance.ps1", tenant)
    assert (ran.code, list(ran.in_force.values())) == (3, ["yes", *["unknown"] * 5])
    assert tenant.called == ["Connect-ExchangeOnline", "Get-AdminAuditLogConfig"]


def test_auditing_is_not_called_off_in_a_session_that_always_says_so() -> None:
    tenant = set_up()
    tenant.sessions = {"Connect-IPPSSession"}
    code, out = PowerShell(tenant).run(SCRIPTS["Test-Governance.ps1"], AlreadyConnected=True)
    assert (code, out[0].get("InForce")) == (3, "unknown")


# The reader itself


@pytest.mark.parametrize(
    "script", ["param()\nwhile ($true) { 1 }\n", "param()\nInvoke-Expression 'a'\n", "param()\n$a++\n"]
)
def test_the_reader_refuses_what_it_does_not_know(script: str) -> None:
    with pytest.raises(UnknownHereError):
        PowerShell(ComplianceCentre()).run(script)


def test_a_script_that_does_not_ask_shows() -> None:
    script = SCRIPTS["Set-Auditing.ps1"].replace(
        "$PSCmdlet.ShouldProcess('auditing of the tenant', 'Turn on')", "$true"
    )
    tenant = ComplianceCentre()
    PowerShell(tenant, what_if=True).run(script)
    assert tenant.changes == ["Set-AdminAuditLogConfig"]
