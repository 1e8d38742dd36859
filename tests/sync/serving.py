"""A real server for tests: uvicorn on a free loopback port, in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from sync.__main__ import bind
from sync.http import App


@asynccontextmanager
async def served(app: App) -> AsyncIterator[str]:
    """The base URL of the running server. Requests wait in the listening socket until it has started."""
    listener = bind("127.0.0.1", 0)
    config = uvicorn.Config(
        app, http="httptools", lifespan="on", log_level="critical", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    running = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listener.close()
