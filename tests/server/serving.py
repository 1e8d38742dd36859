"""The real service on a free loopback port, in a thread with a loop of its own, for clients that block."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import uvicorn

from server.context import Context, open_context
from server.operations.intake import running_intake
from server.settings import Settings
from server.web.app import make_app
from server.web.connection import Pace, connections

T = TypeVar("T")


@dataclass
class Served:
    url: str
    context: Context
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await ``work`` on the service's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@contextmanager
def serve(
    settings: Settings,
    *,
    intake: bool = False,
    pace: Pace | None = None,
    prepare: Callable[[Context], Awaitable[None]] | None = None,
    **options: Any,
) -> Iterator[Served]:
    """Serve until the block ends, with an intake or without. ``options`` go to ``open_context``.

    ``prepare`` is awaited before the intake starts and the port is open.
    """
    ready: threading.Event = threading.Event()
    box: dict[str, Any] = {}

    async def main() -> None:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            async with AsyncExitStack() as stack:
                context = await stack.enter_async_context(open_context(settings, **options))
                if prepare is not None:
                    await prepare(context)
                if intake:
                    await stack.enter_async_context(running_intake(context))
                config = uvicorn.Config(
                    make_app(context),
                    http=connections(pace=pace),
                    ws="none",
                    lifespan="off",
                    log_config=None,
                    access_log=False,
                )
                server = uvicorn.Server(config)
                # Signals are the test runner's; the block's end stops the server.
                box.update(context=context, server=server, loop=asyncio.get_running_loop())
                box["url"] = f"http://127.0.0.1:{sock.getsockname()[1]}"
                sock.listen(64)
                ready.set()
                await server.serve(sockets=[sock])

    def target() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            box["error"] = error
            raise
        finally:
            ready.set()

    thread = threading.Thread(target=target, name="served")
    thread.start()
    ready.wait()
    if "url" not in box:
        thread.join()
        raise RuntimeError("the service did not start") from box.get("error")
    try:
        yield Served(box["url"], box["context"], box["loop"])
    finally:
        box["loop"].call_soon_threadsafe(setattr, box["server"], "should_exit", True)
        thread.join()
