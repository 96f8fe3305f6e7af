"""Telling the user something beside the answer: the engine's log."""

from __future__ import annotations

from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class EngineLog:
    """The engine's log, reached when there is something to say."""

    def __init__(self, address: str) -> None:
        """Where the engine listens; nothing is opened yet."""
        self.address = address

    def tell(self, urn: str, message: str) -> None:
        """A warning about a resource; lost where no engine listens."""
        with grpc.insecure_channel(self.address) as channel:
            entry = engine_pb2.LogRequest(severity=engine_pb2.WARNING, urn=urn, message=message)
            engine: Any = engine_pb2_grpc.EngineStub(channel)
            try:
                engine.Log(entry, timeout=5)
            except grpc.RpcError:
                return
