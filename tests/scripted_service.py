"""A service that answers by script, for what the local Azure never says."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

TOKEN = {"access_token": "header.e30.signature", "expires_in": 3600}


@dataclass
class Answer:
    """One scripted answer; a body that is no text goes out as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        if self.body is None:
            return b""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class ScriptedService:
    """Serves its answers in order, and tokens beside them."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[Asked] = []
        self.forms: list[dict[str, str]] = []
        """What token requests asked for, without the secret."""
        self.token = Answer(200, TOKEN)
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline()
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                service.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def calls(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]

    def will(self, *answers: Answer) -> None:
        self.answers += answers

    def will_describe_a_cloud(self) -> None:
        """Answer the question after a cloud's metadata: every service is here."""
        described = {
            "authentication": {"loginEndpoint": f"{self.url}/", "audiences": ["https://arm.test"]},
            "resourceManager": f"{self.url}/",
            "microsoftGraphResourceId": f"{self.url}/",
            "suffixes": {"keyVaultDns": ".vault.test"},
        }
        self.will(Answer(body=described))

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        if request.path.endswith("/oauth2/v2.0/token"):
            form = dict(parse_qsl(body.decode()))
            self.forms.append({"path": request.path, **{k: v for k, v in form.items() if k != "client_secret"}})
            self._send(request, self.token)
            return
        headers = {name.lower(): value for name, value in request.headers.items()}
        parsed = json.loads(body) if body else None
        self.asked.append(Asked(request.command, request.path, headers, parsed))
        self._send(request, self.answers.pop(0) if self.answers else Answer(500, "no more answers"))

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, answer: Answer) -> None:
        raw = answer.raw()
        request.send_response(answer.status)
        for name, value in answer.headers.items():
            request.send_header(name, value)
        if answer.status not in (204, 304):
            request.send_header("content-length", str(len(raw)))
        request.end_headers()
        if answer.status not in (204, 304):
            request.wfile.write(raw)
