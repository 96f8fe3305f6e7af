"""The one way out for everything that runs against the sandbox: a CONNECT relay that knows its own hosts only."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
from typing import TYPE_CHECKING

from local_azure.hosts import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_azure.hosts import Address

log = logging.getLogger(__name__)

HTTPS_PORT = 443
_CHUNK = 65536
_RESET = struct.pack("ii", 1, 0)
# Linux only; elsewhere urllib3's requests behind a proxy wait 40 ms more.
_QUICK_ACK = getattr(socket, "TCP_QUICKACK", None)


class Relay:
    """Passes bytes between a client and the TLS server, for owned hosts on port 443."""

    def __init__(self, upstream_port: int, is_there: Callable[[Address], bool]) -> None:
        """Pass everything to the TLS server on this loopback port, where the host is there at all."""
        self._upstream_port = upstream_port
        self._is_there = is_there
        self._clients: dict[int, asyncio.StreamWriter] = {}

    async def start(self, port: int) -> asyncio.Server:
        """Listen on loopback; port 0 takes a free one."""
        return await asyncio.start_server(self._accept, "127.0.0.1", port)

    def cut(self, upstream_client_port: int) -> None:
        """Break the connection that reached the TLS server from this port, as a failing network would."""
        writer = self._clients.get(upstream_client_port)
        if writer is not None:
            _abort(writer)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Before Python 3.12 a connection that is cancelled when the server ends is logged as an error.
        with contextlib.suppress(asyncio.CancelledError):
            await self._serve(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            writer.close()
            return
        method, target, *_ = (*head.split(b"\r\n", 1)[0].decode("latin-1").split(" "), "", "")
        host, _, port = target.rpartition(":")
        address = resolve(host) if method == "CONNECT" and port == str(HTTPS_PORT) else None
        if address is None:
            what = target if method == "CONNECT" else f"{method} {target}"
            await _refuse(writer, what, "403 Forbidden", "the sandbox does not own it")
            return
        if not self._is_there(address):
            await _refuse(writer, target, "502 Bad Gateway", "it could not be resolved")
            return
        await self._pass_on(reader, writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        own_port = upstream_writer.get_extra_info("sockname")[1]
        self._clients[own_port] = writer
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(
                _pump(reader, upstream_writer, acknowledge=writer),
                _pump(upstream_reader, writer),
            )
        finally:
            del self._clients[own_port]
            for end in (writer, upstream_writer):
                with contextlib.suppress(ConnectionError, RuntimeError):
                    end.close()


async def _refuse(writer: asyncio.StreamWriter, target: str, status: str, reason: str) -> None:
    log.info("refused %s: %s", target, reason)
    body = f"{target}: {reason}".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    with contextlib.suppress(ConnectionError):
        await writer.drain()
    writer.close()


async def _pump(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, acknowledge: asyncio.StreamWriter | None = None
) -> None:
    try:
        while data := await source.read(_CHUNK):
            if acknowledge is not None:
                _acknowledge_at_once(acknowledge)
            sink.write(data)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()
    except OSError:
        # A reset on one side is a reset on the other, not a clean end.
        _abort(sink)


def _acknowledge_at_once(writer: asyncio.StreamWriter) -> None:
    if _QUICK_ACK is not None:
        with contextlib.suppress(OSError):
            writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)


def _abort(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
