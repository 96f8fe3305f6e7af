"""Collections: made, moved and removed in their own time, and kept while something refers to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai.calls.patience import NotYetError
from purview_ai.datamap.object_kind import ObjectKind
from purview_ai.datamap.speaking import Speaking
from purview_ai.json_values import take_from
from purview_ai.objects.failures import ObjectError, RefusedError

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap, DataMaps
    from purview_ai.datamap.wishes import DataMapWish
    from purview_ai.json_values import JsonObject
    from purview_ai.objects.lifecycle import Record

_PROVISIONED_S = 600.0
IN_USE = "12005"
OF_THE_SYSTEM = "1006"
"""Codes of a refused deletion (docs/facts.md, purview 2.10)."""
_REFERENCE = ("properties", "collection", "referenceName")


@dataclass(frozen=True)
class CollectionKind(ObjectKind):
    """A kind whose objects take a while to become what was asked."""

    def _save(self, there: DataMap, wanted: DataMapWish, body: JsonObject, found: JsonObject | None) -> None:
        path = self._path(wanted)
        super()._save(there, wanted, body, found)
        answer = there.made[path]
        if _state(answer) != "Succeeded":
            there.patience.until(lambda: self._require_ready(there, path), _PROVISIONED_S)

    def create(self, api: DataMaps, wish: JsonObject) -> Record:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`. One that was found may be on its way still."""
        made = super().create(api, wish)
        wanted = self.wish.model_validate(wish)
        with Speaking(self.name, wanted, "was not provisioned"):
            there = api.of(wanted.account_id)
            path = self._path(wanted)
            if path not in there.made:
                there.patience.until(lambda: self._require_ready(there, path), _PROVISIONED_S)
        return made

    def _require_ready(self, there: DataMap, path: str) -> None:
        state = _state(there.get(path, self.api) or {})
        name = path.rsplit("/", 1)[-1]
        if state == "Failed":
            says = f"Collection {name} could not be provisioned."
            raise RefusedError(service="Purview", status=200, code=state, message=says, request_id="")
        if state != "Succeeded":
            msg = f"collection {name} is {state}"
            raise NotYetError(msg)

    def _remove(self, there: DataMap, known: DataMapWish) -> None:
        try:
            super()._remove(there, known)
        except RefusedError as refusal:
            if refusal.code == IN_USE:
                raise self._in_use(there, known, refusal) from refusal
            raise

    def _in_use(self, there: DataMap, known: DataMapWish, refusal: RefusedError) -> ObjectError:
        referring = _referring(there, known.fields()["name"])
        listed = ", ".join(referring) or "something that cannot be seen with this identity's roles"
        return ObjectError(
            known.tenant,
            f"{self.name} {known.title} was not deleted",
            str(refusal),
            f"Still in it: {listed}. Remove that, or move it to another collection.\n"
            "  docs/troubleshooting.md#collection-in-use",
        )


def _state(collection: JsonObject) -> str:
    return str(collection.get("collectionProvisioningState") or "Unknown")


def _referring(there: DataMap, collection: str) -> list[str]:
    """What keeps a collection, as far as it can be seen."""
    from purview_ai.datamap.client import ACCOUNT

    found: list[str] = []
    try:
        for source in there.list("/datasources"):
            name = str(source.get("name"))
            if take_from(source, _REFERENCE) == collection:
                found.append(f"data source {name}")
            found += [
                f"scan {scan.get('name')} of data source {name}"
                for scan in there.list(f"/datasources/{name}/scans")
                if take_from(scan, _REFERENCE) == collection
            ]
        found += [
            f"collection {one.get('name')}"
            for one in there.list("/collections", ACCOUNT)
            if take_from(one, ("parentCollection", "referenceName")) == collection
        ]
    except RefusedError:
        pass
    return found
