"""Data sources: a workspace is registered once in an account, whatever it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai.datamap.object_kind import ObjectKind
from purview_ai.json_values import is_object
from purview_ai.objects.failures import ObjectError, RefusedError
from purview_ai.objects.sameness import same

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap, DataMaps
    from purview_ai.datamap.wishes import DataMapWish
    from purview_ai.json_values import JsonObject


@dataclass(frozen=True)
class DataSourceKind(ObjectKind):
    """A kind whose objects are looked for by what they stand for, too."""

    def _find(self, there: DataMap, wanted: DataMapWish) -> JsonObject | None:
        """The data source of this name; names ignore case. Another one of the same workspace is an error."""
        fields = wanted.fields()
        holders: list[str] = []
        for found in there.list("/datasources"):
            name = str(found.get("name"))
            if name.lower() == fields["name"].lower():
                return found
            if found.get("kind") == fields["kind"] and self._same_target(wanted, found):
                holders.append(name)
        if holders:
            raise self._held_by(there, wanted, holders[0])
        return None

    def scans(self, api: DataMaps, recorded: JsonObject) -> list[str]:
        """The names of the scans in a data source, whosever they are."""
        known = self._known(recorded)
        return [str(scan.get("name")) for scan in self._there(api, known).list(f"{self._path(known)}/scans")]

    def _remove(self, there: DataMap, known: DataMapWish) -> None:
        """Delete a data source that holds no scan: the stack's own went before it, and others go with it or stop it."""
        scans = [str(scan.get("name")) for scan in there.list(f"{self._path(known)}/scans")]
        if scans:
            raise ObjectError(
                known.tenant,
                f"{self.name} {known.title} was not deleted",
                f"It still holds what is not the stack's: scan {', '.join(scans)}.",
                "Remove that in the Purview portal, or let destroy remove what was taken over: release, with its "
                "name.\n  docs/troubleshooting.md#in-use",
            )
        super()._remove(there, known)

    def _same_target(self, wanted: DataMapWish, found: JsonObject) -> bool:
        declared = wanted.fields()["properties"]
        return (
            bool(declared) and is_object(declared) and same(getattr(wanted.observed(found), "properties", {}), declared)
        )

    def _held_by(self, there: DataMap, wanted: DataMapWish, holder: str) -> ObjectError:
        try:
            scans = [str(scan.get("name")) for scan in there.list(f"/datasources/{holder}/scans")]
        except RefusedError:
            scans = []
        scan = f", scan: {scans[0]}" if len(scans) == 1 else ""
        several = f" (it has the scans {', '.join(scans)}; name one with scan:)" if len(scans) > 1 else ""
        return ObjectError(
            wanted.tenant,
            f"{self.name} {wanted.title} was not created",
            f'This workspace is registered already as "{holder}", and Purview takes each workspace once.',
            f"To take that one over: sources.<name>.adopt: {{data_source: {holder}{scan}}}{several}. "
            "To keep both apart: use another workspace_id.\n"
            "  docs/troubleshooting.md#datasource-duplicate",
        )
