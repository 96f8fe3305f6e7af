"""What to do about the refusals of Azure and of a vault, where a secret is at stake."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from purview_ai.calls.speaking import PAGE, remedy_by_status
from purview_ai.vaults.client import VAULT_SERVICE

if TYPE_CHECKING:
    from purview_ai.objects.failures import RefusedError


def remedy_for(refusal: RefusedError, kind: str) -> str:
    """What to do about a refusal, by its status and by who refused."""
    del kind
    text, anchor = _by_status(refusal)
    return f"{text}\n  {PAGE}#{anchor}"


def _by_status(refusal: RefusedError) -> tuple[str, str]:
    if refusal.status == HTTPStatus.FORBIDDEN and refusal.service == VAULT_SERVICE:
        return (
            (
                "Deleting a secret, or taking a deleted one back, is a call to the vault itself: it needs the role Key "
                "Vault Secrets Officer (vault.deployer_access: true gives it) and a way through the vault's firewall "
                "(vault.allow_from). A role that was given minutes ago may not be seen yet."
            ),
            "secret-access",
        )
    if refusal.status == HTTPStatus.FORBIDDEN:
        return (
            "The identity that deploys needs Contributor, or Key Vault Contributor, on the vault's resource group.",
            "secret-access",
        )
    if refusal.status == HTTPStatus.NOT_FOUND:
        return "The vault is not there: if somebody removed it, run pulumi refresh, then preview again.", "moved-on"
    return remedy_by_status(refusal)
