"""A provider plugin as a process: the port, the protocol's formalities, and errors in the engine's form."""

from __future__ import annotations

import abc
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as proto

from stand_ins.engine_log import EngineLog
from stand_ins.failures import PartialError, ProviderError
from stand_ins.values import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message


WORKERS = 32
ORPHANED_S = 1.0


class Plugin(abc.ABC):
    """A provider: its own answers, and those that all providers give alike."""

    def __init__(self, version: str, log: EngineLog) -> None:
        """A plugin of this version; the engine warns where it is older than the SDK's."""
        self._version = version
        self.log = log

    @abc.abstractmethod
    def configure(self, request: proto.ConfigureRequest) -> proto.ConfigureResponse:
        """Take the configuration."""

    @abc.abstractmethod
    def check(self, request: proto.CheckRequest) -> proto.CheckResponse:
        """Complete and check a resource's inputs."""

    @abc.abstractmethod
    def diff(self, request: proto.DiffRequest) -> proto.DiffResponse:
        """Say what would change."""

    @abc.abstractmethod
    def create(self, request: proto.CreateRequest) -> proto.CreateResponse:
        """Make a resource, or preview that."""

    @abc.abstractmethod
    def read(self, request: proto.ReadRequest) -> proto.ReadResponse:
        """Say what is there; an empty id where nothing is."""

    @abc.abstractmethod
    def update(self, request: proto.UpdateRequest) -> proto.UpdateResponse:
        """Change a resource, or preview that."""

    @abc.abstractmethod
    def delete(self, request: proto.DeleteRequest) -> Empty:
        """Take a resource away."""

    @abc.abstractmethod
    def invoke(self, request: proto.InvokeRequest) -> proto.InvokeResponse:
        """Answer a function."""

    @abc.abstractmethod
    def cancel(self, request: Empty) -> Empty:
        """End all waiting: the user wants to stop."""

    def handshake(self, request: proto.ProviderHandshakeRequest) -> proto.ProviderHandshakeResponse:
        """Learn where the engine listens."""
        self.log.address = request.engine_address
        return proto.ProviderHandshakeResponse(supports_autonaming_configuration=True)

    def attach(self, request: plugin_pb2.PluginAttach) -> Empty:
        """Learn where the engine listens, when it did not start this process."""
        self.log.address = request.address
        return Empty()

    def plugin_info(self, request: Empty) -> plugin_pb2.PluginInfo:
        """The version."""
        del request
        return plugin_pb2.PluginInfo(version=self._version)

    def check_config(self, request: proto.CheckRequest) -> proto.CheckResponse:
        """Accept any configuration (fact 1)."""
        return proto.CheckResponse(inputs=request.news)

    def diff_config(self, request: proto.DiffRequest) -> proto.DiffResponse:
        """No configuration asks for new resources (fact 1)."""
        del request
        return proto.DiffResponse()


def _service(plugin: Plugin) -> provider_pb2_grpc.ResourceProviderServicer:
    """The plugin under the protocol's own names; what it does not serve stays unimplemented."""
    service = provider_pb2_grpc.ResourceProviderServicer()
    methods: dict[str, Callable[[Any], Message]] = {
        "Handshake": plugin.handshake,
        "Attach": plugin.attach,
        "GetPluginInfo": plugin.plugin_info,
        "CheckConfig": plugin.check_config,
        "DiffConfig": plugin.diff_config,
        "Configure": plugin.configure,
        "Invoke": plugin.invoke,
        "Check": plugin.check,
        "Diff": plugin.diff,
        "Create": plugin.create,
        "Read": plugin.read,
        "Update": plugin.update,
        "Delete": plugin.delete,
        "Cancel": plugin.cancel,
    }
    for name, method in methods.items():
        setattr(service, name, _answering(method))
    return service


def _answering(method: Callable[[Any], Message]) -> Callable[[Any, grpc.ServicerContext], Message]:
    """The method with its failures in the engine's form: their text is what the user reads."""

    def call(request: Message, context: grpc.ServicerContext) -> Message:
        try:
            return method(request)
        except PartialError as error:
            context.set_trailing_metadata((("grpc-status-details-bin", _details(error)),))
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except ProviderError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))

    return call


def _details(error: PartialError) -> bytes:
    """The half-made resource, for the engine to keep (fact 33)."""
    detail = proto.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=None if error.outputs is None else encode(error.outputs),
        reasons=[str(error)],
        inputs=encode(error.inputs),
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(detail)
    return status.SerializeToString()


def serve(make: Callable[[EngineLog], Plugin]) -> None:
    """Serve until the engine ends this process, or is gone itself; the port goes to standard output."""
    parent = os.getppid()
    engine = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    server = grpc.server(ThreadPoolExecutor(WORKERS), options=[("grpc.max_receive_message_length", -1)])
    service = _service(make(EngineLog(engine)))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while server.wait_for_termination(timeout=ORPHANED_S) and os.getppid() == parent:
        pass
