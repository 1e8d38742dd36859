"""A real server for tests, set up as ``python -m sync`` is: on a free port, in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from sync.__main__ import bind, configuration
from sync.http import App


@asynccontextmanager
async def served(app: App) -> AsyncIterator[str]:
    """The base URL of the running server. Requests wait in the listening socket until it has started."""
    listener = bind("127.0.0.1", 0)
    server = uvicorn.Server(configuration(app, grace=1))
    running = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listener.close()
