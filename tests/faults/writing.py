"""A process that writes until it is killed, saying after each write what was acknowledged.

Run as ``python writing.py FOLDER SEED``. A line is printed only after the engine has answered, so whoever
reads it knows what must be found after a kill.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sync.embedded import open_engine
from sync.interface import Database


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    for first in range(0, len(data), 1000):
        yield data[first : first + 1000]


async def write(db: Database, writer: int, seed: int) -> None:
    rng = random.Random(seed * 100 + writer)
    for n in range(100_000):
        doc_id = f"{seed}:{writer}:{n}"
        kind = rng.choice(("one", "many", "twice", "file"))
        if kind == "one":
            await db.put({"_id": doc_id, "n": n})
        elif kind == "many":
            await db.bulk_docs([{"_id": f"{doc_id}:{m}", "n": m, "fill": "x" * 300} for m in range(40)])
        elif kind == "twice":
            rev = await db.put({"_id": doc_id, "n": 0})
            await db.put({"_id": doc_id, "_rev": rev, "n": n})
        else:
            await db.put_attachment(
                doc_id, "f", "x/y", pieces(f"{doc_id} ".encode() * rng.randrange(1, 2000))
            )
        print(kind, doc_id, n, flush=True)


async def main(folder: str, seed: int) -> None:
    async with await open_engine(folder) as engine:
        db = await engine.ensure("muertes")
        await asyncio.gather(*(write(db, writer, seed) for writer in range(4)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
