"""``/account/domains``: the parts of an account that stand beside each other (docs/facts.md, purview 2.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_azure.call import Answer, Call, JsonObject, Operation, require_version
from local_azure.errors import ServiceError
from local_azure.purview.accounts import (
    COLLECTION_ADMIN,
    READING,
    Collection,
    PurviewAccount,
    account_of,
    path_of,
    require_collection_name,
    require_role,
)
from local_azure.purview.pages import paged
from local_azure.store import Document

if TYPE_CHECKING:
    from local_azure.azure import Azure

WRITTEN_WITH = ("2023-12-01-preview",)
READ_WITH = ("2023-10-01-preview", *WRITTEN_WITH)
LIMIT = 5
"""The default one counts (docs/facts.md, purview 2.10)."""


class Domain(Document):
    """A domain; the account's default one is there without ever being made."""

    account: str
    name: str
    friendly_name: str
    description: str = ""
    created: str
    modified: str

    @property
    def key(self) -> str:
        """The account and the name."""
        return f"{self.account}/{self.name}"


def domains_of(azure: Azure, account: PurviewAccount) -> list[Domain]:
    """An account's domains, the default one first."""
    kept = [domain for domain in azure.store.all(Domain) if domain.account == account.name]
    if any(domain.name == account.default_domain for domain in kept):
        return kept
    default = Domain(
        account=account.name,
        name=account.default_domain,
        friendly_name=account.name,
        created=account.created,
        modified=account.created,
    )
    return [default, *kept]


def find_domain(azure: Azure, account: PurviewAccount, name: str) -> Domain | None:
    """A domain by its name, which ignores case as all of Azure does."""
    return next((one for one in domains_of(azure, account) if one.name.lower() == name.lower()), None)


def domain_of(azure: Azure, account: PurviewAccount, collection: str) -> str:
    """The domain that a collection lies in: what stands above its topmost one, which the root lacks."""
    [*_, top] = path_of(azure, account, collection) or [account.name]
    found = azure.store.get(Collection, f"{account.name}/{top}")
    return (found.parent if found else None) or account.default_domain


def _shown(domain: Domain) -> JsonObject:
    return {
        "name": domain.name,
        "friendlyName": domain.friendly_name,
        "description": domain.description,
        "containerType": "Domain",
        "provisioningState": "Succeeded",
        "systemData": {"createdAt": domain.created, "lastModifiedAt": domain.modified},
    }


def list_domains(call: Call) -> Answer:
    """``GET /account/domains``."""
    require_version(call, READ_WITH)
    account = require_role(call, READING)
    return paged(call, account, [_shown(domain) for domain in domains_of(call.azure, account)])


def get_domain(call: Call) -> Answer:
    """``GET /account/domains/{name}``."""
    require_version(call, READ_WITH)
    found = find_domain(call.azure, require_role(call, READING), call.params["name"])
    if found is None:
        raise ServiceError(404, "ResourceNotFound", f"The domain {call.params['name']} was not found.")
    return Answer(200, _shown(found))


def put_domain(call: Call) -> Answer:
    """``PUT``: create or replace; five at most."""
    require_version(call, WRITTEN_WITH)
    name, rules = call.params["name"], call.azure.rules
    account = require_role(call, (COLLECTION_ADMIN,), account_of(call).name)
    before = find_domain(call.azure, account, name)
    if before is None:
        require_collection_name(call.azure, name)
        if call.azure.store.get(Collection, f"{account.name}/{name}") is not None:
            raise ServiceError(409, "NameInUse", f"A collection is called {name} already.")
        if len(domains_of(call.azure, account)) >= LIMIT and rules.on("five-domains"):
            raise ServiceError(409, "DomainLimitExceeded", f"An account has {LIMIT} domains at most.")
    now = call.azure.now()
    made = Domain(
        account=account.name,
        name=before.name if before else name,
        friendly_name=str(call.body.get("friendlyName") or name),
        description=str(call.body.get("description") or ""),
        created=before.created if before else now,
        modified=now,
    )
    call.azure.store.put(made)
    return Answer(200, _shown(made))


OPERATIONS = [
    Operation("GET", "/account/domains", list_domains),
    Operation("GET", "/account/domains/{name}", get_domain),
    Operation("PUT", "/account/domains/{name}", put_domain),
]
