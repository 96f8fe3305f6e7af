"""Where Pulumi's own backends keep their files: a folder, or a container in Azure Storage. Only ever read."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from purview_ai.calls.service import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from purview_ai.drift.checkpoint import STATE_PAGE, CheckpointError
from purview_ai.identity import AzureSettings, IdentityError, credential_of
from purview_ai.objects.failures import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.core.credentials import TokenCredential

_RETRIES = 2


class Store(Protocol):
    """A backend's files, by their paths below its root."""

    @property
    def url(self) -> str:
        """As messages call it, without anything that opens it."""
        ...

    def names(self, folder: str) -> dict[str, float]:
        """The files directly in a folder, each with a number that is higher for what was written later."""
        ...

    def read(self, path: str) -> bytes | None:
        """What a file holds; None where there is none."""
        ...


@dataclass(frozen=True)
class FolderStore:
    """A backend whose URL begins with ``file://``."""

    folder: Path

    @classmethod
    def of(cls, url: str, here: Path) -> FolderStore:
        """Without its parameters, from here or from the home folder (docs/facts.md, engine 33)."""
        path = url.removeprefix("file://").split("?", maxsplit=1)[0]
        if path.startswith("~"):
            # The engine cuts off two letters, whatever the second one is.
            path = str(Path.home() / path[2:])
        return cls((here / path).resolve())

    @property
    def url(self) -> str:
        """The folder."""
        return f"file://{self.folder}"

    def names(self, folder: str) -> dict[str, float]:
        """See :class:`Store`."""
        try:
            return {one.name: one.stat().st_mtime_ns for one in (self.folder / folder).iterdir() if one.is_file()}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _unreadable(self.url, str(error)) from error

    def read(self, path: str) -> bytes | None:
        """See :class:`Store`."""
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(self.url, str(error)) from error


@dataclass(frozen=True)
class BlobPlace:
    """A container in Azure Storage, as a backend's URL and the environment name it (docs/facts.md, engine 35)."""

    account: str
    service: str
    """The address of the account's blobs."""
    container: str
    prefix: str

    @classmethod
    def of(cls, url: str, environment: Mapping[str, str]) -> BlobPlace:
        """A parameter of the URL wins over a variable; one that the engine does not know is refused, as there."""
        parts = urlsplit(url)
        said = dict(parse_qsl(parts.query))
        if unknown := said.keys() - {"domain", "protocol", "cdn", "localemu", "storage_account"}:
            msg = f"the backend {_without_query(url)} has a parameter that is not known: {min(unknown)}"
            raise CheckpointError(msg)
        connection = _parts_of(_connection(environment))
        account = (
            said.get("storage_account") or environment.get("AZURE_STORAGE_ACCOUNT") or connection.get("AccountName")
        )
        if not account:
            msg = (
                f"the backend {_without_query(url)} names no storage account: give it as ?storage_account=… or as "
                f"AZURE_STORAGE_ACCOUNT\n  {STATE_PAGE}"
            )
            raise CheckpointError(msg)
        domain = said.get("domain") or environment.get("AZURE_STORAGE_DOMAIN") or "blob.core.windows.net"
        protocol = (
            said.get("protocol")
            or environment.get("AZURE_STORAGE_PROTOCOL")
            or connection.get("DefaultEndpointsProtocol")
            or "https"
        )
        local = _is_true(said.get("localemu") or environment.get("AZURE_STORAGE_IS_LOCAL_EMULATOR"))
        if local or domain.startswith(("127.0.0.1", "localhost")):
            host = f"{domain}/{account}"
        elif _is_true(said.get("cdn") or environment.get("AZURE_STORAGE_IS_CDN")):
            host = domain
        else:
            host = f"{account}.{domain}"
        prefix = parts.path.strip("/")
        return cls(account, f"{protocol}://{host}", parts.netloc, f"{prefix}/" if prefix else "")


