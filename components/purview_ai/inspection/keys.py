"""The vendor's key: the version that Purview reads, and how long it lasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from purview_ai import naming
from purview_ai.datamap.kinds import CREDENTIAL
from purview_ai.inspection.estate import seen
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.objects import READ_DATA_MAP, compared
from purview_ai.json_values import take_from

if TYPE_CHECKING:
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.json_values import JsonObject

_NEW_KEY = "Have the vendor make a new key, and put it there: "


def kept(estate: Estate, source: str) -> Link:
    """The secret is in the vault, in force, and not about to expire."""
    key = estate.settings.keys[source]

    def look(link: Link) -> Finding:
        found = estate.secret(key.secret)
        if found is None:
            return link.failed(
                f"vault {estate.settings.vault.name} has no secret {key.secret}", put_key(estate, source)
            )
        attributes: JsonObject = take_from(found, ("properties", "attributes")) or {}
        version = newest_version(found)
        proof = seen(f"version {version}{_written(attributes)}", "Azure, the secret")
        if attributes.get("enabled") is False:
            return link.failed("the secret's newest version is disabled", put_key(estate, source), proof)
        expires = expiry_of(found) or key.expires
        if expires is None:
            return link.passed("nobody has said when the key expires", proof)
        left = (expires - datetime.now(UTC).date()).days
        until = f"expires on {expires}, in {left} days" if left >= 0 else f"expired on {expires}"
        if left < 0 or left <= key.warn_days:
            return link.failed(f"the key {until}", put_key(estate, source), proof)
        return link.passed(until, proof)

    return Link(f"key.{source}", f"Key {key.secret} is in force", look, ("vault.reach",), "Reader on the vault")


def put_key(estate: Estate, source: str) -> str:
    """How a new key comes to its place."""
    key = estate.settings.keys[source]
    if key.from_config:
        return (
            f"{_NEW_KEY}pulumi config set --secret purview-ai:{key.secret} --stack {estate.stack}, which asks for it, "
            f"then pulumi up --stack {estate.stack}."
        )
    vault = estate.settings.vault.name
    return f"{_NEW_KEY}az keyvault secret set --vault-name {vault} --name {key.secret} --file <file with the key>."


def newest_version(secret: JsonObject) -> str:
    """The version that a secret's own address with version names."""
    return str(take_from(secret, ("properties", "secretUriWithVersion")) or "").rsplit("/", 1)[-1]


def expiry_of(secret: JsonObject) -> date | None:
    """The day on which a secret expires."""
    expires = take_from(secret, ("properties", "attributes", "exp"))
    return datetime.fromtimestamp(expires, UTC).date() if isinstance(expires, int) else None


def _written(attributes: JsonObject) -> str:
    updated = attributes.get("updated")
    return f", written {datetime.fromtimestamp(updated, UTC).date()}" if isinstance(updated, int) else ""


def credential(estate: Estate, source: str) -> Link:
    """Purview's credential names the secret, and the version that is meant."""
    key = estate.settings.keys[source]

    def look(link: Link) -> Finding:
        secret: JsonObject = estate.secret(key.secret) or {}
        newest = newest_version(secret)
        version = newest if key.pinned is None else key.pinned
        wish = {**estate.wishes(source).credential(), "secret_version": version}
        finding = compared(estate, link, CREDENTIAL, wish)
        outdated = finding.verdict is Verdict.FAILED and "secret_version" in finding.reason
        return (
            replace(finding, reason=f"{finding.reason}; Purview goes on with the key before") if outdated else finding
        )

    name = naming.credential(estate.stack, source)
    return Link(f"credential.{source}", f"Credential {name} names the key", look, (f"key.{source}",), READ_DATA_MAP)
