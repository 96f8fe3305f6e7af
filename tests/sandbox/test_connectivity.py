"""Testing a connection before there is a scan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from answers import refused
from local_azure import seed
from whole_chain import (
    SCAN,
    SCAN_API,
    SECRET,
    VAULT,
    VAULT_URL,
    WholeChain,
    scan_body,
    tried,
)

if TYPE_CHECKING:
    from local_azure.process import LocalAzure
    from people import Person


@pytest.fixture
def chain(operator: Person) -> WholeChain:
    """All that a scan needs but the scan, and no app role."""
    chain = WholeChain(operator)
    chain.connect()
    return chain


def test_a_connection_that_works_is_200_before_there_is_a_scan(chain: WholeChain) -> None:
    assert chain.operator.ask("GET", SCAN).status_code == 404
    answer = tried(chain.operator)
    assert (answer.status_code, answer.content) == (200, b"")
    assert chain.operator.ask("GET", SCAN).status_code == 404


def test_app_roles_and_conversations_do_not_matter(chain: WholeChain) -> None:
    assert tried(chain.operator).status_code == 200
    chain.scan()
    assert "lacks the app role" in chain.reason_of_failure()
    assert tried(chain.operator, scan_body("2090-01-01T00:00:00Z")).status_code == 200


def test_a_revoked_key_is_the_vendors_refusal(chain: WholeChain, azure: LocalAzure) -> None:
    azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    says = refused(tried(chain.operator), 400, "SourceAuthenticationFailed")
    assert says.startswith(f"The key was rejected by api.chatgpt.com for workspace {seed.WORKSPACE}: 401")
    assert seed.VENDOR_KEY not in says


def test_another_workspace_is_the_vendors_refusal(chain: WholeChain) -> None:
    chain.source(seed.OTHER_WORKSPACE)
    assert "403" in refused(tried(chain.operator), 400, "SourceAuthenticationFailed")


def test_a_failed_test_says_what_a_run_would_have_said(chain: WholeChain, azure: LocalAzure) -> None:
    chain.grant_both()
    chain.scan()
    azure.set_vendor_key(seed.VENDOR_KEY, revoked=True)
    assert refused(tried(chain.operator), 400, "SourceAuthenticationFailed") == chain.reason_of_failure()
    chain.vault(networkAcls={"bypass": "None", "defaultAction": "Deny"})
    assert refused(tried(chain.operator), 400, "KeyVaultAccessFailed") == chain.reason_of_failure()


def test_the_key_is_read_as_the_accounts_identity(chain: WholeChain) -> None:
    chain.credential("0" * 32)
    assert "(SecretNotFound)" in refused(tried(chain.operator), 400, "KeyVaultAccessFailed")
    chain.credential(chain.version)
    chain.vault(enableRbacAuthorization=False)
    says = refused(tried(chain.operator), 400, "KeyVaultAccessFailed")
    who = f"The identity of account {seed.ACCOUNT} could not read secret '{SECRET}' of {VAULT_URL}/ (ForbiddenByPolicy)"
    assert says.startswith(who)
    chain.operator.do("DELETE", VAULT)
    assert VAULT_URL in refused(tried(chain.operator), 400, "KeyVaultNotFound")


def test_what_the_scan_refers_to_must_be_there(chain: WholeChain) -> None:
    answer = tried(chain.operator, scan_body(credential="no-credential"))
    assert "no-credential" in refused(answer, 404, "ResourceNotFound")
    answer = tried(chain.operator, url=f"{SCAN_API}/datasources/no-source/scans/a-scan")
    assert "datasources/no-source" in refused(answer, 404, "ResourceNotFound")


@pytest.mark.parametrize(
    "wrong", [{"kind": "ChatGPTEnterpriseCredential"}, {"properties": {"captureSince": "2026-01-01"}}, {}], ids=str
)
def test_a_guessed_kind_or_property_is_refused(chain: WholeChain, wrong: dict[str, Any]) -> None:
    scan = {**scan_body(), **wrong} if wrong else {"kind": None}
    assert refused(tried(chain.operator, scan), 400, "InvalidInput")


@pytest.mark.usefixtures("chain")
def test_it_takes_a_data_source_administrator(stranger: Person, deployer: Person) -> None:
    assert tried(deployer).status_code == 200
    assert refused(tried(stranger), 403, "Unauthorized")


def test_only_the_portals_version_has_it(chain: WholeChain) -> None:
    answer = chain.operator.ask("POST", f"{SCAN}/testConnectivity", json={"scan": scan_body()})
    assert refused(answer, 400, "UnsupportedApiVersion")
