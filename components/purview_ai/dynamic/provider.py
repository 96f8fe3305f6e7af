"""Turns Pulumi's calls into calls on an object kind, and back."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import Unknown
from pulumi.runtime import rpc

from purview_ai.dynamic.families import KIND, OVERWRITES, PREVIEWED, Family, families
from purview_ai.identity import AzureSettings
from purview_ai.json_values import is_list, is_object, whole_numbers
from purview_ai.objects.failures import ObjectError
from purview_ai.objects.lifecycle import UNKNOWN_YET, Checked, Lifecycle

if TYPE_CHECKING:
    from pulumi.dynamic import ConfigureRequest


class _OwnFailuresWithoutTrace(logging.Filter):
    """Keeps gRPC from printing a stack trace of a failure that is a message to the user."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to print the record."""
        return not (record.exc_info and isinstance(record.exc_info[1], ObjectError))


def _fields(properties: dict[str, Any]) -> dict[str, Any]:
    """An object's own fields, without what Pulumi and this adapter keep beside them."""
    return {name: _known(value) for name, value in properties.items() if not name.startswith("__") and name != KIND}


def _known(value: Any) -> Any:
    return UNKNOWN_YET if _holds_unknown(value) else whole_numbers(value)


def _holds_unknown(value: Any) -> bool:
    if is_object(value):
        return any(map(_holds_unknown, value.values()))
    if is_list(value):
        return any(map(_holds_unknown, value))
    return isinstance(value, Unknown)


def _overwrites(done: Checked, olds: dict[str, Any], *, previewed: bool) -> dict[str, Any]:
    known = [one for one in done.overwrites if one is not UNKNOWN_YET]
    if previewed and len(known) < len(done.overwrites):
        return {OVERWRITES: rpc.UNKNOWN}
    # What is recorded goes on: a plan that is deployed a second time, after a failure, must find it again.
    told = "; ".join(known) or olds.get(OVERWRITES)
    return {OVERWRITES: told} if told else {}


def _tell(text: str) -> None:
    """The engine shows a plugin's standard error to the user."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class ObjectProvider(ResourceProvider):
    """One stateless provider for every kind of object.

    It is pickled by reference, so a state file holds its name and nothing else (docs/facts.md, pulumi 2); what
    it works with is made in :meth:`configure`, once per process.
    """

    serialize_as_secret_always = False
    _settings: AzureSettings
    _families: list[Family]
    _apis: dict[int, Any]
    _opening: threading.Lock
    _deploying: bool
    """Whether a program was heard in this process: a refresh asks for differences too, and nobody wants any."""

    def configure(self, req: ConfigureRequest) -> None:
        """Take azure-native's settings, which are this provider's too."""
        logging.getLogger("grpc._server").addFilter(_OwnFailuresWithoutTrace())
        self._settings = AzureSettings.of(req.config.get)
        self._families, self._apis, self._opening = families(), {}, threading.Lock()
        self._deploying = False

    def _kind(self, properties: dict[str, Any]) -> tuple[Lifecycle[Any], Any]:
        """An object's kind, and the API that it works through."""
        name = properties[KIND]
        for number, family in enumerate(self._families):
            if name in family.kinds:
                with self._opening:
                    if number not in self._apis:
                        self._apis[number] = family.open(self._settings, _tell)
                return family.kinds[name], self._apis[number]
        msg = f"this version of purview-ai has no objects of kind {name!r}"
        raise LookupError(msg)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate and normalise, and tell what a preview would not show by itself."""
        self._deploying = True
        kind, api = self._kind(news)
        done = kind.check(api, _fields(news), _fields(_olds))
        for note in (*done.unseen, *done.notes):
            _tell(note)
        inputs = {n: rpc.UNKNOWN if v is UNKNOWN_YET else v for n, v in done.fields.items()}
        failures = [CheckFailure(problem.field, problem.reason) for problem in done.problems]
        overwrites = _overwrites(done, _olds, previewed=_holds_unknown(news.get(PREVIEWED)))
        return CheckResult({**inputs, KIND: news[KIND], **overwrites}, failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare without asking anybody; here alone the engine says what is recorded beside the inputs."""
        kind, _ = self._kind(_olds)
        found = kind.diff(_fields(_olds), _fields(_news))
        if found.refused and self._deploying:
            raise found.refused
        for note in found.notes:
            _tell(note)
        return DiffResult(
            changes=bool(found.changed),
            replaces=found.replaced,
            delete_before_replace=found.same_place,
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the object."""
        kind, api = self._kind(props)
        made = kind.create(api, _fields(props))
        return CreateResult(made.id, {**made.fields, KIND: props[KIND]})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """See what is there; an empty id says that it has gone."""
        kind, api = self._kind(props)
        found = kind.read(api, _fields(props))
        if found is None:
            return ReadResult("", {})
        return ReadResult(id_, {**found.fields, KIND: props[KIND]}, {**found.wish, KIND: props[KIND]})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Change the object."""
        kind, api = self._kind(_news)
        made = kind.update(api, _fields(_olds), _fields(_news))
        return UpdateResult({**made.fields, KIND: _news[KIND]})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Remove the object."""
        kind, api = self._kind(_props)
        kind.delete(api, _fields(_props))
