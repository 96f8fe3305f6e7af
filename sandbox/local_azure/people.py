"""Who is in the seeded directory: most of those who talk to ChatGPT, some of them unlike the others, and some more."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from local_azure.users import EXCHANGE_PLAN, OFFICE_PLAN, AssignedPlan, Capability, User

if TYPE_CHECKING:
    from local_azure.azure import Azure

DOMAIN = "contoso.example"
SPEAKERS = 37
"""Users of the ChatGPT workspace: ``user00`` to ``user36``."""
IN_CAPITALS = "User04@Contoso.example"
"""Written like this in the directory, and in small letters by the vendor."""
RENAMED = "heidi.keller@contoso.example"
"""``user05`` of the vendor, whose old address is left as a further one."""
BY_MAIL = "p.ortiz@contoso.example"
"""``user06`` of the vendor, whose mail address is not the name to sign in with."""
DISABLED = "user07@contoso.example"
"""May not sign in any more, and has a mailbox."""
WITHOUT_MAILBOX: dict[str, Capability | None] = {
    f"user31@{DOMAIN}": None,
    f"user32@{DOMAIN}": None,
    f"user33@{DOMAIN}": "Deleted",
}
"""In the directory, without an Exchange plan or with one that was taken away."""
NOT_IN_THE_DIRECTORY = tuple(f"user{number}@{DOMAIN}" for number in (34, 35, 36))
SILENT = tuple(f"office{number}@{DOMAIN}" for number in range(5))
"""In the directory with a mailbox, and never seen by the vendor."""
GUEST = "partner_fabrikam.example#EXT#@contoso.example"
_ASSIGNED = "2025-03-01T08:00:00Z"
_NAMESPACE = uuid.UUID("6d1f5a0c-0b8e-4b0e-9a55-0a7c51ab6e11")


class Somebody(BaseModel):
    """A user in few words; by default with a mailbox at the name to sign in with."""

    model_config = ConfigDict(extra="forbid")

    principal_name: str
    mail: str | None = None
    others: list[str] = Field(default_factory=list[str])
    """Further addresses."""
    enabled: bool = True
    exchange: Capability | None = "Enabled"
    """What has become of the Exchange plan; None for somebody who never had one."""
    guest: bool = False

    def user(self, tenant: str) -> User:
        """The user in a tenant's directory; the same name has the same object id."""
        address = self.mail or (self.principal_name if self.exchange else None)
        primary = [f"SMTP:{address}"] if address else []
        plans = {"MicrosoftOffice": (OFFICE_PLAN, "Enabled"), "exchange": (EXCHANGE_PLAN, self.exchange)}
        return User(
            id=str(uuid.uuid5(_NAMESPACE, self.principal_name.lower())),
            tenant_id=tenant,
            principal_name=self.principal_name,
            display_name=self.principal_name.partition("@")[0],
            mail=address,
            proxy_addresses=[*primary, *(f"smtp:{one}" for one in self.others)],
            enabled=self.enabled,
            kind="Guest" if self.guest else "Member",
            plans=[
                AssignedPlan.model_validate(
                    {"service": service, "plan": plan, "capability": capability, "assigned": _ASSIGNED}
                )
                for service, (plan, capability) in plans.items()
                if capability is not None
            ],
        )


def seed_people(azure: Azure, tenant: str) -> None:
    """Fill the directory with people."""
    plain = [f"user{number:02}@{DOMAIN}" for number in range(SPEAKERS)]
    there = {name: Somebody(principal_name=name) for name in plain if name not in NOT_IN_THE_DIRECTORY}
    there |= {
        plain[4]: Somebody(principal_name=IN_CAPITALS),
        plain[5]: Somebody(principal_name=RENAMED, others=[plain[5]]),
        plain[6]: Somebody(principal_name=BY_MAIL, mail=plain[6]),
        plain[7]: Somebody(principal_name=DISABLED, enabled=False),
    }
    for name, exchange in WITHOUT_MAILBOX.items():
        there[name] = Somebody(principal_name=name, exchange=exchange)
    silent = [Somebody(principal_name=name) for name in SILENT]
    guest = Somebody(principal_name=GUEST, mail="partner@fabrikam.example", exchange=None, guest=True)
    azure.store.put(*(one.user(tenant) for one in (*there.values(), *silent, guest)))
