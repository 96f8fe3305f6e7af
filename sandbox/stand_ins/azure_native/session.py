"""What a configured provider works with."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stand_ins.azure_native.arm import Arm
    from stand_ins.azure_native.vault_data import VaultData
    from stand_ins.clouds import Cloud
    from stand_ins.engine_log import EngineLog
    from stand_ins.sign_in import Credential, Settings
    from stand_ins.transport import Transport


@dataclass(frozen=True)
class Session:
    """One configuration of the provider: a subscription, and the services as one application sees them."""

    settings: Settings
    subscription_id: str
    cloud: Cloud
    transport: Transport
    credential: Credential
    arm: Arm
    public_arm: Arm
    """Public ARM, which the cross-tenant look-up asks in every cloud (fact 45)."""
    vaults: VaultData
    log: EngineLog
    group_locations: dict[str, str] = field(default_factory=dict[str, str])
    """Resource groups whose location was looked up, for the life of the process (fact 9)."""
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def reads_after_write(self) -> bool:
        """Whether a write is followed by a read (fact 24)."""
        return not self.settings.flag("skipReadOnUpdate", "ARM_SKIP_READ_ON_UPDATE")
