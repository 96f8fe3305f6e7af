"""What ``purview-ai offboard`` tells a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from operate.command_line import said

if TYPE_CHECKING:
    from tenants import Tenant

GOING = ("removed", "soft-deleted")


def offboard(tenant: Tenant, code: int = 0) -> dict[str, Any]:
    """What the command tells a machine; it only ever looks."""
    tenant.azure.forget_requests()
    told = said(tenant, "offboard", "--json")
    assert told.code == code, told.out + told.err
    assert tenant.writes() == []
    return told.json


def objects(told: dict[str, Any], *fates: str) -> set[str]:
    """The ids of what has one of these fates, in small letters."""
    return {one["id"].lower() for one in told["objects"] if one["fate"] in fates}


def left(told: dict[str, Any]) -> set[str]:
    """The ids of what shall be there afterwards, as the inventory has them; a deleted vault hides its secrets."""
    vaults = {
        one["id"].lower() for one in told["objects"] if one["fate"] == "soft-deleted" and one["kind"] == "key vault"
    }
    deleted = {one for one in objects(told, "soft-deleted") if not any(one.startswith(f"{v}/") for v in vaults)}
    return objects(told, "stays") | {f"deleted {one}" for one in deleted}


def named(told: dict[str, Any], resource: str) -> dict[str, Any]:
    """What is said of one resource of the stack."""
    return next(one for one in told["objects"] if one["resource"] == resource)
