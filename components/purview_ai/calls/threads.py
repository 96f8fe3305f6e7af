"""What blocks, in threads of its own, so that whoever waits may lose patience."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def load() -> None:
    """Load what all threads need before there are any: two that import the same packages at once may break both."""
    for name in ("azure.core.pipeline.policies", "azure.core.rest", "azure.identity"):
        import_module(name)


async def in_a_thread(work: Callable[[], T]) -> T:
    """The result of what blocks. A thread that never ends does not keep the program from ending."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(set_: Callable[[Any], None], value: object) -> None:
        if not result.done():
            set_(value)

    def run() -> None:
        try:
            told: tuple[Callable[[Any], None], object] = (result.set_result, work())
        except BaseException as error:  # noqa: BLE001  # it is raised again where it is waited for
            told = (result.set_exception, error)
        # Whoever lost patience may have closed the loop meanwhile.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, *told)

    threading.Thread(target=run, daemon=True).start()
    return await result


def in_seconds(limit_s: float) -> str:
    """A limit as people say it."""
    return f"{limit_s:g} second{'' if limit_s == 1 else 's'}"
