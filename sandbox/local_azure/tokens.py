"""Signed tokens: who is calling, and which service may believe it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

if TYPE_CHECKING:
    from pathlib import Path

LIFETIME_S = 3600
KEY_ID = "local-azure-1"


@dataclass(frozen=True)
class Caller:
    """The identity that a token proves."""

    object_id: str
    app_id: str
    tenant_id: str
    app_roles: frozenset[str] = frozenset()
    """Graph application permissions, fixed when the token was issued, as in Entra."""


class Signer:
    """Issues and reads the sandbox's tokens with one RSA key that outlives restarts."""

    def __init__(self, folder: Path) -> None:
        """Take the key of this folder, or make one."""
        file = folder / "token-key.pem"
        if not file.exists():
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            file.write_bytes(
                key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
            file.chmod(0o600)
        loaded = serialization.load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(loaded, rsa.RSAPrivateKey):
            msg = f"{file} does not hold an RSA key"
            raise TypeError(msg)
        # Loaded once: checking the key takes longer than all the rest of a request.
        self._private, self._public = loaded, loaded.public_key()

    def issue(self, caller: Caller, audience: str) -> str:
        """A token of this caller for one audience, valid for an hour."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{caller.tenant_id}/",
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_S,
            "appid": caller.app_id,
            "idtyp": "app",
            "oid": caller.object_id,
            "sub": caller.object_id,
            "tid": caller.tenant_id,
            "roles": sorted(caller.app_roles),
            "ver": "1.0",
        }
        return jwt.encode(claims, self._private, algorithm="RS256", headers={"kid": KEY_ID})

    def vouch(self, issuer: str, subject: str, audience: str, *, lifetime_s: int = LIFETIME_S) -> str:
        """A token of somebody else's issuer, such as a pipeline's: all of them sign with this key here."""
        now = int(time.time())
        claims = {"iss": issuer, "sub": subject, "aud": audience, "iat": now, "nbf": now, "exp": now + lifetime_s}
        return jwt.encode(claims, self._private, algorithm="RS256", headers={"kid": KEY_ID})

    def vouched(self, token: str) -> dict[str, Any]:
        """What such a token says; raises ``jwt.PyJWTError`` for a bad or old one."""
        return jwt.decode(token, self._public, algorithms=["RS256"], options={"verify_aud": False})

    def read(self, token: str, audiences: tuple[str, ...] | None) -> Caller:
        """Who this token names; raises ``jwt.PyJWTError`` for a bad, old or foreign one.

        ``None`` for the audiences accepts any (used when that rule is off).
        """
        claims = jwt.decode(
            token,
            self._public,
            algorithms=["RS256"],
            audience=list(audiences) if audiences is not None else None,
            options={"verify_aud": audiences is not None},
        )
        return Caller(claims["oid"], claims["appid"], claims["tid"], frozenset(claims["roles"]))

    def public_keys(self) -> dict[str, Any]:
        """The JSON Web Key Set of the login service."""
        key = RSAAlgorithm.to_jwk(self._public, as_dict=True)
        return {"keys": [{**key, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}
