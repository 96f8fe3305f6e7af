"""ChatGPT Enterprise under Microsoft Purview, declared with Pulumi: one stack file per tenant."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from purview_ai.account_grants import AccountGrants
    from purview_ai.alerts import Alerts
    from purview_ai.app_grants import AppRoleGrants
    from purview_ai.custody.key_custody import KeyCustody
    from purview_ai.diagnostics import Diagnostics
    from purview_ai.governance.conditional_access import InsiderRiskAccess
    from purview_ai.governance.ediscovery_case import EdiscoveryCase
    from purview_ai.governance.people import PeopleGroups
    from purview_ai.interaction_collection import InteractionCollection
    from purview_ai.interaction_source import InteractionSource
    from purview_ai.pipelines import Pipelines
    from purview_ai.purview_account import PurviewAccount
    from purview_ai.tenant import TenantOnboarding

__all__ = [
    "AccountGrants",
    "Alerts",
    "AppRoleGrants",
    "Diagnostics",
    "EdiscoveryCase",
    "InsiderRiskAccess",
    "InteractionCollection",
    "InteractionSource",
    "KeyCustody",
    "PeopleGroups",
    "Pipelines",
    "PurviewAccount",
    "TenantOnboarding",
]

_HOMES = {
    "AccountGrants": "account_grants",
    "Alerts": "alerts",
    "AppRoleGrants": "app_grants",
    "Diagnostics": "diagnostics",
    "EdiscoveryCase": "governance.ediscovery_case",
    "InsiderRiskAccess": "governance.conditional_access",
    "InteractionCollection": "interaction_collection",
    "InteractionSource": "interaction_source",
    "KeyCustody": "custody.key_custody",
    "PeopleGroups": "governance.people",
    "Pipelines": "pipelines",
    "PurviewAccount": "purview_account",
    "TenantOnboarding": "tenant",
}


def __getattr__(name: str) -> Any:
    """Load a component when it is first named: the provider's process and the command line need none of them."""
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
