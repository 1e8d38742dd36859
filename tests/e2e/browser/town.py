"""A small invented municipality behind the real service, on a free loopback port, in a process of its own.

Law: nothing here stands in for the service: documents come from the demonstration's generator, and every
folio, status and mailbox from intake. Prints one line, ``ready <url>``, when it may be used, and ends with
its standard input. Its clock is the system's, moved on by the days that the file ``ahead`` beside its data
says.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.commands.serve import Listening, run
from server.context import Context, open_context
from server.demo.city import degrees
from server.demo.making import make_demonstration
from server.settings import Settings

#: Small enough to be there in a second or two, large enough for every list to have something in it.
EVERYDAY = 24
SEED = 7


class MovedOn:
    """The system's clock, as many days later as the file says at the moment of asking."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        days = float(self._file.read_text()) if self._file.exists() else 0.0
        return datetime.now(UTC) + timedelta(days=days)


async def fill(context: Context, everyday: int) -> None:
    """Make the municipality with so many ordinary reports, and note where its first block leader lives."""
    made = await make_demonstration(
        context, SEED, datetime.now(UTC), lambda what, done, total: None, everyday=everyday
    )
    assert made
    leader = next(one["account"] for one in made.offered if one["account"] in made.cast.leader_of.values())
    block = made.city.blocks[next(b for b, who in made.cast.leader_of.items() if who == leader)]
    lon, lat = degrees((block.shape.centroid.x, block.shape.centroid.y))
    facts = {"leader": leader, "block": block.id, "lat": lat, "lon": lon}
    (context.settings.data_dir / "facts.json").write_text(json.dumps(facts))


async def main(folder: Path, app: Path, everyday: int = EVERYDAY) -> None:
    settings = Settings(data_dir=folder, app_dir=app, port=0)
    if not (folder / "engine").exists():
        async with open_context(settings) as context:
            await fill(context, everyday)

    async def ready(context: Context, listening: Listening) -> None:
        print(f"ready {listening.url}", flush=True)
        # From here on the log goes where errors go: nobody reads this pipe any longer, and a full one blocks.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    serving = asyncio.create_task(run(settings, on_ready=ready, clock=MovedOn(folder.with_name("ahead"))))
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:])))
