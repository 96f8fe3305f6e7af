"""Entra groups for the people who run this, and the directory roles that they hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pulumi
import pulumi_azuread as azuread

from purview_ai import explained
from purview_ai.app_grants import directory_provider

if TYPE_CHECKING:
    from collections.abc import Iterable

    from purview_ai.identity import AzureSettings
    from purview_ai.settings.people import DirectoryRole, GroupSettings, PeopleSettings


class PeopleGroups(pulumi.ComponentResource):
    """Security groups with exactly the people that the settings name."""

    group_ids: dict[str, pulumi.Output[str]]
    """The groups' object ids, by their names in the settings."""

    def __init__(
        self,
        name: str,
        *,
        tenant: str,
        settings: PeopleSettings,
        azure: AzureSettings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make groups, and give them their roles.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of.
            settings: Which groups, with whom in them and with which roles.
            azure: How the stack signs in.
            opts: Pulumi's options.
        """
        directory = pulumi.ResourceOptions(providers=directory_provider(name, azure, opts))
        super().__init__("purview-ai:index:PeopleGroups", name, None, pulumi.ResourceOptions.merge(opts, directory))
        self._name, self._tenant = name, tenant
        self.group_ids = {}
        for key, wished in settings.groups.items():
            self.group_ids[key] = self._group(key, wished).object_id
            for role in wished.directory_roles:
                self._give(key, wished, role)
        self.register_outputs({})

    def warn_where_exempt(self, exempt: Iterable[str]) -> None:
        """Warn of a group that a Conditional Access policy leaves out by its object id.

        A group that gets its first directory role or loses its last is made anew under another id, and the policy would
        go on sparing nobody. Ids are known once a group is there, so the preview of the first deployment says nothing.
        """
        known = {one.lower() for one in exempt}

        def warn(key: str, object_id: str) -> None:
            if object_id.lower() in known:
                told = (
                    f"{self._tenant}: governance.conditional_access.break_glass.groups names people.groups.{key}, "
                    f"which this stack makes ({object_id}): made anew, it has another id, and the policy spares "
                    "nobody; name a group that others look after"
                )
                pulumi.log.warn(told, self)

        for key, object_id in self.group_ids.items():
            object_id.apply(partial(warn, key))

    def _group(self, key: str, wished: GroupSettings) -> azuread.Group:
        happened = f'group "{wished.display_name}" was not made or changed'
        return azuread.Group(
            f"{self._name}-{key}",
            display_name=wished.display_name,
            description=wished.description or None,
            security_enabled=True,
            assignable_to_role=wished.for_roles,
            owners=list(wished.owners),
            members=list(wished.members),
            # Two of one name cannot be told apart where somebody puts the group into a role group.
            prevent_duplicate_names=True,
            opts=self._below(f"{self._name}-{key}", happened),
        )

    def _give(self, key: str, wished: GroupSettings, role: DirectoryRole) -> None:
        called = f"{self._name}-{key}-{role.value.lower().replace(' ', '-')}"
        azuread.DirectoryRoleAssignment(
            called,
            principal_object_id=self.group_ids[key],
            role_id=role.role_id,
            opts=self._below(called, f'directory role {role.value} was not given to group "{wished.display_name}"'),
        )

    def _below(self, name: str, happened: str) -> pulumi.ResourceOptions:
        told = explained.on_failure(name, self._tenant, happened, explained.PEOPLE, self)
        # A group that must be made anew frees its name first.
        return pulumi.ResourceOptions(
            parent=self, delete_before_replace=True, hooks=pulumi.ResourceHookBinding(on_error=[told])
        )
