"""Whether the vendor takes a key, of either app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from estates import estate_with, look
from local_azure import seed
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.vendor_key import works

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from purview_ai.inspection.finding import Finding

OTHER_ORGANISATION = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(autouse=True)
def vendor(azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> LocalAzure:
    """The vendors' APIs are the sandbox's."""
    for name, value in azure.network().items():
        monkeypatch.setenv(name, value)
    return azure


def of_claude(key: str, organisation: str = seed.CLAUDE_ORGANISATION) -> Finding:
    claude: dict[str, Any] = {"app": "claude-enterprise", "workspace_id": organisation, "key": {"secret": "claude-key"}}
    return look(works(estate_with(sources__claude=claude), "claude", lambda _: key))


def test_a_key_passes_with_what_each_probe_saw() -> None:
    found = of_claude(seed.CLAUDE_KEY)
    assert (found.verdict, found.reason, len(found.evidence)) == (Verdict.PASSED, "", 2)


def test_a_key_of_another_organisation_is_told() -> None:
    found = of_claude(seed.CLAUDE_KEY, OTHER_ORGANISATION)
    assert found.verdict is Verdict.FAILED
    assert found.reason == f"the key opens {seed.CLAUDE_ORGANISATION}, and not {OTHER_ORGANISATION}"


def test_a_key_without_a_scope_names_it() -> None:
    found = of_claude(seed.CLAUDE_ACTIVITY_KEY)
    assert found.verdict is Verdict.FAILED
    assert "read:compliance_org_data" in found.reason


def test_a_doubtful_key_that_opens_a_part_is_unknown_with_its_doubt() -> None:
    found = of_claude(seed.CLAUDE_ADMIN_KEY)
    assert found.verdict is Verdict.UNKNOWN
    assert "Admin API key: it opens the activity feed alone" in found.reason


def test_a_doubtful_key_that_opens_all_passes_with_its_doubt(vendor: LocalAzure) -> None:
    vendor.set_claude_key(seed.CLAUDE_ADMIN_KEY, "read:compliance_activities", "read:compliance_org_data")
    found = of_claude(seed.CLAUDE_ADMIN_KEY)
    assert "Admin API key: it opens the activity feed alone" in found.reason


def test_a_doubtful_key_that_opens_nothing_is_broken(vendor: LocalAzure) -> None:
    vendor.set_claude_key(seed.CLAUDE_ADMIN_KEY, revoked=True)
    assert of_claude(seed.CLAUDE_ADMIN_KEY).verdict is Verdict.FAILED


@pytest.mark.parametrize("status", [429, 418, 503])
def test_a_vendor_that_is_busy_or_odd_tells_nothing_of_the_key(vendor: LocalAzure, status: int) -> None:
    vendor.weather(effect="status", service="anthropic", status=status, times=99, retry_after=0)
    assert of_claude(seed.CLAUDE_KEY).verdict is Verdict.UNKNOWN


@pytest.mark.timeout(60)
def test_a_vendor_that_wants_to_be_left_alone_for_long_is_not_waited_for(vendor: LocalAzure) -> None:
    vendor.weather(effect="status", service="anthropic", status=429, code="Busy", retry_after=600, times=9)
    found = of_claude(seed.CLAUDE_KEY)
    assert (found.verdict, "answered 429" in found.reason) == (Verdict.UNKNOWN, True), found
