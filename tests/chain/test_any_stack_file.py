"""Stack files that nobody thought of: each deploys, or is refused with an error that names the field; never a trace.

Every run tries a few of them, ``make nightly`` many; how many of each sort there were is told at the end.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from local_azure import people, seed
from local_azure.people import Somebody
from local_azure.process import LocalAzure
from nightly import NIGHTLY
from people import Person
from rights import give_graph
from tenants import Tenant
from whole_chain import LOG_WORKSPACE_ID

if TYPE_CHECKING:
    import pytest

GUID = "7d7a8f0c-1b6e-4f0e-9a53-0b1c2d3e4f51"
SOURCE = "sources.chatgpt"
QUICK = {"every": "1 day", "at": "02:00", "patience_minutes": 0}
KEY = "chatgpt-compliance-key"
CHANGES: dict[str, list[Any]] = {
    "vault.access": ["access-policy", "both"],
    "vault.network": ["public", "private", "moon", None],
    "vault.purview_reads": ["secret", "vault", "expected", "all"],
    "vault.soft_delete_days": [90, 3, "7"],
    "vault.name": ["kv-another", "kv--x", "k" * 30],
    "vault.resource_group": ["rg-nobody", "rg."],
    "vault.existing": [True],
    "vault.recover": [True],
    "vault.purge_protection": [False],
    "vault.create_resource_group": [True],
    "vault.deployer_access": [False],
    "vault.readers": [{"groups": [GUID]}, {"groups": ["nobody"]}, {"people": [GUID]}],
    "vault.administrators": [{"users": [GUID]}, GUID],
    "tags": [{"wave": "canary"}, {"wa/ve": "canary"}],
    "vault.tags": [{"owner": "security"}, {"owner": 7}],
    "vault.adopt_connection": [True],
    "grants": ["expected", "given", {"read_users": False}, {"create_service_principal": True}, 5],
    "purview.account": ["default", "nobodys-purview", "x y", None],
    "purview.resource_group": ["rg-nobody", None],
    "purview.create": [True],
    "purview.collection": ["no-such-one", {"name": "new-one", "create": True}, {"name": "Not this", "create": True}],
    "purview.domain": ["x7k2qd", "no-such-domain"],
    "purview.roles": [{"purview-reader": [GUID]}, {"data-reader": [GUID]}],
    "purview.deployer_access": [True],
    "purview.bootstrap_admin": [True],
    "purview.endpoint": [f"https://{seed.ACCOUNT}.purview.azure.com", "https://contoso.example"],
    f"{SOURCE}.workspace_id": [seed.OTHER_WORKSPACE, "org-1", "workspace_7", ""],
    f"{SOURCE}.capture_since": ["today", "2026-02-30", 5],
    f"{SOURCE}.scan": [
        {**QUICK, "every": "2 fortnights"},
        {**QUICK, "every": "1 week", "days": ["Monday"]},
        {**QUICK, "test_connection": False},
        {"generation": 2, "patience_minutes": 0},
        {"wait_minutes": -1},
    ],
    f"{SOURCE}.key": [
        {"secret": "another-key"},
        {"secret": KEY, "origin": "vault"},
        {"secret": KEY, "expires": "2026-12-01"},
        {"secret": KEY, "version": "latest"},
        {"secret": KEY, "version": "3"},
    ],
    f"{SOURCE}.capabilities": [["auditing"], ["data-loss-prevention"], ["telepathy"]],
    f"{SOURCE}.profile": [None],
    f"{SOURCE}.adopt": [True, {"data_source": "ChatGPT-Prod"}, "ChatGPT-Prod"],
    f"{SOURCE}.app": ["claude-enterprise", "gemini"],
    "sources.subsidiary": [{"app": "claude-enterprise", "workspace_id": GUID}, {}],
    "diagnostics": [{"workspace": LOG_WORKSPACE_ID, "account": False}, {"workspace": "law-contoso"}],
    "alerts": [{}, {"no_success_for_hours": 36}, {"severity": 9}],
    "protect": [True, "perhaps"],
    "release": [["chatgpt"], ["nobody"], ["User.Read.All"]],
    "allow_rescan": [["chatgpt"], ["nobody"]],
    "colour": ["blue"],
}
EMERGENCY, OWNER, MEMBER = (Somebody(principal_name=name).user(seed.TENANT).id for name in people.SILENT[:3])
ACCESS = {"applications": [seed.CHATGPT_APP], "break_glass": {"users": [EMERGENCY]}}
GROUP = {"display_name": "Purview AI - compliance", "owners": [OWNER], "members": [MEMBER]}
CASE = {"name": "AI interactions"}
SEARCH = {"app": "chatgpt-enterprise"}
GOVERNANCE: dict[str, list[Any]] = {
    "conditional_access": [
        ACCESS,
        {**ACCESS, "state": "enabled", "action": "mfa", "risk": "minor", "exclude_external_users": False},
        {"break_glass": {"users": [EMERGENCY], "groups": []}, "all_resources": True},
        {**ACCESS, "applications": [GUID]},
        {**ACCESS, "break_glass": {"users": [GUID]}},
        {**ACCESS, "break_glass": {}},
        {**ACCESS, "all_resources": True},
        {"applications": [seed.CHATGPT_APP], "state": "enabled"},
        {**ACCESS, "risk": "extreme"},
    ],
    "people": [
        {"groups": {"compliance": GROUP}},
        {"groups": {"compliance": {**GROUP, "directory_roles": ["Security Reader"]}}},
        {"groups": {"viewers": {**GROUP, "members": [], "role_groups": ["Content Explorer Content Viewer"]}}},
        {"groups": {"one": GROUP, "two": GROUP}},
        {"groups": {"compliance": {**GROUP, "members": [GUID]}}},
        {"groups": {"compliance": {**GROUP, "owners": []}}},
        {"groups": {"compliance": {**GROUP, "directory_roles": ["Global Administrator"]}}},
        {"groups": {}},
    ],
    "ediscovery": [
        {"case": CASE},
        {"case": CASE, "searches": {"one": SEARCH, "two": {**SEARCH, "forms": ["wildcard"], "since": "2026-01-01"}}},
        {"case": CASE, "searches": {"one": {"query": "ItemClass:IPM.Something*"}}, "keep_on_destroy": False},
        {"case": CASE, "searches": {"one": SEARCH}, "release": ["one", "AI interactions"]},
        {"case": CASE, "searches": {"one": {**SEARCH, "channels": ["browser"]}}},
        {"case": CASE, "searches": {"one": {"app": "claude-enterprise"}}},
        {"case": CASE, "searches": {"one": {**SEARCH, "until": "2020-01-01", "since": "2026-01-01"}}},
        {"case": CASE, "release": ["another"]},
        {"case": {"name": ""}},
    ],
    "scripts": [
        {},
        {"auditing": False, "retention": {"days": "unlimited"}, "capture": {}, "network": {"enabled": False}},
        {"retention": {"days": 30, "action": "keep-and-delete"}},
        {"retention": {"days": "unlimited", "action": "delete"}},
        {"retention": {"days": 0}},
        {"capture": {"name": "x" * 65}},
        {"ediscovery": {"name": "x", "app_id": GUID}},
    ],
}
"""Blocks around the scan, of each part those that are right first."""
PERMISSIONS = (
    *("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "Group.ReadWrite.All", "User.Read.All"),
    *("RoleManagement.ReadWrite.Directory", "eDiscovery.ReadWrite.All"),
)
A_SETTING = re.compile(
    r"\b(purview|vault|grants|sources|diagnostics|alerts|governance|key)\.(?!azure\b)[a-z<]"
    r"|\b(grants|azure-native):[ a-z]"
)
BLOCKS = st.dictionaries(keys=st.sampled_from(sorted(GOVERNANCE)), values=st.integers(0, 8), max_size=2).map(
    lambda chosen: {part: GOVERNANCE[part][choice % len(GOVERNANCE[part])] for part, choice in chosen.items()}
)
CHOICES = st.dictionaries(keys=st.sampled_from(sorted(CHANGES)), values=st.integers(0, 7), max_size=3)


def test_any_stack_file_deploys_or_is_refused_with_the_field(
    pulumi_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del pulumi_home
    outcomes: Counter[str] = Counter()

    @settings(
        max_examples=80 if NIGHTLY else 4,
        deadline=None,
        derandomize=not NIGHTLY,
        phases=[Phase.explicit, Phase.generate],
    )
    @example({"protect": 0}, {part: wanted[0] for part, wanted in GOVERNANCE.items()})
    @example({}, {part: wanted[-1] for part, wanted in GOVERNANCE.items()})
    @example({}, {"conditional_access": {**ACCESS, "applications": [GUID]}})
    @given(CHOICES, BLOCKS)
    def tried(choices: dict[str, int], governance: dict[str, Any]) -> None:
        folder = Path(tempfile.mkdtemp(prefix="purview-ai-"))
        azure = LocalAzure.start(folder / "azure", pace=0.02, warm=True)
        try:
            tenant = Tenant(folder / "tenant", azure)
            tenant.change({f"{SOURCE}.scan": QUICK})
            for path, choice in choices.items():
                tenant.change({path: CHANGES[path][choice % len(CHANGES[path])]})
            tenant.change({"governance": governance or None})
            with azure.client() as client:
                give_graph(Person(azure, client, seed.OPERATOR_APP, seed.OPERATOR_SECRET), *PERMISSIONS)
            azure.forget_requests()
            outcomes[_outcome(tenant)] += 1
        finally:
            azure.kill()

    tried()
    assert len(outcomes) == 3, "some deploy, some are refused before anything is sent, some by a service"
    sums = ", ".join(f"{count} {what}" for what, count in sorted(outcomes.items()))
    with capsys.disabled():
        # A parallel run shows only what goes to the standard error.
        print(f"\nStack files tried: {sum(outcomes.values())} ({sums}).", file=sys.stderr)


def _outcome(tenant: Tenant) -> str:
    """What became of it, once that is known to be right."""
    done = tenant.up()
    assert "Traceback" not in done.output, done.output
    if done.code == 0:
        again = tenant.preview("--expect-no-changes")
        assert again.code == 0, again.output
        return "deployed"
    if "wrong in its stack file" in done.words:
        assert re.search(r"^( +)\S.*\n\1  \S.*\n\1  fix: \S", done.output, re.MULTILINE), done.output
        assert tenant.azure.requests() == []
        return "refused before anything was sent"
    # What is wrong names a setting, and a warning beside it is no such name.
    wrong = re.split(
        r"^ +warning: .*$", done.output.partition("Diagnostics:")[2].partition("Outputs:")[0], flags=re.MULTILINE
    )
    assert A_SETTING.search(" ".join(wrong)), done.output
    return "refused by a service, with the setting"
