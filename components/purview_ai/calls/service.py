"""HTTP with one service: signed in, retried, and failing in one form."""

from __future__ import annotations

import base64
import json
import math
import re
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from purview_ai.identity import IdentityError
from purview_ai.json_values import JsonObject, is_object, take_from
from purview_ai.objects.failures import NO_WORDS, RefusedError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core import PipelineClient
    from azure.core.credentials import AccessToken, TokenCredential
    from azure.core.pipeline.policies import RetryPolicy

USER_AGENT = "purview-ai"
_CANNOT_SIGN_IN = (IdentityError, OSError, ValueError)
"""What azure-identity and the settings raise where a certificate, a token file or a setting cannot be used."""
CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 60
TRIES = 4
"""How often a request is sent at most: azure-core waits 0, 1.6 and 3.2 s between, or what Retry-After says."""
FAILED_FOR_S = 60.0
"""For so long a failure is told again to whoever asks for the same, and nobody tries once more."""
OF_ENTRA = "AADSTS"
"""In every refusal of Entra's own; without it, nobody was reached."""
_ANOTHER_HOST = (
    "Something on the way changes the service's answers: look at the proxy (HTTPS_PROXY). Without one, give both names "
    "to Microsoft's support.\n  docs/troubleshooting.md#another-host"
)
LONGEST_RETRY_AFTER_S = 120.0
"""A service that wants to be left alone for longer is told as such; the next run goes on."""


def signed_in(make_credential: Callable[[], TokenCredential]) -> TokenCredential:
    """The credential; raises :class:`UnreachableError` where the settings make none."""
    try:
        return make_credential()
    except _CANNOT_SIGN_IN as error:
        msg = f"signing in is not possible: {first_line(str(error))}"
        raise UnreachableError(msg, at_sign_in=True, stays=True) from error


def _not_signed_in(error: Exception) -> UnreachableError:
    """What is told where signing in failed; it stays so unless Entra was not reached."""
    from azure.core.exceptions import AzureError
    from azure.identity import CredentialUnavailableError

    unreached = isinstance(error, AzureError) and not isinstance(error, CredentialUnavailableError)
    words = str(getattr(error, "message", None) or error)
    stays = OF_ENTRA in words or not unreached
    return UnreachableError(first_line(f"signing in failed: {words}"), at_sign_in=True, stays=stays)


class OneSignIn:
    """A credential that signs in once although many ask at once: the first one asks, the others take what it got.

    That holds for a failure, too, for a moment: whoever comes next is told the same without another try.
    """

    def __init__(self, make: Callable[[], TokenCredential], clock: Callable[[], float] = time.monotonic) -> None:
        """With what makes the credential, which is asked for when the first token is."""
        self._make = make
        self._clock = clock
        self._made: TokenCredential | None = None
        self._failed: dict[tuple[str, ...], tuple[float, UnreachableError]] = {}
        self._lock = threading.Lock()

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """As azure-core's credentials; raises :class:`UnreachableError` where nobody can sign in."""
        from azure.core.exceptions import AzureError

        with self._lock:
            self._raise_again(scopes)
            try:
                if self._made is None:
                    self._made = signed_in(self._make)
                return self._made.get_token(*scopes, **options)
            except UnreachableError as error:
                raise self._kept(scopes, error) from None
            except (AzureError, *_CANNOT_SIGN_IN) as error:
                raise self._kept(scopes, _not_signed_in(error)) from error

    def _raise_again(self, scopes: tuple[str, ...]) -> None:
        for asked in (scopes, ()):
            until, error = self._failed.get(asked, (0.0, None))
            if error is not None and self._clock() < until:
                raise error

    def _kept(self, scopes: tuple[str, ...], error: UnreachableError) -> UnreachableError:
        # What Entra refuses, it may refuse for one service alone; where nobody was reached, nobody will be.
        refused = OF_ENTRA in str(error)
        self._failed[scopes if refused else ()] = (self._clock() + FAILED_FOR_S, error)
        return error


def bounded_retry() -> RetryPolicy[Any, Any]:
    """Retries that do not sleep for as long as any service might wish."""
    from azure.core.pipeline import policies

    class _BoundedRetry(policies.RetryPolicy[Any, Any]):
        def is_retry(self, settings: dict[str, Any], response: Any) -> bool:
            wished = self.get_retry_after(response) or 0.0
            return wished <= LONGEST_RETRY_AFTER_S and super().is_retry(settings, response)

    return _BoundedRetry(retry_total=TRIES - 1)


