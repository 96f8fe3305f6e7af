"""All rules, in the order in which people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from purview_policy.app_roles import KNOWN_APP_ROLES
from purview_policy.conditional_access import EXCLUSIONS
from purview_policy.names import NAMES
from purview_policy.protection import NO_RESCAN, PROTECTED
from purview_policy.secrets import OUTPUTS, PLAIN_SECRETS
from purview_policy.service_principals import FIRST_PARTY
from purview_policy.tags import REQUIRED_TAGS
from purview_policy.vaults import ACCESS_MODEL, FIREWALL, PURGE_PROTECTION

if TYPE_CHECKING:
    from purview_policy.rule import Rule

RULES: tuple[Rule[Any], ...] = (
    PURGE_PROTECTION,
    ACCESS_MODEL,
    FIREWALL,
    PLAIN_SECRETS,
    OUTPUTS,
    KNOWN_APP_ROLES,
    FIRST_PARTY,
    EXCLUSIONS,
    PROTECTED,
    NO_RESCAN,
    REQUIRED_TAGS,
    NAMES,
)
