"""What a worker is told, and what it tells: one line of JSON each."""

from __future__ import annotations

from purview_ai.fleet.held import Engine
from purview_ai.fleet.order import Operation
from purview_ai.fleet.results import StackResult, Told


class Job(Told):
    """One operation on one stack."""

    stack: str
    operation: Operation
    project: str
    """The project's folder."""
    plan: str = ""
    """The file that a preview saves its plan in, and that an update keeps to."""
    expect_no_changes: bool = False
    policy_packs: tuple[str, ...] = ()
    policy_pack_configs: tuple[str, ...] = ()
    backend: str = ""
    """The URL of the stack's own backend; empty: the one that the environment or the login says."""
    wait_s: float = 0.0
    """For so long somebody else's work on the stack is waited for."""
    before: Engine | None = None
    """The run's last engine on the stack, whose lock is taken away where it has died."""


class Command(Told):
    """To a worker: a job, or to end the one that goes on."""

    job: Job | None = None
    cancel: bool = False


class Report(Told):
    """From a worker: how far it is, or how it ended."""

    steps: int = 0
    """So many resources are done."""
    at: str = ""
    """The one that it is at."""
    engine: Engine | None = None
    """Which engine is at work, once it holds the stack's lock."""
    result: StackResult | None = None
