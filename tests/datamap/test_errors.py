"""Each failure that is known of the service: one message with object, action, code, request id, cause and remedy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from docs.pages import CHECKOUT, anchors_of
from estate import connection, credential, run, scan, source, trigger
from local_azure import seed
from local_azure.purview.accounts import Circumstances
from purview_ai.objects.failures import ObjectError
from small_engine import SmallEngine

if TYPE_CHECKING:
    from local_azure.process import LocalAzure

MESSAGE = re.compile(
    r"^\ncontoso: (?P<what>.+)\n"
    r"  (?P<service>Purview|Azure): (?P<status>\d+) (?P<code>\S+) \(request (?P<request>[0-9a-f-]{36})\) - .+\n"
    r"  (?P<remedy>.+)\n"
    r"  docs/troubleshooting\.md#(?P<anchor>[\w-]+)$"
)
STATUSES: list[tuple[int, str, str, str]] = [
    (400, "InvalidInput", "profile", "connector profile is wrong"),
    (401, "InvalidAuthenticationToken", "sign-in", "ARM_*"),
    (403, "OperationNotAllowed", "profile", "not you"),
    (403, "AccountProtectedByPrivateEndpoint", "private-endpoint", "from inside its network"),
    (404, "ResourceNotFound", "collection-not-found", "purview.collection"),
    (409, "DataSource_Duplicate", "datasource-duplicate", "another workspace_id"),
    (409, "Conflict", "in-use", "still refers to it"),
    (500, "UnknownError", "service-errors", "Microsoft's support"),
    (429, "TooManyRequests", "service-errors", "run the command again in a few minutes"),
]


def refused(stack: SmallEngine, program: dict[str, dict[str, Any]]) -> re.Match[str]:
    """The message of a deployment that is refused, in its parts."""
    with pytest.raises(ObjectError) as caught:
        stack.up(program)
    said = MESSAGE.match(str(caught.value))
    assert said, str(caught.value)
    assert said["anchor"] in anchors_of(CHECKOUT / "docs" / "troubleshooting.md")
    return said


@pytest.mark.parametrize(("status", "code", "anchor", "remedy"), STATUSES, ids=[f"{s}-{c}" for s, c, _, _ in STATUSES])
def test_a_refusal_is_one_message_with_everything_in_it(
    stack: SmallEngine, azure: LocalAzure, status: int, code: str, anchor: str, remedy: str
) -> None:
    azure.weather(
        effect="status", service="purview", method="PUT", path="datasources", status=status, code=code, times=4
    )
    said = refused(stack, {"source": source()})
    assert (said["what"], said["status"], said["code"]) == ('data source "chatgpt" was not created', str(status), code)
    assert said["anchor"] == anchor
    assert remedy in said["remedy"]
    assert any(r["request_id"] == said["request"] for r in azure.requests())


def test_a_host_that_refuses_without_a_word_names_the_other_form(azure: LocalAzure) -> None:
    azure.set_circumstances(Circumstances(host="tenant-only", tenant_host_refuses_applications=True))
    said = refused(SmallEngine.of(azure), {"connection": connection()})
    assert (said["status"], said["anchor"]) == ("403", "bare-403")
    assert "purview.endpoint" in said["remedy"]


def test_what_is_still_used_names_its_user(stack: SmallEngine) -> None:
    stack.up({"connection": connection(), "credential": credential()})
    stack.state = {"connection": stack.state["connection"]}
    said = refused(stack, {})
    assert said["what"] == 'Key Vault connection "contoso-kv" was not deleted'
    assert said["anchor"] == "in-use"


def test_a_run_that_the_service_refuses_names_its_scan(stack: SmallEngine, azure: LocalAzure) -> None:
    azure.weather(effect="status", service="purview", method="POST", path=":run", status=400, code="ScanDisabled")
    program = {"connection": connection(), "credential": credential(), "source": source(), "scan": scan(), "run": run()}
    assert refused(stack, program)["what"] == 'run of scan "chatgpt-scan" was not started'


def test_a_trigger_that_cannot_be_switched_says_so(stack: SmallEngine, azure: LocalAzure) -> None:
    program = {
        "connection": connection(),
        "credential": credential(),
        "source": source(),
        "scan": scan(),
        "trigger": trigger(),
    }
    stack.up(program)
    azure.weather(effect="status", service="purview", method="POST", status=403, code="OperationNotAllowed")
    said = refused(stack, program | {"trigger": trigger(enabled=False)})
    assert said["what"] == 'trigger of scan "chatgpt-scan" was not switched'


def test_a_stranger_reads_one_message_too(azure: LocalAzure) -> None:
    stranger = SmallEngine.of(azure, seed.STRANGER_APP, seed.STRANGER_SECRET)
    said = refused(stranger, {"connection": connection()})
    assert (said["service"], said["status"], said["code"]) == ("Azure", "403", "AuthorizationFailed")
