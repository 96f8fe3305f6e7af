"""Whether the places of a tenant's objects in Purview are free, or hold what may be taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purview_ai import naming
from purview_ai.datamap.kinds import CREDENTIAL, DATA_SOURCE, KEY_VAULT_CONNECTION, SCAN, TRIGGER
from purview_ai.inspection.account import COLLECTION, READ_DATA_MAP
from purview_ai.inspection.estate import seen
from purview_ai.inspection.inspector import Link
from purview_ai.inspection.state import StateUnreadError

if TYPE_CHECKING:
    from purview_ai.datamap.object_kind import ObjectKind
    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding


def links(estate: Estate) -> list[Link]:
    """One for the connection, and one for each source's objects: what a preview would look for."""
    found = [_link(estate, "connection", "the Key Vault connection", [(KEY_VAULT_CONNECTION, "connection")])]
    for source in estate.settings.captured:
        kinds = [(CREDENTIAL, "credential"), (DATA_SOURCE, "data_source"), (SCAN, "scan"), (TRIGGER, "trigger")]
        found.append(_link(estate, source, f"the objects of source {source}", kinds))
    return found


def _link(estate: Estate, name: str, of: str, kinds: list[tuple[ObjectKind, str]]) -> Link:
    def look(link: Link) -> Finding:
        if estate.account is None:
            return link.passed("nothing can stand in an account that is not there yet")
        noted: list[str] = []
        for kind, part in kinds:
            wish = _wish(estate, name, part)
            if wish is None or _known_as_own(estate, kind.place(wish)):
                continue
            done = kind.check(estate.data_maps, wish, {})
            if done.unseen:
                return link.unknown(done.unseen[0].partition(": ")[2], f"Whoever looks needs {READ_DATA_MAP}.")
            if done.problems or done.notes:
                # Only of what is there it matters that the state does not tell whose it is, which this raises.
                estate.is_own(kind.place(wish))
            if done.problems:
                first, _, rest = done.problems[0].reason.strip().partition("\n")
                why, _, remedy = rest.strip().partition("\n")
                return link.failed(why or first, " ".join(remedy.split()))
            noted += done.notes
        proof = seen("free, or what is wished", "Purview, the objects by their names")
        return link.passed("; ".join(note.partition(": ")[2] for note in noted), proof)

    return Link(f"names.{name}", f"Names in Purview of {of}", look, (COLLECTION,), READ_DATA_MAP)


def _known_as_own(estate: Estate, place: str) -> bool:
    """Whether the stack made what is at a place, as far as its state tells."""
    try:
        return estate.is_own(place)
    except StateUnreadError:
        return False


def _wish(estate: Estate, source: str, part: str) -> dict[str, Any] | None:
    if part == "connection":
        name = naming.vault_connection(estate.stack, estate.settings.vault.name)
        adopt = estate.settings.vault.adopt_connection
        known = {"tenant": estate.stack, "account_id": estate.account_id, "adopt": adopt}
        return {**known, "name": name, "base_url": estate.vault_url}
    return getattr(estate.wishes(source), part)()
