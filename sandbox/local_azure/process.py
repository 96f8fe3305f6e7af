"""A local Azure as a process of its own: start it, reach it, end it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import httpx

from local_azure import seed
from local_azure.hosts import BY_NAME, GITHUB_JOBS_HOST
from local_azure.ready import READY
from local_azure.warm import forked

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from local_azure.audit_log import AuditCircumstances
    from local_azure.ediscovery import EdiscoveryCircumstances
    from local_azure.people import Somebody
    from local_azure.purview.accounts import Circumstances

START_LIMIT_S = 30.0
_TICK_S = 0.01
NO_PROXY = "127.0.0.1,localhost"


class _Spawned:
    """A process of its own, which outlives this one."""

    def __init__(self, words: list[str], log: Path) -> None:
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local_azure.serve", *words],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()


class StartError(Exception):
    """The sandbox did not come up."""


@dataclass(frozen=True)
class LocalAzure:
    """A running local Azure."""

    pid: int
    proxy: str
    admin_url: str
    ca: str
    cloud: str = ""
    """The only one that the tenant is in; empty where all answer alike."""
    _ended: threading.Event = field(default_factory=threading.Event, init=False, repr=False, compare=False)

    @classmethod
    def running(cls, state: Path) -> LocalAzure | None:
        """The one that keeps its state in this folder, if it runs."""
        try:
            ready = json.loads((state / READY).read_text())
        except (OSError, ValueError):
            return None
        found = cls(ready["pid"], ready["proxy"], ready["admin"], ready["ca"], ready.get("cloud", ""))
        return found if found._answers() else None

    @classmethod
    def start(
        cls,
        state: Path,
        *,
        pace: float = 1.0,
        port: int = 0,
        cloud: Literal["", "public", "usgovernment", "china"] = "",
        rules_off: Iterable[str] = (),
        log: Path | None = None,
        warm: bool = False,
    ) -> LocalAzure:
        """Start one that keeps its state in this folder; raises ``StartError`` with its last words.

        Its tenant is in the one cloud that is named; where none is, all clouds' names lead to the public one's.
        A warm one is there sooner and ends with this process, see :mod:`local_azure.warm`.
        """
        state.mkdir(parents=True, exist_ok=True)
        (state / READY).unlink(missing_ok=True)
        log = log or state / "local-azure.log"
        words = ["--state", str(state), "--pace", str(pace), "--port", str(port), "--cloud", cloud]
        for rule in rules_off:
            words += ["--rule-off", rule]
        log.touch()
        process = forked(words, log) if warm else _Spawned(words, log)
        deadline = time.monotonic() + START_LIMIT_S
        while process.is_alive() and time.monotonic() < deadline:
            if (found := cls.running(state)) is not None:
                return found
            time.sleep(_TICK_S)
        process.kill()
        last = "\n".join(log.read_text().splitlines()[-5:])
        msg = f"the local Azure did not start; the end of {log}:\n{last}"
        raise StartError(msg)

    def stop(self) -> None:
        """End it and wait until it has gone."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a word, as a crash would, and wait until it has gone."""
        self._end(signal.SIGKILL)

    def _end(self, by: signal.Signals) -> None:
        if self._ended.is_set():
            # Its process id may be another process's by now.
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, by)
            while True:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(self.pid, os.WNOHANG)
                os.kill(self.pid, 0)
                time.sleep(_TICK_S)
        self._ended.set()

    def network(self) -> dict[str, str]:
        """The variables that send a child process's requests here; both cases, for every client's taste."""
        return {
            **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), self.proxy),
            "NO_PROXY": NO_PROXY,
            "no_proxy": NO_PROXY,
            "SSL_CERT_FILE": self.ca,
            "REQUESTS_CA_BUNDLE": self.ca,
            "CURL_CA_BUNDLE": self.ca,
        }

    def deployer(self) -> dict[str, str]:
        """The ``ARM_*`` variables of the identity that deploys."""
        return {
            **({"ARM_ENVIRONMENT": self.cloud} if self.cloud else {}),
            "ARM_CLIENT_ID": seed.DEPLOYER_APP,
            "ARM_CLIENT_SECRET": seed.DEPLOYER_SECRET,
            "ARM_TENANT_ID": seed.TENANT,
            "ARM_SUBSCRIPTION_ID": seed.SUBSCRIPTION,
        }

    def weather(self, **piece: Any) -> None:
        """Bring a piece of weather (:class:`local_azure.weather.Weather`)."""
        httpx.post(f"{self.admin_url}/weather", json=piece, trust_env=False).raise_for_status()

    def fine_weather(self) -> None:
        """End all weather."""
        httpx.delete(f"{self.admin_url}/weather", trust_env=False).raise_for_status()

    def requests(self) -> list[dict[str, Any]]:
        """The journal: every request so far (:class:`local_azure.journal.Entry`)."""
        return httpx.get(f"{self.admin_url}/requests", trust_env=False).json()

    def forget_requests(self) -> None:
        """Empty the journal."""
        httpx.delete(f"{self.admin_url}/requests", trust_env=False).raise_for_status()

    def set_circumstances(self, circumstances: Circumstances, account: str = seed.ACCOUNT) -> None:
        """Say in what a Purview account differs from others; ``Circumstances()`` makes it as it was seeded."""
        url = f"{self.admin_url}/accounts/{account}/circumstances"
        httpx.put(url, json=circumstances.model_dump(), trust_env=False).raise_for_status()

    def add_account(
        self,
        name: str,
        circumstances: Circumstances,
        *,
        tenant: str = seed.TENANT,
        subscription: str = seed.SUBSCRIPTION,
        group: str = seed.GOVERNANCE_GROUP,
    ) -> None:
        """Let somebody else's Purview account be there too, in a tenant and subscription of its own if need be."""
        body = {
            "name": name,
            "circumstances": circumstances.model_dump(),
            "tenant_id": tenant,
            "subscription_id": subscription,
            "group": group,
        }
        httpx.post(f"{self.admin_url}/accounts", json=body, trust_env=False).raise_for_status()

    def set_audit(self, circumstances: AuditCircumstances) -> None:
        """Say in what the tenant's audit log differs from others; ``AuditCircumstances()`` makes it plain again."""
        url = f"{self.admin_url}/audit"
        httpx.put(url, json=circumstances.model_dump(), trust_env=False).raise_for_status()

    def set_ediscovery(self, circumstances: EdiscoveryCircumstances) -> None:
        """Say in what the tenant's eDiscovery differs; ``EdiscoveryCircumstances()`` makes it plain again."""
        url = f"{self.admin_url}/ediscovery"
        httpx.put(url, json=circumstances.model_dump(), trust_env=False).raise_for_status()

    def add_conversations(self, *said: tuple[str, str], workspace: str = seed.WORKSPACE) -> None:
        """Let somebody have talked to ChatGPT: who (a mail address) and when (ISO 8601)."""
        url = f"{self.admin_url}/vendor/workspaces/{workspace}/conversations"
        httpx.post(url, json=_conversations(said), trust_env=False).raise_for_status()

    def set_workspace(self, workspace: str, *said: tuple[str, str]) -> None:
        """Let there be another workspace of ChatGPT's, in which so much was said: who and when, as above."""
        url = f"{self.admin_url}/vendor/workspaces/{workspace}"
        httpx.put(url, json=_conversations(said), trust_env=False).raise_for_status()

    def set_user(self, somebody: Somebody) -> None:
        """Put somebody into the tenant's directory, in the place of whoever has that name."""
        httpx.put(f"{self.admin_url}/users", json=somebody.model_dump(), trust_env=False).raise_for_status()

    def remove_user(self, principal_name: str) -> None:
        """Let nobody of that name be in the tenant's directory."""
        body = {"principal_name": principal_name}
        httpx.request("DELETE", f"{self.admin_url}/users", json=body, trust_env=False).raise_for_status()

    def set_vendor_key(
        self,
        key: str,
        *,
        workspace: str = seed.WORKSPACE,
        kind: Literal["compliance", "platform", "admin"] = "compliance",
        approved: bool = True,
        revoked: bool = False,
    ) -> None:
        """Register a key of OpenAI's, move it to a workspace, approve its scope, or revoke it."""
        body = {"key": key, "workspace": workspace, "kind": kind, "approved": approved, "revoked": revoked}
        httpx.put(f"{self.admin_url}/vendor/keys", json=body, trust_env=False).raise_for_status()

    def set_claude_key(self, key: str, *scopes: str, revoked: bool = False) -> None:
        """Register a key of Anthropic's with its scopes (none for a key of another kind), or revoke it."""
        body = {"key": key, "scopes": scopes, "revoked": revoked}
        httpx.put(f"{self.admin_url}/vendor/claude-keys", json=body, trust_env=False).raise_for_status()

    def github(self, **told: Any) -> None:
        """Tell GitHub of a token, of somebody's permission, or of a pull request (:mod:`local_azure.github`)."""
        httpx.put(f"{self.admin_url}/github", json=told, trust_env=False).raise_for_status()

    def devops(self, **told: Any) -> None:
        """Tell Azure DevOps of a token, or of a pull request that was pushed to."""
        httpx.put(f"{self.admin_url}/devops", json=told, trust_env=False).raise_for_status()

    def token(self, app_id: str, secret: str, scope: str) -> str:
        """A token from the login service, for asking a service directly."""
        with self.client() as client:
            answer = client.post(
                f"https://{BY_NAME[self.cloud or 'public'].login}/{seed.TENANT}/oauth2/v2.0/token",
                data={
                    "grant_type": "client_credentials",
                    "client_id": app_id,
                    "client_secret": secret,
                    "scope": scope,
                },
            )
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def federated_token(
        self, issuer: str, subject: str, audience: str = "api://AzureADTokenExchange", *, lifetime_s: int = 3600
    ) -> str:
        """A token as a pipeline's issuer (GitHub, Azure DevOps) makes one about a run of it."""
        body = {"issuer": issuer, "subject": subject, "audience": audience, "lifetime_s": lifetime_s}
        answer = httpx.post(f"{self.admin_url}/federated-tokens", json=body, trust_env=False)
        answer.raise_for_status()
        return str(answer.json()["value"])

    def github_job(self, subject: str, issuer: str = "https://token.actions.githubusercontent.com") -> dict[str, str]:
        """The variables of a job with ``id-token: write`` on GitHub: with them it asks for a token about itself."""
        job, asks_with = str(uuid4()), secrets.token_urlsafe()
        body = {"id": job, "request_token": asks_with, "issuer": issuer, "subject": subject}
        httpx.put(f"{self.admin_url}/github-jobs", json=body, trust_env=False).raise_for_status()
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"https://{GITHUB_JOBS_HOST}/{job}/idtoken?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": asks_with,
        }

    def client(self, **settings: Any) -> httpx.Client:
        """An HTTP client that reaches the sandbox's hosts."""
        trusted = ssl.create_default_context(cafile=self.ca)
        return httpx.Client(proxy=self.proxy, verify=trusted, trust_env=False, **settings)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.admin_url}/weather", trust_env=False).is_success
        except httpx.HTTPError:
            return False


def _conversations(said: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"id": f"conversation-{uuid4()}", "user": user, "created": moment} for user, moment in said]
