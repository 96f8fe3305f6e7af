"""The objects of the Data Map, as they are and as the stack file has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purview_ai import naming
from purview_ai.datamap.kinds import DATA_SOURCE, KEY_VAULT_CONNECTION, SCAN, TRIGGER
from purview_ai.inspection.account import READ_DATA_MAP, needed
from purview_ai.inspection.estate import seen
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.remedies import again

if TYPE_CHECKING:
    from purview_ai.datamap.object_kind import ObjectKind
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Evidence, Finding


def connection(estate: Estate) -> Link:
    """Purview knows the vault."""
    name = naming.vault_connection(estate.stack, estate.settings.vault.name)

    def look(link: Link) -> Finding:
        wish = {"tenant": estate.stack, "account_id": estate.account_id, "name": name, "base_url": estate.vault_url}
        return compared(estate, link, KEY_VAULT_CONNECTION, wish)

    return Link("connection", f"Key Vault connection {name}", look, needed(estate), READ_DATA_MAP)


def data_source(estate: Estate, source: str) -> Link:
    """The workspace is registered as the stack file has it."""
    name = estate.settings.sources[source].names(source).data_source

    def look(link: Link) -> Finding:
        return compared(estate, link, DATA_SOURCE, estate.wishes(source).data_source())

    return Link(f"source.{source}", f"Data source {name}", look, needed(estate), READ_DATA_MAP)


def scan(estate: Estate, source: str) -> Link:
    """The scan is there as the stack file has it."""
    name = estate.settings.sources[source].names(source).scan

    def look(link: Link) -> Finding:
        return compared(estate, link, SCAN, estate.wishes(source).scan())

    return Link(f"scan.{source}", f"Scan {name}", look, (f"source.{source}",), READ_DATA_MAP)


def trigger(estate: Estate, source: str) -> Link | None:
    """The scan runs by itself as the stack file has it; None where it runs only when asked."""
    settings = estate.settings.sources[source]
    if settings.scan.every is None:
        return None

    def look(link: Link) -> Finding:
        return compared(estate, link, TRIGGER, estate.wishes(source).trigger() or {})

    title = f"Trigger of scan {settings.names(source).scan}, every {settings.scan.every}"
    return Link(f"trigger.{source}", title, look, (f"scan.{source}",), READ_DATA_MAP)


def compared(estate: Estate, link: Link, kind: ObjectKind, wish: dict[str, Any]) -> Finding:
    """Whether an object is there, and as it is wished."""
    found = kind.differences(estate.data_maps, wish)
    if found is None:
        return link.failed(f"Purview has no such {kind.name}", f"{again(estate)} makes it.")
    return as_wished(estate, link, found, seen(f"the {kind.name} as it is", f"Purview, the {kind.name}"))


def as_wished(estate: Estate, link: Link, found: dict[str, tuple[Any, Any]], proof: Evidence) -> Finding:
    """Whether nothing differs of what is there, by what is there and what is wished."""
    if not found:
        return link.passed("", proof)
    told = "; ".join(f"{name} is {is_!r} and not {wanted!r}" for name, (is_, wanted) in found.items())
    return link.failed(told, f"If nobody meant that: {again(estate)} puts it right, or says why it will not.", proof)
