"""A tenant's settings: one structured block in its stack file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from purview_ai.identity import AzureSettings
    from purview_ai.settings.account_grants import AccountGrantsStack
    from purview_ai.settings.bootstrap_stack import BootstrapStack
    from purview_ai.settings.stack import StackSettings


def of_stack() -> StackSettings:
    """The settings of the stack that is being deployed; ends the program where they are wrong."""
    # Imported here: whoever reads settings outside of a deployment needs no Pulumi.
    from purview_ai.settings import stack

    return stack.read()


def of_grants_stack() -> AccountGrantsStack:
    """The same for the program ``grants/``."""
    from purview_ai.settings import account_grants

    return account_grants.read()


def of_bootstrap_stack() -> BootstrapStack:
    """The same for the program ``bootstrap/``."""
    from purview_ai.settings import bootstrap_stack

    return bootstrap_stack.read()


def azure_of_stack() -> AzureSettings:
    """How the stack that is being deployed signs in, for a component that stands by itself."""
    from purview_ai.identity import AzureSettings
    from purview_ai.settings.stack import azure_native

    return AzureSettings.of(azure_native)
