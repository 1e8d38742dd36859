"""Measures any CouchDB-compatible servers against each other: ``python tests/bench/engine.py URL [URL …]``.

Law: the servers take turns within every round, so that whatever else the machine does falls on all of them;
the figure is the median of the rounds; the ratio is to the last URL. Databases are ``test-<uuid>-bench…`` and
dropped.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

sys.path.insert(0, str(Path(__file__).parents[2]))

from sync.__main__ import loop_factory
from tests.bench.wire import Wire

#: A document of some 600 bytes, shaped like a report's event.
FILL = {
    "kind": "captured",
    "type": "bache",
    "position": {"lat": 20.123456, "lon": -98.765432, "accuracy": 7.5, "source": "gps"},
    "note": "Bache de un metro frente a la tortillería, crece con cada lluvia y ya ponchó dos llantas. " * 3,
    "app": "1.0.0",
    "photos": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
}


@dataclass(frozen=True)
class Scale:
    """How much of everything one round does."""

    batches: int
    singles: int
    photos: int
    polls: int


@dataclass
class Target:
    base: str
    wire: Wire
    name: str
    batches: int = 0
    ids: list[str] | None = None


def doc(doc_id: str | None = None) -> dict[str, object]:
    return {"_id": doc_id or uuid.uuid4().hex, **FILL}


async def bulk_insert(at: Target, scale: Scale) -> float:
    """Documents a second, in batches of 1,000 with random ids, one after another."""
    bodies = [orjson.dumps({"docs": [doc() for _ in range(1000)]}) for _ in range(scale.batches)]
    begun = time.perf_counter()
    for body in bodies:
        await at.wire.ask("POST", f"/{at.name}/_bulk_docs", body)
    at.batches += scale.batches
    return scale.batches * 1000 / (time.perf_counter() - begun)


async def changes(at: Target, scale: Scale) -> float:
    """Documents a second of a full read with documents."""
    begun = time.perf_counter()
    body = await at.wire.ask("GET", f"/{at.name}/_changes?include_docs=true")
    spent = time.perf_counter() - begun
    rows = len(orjson.loads(body)["results"])
    if rows < at.batches * 1000:
        raise SystemExit(f"{at.base} gave {rows} changes of {at.batches * 1000}")
    return rows / spent


async def bulk_get(at: Target, scale: Scale) -> float:
    """Documents a second, a hundred in each request."""
    ids = await some_ids(at)
    bodies = [
        orjson.dumps({"docs": [{"id": one} for one in ids[first : first + 100]]})
        for first in range(0, len(ids), 100)
    ]
    begun = time.perf_counter()
    for body in bodies:
        await at.wire.ask("POST", f"/{at.name}/_bulk_get?revs=true", body)
    return len(ids) / (time.perf_counter() - begun)


async def get(at: Target, scale: Scale) -> float:
    """Documents a second, one in each request."""
    ids = (await some_ids(at))[: scale.singles]
    begun = time.perf_counter()
    for one in ids:
        await at.wire.ask("GET", f"/{at.name}/{one}")
    return len(ids) / (time.perf_counter() - begun)


async def some_ids(at: Target) -> list[str]:
    if at.ids is None:
        found = orjson.loads(await at.wire.ask("GET", f"/{at.name}/_all_docs?limit=2000"))
        at.ids = [row["id"] for row in found["rows"]]
    return at.ids


def put(writers: int) -> Callable[[Target, Scale], Awaitable[float]]:
    async def measure(at: Target, scale: Scale) -> float:
        each = max(1, scale.singles // writers) if writers == 1 else max(1, 2 * scale.singles // writers)

        async def write() -> None:
            async with Wire(at.base) as wire:
                for _ in range(each):
                    one = doc()
                    await wire.ask("PUT", f"/{at.name}/{one['_id']}", orjson.dumps(one))

        begun = time.perf_counter()
        await asyncio.gather(*(write() for _ in range(writers)))
        return each * writers / (time.perf_counter() - begun)

    measure.__doc__ = f"Documents a second, one in each request, by {writers} writers at once."
    return measure


async def photos_up(at: Target, scale: Scale) -> float:
    """Attachments of 200 KB a second, uploaded."""
    photos = [os.urandom(200_000) for _ in range(scale.photos)]
    begun = time.perf_counter()
    for photo in photos:
        await at.wire.ask("PUT", f"/{at.name}/{uuid.uuid4().hex}/f.jpg", photo, kind="image/jpeg")
    return scale.photos / (time.perf_counter() - begun)


async def photos_down(at: Target, scale: Scale) -> float:
    """Attachments of 200 KB a second, downloaded."""
    path = f"/{at.name}/{uuid.uuid4().hex}/f.jpg"
    await at.wire.ask("PUT", path, os.urandom(200_000), kind="image/jpeg")
    begun = time.perf_counter()
    for _ in range(scale.photos):
        if len(await at.wire.ask("GET", path)) != 200_000:
            raise SystemExit(f"{at.base} gave a part of an attachment")
    return scale.photos / (time.perf_counter() - begun)


async def longpolls(at: Target, scale: Scale) -> float:
    """Wake-ups a second: each longpoll waits on a database of its own, then one write goes to each."""
    names = [f"{at.name}-{n}" for n in range(scale.polls)]
    for name in names:
        await at.wire.ask("PUT", f"/{name}", b"")
    wires = [Wire(at.base) for _ in names]
    for wire in wires:
        await wire.__aenter__()
    polls = [
        asyncio.ensure_future(wire.ask("GET", f"/{name}/_changes?feed=longpoll&since=now&timeout=60000"))
        for wire, name in zip(wires, names, strict=True)
    ]
    # Until the last of them waits: a server answers its requests in turn.
    await asyncio.sleep(2)
    if any(poll.done() for poll in polls):
        raise SystemExit(f"{at.base} answered a longpoll before there was a change")
    begun = time.perf_counter()
    for name in names:
        await at.wire.ask("PUT", f"/{name}/a", b"{}")
    await asyncio.gather(*polls)
    spent = time.perf_counter() - begun
    for wire in wires:
        await wire.__aexit__(None, None, None)
    for name in names:
        await at.wire.ask("DELETE", f"/{name}")
    return len(names) / spent


ROWS: dict[str, Callable[[Target, Scale], Awaitable[float]]] = {
    "bulk insert, documents/s": bulk_insert,
    "_changes with documents, documents/s": changes,
    "_bulk_get of 100, documents/s": bulk_get,
    "GET, documents/s": get,
    "PUT, 1 writer, documents/s": put(1),
    "PUT, 16 writers, documents/s": put(16),
    "attachment up, 200 KB, files/s": photos_up,
    "attachment down, 200 KB, files/s": photos_down,
    "longpolls woken by one write each, /s": longpolls,
}


async def run(bases: list[str], rounds: int, scale: Scale, only: str) -> None:
    targets = []
    for base in bases:
        async with Wire(base) as wire:
            target = Target(base, wire, f"test-{uuid.uuid4()}-bench")
            await wire.ask("PUT", f"/{target.name}", b"")
        targets.append(target)
    try:
        print("| | " + " | ".join(label(base) for base in bases) + " | ratio |")
        print("|---|" + "---:|" * (len(bases) + 1))
        for title, measure in ROWS.items():
            if only not in title and measure is not bulk_insert:
                continue
            found: list[list[float]] = [[] for _ in targets]
            for number in range(rounds if measure is not longpolls else 1):
                turn = list(zip(targets, found, strict=True))
                for target, figures in turn if number % 2 == 0 else reversed(turn):
                    # Anew each time: a server may close what was idle while it was another's turn.
                    async with Wire(target.base) as target.wire:
                        figures.append(await measure(target, scale))
            medians = [statistics.median(figures) for figures in found]
            cells = " | ".join(f"{figure:,.0f}" for figure in medians)
            print(f"| {title} | {cells} | {medians[0] / medians[-1]:.1f} |", flush=True)
    finally:
        for target in targets:
            async with Wire(target.base) as wire:
                await wire.ask("DELETE", f"/{target.name}")


def label(base: str) -> str:
    return base.rpartition("@")[2].removeprefix("http://")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure CouchDB-compatible servers against each other.")
    parser.add_argument("bases", nargs="+", metavar="URL", help="http://[user:password@]host:port")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", type=int, default=10, help="batches of 1,000 inserted in each round")
    parser.add_argument("--singles", type=int, default=1000, help="single requests in each round")
    parser.add_argument("--photos", type=int, default=50)
    parser.add_argument("--polls", type=int, default=500)
    parser.add_argument("--only", default="", help="only rows whose title contains this")
    options = parser.parse_args()
    scale = Scale(options.batches, options.singles, options.photos, options.polls)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run(options.bases, options.rounds, scale, options.only))


if __name__ == "__main__":
    main()
