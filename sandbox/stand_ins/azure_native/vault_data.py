"""Secrets and keys in a vault's data plane, behind its sign-in challenge (facts 41, 42 and 100)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stand_ins.azure_native.arm import verbose_text
from stand_ins.failures import ProviderError
from stand_ins.sign_in import RETRIES
from stand_ins.transport import Request

if TYPE_CHECKING:
    import httpx

    from stand_ins.patience import Patience
    from stand_ins.sign_in import Credential
    from stand_ins.transport import Transport

API_VERSION = "7.6"
_RESOURCE = re.compile(r'resource="?([^",\s]+)"?')


class VaultDataError(ProviderError):
    """A vault's refusal, with the whole answer in its text."""


class VaultData:
    """All vaults of one cloud."""

    def __init__(self, suffix: str, credential: Credential, transport: Transport) -> None:
        """Ask for nothing yet."""
        self._suffix = suffix
        self._credential = credential
        self._transport = transport
        self._scopes: dict[str, str] = {}

    def delete_secret(self, vault: str, secret: str, patience: Patience) -> None:
        """Soft-delete a secret; one that is not there counts as deleted (fact 41)."""
        self._delete(vault, f"secrets/{secret}", patience)

    def delete_key(self, vault: str, key: str, patience: Patience) -> None:
        """The same of a key (fact 100)."""
        self._delete(vault, f"keys/{key}", patience)

    def _delete(self, vault: str, path: str, patience: Patience) -> None:
        answer = self._send("DELETE", vault, path, patience)
        if answer.status_code != HTTPStatus.NOT_FOUND:
            _require_ok(answer)

    def recoverable(self, vault: str, secret: str, patience: Patience) -> bool:
        """Whether a deleted secret of this name can come back; where the vault does not say: no (fact 40)."""
        answer = self._send("GET", vault, f"deletedsecrets/{secret}", patience)
        return answer.status_code == HTTPStatus.OK and bool(answer.json().get("recoveryId"))

    def recover(self, vault: str, secret: str, patience: Patience) -> None:
        """Begin to bring a deleted secret back."""
        _require_ok(self._send("POST", vault, f"deletedsecrets/{secret}/recover", patience))

    def _send(self, method: str, vault: str, path: str, patience: Patience) -> httpx.Response:
        host = f"{vault}.{self._suffix}"
        url = f"https://{host}/{path}?api-version={API_VERSION}"
        headers = {"Accept": "application/json"}
        if host not in self._scopes:
            challenge = self._transport.send(Request(method, url, headers), RETRIES, patience)
            if challenge.status_code != HTTPStatus.UNAUTHORIZED:
                return challenge
            self._scopes[host] = scope_of(challenge.headers.get("www-authenticate", ""), host)
        headers["Authorization"] = f"Bearer {self._credential.token(self._scopes[host], patience)}"
        return self._transport.send(Request(method, url, headers), RETRIES, patience)


def scope_of(challenge: str, host: str) -> str:
    """The token scope that a ``WWW-Authenticate`` header asks for; it must be of the vault's own domain."""
    match = _RESOURCE.search(challenge)
    resource = match[1].rstrip("/") if match else ""
    domain = urlsplit(resource).hostname or ""
    if not domain or not host.endswith(f".{domain}"):
        msg = f"the challenge resource '{resource}' does not match the requested domain '{host}'"
        raise ProviderError(msg)
    return f"{resource}/.default"


def _require_ok(answer: httpx.Response) -> None:
    if answer.status_code != HTTPStatus.OK:
        raise VaultDataError(verbose_text(answer))
