"""The provider's service: a bridged Terraform provider with one resource and one function.

It speaks the engine's protocol itself, for the reasons that ``stand_ins.azure_native.provider`` gives.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as proto

from stand_ins.azuread import VERSION, app_role_assignment, service_principal
from stand_ins.azuread.bridge import NO_DEFAULTS
from stand_ins.azuread.graph import Graph
from stand_ins.failures import ProviderError
from stand_ins.patience import Patience
from stand_ins.serving import Plugin
from stand_ins.sign_in import Credential, Settings, client_secret_of, cloud_of
from stand_ins.transport import Transport
from stand_ins.values import decode, encode, same

if TYPE_CHECKING:
    from stand_ins.engine_log import EngineLog

OPERATION_S = 5 * 60
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
        patience = self._patience(0)
        cloud = cloud_of(settings, transport, patience)
        graph = Graph(cloud, Credential(client_secret_of(settings), cloud, transport), transport)
        graph.sign_in(patience)
        self._graph = graph
        return proto.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    def check(self, request: proto.CheckRequest) -> proto.CheckResponse:
        """Require three UUIDs (fact 55)."""
        _require_known(request.urn)
        news = decode(request.news)
        refused = app_role_assignment.refusals(news, request.urn.split("::")[-1])
        failures = [proto.CheckFailure(property=name, reason=reason) for name, reason in refused.items()]
        return proto.CheckResponse(inputs=encode({**NO_DEFAULTS, **news}), failures=failures)

    def diff(self, request: proto.DiffRequest) -> proto.DiffResponse:
        """Any change makes a new assignment (fact 55)."""
        _require_known(request.urn)
        state, news = decode(request.olds), decode(request.news)
        changed = [name for name in app_role_assignment.INPUTS if not same(state.get(name), news.get(name))]
        replaced = proto.PropertyDiff(kind=proto.PropertyDiff.UPDATE_REPLACE, inputDiff=True)
        return proto.DiffResponse(
            changes=proto.DiffResponse.DIFF_SOME if changed else proto.DiffResponse.DIFF_NONE,
            replaces=changed,
            diffs=changed,
            detailedDiff=dict.fromkeys(changed, replaced),
            hasDetailedDiff=bool(changed),
        )

    def create(self, request: proto.CreateRequest) -> proto.CreateResponse:
        """Assign the role, or say what would be known of it (fact 54)."""
        _require_known(request.urn)
        inputs = decode(request.properties)
        if request.preview:
            return proto.CreateResponse(properties=encode(app_role_assignment.preview(inputs)))
        patience = self._patience(request.timeout)
        made, outputs = app_role_assignment.create(self._configured(), inputs, request.urn, patience)
        return proto.CreateResponse(id=made, properties=encode(outputs))

    def read(self, request: proto.ReadRequest) -> proto.ReadResponse:
        """Say what is there; an empty id where nothing is (fact 55)."""
        _require_known(request.urn)
        patience = self._patience(request.timeout)
        outputs = app_role_assignment.read(self._configured(), request.id, patience)
        if outputs is None:
            return proto.ReadResponse()
        inputs = {**NO_DEFAULTS, **{name: outputs[name] for name in app_role_assignment.INPUTS}}
        return proto.ReadResponse(id=request.id, properties=encode(outputs), inputs=encode(inputs))

    def update(self, request: proto.UpdateRequest) -> proto.UpdateResponse:
        """Never asked: every change replaces (fact 55)."""
        msg = f"doesn't support update: {request.urn}"
        raise ProviderError(msg)

    def delete(self, request: proto.DeleteRequest) -> Empty:
        """Take the role away (fact 55)."""
        _require_known(request.urn)
        app_role_assignment.delete(self._configured(), request.id, self._patience(request.timeout))
        return Empty()

    def invoke(self, request: proto.InvokeRequest) -> proto.InvokeResponse:
        """Answer the one function (fact 53)."""
        if request.tok != service_principal.NAME:
            msg = f"unrecognized data function (the stand-in serves only what the program uses): {request.tok}"
            raise ProviderError(msg)
        try:
            found = service_principal.look_up(self._configured(), decode(request.args), self._patience(0))
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
        return Patience(timeout or OPERATION_S, self._cancelled)


def _require_known(urn: str) -> None:
    token = urn.split("::")[2].rsplit("$", maxsplit=1)[-1]
    if token != app_role_assignment.NAME:
        msg = f"unrecognized resource type (the stand-in serves only what the program uses): {token}"
        raise ProviderError(msg)
