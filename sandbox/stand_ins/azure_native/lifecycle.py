"""Creating, reading, updating and deleting a resource: which calls are made, and what the state gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stand_ins.azure_native import conversion, refreshing
from stand_ins.azure_native.arm import ArmError, UnfinishedError
from stand_ins.azure_native.diffing import API_VERSION
from stand_ins.failures import PartialError, ProviderError
from stand_ins.values import is_object

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from stand_ins.azure_native.metadata import ResourceType
    from stand_ins.azure_native.session import Session
    from stand_ins.patience import Patience
    from stand_ins.values import Value, Values

    OwnRead = Callable[[Session, str, Values, Patience], Values | None]

_READ_FAILED = (
    "Failed to read resource after {operation}. Please report this issue.\n"
    "Verbose logs contain more information, see "
    "https://www.pulumi.com/docs/support/troubleshooting/#verbose-logging."
)


class Lifecycle:
    """One operation on one resource."""

    def __init__(self, session: Session, resource: ResourceType, urn: str, patience: Patience) -> None:
        """Ask for nothing yet."""
        self._session = session
        self._arm = session.arm
        self._type = resource
        self._urn = urn
        self._patience = patience

    def create(self, inputs: Values) -> tuple[str, Values]:
        """Check that the id is free, write, follow, read; the new id and the outputs (fact 24)."""
        resource_id = self._id(inputs)
        self._require_free(resource_id, inputs)
        if self._type.steps.create:
            made = self._type.steps.create(self._session, self._type, resource_id, inputs, self._patience)
            return resource_id, self._stamped(made)
        body = conversion.request_body(self._type.body, inputs)
        for path in self._unset_in(body):
            _put_at(body, path, [])
        answer = self._write(resource_id, body, inputs)
        canonical_id = str(answer.get("id") or resource_id)
        return canonical_id, self._stamped(self._read_back(canonical_id, "Create", inputs, answer))

    def update(self, inputs: Values) -> Values:
        """Write the whole body and read; arrays that others may own keep what is there (fact 34)."""
        resource_id = self._id(inputs)
        if self._type.steps.update:
            return self._stamped(self._type.steps.update(self._session, resource_id, inputs, self._patience))
        body = conversion.request_body(self._type.body, inputs)
        self._keep_unset(resource_id, body)
        answer = self._write(resource_id, body, inputs)
        return self._stamped(self._read_back(resource_id, "Update", inputs, answer))

    def read(self, resource_id: str, state: Values, inputs: Values | None) -> tuple[Values, Values] | None:
        """The outputs and the inputs of what is there, or None where nothing is (facts 35 and 36)."""
        if self._type.steps.read:
            return self._read_in_its_own_way(self._type.steps.read, resource_id, state, inputs)
        try:
            answer = self._get(resource_id, state)
        except ArmError as error:
            if error.not_found:
                return None
            raise
        outputs = conversion.outputs(self._type.answer, answer)
        if inputs is None:
            inputs = conversion.inputs_of_existing(self._type, resource_id, answer)
        elif state.get(API_VERSION, self._type.api_version) == self._type.api_version:
            inputs = refreshing.drifted(self._type, inputs, state, outputs)
        return self._stamped(outputs), inputs

    def _read_in_its_own_way(
        self, read: OwnRead, resource_id: str, state: Values, inputs: Values | None
    ) -> tuple[Values, Values] | None:
        outputs = read(self._session, resource_id, state, self._patience)
        if outputs is None:
            return None
        if inputs is None:
            return outputs, conversion.without_empty(outputs)
        return outputs, refreshing.drifted(self._type, inputs, state, outputs)

    def delete(self, resource_id: str, inputs: Values) -> None:
        """Delete by the state's id, and wait for the end (facts 37 and 101)."""
        if self._type.always_there:
            self._arm.put(resource_id, self._type.api_version, {}, self._patience, long_running=False)
            return
        if self._type.steps.delete:
            self._type.steps.delete(self._session, inputs, self._patience)
            return
        self._arm.delete(
            resource_id,
            self._type.api_version,
            self._patience,
            long_running="DELETE" in self._type.long_running,
        )

    def _require_free(self, resource_id: str, inputs: Values) -> None:
        if self._type.always_there:
            self._arm.get(resource_id, self._type.api_version, self._patience)
        elif not self._type.steps.read:
            self._arm.require_free(resource_id, self._type.api_version, self._patience)
        elif self._type.steps.read(self._session, resource_id, inputs, self._patience) is not None:
            msg = f'cannot create already existing resource "{resource_id}"'
            raise ProviderError(msg)

    def _id(self, inputs: Values) -> str:
        if self._type.steps.id_of:
            return self._type.steps.id_of(self._session.subscription_id, inputs)
        return conversion.resource_id(self._type.path, self._type.parameters, inputs, self._session.subscription_id)

    def _stamped(self, outputs: Values) -> Values:
        return {**outputs, API_VERSION: self._type.api_version} if self._type.api_version else outputs

    def _get(self, resource_id: str, known: Values) -> Values:
        find_query = self._type.steps.read_query
        query = find_query(self._session, known, self._patience) if find_query else {}
        return self._arm.get(resource_id, self._type.api_version, self._patience, query)

    def _write(self, resource_id: str, body: Values, inputs: Values) -> Values:
        try:
            return self._arm.put(
                resource_id,
                self._type.api_version,
                body,
                self._patience,
                long_running="PUT" in self._type.long_running,
            )
        except UnfinishedError as error:
            self._fail_partially(resource_id, inputs, error)

    def _fail_partially(self, resource_id: str, inputs: Values, error: UnfinishedError) -> NoReturn:
        """Report the failure together with what is there (fact 33)."""
        try:
            found = self._arm.get(resource_id, self._type.api_version, self._patience)
        except ProviderError as unread:
            text = f"resource created but read failed {unread}: {error}"
            raise PartialError(text, resource_id, None, inputs) from error
        outputs = conversion.outputs(self._type.answer, found)
        raise PartialError(str(error), resource_id, outputs, inputs) from error

    def _read_back(self, resource_id: str, operation: str, inputs: Values, written: Values) -> Values:
        """What a read says; without one, ARM's own answer to the write, as it came (fact 24)."""
        if not self._session.reads_after_write:
            return written
        try:
            return conversion.outputs(self._type.answer, self._get(resource_id, inputs))
        except ProviderError:
            self._session.log.tell(self._urn, _READ_FAILED.format(operation=operation))
            return written

    def _keep_unset(self, resource_id: str, body: Values) -> None:
        unset = self._unset_in(body)
        if not unset:
            return
        try:
            there = self._arm.get(resource_id, self._type.api_version, self._patience)
        except ProviderError as error:
            msg = f"failed maintaining unset sub-resource properties: reading cloud state: {error}"
            raise ProviderError(msg) from error
        for path in unset:
            value = _value_at(there, path)
            if value is not None:
                _put_at(body, path, value)

    def _unset_in(self, body: Values) -> list[tuple[str, ...]]:
        return [path for path in self._type.maintained if _value_at(body, path) is None]


def _value_at(values: Values, path: tuple[str, ...]) -> Value:
    found: Value = values
    for name in path:
        found = found.get(name) if is_object(found) else None
    return found


def _put_at(values: Values, path: tuple[str, ...], value: Value) -> None:
    *outer, last = path
    for name in outer:
        values = values.setdefault(name, {})
    values[last] = value
