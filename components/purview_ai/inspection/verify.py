"""The whole chain of a tenant as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.inspection import grants, keys, objects, records, runs, vault

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.inspection.inspector import Link


def chain(estate: Estate, *, stale_after: timedelta | None, search_s: float) -> list[Link]:
    """All links, from the grants to the records that arrive.

    ``stale_after`` says when a success is too old, where the schedule shall not; ``search_s`` for how many seconds
    the end of a search in the audit log is waited for.
    """
    settings = estate.settings
    links: list[Link] = []
    if settings.captured:
        links += [grants.held(estate, role) for role in grants.wished_roles(estate)]
    if settings.keys:
        links.append(vault.reachable(estate))
    read = dict.fromkeys(settings.keys[source].secret for source in settings.captured)
    links += [vault.readable(estate, secret) for secret in read]
    if settings.captured:
        links.append(objects.connection(estate))
    for source in settings.sources:
        links += _of_source(estate, source, stale_after)
        links.append(records.arriving(estate, source, search_s))
    return links


def _of_source(estate: Estate, source: str, stale_after: timedelta | None) -> list[Link]:
    found = [keys.kept(estate, source)] if source in estate.settings.keys else []
    if source not in estate.settings.captured:
        return found
    found += [keys.credential(estate, source), objects.data_source(estate, source), objects.scan(estate, source)]
    trigger = objects.trigger(estate, source)
    return [*found, *([trigger] if trigger else []), runs.succeeding(estate, source, stale_after)]


_ORDER = ("failed", "unknown", "pending", "too early", "passed")


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """The same findings, what is broken before what is not; among equals in the order of the chain.

    A link that was not looked at because another one is broken comes after that one.
    """
    return sorted(findings, key=lambda finding: _ORDER.index(finding.verdict))
