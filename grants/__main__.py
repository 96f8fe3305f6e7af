"""The app roles of one Purview account's identity."""

from purview_ai import AccountGrants, settings

AccountGrants("account", settings.of_grants_stack())
