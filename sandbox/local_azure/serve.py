"""Start a local Azure: ``python -m local_azure.serve --state FOLDER``.

It writes ``FOLDER/ready.json`` once it answers, and ends on SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from local_azure.admin import admin_app
from local_azure.app import LocalAzureApp
from local_azure.azure import Azure
from local_azure.certificates import ensure_certificates
from local_azure.hosts import BY_NAME
from local_azure.purview.accounts import is_there
from local_azure.purview.runs import resume
from local_azure.ready import READY
from local_azure.relay import Relay
from local_azure.rules import Rules
from local_azure.seed import seed
from local_azure.store import Store
from local_azure.tokens import Signer

if TYPE_CHECKING:
    from collections.abc import Generator

    from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to us: two of them share the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _server(app: ASGIApp, port: int, certificate: Path | None = None) -> _Server:
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        ssl_certfile=certificate,
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return _Server(config)


def _port(server: uvicorn.Server) -> int:
    return int(server.servers[0].sockets[0].getsockname()[1])


async def _started(server: uvicorn.Server) -> asyncio.Task[None]:
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            task.result()
            msg = "the server ended before it began"
            raise RuntimeError(msg)
        await asyncio.sleep(0.005)
    return task


async def run(state: Path, *, rules_off: list[str], pace: float, relay_port: int, cloud: str) -> None:
    """Serve until told to stop."""
    authority, certificate = ensure_certificates(state)
    store = Store(state / "azure.db")
    azure = Azure(store=store, signer=Signer(state), rules=Rules(rules_off), pace=pace)
    if cloud:
        azure.cloud, azure.alone = BY_NAME[cloud], True
    seed(azure)
    app = LocalAzureApp(azure)
    services, admin = _server(app, 0, certificate), _server(admin_app(azure), 0)
    tasks = [await _started(services), await _started(admin)]
    app.relay = Relay(_port(services), lambda address: is_there(azure, address))
    relay = await app.relay.start(relay_port)
    resume(azure)
    _write_ready(state, authority, relay.sockets[0].getsockname()[1], _port(admin), cloud)
    await _told_to_stop()
    relay.close()
    services.should_exit = admin.should_exit = True
    await asyncio.gather(*tasks)
    store.close()
    (state / READY).unlink(missing_ok=True)


def _write_ready(state: Path, authority: Path, relay: int, admin: int, cloud: str) -> None:
    ready = {
        "cloud": cloud,
        "pid": os.getpid(),
        "proxy": f"http://127.0.0.1:{relay}",
        "admin": f"http://127.0.0.1:{admin}",
        "ca": str(authority),
    }
    draft = state / f"{READY}.new"
    draft.write_text(json.dumps(ready))
    draft.replace(state / READY)


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def main(words: list[str] | None = None) -> None:
    """The command line; by default this process's own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="where it keeps what it is told")
    parser.add_argument("--port", type=int, default=0, help="the relay's port; 0 takes a free one")
    parser.add_argument("--pace", type=float, default=1.0, help="seconds that one phase of a run takes")
    parser.add_argument("--cloud", default="", choices=["", *BY_NAME], help="the only one that the tenant is in")
    parser.add_argument("--rule-off", action="append", default=[], help="switch a rule off (repeatable)")
    wanted = parser.parse_args(words)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    wanted.state.mkdir(parents=True, exist_ok=True)
    asyncio.run(
        run(
            wanted.state.resolve(),
            rules_off=wanted.rule_off,
            pace=wanted.pace,
            relay_port=wanted.port,
            cloud=wanted.cloud,
        )
    )


if __name__ == "__main__":
    main()
