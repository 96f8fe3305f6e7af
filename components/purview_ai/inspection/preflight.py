"""Everything that a deployment of a tenant needs, looked at before anything is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.inspection import account, deployer, grants, members, names, sign_in, vault, vendor_key
from purview_ai.inspection.keys import before_the_vault, kept, lasting
from purview_ai.settings.vault import PurviewReads

if TYPE_CHECKING:
    from collections.abc import Callable

    from purview_ai.inspection.estate import Estate
    from purview_ai.inspection.inspector import Link


def needed(estate: Estate, key_of: Callable[[str], str], *, user_names: bool) -> list[Link]:
    """All links. ``key_of`` gives a source's key; ``user_names`` tells who cannot be captured."""
    settings = estate.settings
    links = [*sign_in.links(estate), *deployer.links(estate)]
    if settings.captured:
        domain = account.domain(estate)
        links += [account.found(estate), account.endpoint(estate), *([domain] if domain else [])]
        links.append(account.collection(estate))
        for role in grants.wished_roles(estate):
            links += [grants.offered(estate, role), grants.given(estate, role)]
    if settings.keys:
        links.append(vault.before(estate))
    if settings.captured and settings.vault.reading is PurviewReads.EXPECTED:
        read = dict.fromkeys(settings.keys[source].secret for source in settings.captured)
        links += [vault.readable(estate, secret) for secret in read]
    for source, key in settings.keys.items():
        about = [
            vendor_key.works(estate, source, key_of),
            members.captured(estate, source, key_of, names=user_names),
        ]
        if not key.from_config:
            about = [before_the_vault(one, estate) for one in (kept(estate, source), lasting(estate, source), *about)]
        links += about
    return [*links, *(names.links(estate) if settings.captured else [])]