@dataclass
class Service:
    """One service that takes one kind of token.

    Requests are retried on throttling, on a server's error and on a cut connection, unless the caller says that
    one must not be. Nearly all can be: a PUT carries the whole object, a run names its own id, and the other
    POSTs only set a state. What cannot is the PUT of a policy, which others write, too.
    """

    name: str
    """As errors call it."""
    scope: str
    """Of its tokens."""
    credential: TokenCredential
    _pipeline: PipelineClient[Any, Any] | None = None

    def get(self, url: str, **query: str) -> JsonObject | None:
        """The object at an address, or None where there is none."""
        try:
            return self.send("GET", url, None, query)
        except RefusedError as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def send(
        self, method: str, url: str, body: JsonObject | None, query: dict[str, str], *, tries: int = TRIES
    ) -> JsonObject:
        """The answer to one request; raises :class:`RefusedError` or :class:`UnreachableError`."""
        from azure.core.exceptions import AzureError, ClientAuthenticationError
        from azure.core.rest import HttpRequest

        request = HttpRequest(method, url, params=query, json=body)
        try:
            answer = self._client().send_request(request, retry_total=tries - 1, retry_on_methods=[method])
        except (ClientAuthenticationError, *_CANNOT_SIGN_IN) as error:
            raise _not_signed_in(error) from error
        except AzureError as error:
            host = urlsplit(url).hostname
            raise UnreachableError(
                first_line(f"{host} gave no answer: {error.message or type(error).__name__}")
            ) from error
        content = _json(answer)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise self._refusal(answer, content)
        return content

    def caller(self) -> str:
        """The object id of the identity that signs in, as its token tells it; empty where it does not."""
        return self._claim("oid")

    def tenant(self) -> str:
        """The Entra tenant that the identity signs in to, as its token tells it."""
        return self._claim("tid")

    def _claim(self, name: str) -> str:
        return str(claims_of(self.credential, self.scope).get(name) or "")

    def _client(self) -> PipelineClient[Any, Any]:
        if self._pipeline is None:
            from azure.core import PipelineClient
            from azure.core.pipeline import policies

            self._pipeline = PipelineClient(
                base_url="",
                policies=[
                    policies.RequestIdPolicy(),
                    policies.UserAgentPolicy(USER_AGENT),
                    bounded_retry(),
                    policies.BearerTokenCredentialPolicy(self.credential, self.scope),
                ],
                connection_timeout=CONNECT_TIMEOUT_S,
                read_timeout=READ_TIMEOUT_S,
            )
        return self._pipeline

    def _refusal(self, answer: Any, content: JsonObject) -> RefusedError:
        error = content.get("error")
        told: JsonObject = error if is_object(error) else {}
        return RefusedError(
            service=self.name,
            status=answer.status_code,
            code=str(told.get("code") or answer.headers.get("x-ms-error-code") or answer.reason),
            message=str(told.get("message") or NO_WORDS),
            request_id=answer.headers.get("x-ms-request-id", ""),
            retry_after_s=_seconds(answer.headers.get("Retry-After")),
            inner=str(take_from(told, ("innererror", "code")) or ""),
        )


def on_the_same_host(following: str, asked: str) -> str:
    """The address of a next page, which must be on the host that was asked: the token goes with the request."""
    if _host(following) != _host(asked):
        names = urlsplit(asked).hostname, urlsplit(following).hostname
        msg = f"{names[0]} names a next page on another host, which is not asked: {names[1]}"
        raise UnreachableError(msg, remedy=_ANOTHER_HOST)
    return following


def _host(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower().removesuffix(":443")


def claims_of(credential: TokenCredential, scope: str) -> JsonObject:
    """What a token says of its holder; nothing of the token itself is kept."""
    from azure.core.exceptions import AzureError

    try:
        token = credential.get_token(scope).token
    except (AzureError, *_CANNOT_SIGN_IN) as error:
        raise UnreachableError(first_line(f"signing in failed: {error}"), at_sign_in=True) from error
    try:
        payload = token.split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if is_object(claims) else {}


def first_line(text: str) -> str:
    """A failure's first line, without the names of classes that some libraries put there."""
    return _without_classes(text.strip().partition("\n")[0])


_BY_A_PROXY = re.compile(r"""\('(?P<what>[^']+)', \w+\(["'](?P<why>.*)["']\)\)""")
_CONNECTION = re.compile(r"\w+\(host='[^']*', port=\d+\): ")


def _without_classes(text: str) -> str:
    """What urllib3 says of a connection, without the names of its classes."""
    return _CONNECTION.sub("", _BY_A_PROXY.sub(r"\g<what>: \g<why>", text))


def _seconds(retry_after: str | None) -> float:
    """What Retry-After asks for; a date, or what is no number, is as good as nothing here."""
    try:
        wished = float(retry_after or 0)
    except ValueError:
        return 0.0
    return wished if 0 < wished < math.inf else 0.0


def _json(answer: Any) -> JsonObject:
    try:
        parsed = answer.json()
    except ValueError:
        return {}
    return parsed if is_object(parsed) else {}
