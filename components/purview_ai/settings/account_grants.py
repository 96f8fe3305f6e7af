"""The app roles of one Purview account's identity, where a program of their own gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pydantic import Field, ValidationError, field_validator

from purview_ai.directory.app_roles import APP_ROLES
from purview_ai.identity import AzureSettings
from purview_ai.json_values import is_object
from purview_ai.settings.files import NAMESPACE
from purview_ai.settings.grants import AppRolesSettings
from purview_ai.settings.mistakes import Mistake, SettingsError, mistakes_of
from purview_ai.settings.purview import AccountSettings
from purview_ai.settings.stack import azure_native
from purview_ai.settings.surroundings import subscription_of

if TYPE_CHECKING:
    from purview_ai.naming import AccountPlace

GRANTS = "grants"


class AccountGrantsSettings(AccountSettings, AppRolesSettings):
    """Everything that a stack file of ``grants/`` says."""

    release: tuple[str, ...] = Field(
        default=(),
        description="App roles that were there before the stack, by their values, which destroy shall take back.",
        examples=[["User.Read.All"]],
    )

    @field_validator("release")
    @classmethod
    def _app_roles_that_are_known(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        known = [role.value for role in APP_ROLES]
        if unknown := [value for value in given if value not in known]:
            msg = f"there is no app role {unknown[0]} here; known are {', '.join(known)}"
            raise ValueError(msg)
        return given


@dataclass(frozen=True)
class AccountGrantsStack:
    """The grants of an account as a stack file has them."""

    name: str
    """The stack's name."""
    settings: AccountGrantsSettings
    place: AccountPlace | None
    azure: AzureSettings


def read() -> AccountGrantsStack:
    """The settings of the current stack; ends the program with every mistake that they hold."""
    name = pulumi.get_stack()
    azure = AzureSettings.of(azure_native)
    subscription, mistakes = subscription_of(azure)
    try:
        settings, wrong = AccountGrantsSettings.model_validate(_block()), list[Mistake]()
    except ValidationError as error:
        settings, wrong = None, mistakes_of(error, AccountGrantsSettings)
    if settings is None or mistakes or wrong:
        raise pulumi.RunError(str(SettingsError(name, [*mistakes, *wrong])))
    for warning in settings.warnings():
        pulumi.log.warn(f"{name}: {warning}")
    return AccountGrantsStack(name, settings, settings.place(subscription), azure)


def _block() -> object:
    try:
        block = pulumi.Config(NAMESPACE).get_object(GRANTS)
    except pulumi.ConfigTypeError:
        block = None
    return block if is_object(block) else {}
