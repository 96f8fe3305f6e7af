"""Collections' policies as somebody beside the product reads and writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_azure import seed
from people import PURVIEW

if TYPE_CHECKING:
    from people import Person

STORE = {"api-version": "2021-07-01"}


def policy(operator: Person, name: str = seed.COLLECTION) -> dict[str, Any]:
    """A collection's policy."""
    listed = operator.get(f"{PURVIEW}/policystore/metadataPolicies", collectionName=name, **STORE)
    return listed["values"][0]


def put(operator: Person, wanted: dict[str, Any]) -> None:
    """Write a policy, whoever else does."""
    operator.do("PUT", f"{PURVIEW}/policystore/metadataPolicies/{wanted['id']}", params=STORE, json=wanted)
