"""What a PUT costs in processor time, and how much of it a server that does nothing costs as well.

``python -m tests.bench.floor URL PID`` puts documents by 16 writers into the engine served at URL by the
process PID, and sends the same requests to uvicorn, set up as for the engine, with an application that reads
the body, does nothing and answers as many bytes. They take turns; the figure is the median of the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import orjson
import uvicorn

from sync.__main__ import bind, configuration, loop_factory
from tests.bench.engine import doc
from tests.bench.wire import Wire

WRITERS = 16

Message = MutableMapping[str, Any]


async def nothing(scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
    """Answers any request as the engine answers a PUT."""
    if scope["type"] == "lifespan":
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})
        return
    while (await receive()).get("more_body"):
        pass
    body = orjson.dumps({"ok": True, "id": uuid.UUID(int=0).hex, "rev": f"1-{uuid.UUID(int=0).hex}"})
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def serve_nothing() -> None:
    """Serve it on a free port, which is printed, until the process is ended."""
    with bind("127.0.0.1", 0) as listener, asyncio.Runner(loop_factory=loop_factory()) as runner:
        print(listener.getsockname()[1], flush=True)
        served: Any = nothing  # ASGI in the narrower types of this file
        runner.run(uvicorn.Server(configuration(served)).serve(sockets=[listener]))


def processor(pid: int) -> float:
    """Seconds of processor time that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def put(base: str, name: str, pid: int, each: int) -> float:
    """Microseconds of the process's time per PUT."""

    async def write() -> None:
        async with Wire(base) as wire:
            for _ in range(each):
                one = doc()
                await wire.ask("PUT", f"/{name}/{one['_id']}", orjson.dumps(one))

    begun = processor(pid)
    await asyncio.gather(*(write() for _ in range(WRITERS)))
    return (processor(pid) - begun) / (each * WRITERS) * 1e6


async def run(base: str, pid: int, rounds: int, each: int) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.floor", "--nothing", stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    name = f"test-{uuid.uuid4()}-bench"
    whole, least = [], []
    try:
        bare = f"http://127.0.0.1:{int(await child.stdout.readline())}"
        async with Wire(base) as wire:
            await wire.ask("PUT", f"/{name}", b"")
        for _ in range(rounds):
            whole.append(await put(base, name, pid, each))
            least.append(await put(bare, name, child.pid, each))
        async with Wire(base) as wire:
            await wire.ask("DELETE", f"/{name}")
    finally:
        child.terminate()
        await child.wait()
    print(f"PUT, {WRITERS} writers: {statistics.median(whole):.0f} µs of processor time each, ", end="")
    print(f"of which uvicorn with an empty application takes {statistics.median(least):.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description="What a PUT costs, and what of it a server that does nothing."
    )
    parser.add_argument("base", nargs="?", metavar="URL", help="the engine's")
    parser.add_argument("pid", nargs="?", type=int, metavar="PID", help="of the process that serves it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--each", type=int, default=200, help="documents of each writer in a round")
    parser.add_argument("--nothing", action="store_true", help="serve the empty application")
    options = parser.parse_args()
    if options.nothing:
        serve_nothing()
        return
    if options.base is None or options.pid is None:
        parser.error("URL and PID are needed")
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run(options.base, options.pid, options.rounds, options.each))


if __name__ == "__main__":
    main()
