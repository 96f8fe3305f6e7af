"""Looks at the objects of many stacks at once, so that a slow service holds up nobody else."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from purview_ai.calls.patience import NotYetError
from purview_ai.calls.service import OneSignIn, Service
from purview_ai.calls.speaking import OUR_FAULT, remedy_for_silence, unexpected
from purview_ai.calls.threads import in_seconds, load
from purview_ai.calls.weather import may_pass_again
from purview_ai.datamap.remedies import remedy_for
from purview_ai.drift import azure, entra, own
from purview_ai.drift.change import Drift, Left
from purview_ai.drift.checkpoint import STATE_PAGE, CheckpointError
from purview_ai.drift.gate import Gate
from purview_ai.drift.kinds import called, why_left_out
from purview_ai.drift.sight import NotCoveredError, Sight
from purview_ai.dynamic.families import KIND, TENANT_BLOCK, families
from purview_ai.identity import credential_of
from purview_ai.json_values import take_from
from purview_ai.objects.failures import AZURE, ObjectError, RefusedError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from purview_ai.drift.backend import Backend, Found
    from purview_ai.drift.checkpoint import Recorded
    from purview_ai.identity import AzureSettings
    from purview_ai.json_values import JsonObject

LIMIT_S = 60.0
"""After so long an object counts as one that nobody could look at."""


@dataclass(frozen=True)
class Wanted:
    """A stack to look at, and who looks."""

    stack: str
    azure: AzureSettings


@dataclass(frozen=True)
class Seen:
    """An object that was looked at, or tried to."""

    stack: str
    resource: str
    done: int
    """So many objects of all stacks were, so far."""
    of_all: int
    """Of so many that are known of."""


@dataclass(frozen=True)
class _Unseen:
    why: str
    may_pass_again: bool


def _nobody_waits(reason: str) -> None:
    """Instead of telling a user that something is waited for: who only looks takes the first answer."""
    raise NotYetError(reason)


class _Access:
    """The APIs of one identity, opened when they are first needed."""

    def __init__(self, settings: AzureSettings) -> None:
        credential = OneSignIn(lambda: credential_of(settings))
        self._settings = replace(settings, credential=credential)
        self._credential = credential
        self._families = families()
        self._apis: dict[int, Any] = {}
        cloud = settings.cloud
        self._arm, self._arm_host = Service(AZURE, cloud.arm_scope, credential), cloud.arm
        self._graph = Service("Microsoft Graph", f"https://{cloud.graph}/.default", credential)
        self._graph_host = cloud.graph
        self._lock = threading.Lock()

    def look(self, recorded: Recorded, beside: Sequence[Recorded]) -> Sight:
        """Look at one resource; ``beside`` it stand all that its stack has recorded."""
        if own.is_own(recorded):
            return self._look_at_own(recorded, beside)
        if recorded.type.startswith(azure.PREFIX):
            return azure.look(self._from_arm, recorded)
        if recorded.type.startswith(entra.PREFIX):
            return entra.look(self._from_graph, recorded)
        msg = f"resources of type {recorded.type} are not known here"
        raise NotCoveredError(msg)

    def _look_at_own(self, recorded: Recorded, beside: Sequence[Recorded]) -> Sight:
        name = recorded.outputs[KIND]
        for number, family in enumerate(self._families):
            if name in family.kinds:
                with self._lock:
                    if number not in self._apis:
                        self._apis[number] = family.open(self._settings, _nobody_waits)
                return own.look(family.kinds[name], self._apis[number], recorded, beside)
        msg = f"this version of purview-ai has no objects of kind {name!r}"
        raise NotCoveredError(msg)

    def _from_arm(self, resource_id: str, version: str) -> JsonObject | None:
        return self._arm.get(f"https://{self._arm_host}{resource_id}", **{"api-version": version})

    def _from_graph(self, path: str) -> JsonObject | None:
        return self._graph.get(f"https://{self._graph_host}/v1.0{path}")


@dataclass
class Watcher:
    """Compares stacks with what is there."""

    backend: Backend
    told: Callable[[Seen], None] = lambda _: None
    """Is told of each object once it was looked at."""
    limit_s: float = LIMIT_S
    leave_out: frozenset[str] = frozenset()
    """Kinds that nobody is asked about."""
    _accesses: dict[tuple[str, ...], _Access] = field(default_factory=dict[tuple[str, ...], _Access])
    _gates: dict[str, Gate] = field(default_factory=dict[str, Gate])
    _done: int = 0
    _all: int = 0

    def drifts(self, wanted: list[Wanted]) -> list[Drift]:
        """What is found of each, in their order."""
        return asyncio.run(self.found(wanted))

    async def found(self, wanted: list[Wanted]) -> list[Drift]:
        """The same for who waits for other things, too. Whoever looks at once shares what one service bears."""
        load()
        return list(await asyncio.gather(*(self._drift(one) for one in wanted)))

    def _gate(self, service: str) -> Gate:
        return self._gates.setdefault(service, Gate(self.limit_s))

    async def _drift(self, wanted: Wanted) -> Drift:
        try:
            found = await self._gate(_STATES).through(lambda: self.backend.find(wanted.stack))
        except Exception as error:  # noqa: BLE001  # one stack's fault is no reason to be silent about the others
            problem = f"{wanted.stack}: {_why_unread(error, self.limit_s)}"
            return Drift(wanted.stack, problem=problem, may_pass_again=may_pass_again(error))
        if found is None:
            return Drift(wanted.stack, problem=_without_state(wanted.stack), deployed=False)
        drift = Drift(wanted.stack, notes=notes_of(found))
        resources = self._meant(drift, found.checkpoint.resources)
        self._all += len(resources)
        access = self._access(wanted.azure)
        look = partial(access.look, beside=found.checkpoint.resources)
        seen = await asyncio.gather(*(self._seen(look, one, wanted.stack) for one in resources))
        for recorded, sight in zip(resources, seen, strict=True):
            _add(drift, recorded, sight)
        return replace(drift, may_pass_again=any(isinstance(one, _Unseen) and one.may_pass_again for one in seen))

    def _meant(self, drift: Drift, resources: list[Recorded]) -> list[Recorded]:
        """The resources to look at; the others are told."""
        for one in resources:
            if (kind := called(one)) in self.leave_out:
                drift.left_out.append(Left(one.name, kind, "", why_left_out(kind)))
        return [one for one in resources if called(one) not in self.leave_out]

    def _access(self, settings: AzureSettings) -> _Access:
        """Shared by all stacks that sign in alike and name no other endpoint of the Data Map."""
        endpoint = str(take_from(settings.config(TENANT_BLOCK), ("purview", "endpoint")) or "")
        key = (*settings.signs_in_as(), endpoint)
        if key not in self._accesses:
            self._accesses[key] = _Access(settings)
        return self._accesses[key]

    async def _seen(
        self, look: Callable[[Recorded], Sight], recorded: Recorded, stack: str
    ) -> Sight | NotCoveredError | _Unseen:
        """A sight; or why there is none: it is not compared, or nobody could look, in words."""
        try:
            _require_comparable(recorded)
            return await self._gate(_service(recorded)).through(lambda: look(recorded))
        except NotCoveredError as reason:
            return reason
        except Exception as error:  # noqa: BLE001  # one object's fault is no reason to be silent about the others
            return _Unseen(_why_not(stack, recorded, error, self.limit_s), may_pass_again(error))
        finally:
            self._done += 1
            self.told(Seen(stack, recorded.name, self._done, self._all))


_STATES = "states"


def _service(recorded: Recorded) -> str:
    """Whose requests a resource costs: each service has a gate of its own, so that none holds up another."""
    if recorded.type.startswith(own.TYPES):
        return recorded.type.rsplit(":", maxsplit=1)[0]
    return recorded.type.split(":", maxsplit=1)[0]


_SILENCE = "Check the network and the ARM_* variables.\n  docs/troubleshooting.md#no-answer"


_READER = (
    "Who looks needs the role Reader on it, or above it: purview-ai permissions says where.\n"
    "  docs/living-with-a-tenant.md#drift"
)


def _cause(error: Exception) -> BaseException | None:
    return error.__cause__ if isinstance(error, ObjectError) else error


def _kept_out(refusal: RefusedError) -> bool:
    return refusal.status == HTTPStatus.FORBIDDEN and refusal.service == AZURE


def _require_comparable(recorded: Recorded) -> None:
    if recorded.going:
        msg = "it is about to be removed or replaced"
        raise NotCoveredError(msg)
    if recorded.only_read:
        msg = "it is not the stack's: the program only reads it"
        raise NotCoveredError(msg)


def _remedy(refusal: RefusedError, recorded: Recorded) -> str:
    if recorded.type.startswith(entra.PREFIX):
        from purview_ai.directory import remedies

        if refusal.status == HTTPStatus.FORBIDDEN and (wanted := entra.permission_for(recorded)):
            return f"Who looks needs the Graph permission {wanted}.\n  docs/living-with-a-tenant.md#drift"
        return remedies.remedy_for(refusal, "")
    return remedy_for(refusal, azure.called(recorded))


def _why_not(stack: str, recorded: Recorded, error: Exception, limit_s: float) -> str:
    # What to do to deploy, which an own kind says, is more than it takes to look.
    if isinstance(refusal := _cause(error), RefusedError) and _kept_out(refusal):
        return _told(stack, recorded, str(refusal), _READER)
    match error:
        case TimeoutError():
            because, remedy = f"no answer within {in_seconds(limit_s)}", _SILENCE
        case ObjectError():
            return str(error).strip()
        case RefusedError():
            because, remedy = str(error), _remedy(error, recorded)
        case UnreachableError():
            because, remedy = str(error), remedy_for_silence(error)
        case _:
            because, remedy = unexpected(error), OUR_FAULT
    return _told(stack, recorded, because, remedy)


def _why_unread(error: Exception, limit_s: float) -> str:
    match error:
        case CheckpointError():
            return str(error)
        case TimeoutError():
            return f"its state was not read within {in_seconds(limit_s)}\n  {STATE_PAGE}"
        case UnreachableError():
            return f"its state could not be read\n  {error}\n  {STATE_PAGE}"
        case _:
            return f"{unexpected(error, 'reading its state')}\n  {OUR_FAULT}"


def _told(stack: str, recorded: Recorded, because: str, remedy: str) -> str:
    return f"{stack}: {called(recorded)} {recorded.name} could not be read\n  {because}\n  {remedy}"


def _add(drift: Drift, recorded: Recorded, sight: Sight | NotCoveredError | _Unseen) -> None:
    name, kind = recorded.name, called(recorded)
    if isinstance(sight, NotCoveredError):
        drift.uncovered.append(Left(name, kind, "", str(sight)))
    elif isinstance(sight, _Unseen):
        drift.unknown.append(Left(name, kind, "", sight.why))
    else:
        drift.covered.append(name)
        drift.changes.extend(sight.changes)
        drift.uncovered.extend(Left(name, kind, path, why) for path, why in sight.uncovered.items())


def notes_of(found: Found) -> list[str]:
    """What is to be known of a state before anything is believed that it says."""
    notes = [f"it is being deployed by {who}: what is recorded may change" for who in found.locked_by]
    if found.checkpoint.pending and not found.locked_by:
        begun = ", ".join(found.checkpoint.pending)
        notes.append(f"a deployment was cut off, and left behind: {begun}; pulumi refresh puts that right")
    return notes


def _without_state(stack: str) -> str:
    return (
        f"{stack}: there is no state of it in the backend\n"
        "  Nobody has made it with pulumi stack init, or it is kept elsewhere: PULUMI_BACKEND_URL, or pulumi whoami "
        "--verbose.\n  docs/troubleshooting.md#state"
    )
