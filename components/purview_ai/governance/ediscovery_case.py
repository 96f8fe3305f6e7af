"""A case of eDiscovery with the searches that find what AI apps were asked and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from purview_ai.dynamic.resources import Case, Search

if TYPE_CHECKING:
    from purview_ai.settings.ediscovery import EdiscoverySettings


class EdiscoveryCase(pulumi.ComponentResource):
    """One case and its searches. They stay when the stack goes, unless the settings say otherwise."""

    def __init__(
        self,
        name: str,
        *,
        tenant: str,
        settings: EdiscoverySettings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """See that a case and its searches are there.

        Args:
            name: The component's name in the stack.
            tenant: Whom messages speak of.
            settings: The case, its searches, and what becomes of them.
            opts: Pulumi's options.
        """
        super().__init__("purview-ai:index:EdiscoveryCase", name, None, opts)
        case_stays = settings.stays(settings.case.name)
        case = Case(
            f"{name}-case",
            tenant=tenant,
            name=settings.case.name,
            description=settings.case.description,
            number=settings.case.number,
            adopt=settings.adopt,
            keep=case_stays,
            release=settings.case.name in settings.release,
            # The engine itself lets go of it then, and each preview of a removal says so.
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=case_stays),
        )
        for key, search in settings.searches.items():
            Search(
                f"{name}-search-{key}",
                tenant=tenant,
                case=settings.case.name,
                name=key,
                description=search.description,
                query=search.kql,
                scopes=list(search.scopes),
                adopt=settings.adopt,
                keep=settings.stays(key),
                release=key in settings.release,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[case], retain_on_delete=settings.stays(key)),
            )
        self.register_outputs({})
