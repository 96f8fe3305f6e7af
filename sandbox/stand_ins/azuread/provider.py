"""The provider's service: a bridged Terraform provider with some resource types and one function.

It speaks the engine's protocol itself, for the reasons that ``stand_ins.azure_native.provider`` gives.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as proto

from stand_ins.azuread import VERSION, look_up
from stand_ins.azuread.app_role_assignment import AppRoleAssignment
from stand_ins.azuread.conditional_access_policy import ConditionalAccessPolicy
from stand_ins.azuread.directory_role_assignment import DirectoryRoleAssignment
from stand_ins.azuread.graph import Graph
from stand_ins.azuread.group import Group
from stand_ins.azuread.service_principal import ServicePrincipal
from stand_ins.failures import ProviderError
from stand_ins.patience import Patience
from stand_ins.serving import Plugin
from stand_ins.sign_in import Credential, Settings, application_of, cloud_of
from stand_ins.transport import Transport
from stand_ins.values import decode, encode

if TYPE_CHECKING:
    from stand_ins.azuread.kinds import Kind
    from stand_ins.engine_log import EngineLog

_ALL: tuple[Kind, ...] = (
    AppRoleAssignment(),
    ConditionalAccessPolicy(),
    DirectoryRoleAssignment(),
    Group(),
    ServicePrincipal(),
)
KINDS = {kind.name: kind for kind in _ALL}
_FUNCTION_S = 5 * 60
_CONFIG_PREFIX = "azuread:config:"


class AzureAD(Plugin):
    """The stand-in for azuread."""

    def __init__(self, log: EngineLog) -> None:
        """Know nothing yet; Configure comes first."""
        super().__init__(VERSION, log)
        self._cancelled = threading.Event()
        self._graph: Graph | None = None

    def configure(self, request: proto.ConfigureRequest) -> proto.ConfigureResponse:
        """Take the configuration and sign in (fact 62)."""
        variables = {name.removeprefix(_CONFIG_PREFIX): value for name, value in request.variables.items()}
        settings = Settings(variables)
        transport = Transport(f"pulumi-azuread/{VERSION}")
        patience = self._patience(_FUNCTION_S)
        cloud = cloud_of(settings, transport, patience)
        graph = Graph(cloud, Credential(application_of(settings), cloud, transport), transport)
        graph.sign_in(patience)
        self._graph = graph
        return proto.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    def check(self, request: proto.CheckRequest) -> proto.CheckResponse:
        """Complete the inputs and say which are wrong."""
        kind, news = _kind(request.urn), decode(request.news)
        refused = kind.refusals(news, request.urn.split("::")[-1])
        failures = [proto.CheckFailure(property=name, reason=reason) for name, reason in refused.items()]
        return proto.CheckResponse(inputs=encode(kind.completed(news)), failures=failures)

    def diff(self, request: proto.DiffRequest) -> proto.DiffResponse:
        """Compare the state with the inputs."""
        kind = _kind(request.urn)
        changed = kind.changed(decode(request.olds), decode(request.news))
        replaced = [name for name in changed if name in kind.replacing]
        return proto.DiffResponse(
            changes=proto.DiffResponse.DIFF_SOME if changed else proto.DiffResponse.DIFF_NONE,
            replaces=replaced,
            diffs=changed,
            detailedDiff={name: _difference(replaces=name in replaced) for name in changed},
            hasDetailedDiff=bool(changed),
        )

    def create(self, request: proto.CreateRequest) -> proto.CreateResponse:
        """Make it, or say what would be known of it."""
        kind, inputs = _kind(request.urn), decode(request.properties)
        if request.preview:
            return proto.CreateResponse(properties=encode(kind.preview(inputs)))
        patience = self._patience(request.timeout or kind.minutes["create"] * 60)
        made, outputs = kind.create(self._configured(), inputs, request.urn, patience)
        return proto.CreateResponse(id=made, properties=encode(outputs))

    def read(self, request: proto.ReadRequest) -> proto.ReadResponse:
        """Say what is there; an empty id where nothing is."""
        kind, state = _kind(request.urn), decode(request.properties)
        patience = self._patience(request.timeout or kind.minutes["read"] * 60)
        outputs = kind.read(self._configured(), request.id, state, patience)
        if outputs is None:
            return proto.ReadResponse()
        given = decode(request.inputs) if request.HasField("inputs") else None
        inputs = kind.known_inputs(given, outputs)
        return proto.ReadResponse(id=request.id, properties=encode(outputs), inputs=encode(inputs))

    def update(self, request: proto.UpdateRequest) -> proto.UpdateResponse:
        """Change it, or say what would be known of it."""
        kind, inputs = _kind(request.urn), decode(request.news)
        if request.preview:
            return proto.UpdateResponse(properties=encode({**decode(request.olds), **inputs}))
        patience = self._patience(request.timeout or kind.minutes["update"] * 60)
        return proto.UpdateResponse(properties=encode(kind.update(self._configured(), request.id, inputs, patience)))

    def delete(self, request: proto.DeleteRequest) -> Empty:
        """Take it away."""
        kind = _kind(request.urn)
        patience = self._patience(request.timeout or kind.minutes["delete"] * 60)
        kind.delete(self._configured(), request.id, decode(request.properties), patience)
        return Empty()

    def invoke(self, request: proto.InvokeRequest) -> proto.InvokeResponse:
        """Answer the one function (fact 53)."""
        if request.tok != look_up.NAME:
            msg = f"unrecognized data function (the stand-in serves only what the program uses): {request.tok}"
            raise ProviderError(msg)
        try:
            found = look_up.look_up(self._configured(), decode(request.args), self._patience(_FUNCTION_S))
        except ProviderError as error:
            msg = f"invoking {request.tok}: {error}"
            raise ProviderError(msg) from error
        answer = proto.InvokeResponse()
        getattr(answer, "return").CopyFrom(encode(found))
        return answer

    def cancel(self, request: Empty) -> Empty:
        """End all waiting."""
        self._cancelled.set()
        return request

    def _configured(self) -> Graph:
        if self._graph is None:
            msg = "the provider is not configured yet"
            raise ProviderError(msg)
        return self._graph

    def _patience(self, timeout: float) -> Patience:
        return Patience(timeout, self._cancelled)


def _kind(urn: str) -> Kind:
    token = urn.split("::")[2].rsplit("$", maxsplit=1)[-1]
    try:
        return KINDS[token]
    except KeyError:
        msg = f"unrecognized resource type (the stand-in serves only what the program uses): {token}"
        raise ProviderError(msg) from None


def _difference(*, replaces: bool) -> proto.PropertyDiff:
    kind = proto.PropertyDiff.UPDATE_REPLACE if replaces else proto.PropertyDiff.UPDATE
    return proto.PropertyDiff(kind=kind, inputDiff=True)
