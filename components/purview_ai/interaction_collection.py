"""The collection that interactions belong to, and who may work in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from purview_ai.datamap.policy import CollectionRole as Role
from purview_ai.dynamic.resources import Collection, CollectionRole

if TYPE_CHECKING:
    from purview_ai.settings.purview import PurviewSettings

DEPLOYER_ROLES = (Role.DATA_SOURCE_ADMINISTRATOR, Role.PURVIEW_READER)
"""What registering a source and scanning it need (docs/facts.md, purview 2.11)."""


class InteractionCollection(pulumi.ComponentResource):
    """An existing collection, or one that the stack makes, and roles on it that come before all that needs them."""

    collection: str
    """The collection's short name."""

    def __init__(
        self,
        name: str,
        *,
        tenant: str,
        account_id: str,
        purview: PurviewSettings,
        deployer_id: str,
        release: tuple[str, ...] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the collection where it shall be made, and give the roles.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of.
            account_id: The Purview account's ARM id.
            purview: The collection, and who gets which role.
            deployer_id: The object id of the identity that deploys.
            release: Objects that were there before and that destroy shall remove, by their names in Purview.
            opts: Pulumi's options.
        """
        super().__init__("purview-ai:index:InteractionCollection", name, None, opts)
        self._name, self._tenant, self._account_id = name, tenant, account_id
        self._release = release
        self.collection = purview.collection.name
        needed: list[pulumi.Resource] = []
        root = account_id.rsplit("/", 1)[-1]
        if purview.bootstrap_admin:
            needed.append(self._role(Role.COLLECTION_ADMINISTRATOR, deployer_id, root, needed, bootstrap=True))
        if purview.collection.create:
            needed.append(self._made(purview, root, needed))
        wanted = [(role, deployer_id) for role in DEPLOYER_ROLES if purview.deployer_access]
        wanted += [(role, holder) for role, holders in purview.roles.items() for holder in holders]
        given: set[tuple[Role, str, str]] = set()
        if purview.bootstrap_admin:
            given.add((Role.COLLECTION_ADMINISTRATOR, deployer_id.lower(), root))
        for role, holder in wanted:
            # Who is named twice gets it once; ids do not tell small letters from capitals.
            once = (role, holder.lower(), self.collection)
            if once not in given:
                given.add(once)
                self._role(role, holder, self.collection, needed)
        self.register_outputs({"collection": self.collection})

    def _made(self, purview: PurviewSettings, root: str, needed: list[pulumi.Resource]) -> Collection:
        wanted = purview.collection
        return Collection(
            f"{self._name}-collection",
            tenant=self._tenant,
            account_id=self._account_id,
            name=wanted.name,
            friendly_name=wanted.friendly_name or wanted.name,
            description=wanted.description or "",
            parent=wanted.parent or purview.domain or root,
            adopt=wanted.adopt,
            release=wanted.name in self._release,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(needed)),
        )

    def _role(
        self, role: Role, holder: str, collection: str, needed: list[pulumi.Resource], *, bootstrap: bool = False
    ) -> CollectionRole:
        return CollectionRole(
            f"{self._name}-{collection}-{role}-{holder}",
            tenant=self._tenant,
            account_id=self._account_id,
            collection=collection,
            role=role.value,
            principal_id=holder,
            bootstrap=bootstrap,
            release=collection in self._release,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(needed)),
        )
