"""Triggers: when a scan runs by itself. A scan has one, and it is always called ``default``."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.datamap.object_kind import ObjectKind
from purview_ai.datamap.speaking import Speaking
from purview_ai.datamap.wishes import TRIGGER_STATE, TriggerWish
from purview_ai.json_values import take_from
from purview_ai.objects.failures import RefusedError
from purview_ai.objects.lifecycle import changes
from purview_ai.objects.wish import put_at

if TYPE_CHECKING:
    from purview_ai.datamap.client import DataMap, DataMaps
    from purview_ai.datamap.wishes import DataMapWish
    from purview_ai.json_values import JsonObject
    from purview_ai.objects.lifecycle import Record


@dataclass(frozen=True)
class TriggerKind(ObjectKind):
    """A kind whose objects are enabled and disabled by operations of their own."""

    def _save(self, there: DataMap, wanted: DataMapWish, body: JsonObject, found: JsonObject | None) -> None:
        if found is None:
            # A trigger that shall not run must not be enabled for a moment either.
            put_at(body, TRIGGER_STATE, _state(wanted))
        super()._save(there, wanted, body, found)
        if take_from(there.made[self._path(wanted)], TRIGGER_STATE) != _state(wanted):
            self._switch(there, wanted)

    def _switch(self, there: DataMap, wanted: DataMapWish) -> None:
        there.post(f"{self._path(wanted)}:{'enable' if _state(wanted) == 'Enabled' else 'disable'}")

    def _switch_known(self, there: DataMap, wanted: DataMapWish) -> None:
        try:
            self._switch(there, wanted)
        except RefusedError as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND and there.get(self._path(wanted)) is None:
                raise self._moved_on(wanted, None) from refusal
            raise

    def update(self, api: DataMaps, recorded: JsonObject, wish: JsonObject) -> Record:
        """See :class:`~purview_ai.objects.lifecycle.Lifecycle`."""
        if [name for name in changes(self.wish, recorded, wish) if name != "release"] == ["enabled"]:
            wanted = self.wish.model_validate(wish)
            with Speaking(self.name, wanted, "was not switched"):
                self._switch_known(api.of(wanted.account_id), wanted)
        return super().update(api, recorded, wish)


def _state(wanted: DataMapWish) -> str:
    return "Enabled" if isinstance(wanted, TriggerWish) and wanted.enabled else "Disabled"
