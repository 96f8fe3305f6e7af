"""The vendor's API key, as a stack file has it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictInt, ValidationInfo, field_validator

from purview_ai import naming
from purview_ai.json_values import JsonObject, is_object, take_from
from purview_ai.settings.forms import Form, as_date, found
from purview_ai.settings.strict import Strict

LATEST = "latest"
_VERSION = re.compile(r"^([0-9a-f]{32}|latest)\Z")
_PINNED = Form(_VERSION, "the 32 letters and digits of a version's id, or be the word latest")


def _no_key(given: str) -> str:
    if given.lower() == "tenant":
        msg = "purview-ai:tenant is the tenant's own block; give the secret another name"
        raise ValueError(msg)
    if given.startswith("sk-"):
        msg = "this looks like a key itself; it wants the name of the secret that holds the key"
        raise ValueError(msg)
    return given


SecretName = Annotated[str, Form(naming.SECRET_NAME, naming.SECRET_NAME_RULE), AfterValidator(_no_key)]


class KeyOrigin(StrEnum):
    """Where the key comes from."""

    CONFIG = "config"
    """An encrypted setting; the stack writes it to the vault."""
    VAULT = "vault"
    """Somebody else puts it into the vault; Pulumi never has it."""


class KeySettings(Strict):
    """The vendor's API key."""

    secret: SecretName = Field(
        description="The secret's name in the vault, and the name of the encrypted setting that holds the key "
        "(purview-ai:<secret>).",
        examples=["chatgpt-compliance-key"],
    )
    origin: KeyOrigin = Field(
        default=KeyOrigin.CONFIG,
        description="Where the key comes from: config (the encrypted setting; the stack writes it to the vault) or "
        "vault (somebody else puts it there and Pulumi never has it: the choice for pipelines).",
    )
    version: Annotated[str, _PINNED] | None = Field(
        default=None,
        description="Which version Purview reads: latest, whichever that is at the time; or a version's id. Default: "
        "the one that the stack wrote, and latest for a key that somebody else puts there.",
        examples=[LATEST],
        json_schema_extra=found("Azure portal > Key vaults > the vault > Secrets > the secret > Current version"),
    )
    expires: Annotated[date, BeforeValidator(as_date)] | None = Field(
        default=None,
        description="The day on which the key expires, kept with the secret. A key of origin vault has its "
        "own in the vault.",
        examples=["2027-06-30"],
    )
    warn_days: StrictInt = Field(
        default=30, ge=0, le=366, description="For how many days before the key expires each deployment warns of it."
    )

    @property
    def from_config(self) -> bool:
        """Whether the stack writes the key to the vault."""
        return self.origin is KeyOrigin.CONFIG

    @property
    def pinned(self) -> str | None:
        """The version that Purview reads: empty for the latest, None for the one that the stack writes."""
        if self.version is None:
            return None if self.from_config else ""
        return "" if self.version == LATEST else self.version

    def expiry_warning(self, expires: date | None) -> str:
        """What to say of a key that expires on this day; empty while there is time."""
        today = datetime.now(UTC).date()
        if expires is None or expires - today > timedelta(days=self.warn_days):
            return ""
        told = "expired" if expires < today else "expires"
        return f"the key in secret {self.secret} {told} on {expires}; have the vendor make a new one and put it there"

    @field_validator("version")
    @classmethod
    def _a_version_that_is_there(cls, given: str | None, info: ValidationInfo) -> str | None:
        if given not in (None, LATEST) and info.data.get("origin") is KeyOrigin.CONFIG:
            msg = "the stack writes the key, and Purview reads the version that it wrote; leave it out, or say latest"
            raise ValueError(msg)
        return given

    @field_validator("expires")
    @classmethod
    def _said_once(cls, given: date | None, info: ValidationInfo) -> date | None:
        if given and info.data.get("origin") is KeyOrigin.VAULT:
            msg = "the secret in the vault has an expiry of its own; whoever puts the key there sets it"
            raise ValueError(msg)
        return given


def keys_of_pulumi(block: object) -> dict[str, JsonObject]:
    """The keys that Pulumi keeps, by their sources: all that are not said to be the vault's.

    Args:
        block: What stands under ``purview-ai:tenant``, whatever may be wrong with it.
    """
    sources = take_from(block, ("sources",))
    keys = {name: take_from(source, ("key",)) for name, source in sources.items()} if is_object(sources) else {}
    return {name: key for name, key in keys.items() if is_object(key) and key.get("origin") != KeyOrigin.VAULT}
