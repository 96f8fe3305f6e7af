"""Turns Pulumi's calls into calls on an object kind, and back."""

from __future__ import annotations

import logging
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

from purview_ai.datamap.client import DataMaps
from purview_ai.datamap.errors import DataMapError
from purview_ai.datamap.kinds import KINDS
from purview_ai.datamap.object_kind import ADOPTED, UNKNOWN_YET, Lifecycle
from purview_ai.datamap.run import RUN_ID
from purview_ai.identity import AzureSettings, credential_of
from purview_ai.json_values import is_list, is_object

if TYPE_CHECKING:
    from pulumi.dynamic import ConfigureRequest

KIND = "object_kind"
"""The input that names an object's kind."""
RECORDED_ONLY = (ADOPTED, RUN_ID)
"""What a state holds of an object and no program says."""


class _OwnFailuresWithoutTrace(logging.Filter):
    """Keeps gRPC from printing a stack trace of a failure that is a message to the user."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to print the record."""
        return not (record.exc_info and isinstance(record.exc_info[1], DataMapError))


def _kind(properties: dict[str, Any]) -> Lifecycle:
    return KINDS[properties[KIND]]


def _fields(properties: dict[str, Any]) -> dict[str, Any]:
    """An object's own fields, without what Pulumi and this adapter keep beside them."""
    return {name: _known(value) for name, value in properties.items() if not name.startswith("__") and name != KIND}


def _known(value: Any) -> Any:
    return UNKNOWN_YET if _holds_unknown(value) else value


def _holds_unknown(value: Any) -> bool:
    if is_object(value):
        return any(map(_holds_unknown, value.values()))
    if is_list(value):
        return any(map(_holds_unknown, value))
    return isinstance(value, Unknown)


class DataMapProvider(ResourceProvider):
    """One stateless provider for every kind of object.

    It is pickled by reference, so a state file holds its name and nothing else (docs/facts.md, pulumi 2); what
    it works with is made in :meth:`configure`, once per process.
    """

    serialize_as_secret_always = False
    _maps: DataMaps

    def configure(self, req: ConfigureRequest) -> None:
        """Take azure-native's settings, which are this provider's too."""
        logging.getLogger("grpc._server").addFilter(_OwnFailuresWithoutTrace())
        settings = AzureSettings.of(req.config.get)
        self._maps = DataMaps(settings.cloud, lambda: credential_of(settings))

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate and normalise."""
        done = _kind(news).check(_fields(news), _fields(_olds))
        inputs = {n: rpc.UNKNOWN if v is UNKNOWN_YET else v for n, v in done.fields.items()}
        failures = [CheckFailure(problem.field, problem.reason) for problem in done.problems]
        return CheckResult({**inputs, KIND: news[KIND]}, failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare without asking anybody."""
        found = _kind(_news).diff(_fields(_olds), _fields(_news))
        return DiffResult(
            changes=bool(found.changed),
            replaces=found.replaced,
            delete_before_replace=found.same_place,
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the object."""
        made = _kind(props).create(self._maps, _fields(props))
        return CreateResult(made.id, {**made.fields, KIND: props[KIND]})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """See what is there; an empty id says that it has gone."""
        found = _kind(props).read(self._maps, _fields(props))
        if found is None:
            return ReadResult("", {})
        fields = {**found.fields, KIND: props[KIND]}
        inputs = {name: value for name, value in fields.items() if name not in RECORDED_ONLY}
        return ReadResult(id_, fields, inputs)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Change the object."""
        made = _kind(_news).update(self._maps, _fields(_olds), _fields(_news))
        return UpdateResult({**made.fields, KIND: _news[KIND]})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Remove the object."""
        _kind(_props).delete(self._maps, _fields(_props))
