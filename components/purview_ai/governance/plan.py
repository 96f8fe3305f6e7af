"""Every capability of a tenant's apps, whether it is wished for, and the way to it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from purview_ai.apps.way import Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from purview_ai.apps.app import App
    from purview_ai.apps.capability import Cell
    from purview_ai.apps.way import Way
    from purview_ai.settings.tenant import TenantSettings


@dataclass(frozen=True)
class Planned:
    """One capability of one app."""

    app: str
    """The app's title."""
    capability: str
    title: str
    answer: str
    """Whether Purview has it: yes, no, not stated."""
    reason: str
    """Why not."""
    document: str
    wished: tuple[str, ...]
    """The sources that wish for it."""
    way: Way | None
    """None where there is nothing to bring into force."""
    asked: bool
    """Whether the stack file has the way's setting."""
    needs: tuple[str, ...]
    """What must be there before, as a person calls it."""
    shown_by: tuple[str, ...]
    """The links of verify that show it."""

    def as_json(self) -> dict[str, Any]:
        """Ready for machines."""
        return {**asdict(self), "way": self.way.model_dump(mode="json") if self.way else None}


def plan_of(settings: TenantSettings) -> list[Planned]:
    """All of them, app by app."""
    sources: dict[str, list[str]] = {}
    for name, source in settings.sources.items():
        sources.setdefault(source.app, []).append(name)
    return [
        planned
        for names in sources.values()
        for planned in _of(settings.sources[names[0]].application, names, settings)
    ]


def _of(app: App, sources: list[str], settings: TenantSettings) -> Iterator[Planned]:
    for name, cell in {**app.capabilities, **app.around}.items():
        yield _planned(app, name, cell, settings, sources)


def _planned(app: App, name: str, cell: Cell, settings: TenantSettings, sources: list[str]) -> Planned:
    wished = tuple(source for source in sources if name in settings.sources[source].capabilities)
    way = app.ways.get(name)
    shown_by = links_of(way, settings, sources) if way else ()
    document = str(app.document_of(cell))
    return Planned(
        app=app.title,
        capability=name,
        title=cell.title,
        answer=cell.answer.value,
        reason=cell.reason,
        document=document,
        wished=wished,
        way=way,
        asked=way is not None and way.setting != "" and settings.asks_for(way.setting),
        needs=tuple(map(app.called, way.needs)) if way else (),
        shown_by=shown_by,
    )


def links_of(way: Way, settings: TenantSettings, sources: Iterable[str]) -> tuple[str, ...]:
    """The links of verify that show it of these sources: what no stack file declares, or puts in force, has none."""
    if way.route is Route.DECLARED and not settings.puts_in_force(way.setting):
        return ()
    found = [link for source in sources for link in _links_of(way, settings, source)]
    return tuple(dict.fromkeys(found))


_SEARCH = "{search}"


def _links_of(way: Way, settings: TenantSettings, source: str) -> list[str]:
    if lacks_search(way, settings, source):
        return []
    searches = _searches(settings, source)
    return [
        link.format(source=source, search=search)
        for link in way.shown_by
        for search in (searches if _SEARCH in link else [""])
    ]


def lacks_search(way: Way, settings: TenantSettings, source: str) -> bool:
    """Whether it takes a search for the source's app that the stack file does not have: a case alone finds nothing."""
    return any(_SEARCH in link for link in way.shown_by) and not _searches(settings, source)


def _searches(settings: TenantSettings, source: str) -> list[str]:
    """The searches for what a source's app was asked and answered."""
    wished = settings.governance.ediscovery if settings.governance else None
    searches = wished.searches.items() if wished else ()
    return [name for name, search in searches if search.app == settings.sources[source].app]