@dataclass
class BlobStore:
    """A backend whose URL begins with ``azblob://``."""

    url: str
    place: BlobPlace
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    identity: TokenCredential | None = None
    """Who signs in where nothing else opens it; None: whom the environment names."""
    _opening: threading.Lock = field(default_factory=threading.Lock)
    _client: Any = None

    @classmethod
    def of(cls, url: str, environment: Mapping[str, str], identity: TokenCredential | None = None) -> BlobStore:
        """Opened when it is first asked."""
        return cls(_without_query(url), BlobPlace.of(url, environment), environment, identity)

    def names(self, folder: str) -> dict[str, float]:
        """See :class:`Store`."""
        start = f"{self.place.prefix}{folder}/"
        from azure.core.exceptions import AzureError

        try:
            found = list(self._container().list_blobs(name_starts_with=start))
        except UnreachableError as error:
            raise _unreadable(self.url, str(error)) from error
        except AzureError as error:
            raise self._refused(error) from error
        named = {one.name.removeprefix(start): one.last_modified.timestamp() for one in found}
        return {name: moment for name, moment in named.items() if "/" not in name}

    def read(self, path: str) -> bytes | None:
        """See :class:`Store`."""
        from azure.core.exceptions import AzureError, ResourceNotFoundError

        try:
            return self._container().download_blob(f"{self.place.prefix}{path}").readall()
        except ResourceNotFoundError as error:
            if _code(error) == "ContainerNotFound":
                raise self._refused(error) from error
            return None
        except UnreachableError as error:
            raise _unreadable(self.url, str(error)) from error
        except AzureError as error:
            raise self._refused(error) from error

    def _container(self) -> Any:
        with self._opening:
            if self._client is None:
                try:
                    self._client = _opened(self.place, self.environment, self.identity)
                except (IdentityError, OSError, ValueError) as error:
                    raise _unreadable(self.url, f"signing in is not possible: {error}") from error
            return self._client

    def _refused(self, error: Any) -> CheckpointError:
        status = str(getattr(error, "status_code", None) or "")
        answer = getattr(error, "response", None)
        request = answer.headers.get("x-ms-request-id") if answer is not None else None
        words = str(error.message).strip().splitlines()[0]
        told = [part for part in (status, _code(error), f"(request {request})" if request else "") if part]
        return _unreadable(
            self.url, f"Azure Storage: {' '.join(told)} - {words}" if told else f"Azure Storage: {words}"
        )


def _code(error: Any) -> str:
    """The service's own code, which its client keeps as a member of an enumeration."""
    code = getattr(error, "error_code", None) or getattr(error, "reason", None) or ""
    return str(getattr(code, "value", code))


def _unreadable(url: str, why: str) -> CheckpointError:
    return CheckpointError(
        f"the state in {url} could not be read\n  {why}\n  Whoever looks needs the role Storage Blob Data Reader on "
        f"the container, or to read the folder.\n  {STATE_PAGE}"
    )


def _without_query(url: str) -> str:
    return url.split("?", maxsplit=1)[0]


def _connection(environment: Mapping[str, str]) -> str:
    return (
        environment.get("AZURE_STORAGE_CONNECTION_STRING")
        or environment.get("AZURE_STORAGEBLOB_CONNECTIONSTRING")
        or ""
    )


def _parts_of(connection: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in connection.split(";"))
    return {name: value for name, _, value in pairs if value}


def _is_true(text: str | None) -> bool:
    """What Go takes for true."""
    return text in ("1", "t", "T", "TRUE", "true", "True")


def _opened(place: BlobPlace, environment: Mapping[str, str], identity: TokenCredential | None) -> Any:
    """With the first of key, token and connection string that is given; else signed in."""
    from azure.storage.blob import ContainerClient

    how: dict[str, Any] = {
        "retry_total": _RETRIES,
        "connection_timeout": CONNECT_TIMEOUT_S,
        "read_timeout": READ_TIMEOUT_S,
    }
    key = environment.get("AZURE_STORAGE_KEY")
    whose = environment.get("AZURE_STORAGE_ACCOUNT")
    if key and whose:
        said = {"account_name": whose, "account_key": key}
        return ContainerClient(place.service, place.container, credential=said, **how)
    if token := environment.get("AZURE_STORAGE_SAS_TOKEN"):
        return ContainerClient(place.service, place.container, credential=token, **how)
    if connection := _connection(environment):
        return ContainerClient.from_connection_string(connection, place.container, **how)
    return ContainerClient(place.service, place.container, credential=identity or identity_of(environment), **how)


_OF_THE_BACKEND = ("AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_USERNAME")


def identity_of(environment: Mapping[str, str]) -> Any:
    """Who signs in to the state: as pulumi does where its own variables are set, and else as to everything else."""
    if any(environment.get(name) for name in _OF_THE_BACKEND):
        from azure.identity import DefaultAzureCredential

        return DefaultAzureCredential()
    return credential_of(AzureSettings(lambda _: None, environment))
