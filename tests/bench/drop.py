"""How long a writer waits while a large database is dropped: `python -m tests.bench.drop [COUNT]`.

Law: the same puts are timed before, while and after the rows go, in one run, so that what the machine adds is
seen beside what the drop adds; and each step of the drop is timed by itself, by the clock and by its thread's
processor time, which other programs do not lengthen. Ids are random: the worst case, a page of the index for
every row.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from sync.embedded import housekeeping, open_engine
from sync.embedded.engine import EmbeddedEngine
from sync.embedded.writer import Writer
from sync.interface import Database

BATCH = 1_000
#: Seconds of puts before and after.
AROUND = 5.0
#: The longest a drop is waited for.
ENOUGH = 300.0


class Watched(Writer):
    """A writer that notes the transactions done whole in its thread, as steps of housekeeping are."""

    holds: list[tuple[float, float]]

    def _whole(self, group: Sequence[object]) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        super()._whole(group)  # type: ignore[arg-type]
        self.holds.append((time.perf_counter() - wall, time.thread_time() - cpu))


async def puts(db: Database, until: Callable[[], bool]) -> list[float]:
    """One writer, one document after another: the milliseconds each took."""
    waits = []
    while not until():
        begun = time.perf_counter()
        await db.put({"_id": uuid.uuid4().hex})
        waits.append((time.perf_counter() - begun) * 1000)
    return waits


def after(seconds: float) -> Callable[[], bool]:
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() > end


def show(what: str, found: Sequence[float]) -> None:
    found = sorted(found)
    at = {name: found[min(len(found) - 1, int(len(found) * part))] for name, part in PARTS.items()}
    cells = " | ".join(f"{value:.1f}" for value in at.values())
    print(f"| {what} | {len(found)} | {cells} |", flush=True)


PARTS = {"median": 0.5, "p99": 0.99, "p99.9": 0.999, "longest": 1.0}


async def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with await open_engine(Path(folder)) as engine:
            await measure(engine, count)


async def measure(engine: EmbeddedEngine, count: int) -> None:
    doomed, kept = await engine.create("doomed"), await engine.create("kept")
    for _ in range(0, count, BATCH):
        await doomed.bulk_docs([{"_id": uuid.uuid4().hex, "text": "x" * 550} for _ in range(BATCH)])
    writer = engine.writer
    writer.__class__ = Watched
    assert isinstance(writer, Watched)
    writer.holds = []
    before = await puts(kept, after(AROUND))
    writer.holds.clear()
    begun = time.perf_counter()
    await engine.delete("doomed")
    enough = after(ENOUGH)
    meanwhile = await puts(kept, lambda: enough() or not engine.readers.quick(housekeeping.dropped))
    spent = time.perf_counter() - begun
    holds = list(writer.holds)
    later = await puts(kept, after(AROUND))
    print(f"{count} documents dropped in {spent:.1f} s and {len(holds)} steps. Milliseconds:\n")
    print("| | how many | " + " | ".join(PARTS) + " |\n|---|" + "---:|" * (len(PARTS) + 1))
    show("put before", before)
    show("put meanwhile", meanwhile)
    show("put after", later)
    show("step of the drop holds the writer", [wall * 1000 for wall, _ in holds])
    show("of that its own processor time", [cpu * 1000 for _, cpu in holds])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
