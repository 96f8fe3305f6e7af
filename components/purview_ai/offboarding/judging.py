"""What becomes of each object that a stack has recorded, from its state alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from purview_ai.datamap.kinds import COLLECTION, CREDENTIAL, DATA_SOURCE, KEY_VAULT_CONNECTION, RUN, SCAN, TRIGGER
from purview_ai.directory.app_role_grant import APP_ROLE_GRANT
from purview_ai.drift.azure_types import VAULT
from purview_ai.drift.own import is_own
from purview_ai.dynamic.families import KIND
from purview_ai.json_values import is_list, is_object, take_from
from purview_ai.objects.lifecycle import ADOPTED
from purview_ai.offboarding.item import Fate, Item, Mark, Way, filled
from purview_ai.offboarding.kinds import OTHERS, OWN, PURGE_SECRET, PURGE_VAULT, SERVICE_PRINCIPAL, WAIT_FOR_VAULT, Kind
from purview_ai.vaults.secret import VAULT_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterable

    from purview_ai.clouds import Cloud
    from purview_ai.drift.checkpoint import Recorded
    from purview_ai.json_values import JsonObject

LIVING = "docs/living-with-a-tenant.md#what-was-there-before"
_GOING = (Fate.REMOVED, Fate.SOFT_DELETED)
_STAYING = (Fate.STAYS, Fate.STOPS)
_NOT_KNOWN = Way("This version of purview-ai does not know the kind: look at its provider's page", mark=Mark.UNKNOWN)
_BESIDE_IT = Way(
    "Where pulumi destroy stops at it, because it runs outside of the network that reaches the vault: "
    "pulumi state delete '{urn}' --stack {stack}, then pulumi destroy again; the vault takes it along",
    "who may write the state",
    "docs/troubleshooting.md#secret-access",
)
_DAYS = ("properties", "softDeleteRetentionInDays")
_LET_IN = ("ipRules", "virtualNetworkRules")
_PURGE_PROTECTED = ("properties", "enablePurgeProtection")


@dataclass(frozen=True)
class _Judged:
    """An object with its kind and its fate so far."""

    recorded: Recorded
    key: str
    """Its own kind's name, or another provider's type."""
    kind: Kind
    names: dict[str, str]
    fate: Fate
    why: str = ""
    ways: tuple[Way, ...] = ()
    days: int | None = None

    @property
    def called(self) -> str:
        """For a sentence."""
        return f"{self.kind.called} {filled(self.kind.title, self.names)}"

    @property
    def place(self) -> tuple[str, ...]:
        """Where it stands among the others: the state has them as a deployment happened to end them."""
        return self.called.lower(), self.recorded.urn, self.recorded.id

    def item(self) -> Item:
        """As it is told."""
        return Item(
            self.kind.called,
            filled(self.kind.title, self.names),
            self.fate,
            self.why or (self.kind.after if self.fate in _GOING else ""),
            tuple(way.of(self.names) for way in self.ways),
            self.recorded.name,
            self.recorded.id,
            self.days,
            self.recorded.protected,
        )


def items_of(resources: Iterable[Recorded], cloud: Cloud, endpoint: str = "") -> list[Item]:
    """Every object that is the stack's or was taken over by it, with its fate; by kind, then by name.

    Args:
        resources: What the state has.
        cloud: Where the services answer.
        endpoint: Where the account's Data Map answers, if the stack file says so.
    """
    judged = [_judged(one, cloud, endpoint) for one in resources if not one.only_read]
    judged.sort(key=lambda one: one.place)
    judged = _stopping(judged)
    return [_with_its_container(one, judged).item() for one in judged]


def unprotecting(resources: Iterable[Recorded], stack: str) -> list[str]:
    """What takes the protection away, without which destroy does not begin; nothing where nothing is protected."""
    protected = [one for one in resources if one.protected]
    always = sorted(one.urn for one in protected if one.type == SERVICE_PRINCIPAL)
    said = [f"protect: false in the stack file, then pulumi up --stack {stack}"] if len(protected) > len(always) else []
    return said + [f"pulumi state unprotect '{urn}' --stack {stack}" for urn in always]


def _judged(recorded: Recorded, cloud: Cloud, endpoint: str) -> _Judged:
    own = is_own(recorded)
    key = str(recorded.outputs[KIND]) if own else recorded.type
    kind = (OWN if own else OTHERS).get(key, Kind(key, "{resource}", (_NOT_KNOWN,)))
    names = {**(_own_names if own else _other_names)(recorded), "graph": cloud.graph, "resource": recorded.name}
    names |= {"urn": recorded.urn, "stack": recorded.urn.split("::", 1)[0].rpartition(":")[2]}
    names["data_map"] = (endpoint or f"https://{names.get('account', '')}.{cloud.purview_suffix}").rstrip("/")
    begun = _Judged(recorded, key, kind, names, Fate.REMOVED)
    if recorded.going:
        return begun
    if stays := _why_it_stays(begun):
        why, ways = stays
        return replace(begun, fate=Fate.STAYS, why=why, ways=(*ways, *kind.by_hand))
    return _soft_deleted(begun) if key in (VAULT, VAULT_SECRET.name) else begun


def _own_names(recorded: Recorded) -> dict[str, str]:
    names = {name: str(value) for name, value in recorded.outputs.items() if isinstance(value, (str, int))}
    last = {of: names[place].rsplit("/", 1)[-1] for of, place in _LAST.items() if place in names}
    return names | last


_LAST = {"account": "account_id", "vault": "vault_id"}
"""Names that are the last part of an id."""


def _other_names(recorded: Recorded) -> dict[str, str]:
    steps = recorded.id.split("/")
    above = {step.lower(): after for step, after in pairwise(steps)}
    said = {name: str(value) for name, value in recorded.outputs.items() if isinstance(value, (str, int))}
    return {
        **said,
        "id": recorded.id,
        "last": steps[-1],
        "name": steps[-1],
        "group": above.get("resourcegroups", ""),
        "vault": above.get("vaults", ""),
    }


def _why_it_stays(one: _Judged) -> tuple[str, tuple[Way, ...]] | None:
    """Why, and the settings with which destroy would take it; None where it goes."""
    recorded = one.recorded
    said = recorded.outputs if is_own(recorded) else {}
    if one.key == RUN.name:
        return "its scan stays", ()
    if said.get("expected"):
        return _of_others(one.key)
    if said.get(ADOPTED):
        return "it was there before this stack (adopted)", _released(one)
    if said.get("keep"):
        text = "governance.ediscovery.keep_on_destroy: false in the stack file, pulumi up, then pulumi destroy"
        return "it may be evidence (keep_on_destroy)", (Way(text, source="docs/governance.md#ediscovery"),)
    if recorded.retained:
        return "the stack keeps it on purpose (retain on delete)", ()
    return None


def _of_others(key: str) -> tuple[str, tuple[Way, ...]]:
    if key == APP_ROLE_GRANT.name:
        text = "pulumi destroy in grants/, or whoever gives it, once no other stack expects it"
        return "somebody else gives it (grants: expected)", (
            Way(text, source="docs/living-with-a-tenant.md#app-roles"),
        )
    return "somebody else keeps it (key.origin: vault)", ()


def _released(one: _Judged) -> tuple[Way, ...]:
    if not one.kind.released_as:
        return ()
    text = f"{one.kind.release}: [{one.kind.released_as}] in the stack file, pulumi up, then pulumi destroy"
    return (Way(text, source=LIVING),)


def _soft_deleted(one: _Judged) -> _Judged:
    said = one.recorded.outputs
    if one.key == VAULT_SECRET.name:
        return replace(one, fate=Fate.SOFT_DELETED, why="its vault keeps it with its versions", ways=(PURGE_SECRET,))
    days = take_from(said, _DAYS)
    ways = (WAIT_FOR_VAULT,) if take_from(said, _PURGE_PROTECTED) else (PURGE_VAULT,)
    why = "Azure keeps it and its name, with all that is in it, also what others put there"
    known = int(days) if isinstance(days, (int, float)) else None
    names = one.names | ({"days": str(known)} if known else {})
    return replace(one, names=names, fate=Fate.SOFT_DELETED, why=why, ways=ways, days=known)


def _with_its_container(one: _Judged, others: list[_Judged]) -> _Judged:
    """The same, where it goes with what it is in: a vault takes its secrets along, whosever they are.

    A vault is kept by Azure also where its resource group goes.
    """
    for other in others:
        inside = other.key in one.kind.inside and _is_below(one.recorded.id, other.recorded.id)
        kept_itself = one.fate is Fate.SOFT_DELETED and other.fate is Fate.REMOVED
        if inside and other.fate in _GOING and one.fate is not Fate.REMOVED and not kept_itself:
            # What the stack wrote is deleted by itself before, which is a call to the vault.
            called = one.fate is Fate.SOFT_DELETED and _lets_nobody_in(other.recorded.outputs)
            ways = (_BESIDE_IT,) if called else ()
            return replace(one, fate=other.fate, why=f"goes with {other.called}", ways=ways, days=other.days)
    return one


def _lets_nobody_in(vault: JsonObject) -> bool:
    """Whether nobody reaches a vault but trusted services and private endpoints."""
    if str(take_from(vault, ("properties", "publicNetworkAccess"))).lower() == "disabled":
        return True
    closed = take_from(vault, ("properties", "networkAcls", "defaultAction")) == "Deny"
    return closed and not any(take_from(vault, ("properties", "networkAcls", rules)) for rules in _LET_IN)


def _is_below(inner: str, outer: str) -> bool:
    return inner.lower().startswith(f"{outer.lower()}/")


def _stopping(judged: list[_Judged]) -> list[_Judged]:
    """Those that Purview will not delete, because something that stays needs them; and what those need in turn."""
    while True:
        after = [_stopped(one, judged) for one in judged]
        if [one.fate for one in after] == [one.fate for one in judged]:
            return judged
        judged = after


def _stopped(one: _Judged, others: list[_Judged]) -> _Judged:
    if one.fate is not Fate.REMOVED:
        return one
    for other in others:
        if other.fate in _STAYING and _needs(other, one):
            why = f"{other.called} {'stays' if other.fate is Fate.STAYS else 'cannot go'} and needs it"
            ways = tuple(way.of(other.names) for way in _released(other)) or other.ways
            return replace(one, fate=Fate.STOPS, why=why, ways=(*ways, *one.kind.by_hand))
    return one


_BY_NAME = {
    (KEY_VAULT_CONNECTION.name, CREDENTIAL.name): "connection",
    (CREDENTIAL.name, SCAN.name): "properties",
    (COLLECTION.name, DATA_SOURCE.name): "collection",
    (COLLECTION.name, SCAN.name): "collection",
    (COLLECTION.name, COLLECTION.name): "parent",
}
"""Which field of the second kind names one of the first, which Purview therefore keeps."""
_BELOW = ((DATA_SOURCE.name, SCAN.name), (SCAN.name, TRIGGER.name))
"""Of which kind something must be gone before what it stands below can go."""


def _needs(staying: _Judged, going: _Judged) -> bool:
    """Whether what stays keeps what goes (docs/troubleshooting.md, in-use and collection-in-use)."""
    said, gone = staying.recorded.outputs, going.recorded.outputs
    if said.get("account_id") != gone.get("account_id"):
        return False
    if (going.key, staying.key) in _BELOW:
        return _is_below(staying.recorded.id, going.recorded.id)
    field = _BY_NAME.get((going.key, staying.key), "")
    return bool(field) and _mentions(said.get(field), gone.get("name"))


def _mentions(value: Any, name: Any) -> bool:
    """Whether a name stands anywhere in a value: in which place, only the connector's profile knows."""
    if is_object(value):
        return any(_mentions(member, name) for member in value.values())
    if is_list(value):
        return any(_mentions(member, name) for member in value)
    return bool(value == name)
