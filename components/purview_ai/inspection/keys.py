"""The vendor's key: the version that Purview reads, and how long it lasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from purview_ai import naming
from purview_ai.datamap.kinds import CREDENTIAL
from purview_ai.inspection.account import READ_DATA_MAP, needed
from purview_ai.inspection.estate import seen
from purview_ai.inspection.finding import Verdict
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.objects import compared
from purview_ai.inspection.vault import READER
from purview_ai.json_values import take_from

if TYPE_CHECKING:
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Evidence, Finding
    from purview_ai.json_values import JsonObject

_NEW_KEY = "Have the vendor make a new key, and put it there: "


def kept(estate: Estate, source: str) -> Link:
    """The secret is in the vault, and its version that Purview reads is in force."""
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
        if key.pinned and key.pinned != version:
            return _pinned_to_another(link, estate, source, version, proof)
        if attributes.get("enabled") is False:
            return link.failed("the secret's newest version is disabled", put_key(estate, source), proof)
        begins = _moment(attributes.get("nbf"))
        if begins and begins > datetime.now(UTC):
            mend = f"Wait, or take the beginning back: Azure portal > the vault > Secrets > {key.secret}."
            return link.failed(
                f"the secret's newest version is not in force before {begins:%Y-%m-%dT%H:%MZ}", mend, proof
            )
        ends = _moment(attributes.get("exp"))
        expires = ends.date() if ends else key.expires
        if expires and (ends <= datetime.now(UTC) if ends else expires < datetime.now(UTC).date()):
            return link.failed(f"the key expired on {expires}", put_key(estate, source), proof)
        return link.passed("", proof)

    return Link(f"key.{source}", f"Key {key.secret} is in force", look, ("vault.reach",), READER)


def _pinned_to_another(link: Link, estate: Estate, source: str, newest: str, *proof: Evidence) -> Finding:
    """Azure's control plane tells of a secret's newest version alone."""
    key = estate.settings.keys[source]
    show = (
        f"az keyvault secret show --vault-name {estate.settings.vault.name} --name {key.secret} --version {key.pinned}"
    )
    return link.unknown(
        f"Purview reads version {key.pinned} (key.version), and Azure tells of the newest alone, {newest}",
        f"Key Vault Secrets User can look: {show} --query attributes. To go on with the newest: key.version: latest.",
        *proof,
    )


def lasting(estate: Estate, source: str) -> Link:
    """The key does not expire soon; a link of its own, so that nothing waits for it."""
    key = estate.settings.keys[source]

    def look(link: Link) -> Finding:
        found: JsonObject = estate.secret(key.secret) or {}
        proof = seen(f"version {newest_version(found)}", "Azure, the secret")
        expires = expiry_of(found) or key.expires
        if expires is None:
            return link.passed("nobody has said when the key expires", proof)
        left = (expires - datetime.now(UTC).date()).days
        until = f"the key expires on {expires}, in {left} days"
        if left <= key.warn_days:
            return link.failed(f"{until} (warn_days: {key.warn_days})", put_key(estate, source), proof)
        return link.passed(until, proof)

    # It claims nothing: where nobody has said a day, it passes without one.
    return Link(f"key-expiry.{source}", f"Expiry of key {key.secret}", look, (f"key.{source}",), READER)


def before_the_vault(link: Link, estate: Estate) -> Link:
    """The same before a deployment: in a vault that the stack has yet to make, there is no key to look at."""
    vault = estate.settings.vault

    def look(same: Link) -> Finding:
        if vault.existing or estate.vault is not None:
            return link.look(same)
        return same.passed(
            f"not yet: run pulumi up --stack {estate.stack}, which makes vault {vault.name}, then put the key there"
        )

    return replace(link, look=look)


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
    expires = _moment(take_from(secret, ("properties", "attributes", "exp")))
    return expires.date() if expires else None


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def _written(attributes: JsonObject) -> str:
    updated = _moment(attributes.get("updated"))
    return f", written {updated.date()}" if updated else ""


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
    # Which version it should name is known of a pinned one, whatever is known of the key.
    after = needed(estate) if key.pinned else (*needed(estate), f"key.{source}")
    return Link(f"credential.{source}", f"Credential {name} names the key", look, after, READ_DATA_MAP)
