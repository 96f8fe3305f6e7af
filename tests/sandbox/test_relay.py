"""The one way out: the sandbox's own hosts, on the one port, on loopback only."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from local_azure import seed
from people import ARM
from waiting import until
from whole_chain import GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_azure.process import LocalAzure

LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Somebody on this machine who is no service of the sandbox."""
    with closing(socket.create_server((LOOPBACK, 0))) as server:
        server.settimeout(0)
        yield server


def through_relay(azure: LocalAzure, request: str) -> str:
    """What the relay answers to the head of a request."""
    address = urlsplit(azure.proxy)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=10) as client:
        client.sendall(request.encode() + b"\r\n\r\n")
        return client.recv(4096).decode().split("\r\n")[0]


def connections(azure: LocalAzure) -> list[tuple[str, str]]:
    """The process's listening sockets and connections: the state, and the address that is not its own."""
    process = psutil.Process(azure.pid)
    return [
        (one.status, (one.raddr or one.laddr).ip)
        for each in (process, *process.children(recursive=True))
        for one in each.net_connections(kind="inet")
    ]


@pytest.mark.parametrize(
    "target",
    [
        "example.com:443",
        "purview.azure.com.example.com:443",
        "a.b.vault.azure.net:443",
        "vault.azure.net:443",
        "microsoft.com:443",
        "127.0.0.1:443",
        "localhost:443",
    ],
)
def test_a_foreign_host_is_refused_and_nothing_leaves(azure: LocalAzure, target: str) -> None:
    assert through_relay(azure, f"CONNECT {target} HTTP/1.1") == "HTTP/1.1 403 Forbidden"
    assert {address for _, address in connections(azure)} == {LOOPBACK}


@pytest.mark.parametrize("port", ["80", "8443", "22", "0443", ""])
def test_an_owned_host_on_another_port_is_refused(azure: LocalAzure, port: str) -> None:
    assert through_relay(azure, f"CONNECT management.azure.com:{port} HTTP/1.1") == "HTTP/1.1 403 Forbidden"


def test_an_owned_host_on_the_right_port_is_passed_on(azure: LocalAzure) -> None:
    granted = through_relay(azure, "CONNECT management.azure.com:443 HTTP/1.1")
    assert granted == "HTTP/1.1 200 Connection established"


def test_a_request_without_a_tunnel_is_refused(azure: LocalAzure) -> None:
    for target in ("http://management.azure.com/", "http://example.com/", "/"):
        assert through_relay(azure, f"GET {target} HTTP/1.1") == "HTTP/1.1 403 Forbidden"


def test_the_relay_connects_to_nobody_but_the_sandbox(azure: LocalAzure, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    for request in (f"CONNECT {LOOPBACK}:{port} HTTP/1.1", f"GET http://{LOOPBACK}:{port}/ HTTP/1.1"):
        assert through_relay(azure, request) == "HTTP/1.1 403 Forbidden"
    with pytest.raises(BlockingIOError):
        listener.accept()
    # The control: somebody who does connect is seen.
    with socket.create_connection(listener.getsockname()):
        until(lambda: _accepted(listener), "the connection")


def _accepted(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def test_a_foreign_name_inside_of_a_tunnel_is_refused(azure: LocalAzure) -> None:
    with azure.client() as client:
        for name in ("example.com", "a.b.vault.azure.net", ""):
            assert client.get(GROUP, headers={"host": name}).status_code in (400, 421)


def test_only_loopback_is_listened_on(azure: LocalAzure) -> None:
    listening = [address for status, address in connections(azure) if status == psutil.CONN_LISTEN]
    # The relay, the services behind it, and the admin endpoint.
    assert listening == [LOOPBACK] * 3


def test_a_client_that_does_not_trust_the_sandboxs_authority_gets_nowhere(azure: LocalAzure) -> None:
    distrustful = ssl.create_default_context()
    with (
        httpx.Client(proxy=azure.proxy, trust_env=False, verify=distrustful) as client,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.get(ARM)


@pytest.mark.parametrize(
    "host",
    [
        "login.microsoftonline.com",
        "management.azure.com",
        "graph.microsoft.com",
        "kv-contoso-ai.vault.azure.net",
        f"{seed.ACCOUNT}.purview.azure.com",
        f"{seed.ACCOUNT}.scan.purview.azure.com",
        f"{seed.TENANT}-api.purview-service.microsoft.com",
        "api.chatgpt.com",
        "api.anthropic.com",
        "login.microsoftonline.us",
        "management.usgovcloudapi.net",
        "graph.microsoft.us",
        "kv-contoso-ai.vault.usgovcloudapi.net",
        f"{seed.ACCOUNT}.purview.azure.us",
        "login.chinacloudapi.cn",
        "management.chinacloudapi.cn",
        "microsoftgraph.chinacloudapi.cn",
        "kv-contoso-ai.vault.azure.cn",
        f"{seed.ACCOUNT}.purview.azure.cn",
    ],
)
def test_every_host_of_the_sandbox_answers_under_its_own_certificate(azure: LocalAzure, host: str) -> None:
    with azure.client() as client:
        answer = client.get(f"https://{host}/")
    assert answer.headers["content-type"].startswith("application/json")
    assert "error" in answer.json()


def test_a_client_that_says_nothing_keeps_nobody_waiting(azure: LocalAzure) -> None:
    address = urlsplit(azure.proxy)
    with socket.create_connection((str(address.hostname), int(address.port or 0))), azure.client() as client:
        assert client.get(f"{ARM}/metadata/endpoints").status_code == 200


def test_many_clients_are_served_at_once(azure: LocalAzure) -> None:
    statuses: list[int] = []

    def ask() -> None:
        with azure.client() as client:
            statuses.extend(client.get(f"{ARM}/metadata/endpoints").status_code for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 40
