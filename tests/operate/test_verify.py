"""``purview-ai verify``: each link of the chain, broken in turn, is named, and the exit code says so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from command_line import DEPLOYER, STRANGER, Said, said
from deployed import deployed_tenant
from inspection.estates import ago
from local_azure import seed
from local_azure.audit_log import AuditCircumstances
from local_azure.purview.accounts import Circumstances
from people import ARM, Person
from waiting import until
from whole_chain import SCAN_API, VAULT, WholeChain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tenants import Tenant

GOOD, FAILED, USAGE, UNKNOWN, PENDING = range(5)
QUERIES = "https://graph.microsoft.com/v1.0/security/auditLog/queries"
SECRET = f"{VAULT}/secrets/chatgpt-compliance-key"


def of_two_hours_ago() -> tuple[str, str]:
    """An interaction with ChatGPT."""
    return "user01@contoso.example", ago(hours=2)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory, pulumi_home: Path) -> Iterator[tuple[Tenant, Person]]:
    """For tests that break nothing, or put it back."""
    del pulumi_home
    with deployed_tenant(tmp_path_factory.mktemp("verify"), of_two_hours_ago()) as found:
        yield found


def verified(tenant: Tenant, *words: str, **environment: str) -> Said:
    return said(tenant, "verify", "--json", *words, **environment)


def of(told: Said, verdict: str) -> set[str]:
    """The links of a verdict."""
    return {link for link, is_ in told.verdicts.items() if is_ == verdict}


def test_a_healthy_tenant_passes_and_nothing_is_changed(healthy: tuple[Tenant, Person]) -> None:
    tenant, _ = healthy
    tenant.azure.forget_requests()
    told = verified(tenant)
    assert (told.code, set(told.verdicts.values())) == (GOOD, {"passed"}), told.out
    assert told.finding("records.chatgpt")["evidence"][0]["what"].startswith("1 records of ChatGPT Enterprise")
    assert all(one["evidence"] for one in told.json["findings"]), "each link has something that was seen"
    wrote = [r["path"] for r in tenant.azure.requests() if r["method"] != "GET" and r["service"] != "login"]
    assert wrote == ["/v1.0/security/auditLog/queries"], "the job of the search, and nothing else"


def test_people_see_a_table_with_times_and_sources(healthy: tuple[Tenant, Person]) -> None:
    told = said(healthy[0], "verify")
    assert told.code == GOOD
    assert "Microsoft Graph, appRoleAssignments" in told.out
    closing = "All 14 links passed. Audit records of ChatGPT Enterprise arrive: the newest is of "
    assert told.out.splitlines()[-1].startswith(closing)


def test_a_search_that_goes_on_is_pending_and_gone_on_with(healthy: tuple[Tenant, Person]) -> None:
    tenant, operator = healthy
    tenant.azure.set_audit(AuditCircumstances(looks=3))
    first = verified(tenant, "--search", "0", "--days", "29")
    assert (first.code, of(first, "pending")) == (PENDING, {"records.chatgpt"})
    begun = operator.get(QUERIES)["value"]
    later = verified(tenant, "--days", "29")
    tenant.azure.set_audit(AuditCircumstances())
    assert (later.code, of(later, "pending")) == (GOOD, set())
    assert [one["id"] for one in operator.get(QUERIES)["value"]] == [one["id"] for one in begun]


def test_a_search_that_takes_long_is_not_waited_for_where_the_one_before_has_an_answer(
    healthy: tuple[Tenant, Person],
) -> None:
    tenant, operator = healthy
    name = f"purview-ai sandbox/chatgpt, 26 days, {ago(minutes=70)}"
    asked = {"filterStartDateTime": ago(days=26), "filterEndDateTime": ago(minutes=70)}
    job = operator.do("POST", QUERIES, json={"displayName": name, **asked})["id"]
    until(lambda: operator.get(f"{QUERIES}/{job}")["status"] == "succeeded", "the search's end")
    tenant.azure.set_audit(AuditCircumstances(looks=999))
    for _ in range(2):
        told = verified(tenant, "--search", "0", "--days", "26")
        assert told.code == GOOD, told.out
        [proof] = told.finding("records.chatgpt")["evidence"]
        assert proof["source"] == f"the audit log, job {name}"
    tenant.azure.set_audit(AuditCircumstances())
    named = [one for one in operator.get(QUERIES)["value"] if ", 26 days," in one["displayName"]]
    assert len(named) == 2, "another search was begun beside it, once"


def test_the_last_page_of_records_may_be_the_last_that_is_read(
    healthy: tuple[Tenant, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("purview_ai.m365.audit._PAGES", 1)
    told = verified(healthy[0], "--days", "25")
    assert told.finding("records.chatgpt")["evidence"][0]["what"] == "1 records of ChatGPT Enterprise"


def test_a_success_that_is_too_old_is_told(healthy: tuple[Tenant, Person]) -> None:
    told = verified(healthy[0], "--stale-hours", "0")
    assert (told.code, of(told, "failed")) == (FAILED, {"runs.chatgpt"})
    assert "the last success was 0 minutes ago" in told.finding("runs.chatgpt")["reason"]


AFTER = {
    "vault.reach": {
        "vault.reads.chatgpt-compliance-key",
        "key.chatgpt",
        "key-expiry.chatgpt",
        "credential.chatgpt",
    },
    "key.chatgpt": {"key-expiry.chatgpt", "credential.chatgpt"},
    "source.chatgpt": {"scan.chatgpt", "trigger.chatgpt", "runs.chatgpt"},
    "scan.chatgpt": {"trigger.chatgpt", "runs.chatgpt"},
}
"""What cannot be looked at, or not told, without a link."""


def _delete(chain: WholeChain, url: str) -> None:
    if "/scans/" in url:
        chain.operator.ask("DELETE", f"{url}/triggers/default")
    chain.operator.do("DELETE", url)


def _patch(chain: WholeChain, url: str, body: dict[str, object]) -> None:
    chain.operator.do("PATCH", url, json=body)


def _put(chain: WholeChain, url: str, properties: dict[str, object]) -> None:
    chain.operator.do("PUT", url, json={"properties": properties})


def _take_roles(chain: WholeChain) -> None:
    listed = chain.operator.get(f"{VAULT}/providers/Microsoft.Authorization/roleAssignments")["value"]
    for one in listed:
        if one["properties"]["principalId"] == seed.PURVIEW_IDENTITY:
            chain.operator.do("DELETE", f"{ARM}{one['id']}")


def _disable(chain: WholeChain) -> None:
    chain.operator.do("PATCH", SECRET, json={"properties": {"attributes": {"enabled": False}}})


def _delete_source(chain: WholeChain) -> None:
    _delete(chain, f"{SCAN_API}/datasources/chatgpt/scans/chatgpt-scan")
    chain.operator.do("DELETE", f"{SCAN_API}/datasources/chatgpt")


def _failing_run(chain: WholeChain) -> None:
    chain.operator.azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    chain.operator.run_again("datasources/chatgpt/scans/chatgpt-scan")


BREAKS: dict[str, Callable[[WholeChain], None]] = {
    "grants.process-conversations": lambda chain: _delete(chain, chain.granted(seed.PURVIEW_API)),
    "grants.read-users": lambda chain: _delete(chain, chain.granted(seed.GRAPH)),
    "vault.reach": lambda chain: _patch(
        chain, VAULT, {"properties": {"networkAcls": {"bypass": "None", "defaultAction": "Deny"}}}
    ),
    "vault.reads.chatgpt-compliance-key": _take_roles,
    "connection": lambda chain: _put(
        chain, f"{SCAN_API}/azureKeyVaults/sandbox-kv-contoso-ai", {"baseUrl": "https://kv-elsewhere.vault.azure.net/"}
    ),
    "key.chatgpt": _disable,
    "credential.chatgpt": lambda chain: chain.key(seed.ROTATED_VENDOR_KEY),
    "key-expiry.chatgpt": lambda chain: _patch(
        chain, SECRET, {"properties": {"attributes": {"exp": int(datetime.now(UTC).timestamp()) + 9 * 86400}}}
    ),
    "source.chatgpt": _delete_source,
    "scan.chatgpt": lambda chain: _delete(chain, f"{SCAN_API}/datasources/chatgpt/scans/chatgpt-scan"),
    "trigger.chatgpt": lambda chain: chain.operator.do(
        "POST", f"{SCAN_API}/datasources/chatgpt/scans/chatgpt-scan/triggers/default:disable"
    ),
    "runs.chatgpt": _failing_run,
}


@pytest.mark.parametrize("link", BREAKS)
def test_a_broken_link_is_named(link: str, tmp_path: Path, pulumi_home: Path) -> None:
    del pulumi_home
    with deployed_tenant(tmp_path, of_two_hours_ago()) as (tenant, operator):
        BREAKS[link](WholeChain(operator))
        told = verified(tenant)
        assert told.code == FAILED, told.out
        assert of(told, "failed") == {link}
        assert of(told, "unknown") == AFTER.get(link, set())
        found = told.finding(link)
        assert found["reason"]
        assert found["remedy"]
        shown = said(tenant, "verify")
        assert shown.out.splitlines()[0] == f"{found['title']}: failed"
        assert shown.out.splitlines()[-1].endswith(f"begin with: {found['title']}.")


@pytest.mark.parametrize(
    ("purview", "remedy"),
    [
        ({"account": "nobodys-purview", "resource_group": "rg-governance"}, "Correct purview.account"),
        ({"account": "default"}, "Set purview.account"),
    ],
)
def test_an_account_that_is_not_there_is_named_and_nothing_that_is_in_it(
    healthy: tuple[Tenant, Person], purview: dict[str, str], remedy: str
) -> None:
    tenant, _ = healthy
    before = tenant.config["purview-ai:tenant"]["purview"]
    tenant.azure.set_circumstances(Circumstances(default_of_tenant=False))
    tenant.change({"purview": {**purview, "collection": before["collection"]}})
    told = verified(tenant)
    shown = said(tenant, "verify")
    tenant.change({"purview": before})
    tenant.azure.set_circumstances(Circumstances())
    assert (told.code, of(told, "failed")) == (FAILED, {"account.found"})
    assert remedy in told.finding("account.found")["remedy"]
    assert shown.out.splitlines()[0].startswith("Purview account")
    assert told.verdicts["key.chatgpt"] == "passed", "the vault is looked at all the same"


def test_a_pinned_version_is_what_the_credential_must_name(healthy: tuple[Tenant, Person]) -> None:
    tenant, operator = healthy
    key = tenant.config["purview-ai:tenant"]["sources"]["chatgpt"]["key"]
    newest = operator.get(SECRET)["properties"]["secretUriWithVersion"].rsplit("/", 1)[-1]
    found: dict[str, Said] = {}
    for version in (newest, "0" * 32):
        tenant.change({"sources.chatgpt.key": {"secret": key["secret"], "origin": "vault", "version": version}})
        found[version] = verified(tenant)
    tenant.change({"sources.chatgpt.key": key})
    assert found[newest].code == GOOD, found[newest].out
    other = found["0" * 32]
    assert of(other, "failed") == {"credential.chatgpt"}
    assert of(other, "unknown") == {"key.chatgpt", "key-expiry.chatgpt"}


def test_records_that_do_not_come_are_too_early_at_first_and_broken_after_a_day(
    tmp_path: Path, pulumi_home: Path
) -> None:
    del pulumi_home
    with deployed_tenant(tmp_path, of_two_hours_ago()) as (tenant, _):
        tenant.azure.set_audit(AuditCircumstances(held_back=True))
        told = verified(tenant)
        assert (told.code, of(told, "too early")) == (PENDING, {"records.chatgpt"})
        late = verified(tenant, "--grace-hours", "0")
        assert (late.code, of(late, "failed")) == (FAILED, {"records.chatgpt"})
        assert "purview-ai checklist" in late.finding("records.chatgpt")["remedy"]


def test_records_that_stop_are_told_and_a_quiet_time_is_not_taken_for_that(tmp_path: Path, pulumi_home: Path) -> None:
    del pulumi_home
    with deployed_tenant(tmp_path, of_two_hours_ago()) as (tenant, operator):
        operator.run_again()
        quiet = verified(tenant, "--grace-hours", "0")
        assert quiet.code == GOOD, quiet.out
        assert "no run shows that more was taken in since" in quiet.finding("records.chatgpt")["reason"]
        tenant.azure.set_audit(AuditCircumstances(auditing=False))
        tenant.azure.add_conversations(("user02@contoso.example", ago(hours=1)))
        operator.run_again()
        young = verified(tenant)
        assert young.code == GOOD, young.out
        assert "may take a day" in young.finding("records.chatgpt")["reason"]
        # Another search: the one before was asked before that run.
        stopped = verified(tenant, "--grace-hours", "0", "--days", "29")
        assert (stopped.code, of(stopped, "failed")) == (FAILED, {"records.chatgpt"})
        assert "took in more, of which there is no record" in stopped.finding("records.chatgpt")["reason"]
        shown = said(tenant, "verify", "--grace-hours", "0", "--days", "29")
        assert shown.out.splitlines()[0] == "Audit records of ChatGPT Enterprise arrive: failed"


def test_missing_records_of_an_app_without_runs_are_unknown(healthy: tuple[Tenant, Person]) -> None:
    tenant, _ = healthy
    claude = {"app": "claude-enterprise", "workspace_id": seed.CLAUDE_ORGANISATION}
    sources = tenant.config["purview-ai:tenant"]["sources"]
    tenant.change({"sources": {**sources, "claude": claude}})
    told = verified(tenant)
    tenant.change({"sources": sources})
    assert (told.code, of(told, "unknown")) == (UNKNOWN, {"records.claude"})
    assert "since when the connector runs" in told.finding("records.claude")["reason"]


def test_a_search_that_beta_alone_has_is_found_there(healthy: tuple[Tenant, Person]) -> None:
    tenant, _ = healthy
    tenant.azure.set_audit(AuditCircumstances(in_v1=False, data_in="dynamicProperties"))
    told = verified(tenant, "--days", "27")
    tenant.azure.set_audit(AuditCircumstances())
    assert told.code == GOOD, told.out


def test_a_search_that_fails_is_unknown(healthy: tuple[Tenant, Person]) -> None:
    tenant, _ = healthy
    tenant.azure.set_audit(AuditCircumstances(ends="failed"))
    told = verified(tenant, "--days", "28")
    tenant.azure.set_audit(AuditCircumstances())
    assert (told.code, of(told, "unknown")) == (UNKNOWN, {"records.chatgpt"})


def test_a_stranger_sees_what_it_would_need(healthy: tuple[Tenant, Person]) -> None:
    told = verified(healthy[0], **STRANGER)
    assert told.code == UNKNOWN
    assert of(told, "failed") == set()
    assert told.finding("account.found")["remedy"].endswith("needs Reader on the Purview account.")
    assert "needs what is unknown: Purview account" in told.finding("grants.read-users")["reason"]


def test_who_deploys_sees_all_but_the_audit_log(healthy: tuple[Tenant, Person]) -> None:
    told = verified(healthy[0], **DEPLOYER)
    assert (told.code, of(told, "unknown")) == (UNKNOWN, {"records.chatgpt"})
    assert "AuditLogsQuery.Read.All" in told.finding("records.chatgpt")["remedy"]


def test_offline_nothing_is_known_to_be_broken(healthy: tuple[Tenant, Person]) -> None:
    nobody = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    told = verified(healthy[0], **nobody)
    assert (told.code, set(told.verdicts.values())) == (UNKNOWN, {"unknown"})


def test_one_slow_service_holds_up_its_own_links_alone(healthy: tuple[Tenant, Person]) -> None:
    tenant, _ = healthy
    tenant.azure.weather(effect="latency", service="graph", method="GET", seconds=30.0, times=9)
    told = verified(tenant, "--patience", "3", "--search", "0")
    tenant.azure.fine_weather()
    assert of(told, "unknown") == {"grants.process-conversations", "grants.read-users", "records.chatgpt"}
    assert told.finding("scan.chatgpt")["verdict"] == "passed"


def test_behind_a_purview_that_hangs_the_audit_log_is_looked_at(healthy: tuple[Tenant, Person]) -> None:
    tenant, _ = healthy
    tenant.azure.weather(effect="latency", service="purview", seconds=60.0, times=99)
    told = verified(tenant, "--patience", "3")
    tenant.azure.fine_weather()
    assert (told.code, told.verdicts["runs.chatgpt"]) == (UNKNOWN, "unknown")
    found = told.finding("records.chatgpt")
    assert (found["verdict"], found["reason"].startswith("the newest is of ")) == ("passed", True)


def test_throttling_is_waited_for(healthy: tuple[Tenant, Person]) -> None:
    tenant, _ = healthy
    for service in ("arm", "purview", "graph"):
        busy = {"effect": "status", "status": 429, "code": "TooManyRequests", "retry_after": 1}
        tenant.azure.weather(**busy, service=service, times=2)
    told = verified(tenant)
    tenant.azure.fine_weather()
    assert told.code == GOOD, told.out
