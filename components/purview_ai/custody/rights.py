"""What somebody may do in a vault, in either of a vault's two models (docs/facts.md, graph 2.1)."""

from __future__ import annotations

from enum import Enum


class Right(Enum):
    """What somebody may do: a built-in role, and the words of an access policy that come nearest."""

    READ = ("4633458b-17de-408a-b874-0445c86b69e6", ("get", "list"), ())
    """Key Vault Secrets User."""
    MANAGE = ("b86a8fe4-44ce-4948-aee5-eccb2c155cd7", ("get", "list", "set", "delete", "recover"), ())
    """Key Vault Secrets Officer."""
    ADMINISTER = ("00482a5a-887f-4fb3-b363-3b7fe8e74483", ("all",), ("all",))
    """Key Vault Administrator."""

    def __init__(self, role_id: str, secrets: tuple[str, ...], others: tuple[str, ...]) -> None:
        """The role's id, and the permissions for secrets and for keys and certificates."""
        self.role_id = role_id
        self.secrets = secrets
        self.others = others
