"""A plugin as the engine has it: a process of its own, spoken to over gRPC."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as proto
from pulumi.runtime.proto import provider_pb2_grpc, status_pb2
from stand_ins.values import Value, decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.message import Message

    Values = dict[str, Any]

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "PYTHONPATH")
NOBODY = {
    "ARM_CLIENT_ID": "00000000-0000-0000-0000-00000000c1d0",
    "ARM_CLIENT_SECRET": "none",
    "ARM_TENANT_ID": "00000000-0000-0000-0000-0000000000d0",
    "ARM_SUBSCRIPTION_ID": "00000000-0000-0000-0000-00000000050b",
}
"""Enough to configure azure-native, which asks for a token only when it needs one."""
NOWHERE = "127.0.0.1:1"
"""An engine that nobody listens at."""


class RefusedError(Exception):
    """The plugin's answer was an error, which the user would read."""

    def __init__(self, error: grpc.RpcError) -> None:
        """Keep the text, and the half-made resource if there is one."""
        super().__init__(error.details())
        self.code = error.code()
        self.half_made = _half_made(error)


def _half_made(error: grpc.RpcError) -> proto.ErrorResourceInitFailed | None:
    received: Value = error.trailing_metadata() or ()
    trailers = dict(received)
    if "grpc-status-details-bin" not in trailers:
        return None
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    detail = proto.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    return detail


@dataclass
class Checked:
    """What Check says."""

    inputs: Values
    reasons: list[str]
    properties: list[str] = field(default_factory=list)


@dataclass
class PluginProcess:
    """One running plugin."""

    process: subprocess.Popen[bytes]
    stub: Any
    type: str = ""
    name: str = "thing"

    @classmethod
    def start(cls, module: str, variables: Mapping[str, str], engine: str = NOWHERE) -> PluginProcess:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, engine],
            env={**kept, **variables},
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        port = int(process.stdout.readline())
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        return cls(process, provider_pb2_grpc.ResourceProviderStub(channel))

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def of(self, type_: str, name: str = "thing") -> PluginProcess:
        """The same plugin, asked about a resource of this type and name."""
        return PluginProcess(self.process, self.stub, type_, name)

    @property
    def urn(self) -> str:
        return f"urn:pulumi:test::project::{self.type}::{self.name}"

    def ask(self, method: str, request: Message) -> Value:
        try:
            return getattr(self.stub, method)(request)
        except grpc.RpcError as error:
            raise RefusedError(error) from None

    def configure(self, prefix: str = "azure-native", **config: str) -> proto.ConfigureResponse:
        variables = {f"{prefix}:config:{name}": value for name, value in config.items()}
        request = proto.ConfigureRequest(
            variables=variables,
            acceptSecrets=True,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
        )
        return self.ask("Configure", request)

    def check(
        self,
        news: Values,
        olds: Values | None = None,
        seed: bytes = b"seed",
        autonaming: proto.CheckRequest.AutonamingOptions | None = None,
    ) -> Checked:
        request = proto.CheckRequest(
            urn=self.urn,
            news=encode(news),
            olds=encode(olds or {}),
            randomSeed=seed,
            autonaming=autonaming,
        )
        answer = self.ask("Check", request)
        return Checked(
            decode(answer.inputs),
            [failure.reason for failure in answer.failures],
            [failure.property for failure in answer.failures],
        )

    def diff(self, old_inputs: Values, news: Values, state: Values | None = None) -> proto.DiffResponse:
        request = proto.DiffRequest(
            urn=self.urn, olds=encode(state or {}), old_inputs=encode(old_inputs), news=encode(news)
        )
        return self.ask("Diff", request)

    def create(self, inputs: Values, timeout: float = 0) -> tuple[str, Values]:
        request = proto.CreateRequest(urn=self.urn, properties=encode(inputs), timeout=timeout)
        answer = self.ask("Create", request)
        return answer.id, decode(answer.properties)

    def preview_create(self, inputs: Values) -> Values:
        request = proto.CreateRequest(urn=self.urn, properties=encode(inputs), preview=True)
        answer = self.ask("Create", request)
        assert answer.id == ""
        return decode(answer.properties)

    def update(self, resource_id: str, state: Values, news: Values, *, preview: bool = False) -> Values:
        request = proto.UpdateRequest(
            urn=self.urn, id=resource_id, olds=encode(state), news=encode(news), preview=preview
        )
        return decode(self.ask("Update", request).properties)

    def read(
        self, resource_id: str, state: Values | None = None, inputs: Values | None = None
    ) -> tuple[str, Values, Values]:
        request = proto.ReadRequest(urn=self.urn, id=resource_id, properties=encode(state or {}))
        if inputs is not None:
            request.inputs.CopyFrom(encode(inputs))
        answer = self.ask("Read", request)
        return answer.id, decode(answer.properties), decode(answer.inputs)

    def delete(
        self, resource_id: str, old_inputs: Values | None = None, timeout: float = 0, state: Values | None = None
    ) -> None:
        request = proto.DeleteRequest(
            urn=self.urn,
            id=resource_id,
            properties=encode(state or {}),
            old_inputs=encode(old_inputs or {}),
            timeout=timeout,
        )
        self.ask("Delete", request)

    def invoke(self, token: str, **args: object) -> Values:
        answer = self.ask("Invoke", proto.InvokeRequest(tok=token, args=encode(args)))
        return decode(getattr(answer, "return"))

    def version(self) -> str:
        return self.ask("GetPluginInfo", Empty()).version
