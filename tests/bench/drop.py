"""How long a writer waits while a large database is dropped: `python -m tests.bench.drop [COUNT]`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from sync.embedded import open_engine

BATCH = 1_000


async def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with await open_engine(Path(folder)) as engine:
            doomed, kept = await engine.create("doomed"), await engine.create("kept")
            for start in range(0, count, BATCH):
                await doomed.bulk_docs(
                    [{"_id": f"{n:08}", "text": "x" * 550} for n in range(start, start + BATCH)]
                )
            await engine.delete("doomed")
            waits = []
            until = time.perf_counter() + 10
            while time.perf_counter() < until:
                began = time.perf_counter()
                await kept.put({"_id": f"{len(waits):08}"})
                waits.append((time.perf_counter() - began) * 1000)
            waits.sort()
            print(f"{count} documents dropped; {len(waits)} puts in 10 s meanwhile:")
            print(f"median {waits[len(waits) // 2]:.1f} ms, longest {waits[-1]:.1f} ms")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
