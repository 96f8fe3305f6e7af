"""The whole chain of a tenant as it is now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta  # noqa: TC003  # a field's type
from typing import TYPE_CHECKING

from purview_ai.inspection import account, governance, grants, keys, objects, records, runs, vault
from purview_ai.inspection.records import Search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.finding import Finding
    from purview_ai.inspection.inspector import Link


@dataclass(frozen=True)
class Limits:
    """How far a look goes."""

    stale_after: timedelta | None = None
    """When a success is too old; None leaves that to the schedule."""
    search: Search = field(default_factory=Search)
    """How the audit log is searched."""


def chain(estate: Estate, limits: Limits) -> list[Link]:
    """All links, from the account to the records that arrive, and what is declared around them."""
    settings = estate.settings
    links: list[Link] = []
    if settings.captured:
        links.append(account.present(estate))
        links += [grants.held(estate, role) for role in grants.wished_roles(estate)]
    if settings.keys:
        links.append(vault.reachable(estate))
    read = dict.fromkeys(settings.keys[source].secret for source in settings.captured)
    links += [vault.readable(estate, secret) for secret in read]
    if settings.captured:
        links.append(objects.connection(estate))
    for source in settings.sources:
        links += _of_source(estate, source, limits.stale_after)
        # What no command can ever look at is no link.
        if estate.azure.cloud.audit_search:
            links.append(records.arriving(estate, source, limits.search))
    return [*links, *governance.links(estate)]


def not_looked_at(estate: Estate) -> list[str]:
    """What belongs to the chain, cannot be looked at where the tenant is, and what shows it instead."""
    if estate.azure.cloud.audit_search:
        return []
    told = (
        f"Whether audit records arrive is not looked at: Microsoft Graph has no audit search in the cloud "
        f"{estate.azure.cloud.name}. Purview portal > Solutions > Audit shows it, and so does activity explorer."
    )
    return [told]


def _of_source(estate: Estate, source: str, stale_after: timedelta | None) -> list[Link]:
    with_key = source in estate.settings.keys
    found = [keys.kept(estate, source), keys.lasting(estate, source)] if with_key else []
    if source not in estate.settings.captured:
        return found
    found += [keys.credential(estate, source), objects.data_source(estate, source), objects.scan(estate, source)]
    trigger = objects.trigger(estate, source)
    return [*found, *([trigger] if trigger else []), runs.succeeding(estate, source, stale_after)]


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """The same findings, what is broken before what is not; among equals in the order of the chain.

    A link that was not looked at because another one is broken comes after that one.
    """
    return sorted(findings, key=lambda finding: -finding.verdict.badness)
