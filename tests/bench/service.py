"""Measures the case service: ``python tests/bench/service.py [part …]``.

Law: the service runs in a process of its own, as ``manzana serve`` does; what is measured is what a
phone would see. Latency counts from before the push until the phone's own longpoll has brought the
acknowledgement, which intake writes after every mailbox.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import secrets
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

# The repository's root is put on the path first.
from server.clock import SystemClock, new_uuid7  # noqa: E402
from server.console.importing import BULK_FROM, take_in  # noqa: E402
from server.context import open_context  # noqa: E402
from server.delivery.audit import check  # noqa: E402
from server.imports.store import batches, store  # noqa: E402
from server.intake.running.intake import Intake  # noqa: E402
from server.operations.loop import run_in_loop  # noqa: E402
from server.settings import Settings  # noqa: E402
from tests.bench import town  # noqa: E402
from tests.bench.ageing import measure_positions  # noqa: E402
from tests.bench.oldsystem import OldSystem, told_every, told_meanwhile  # noqa: E402
from tests.bench.running import Follower, PhoneWire, processor, serving  # noqa: E402

Json = dict[str, Any]

#: The share of the asked rate below which a higher one is not asked for.
KEEPS_UP = 0.8


@dataclass
class Row:
    what: str
    figure: str


def quantile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


async def events(
    settings: Settings, rate: int, seconds: int, devices: int, *, apart: bool
) -> tuple[list[float], float, float]:
    """Push captures at a steady rate; gives latencies, the rate reached, CPU seconds an event."""
    phones = await town.prepare(settings, 400, devices)
    count = rate * seconds
    first = phones[0].pen.capture("lampara", text="Para empezar", **town.middle(0))
    made = [
        phones[n % devices].pen.capture(
            "lampara", text="No prende la lámpara desde el lunes", **town.middle(n % 400)
        )
        for n in range(count)
    ]
    bodies = [orjson.dumps({"docs": [event]}) for event in made]
    async with serving(settings, apart=apart) as (base, pids):
        followers = [Follower(base, phone) for phone in phones]
        tasks = [asyncio.create_task(follower.follow()) for follower in followers]
        wires = [PhoneWire(base, phone.token) for phone in phones]
        for wire in wires:
            await wire.__aenter__()
        # The intake may be another process, and on CouchDB it first makes hundreds of mailboxes: one event
        # tells that it is up.
        await wires[0].ask("POST", "/sync/inbox/_bulk_docs", orjson.dumps({"docs": [first]}))
        async with asyncio.timeout(900):
            while first["_id"] not in followers[0].seen:
                followers[0].news.clear()
                await followers[0].news.wait()
        before = sum(map(processor, pids))
        begun: dict[str, float] = {}
        start = time.perf_counter()

        async def one(number: int) -> None:
            """A phone sends its events one after another, each when its time has come."""
            for turn in range(number, count, devices):
                await asyncio.sleep(max(0.0, start + turn / rate - time.perf_counter()))
                begun[made[turn]["_id"]] = max(start + turn / rate, time.perf_counter() - 1)
                await wires[number].ask("POST", "/sync/inbox/_bulk_docs", bodies[turn])

        await asyncio.gather(*(one(number) for number in range(devices)))
        async with asyncio.timeout(120):
            for number, follower in enumerate(followers):
                own = {made[turn]["_id"] for turn in range(number, count, devices)}
                while not own <= follower.seen.keys():
                    follower.news.clear()
                    await follower.news.wait()
        busy = sum(map(processor, pids)) - before
        end = max(at for follower in followers for at in follower.seen.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for wire in wires:
            await wire.__aexit__(None, None, None)
    latencies = [f.seen[event] - begun[event] for f in followers for event in f.seen if event in begun]
    return latencies, count / (end - start), busy / count


async def measure_events(make: Any, seconds: int, rates: list[int], *, apart: bool) -> list[Row]:
    rows = []
    for rate in rates:
        settings = make()
        latencies, reached, busy = await events(settings, rate, seconds, 60, apart=apart)
        await clean(settings)
        p50, p95, p99 = (quantile(latencies, part) * 1000 for part in (0.5, 0.95, 0.99))
        quantiles = f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms"
        figure = f"{reached:.0f}/s; {quantiles}; {busy * 1000:.1f} ms CPU each"
        how = "two processes" if apart or settings.couchdb_url else "one process"
        what = f"{rate} events/s from 60 phones, push to acknowledged and delivered, {how}"
        rows.append(Row(what, figure))
        print(rows[-1], file=sys.stderr, flush=True)
        if reached < rate * KEEPS_UP:
            break  # Asked for more, the line would only grow longer.
    return rows


async def clean(settings: Settings) -> None:
    """The municipality must be sound; then it is thrown away."""
    async with open_context(settings) as context:
        found = await check(context.databases, context.directory, SystemClock())
        if found:
            raise SystemExit(f"{len(found)} findings: {found[:5]}")
        if settings.couchdb_url:
            for name in await context.engine.names():
                await context.engine.delete(name)
    shutil.rmtree(settings.data_dir)


async def measure_idle(make: Any) -> list[Row]:
    settings = make()
    (phone,) = await town.prepare(settings, 50, 1)
    async with serving(settings) as (base, _), PhoneWire(base, phone.token) as wire:
        since = {}
        for feed in ("mailbox", "reference"):
            page = orjson.loads(await wire.ask("GET", f"/sync/{feed}/_changes?limit=1000"))
            since[feed] = page["last_seq"]
        body = orjson.dumps({"device": phone.pen.id, "since": since, "last_seq": 0, "pending": 0})
        await wire.ask("POST", "/sync/checkin", body)
        spent = []
        for _ in range(1000):
            begun = time.perf_counter()
            await wire.ask("POST", "/sync/checkin", body)
            spent.append(time.perf_counter() - begun)
    await clean(settings)
    figure = f"{statistics.median(spent) * 1000:.2f} ms, {1 / statistics.mean(spent):.0f}/s on one connection"
    return [Row("idle check-in (one request, nothing new)", figure)]


async def measure_pulls(make: Any, phones: int, documents: int) -> list[Row]:
    settings = make()
    made = await town.prepare(settings, phones, phones)
    async with open_context(settings) as context:
        intake = Intake(context.databases, context.directory, context.clock, settings.data_dir)
        await intake.open()
        copies = await sample_copies(context, intake, documents)
        for number in range(phones):
            box = await context.databases.mailbox(f"l{number}", 1)
            await box.bulk_docs(copies)
        await intake.close()
    gzip = {"bytes": 0}
    async with serving(settings) as (base, _):

        async def pull(phone: town.Phone) -> int:
            wire = PhoneWire(base, phone.token)
            wire._fixed += "Accept-Encoding: gzip\r\n"
            async with wire:
                body = await wire.ask("GET", "/sync/mailbox/_changes?since=0&limit=1000")
                gzip["bytes"] += len(body)
            return len(body)

        begun = time.perf_counter()
        await asyncio.gather(*(pull(phone) for phone in made))
        spent = time.perf_counter() - begun
    shutil.rmtree(settings.data_dir)
    size = gzip["bytes"] / phones / 1000
    figure = f"{spent:.1f} s in all, {size:.0f} KB each (gzip)"
    return [Row(f"{phones} first pulls of {documents} documents at once", figure)]


async def sample_copies(context: Any, intake: Intake, documents: int) -> list[Json]:
    """As many real copies of reports as asked for."""
    phone = await town.phone(context, "l0", "block_leader")
    for _ in range(documents):
        await context.databases.inbox.put(
            receipt(phone.pen.capture("lampara", text="No prende desde el lunes", **town.middle(0)))
        )
    await intake.run_until_idle()
    held = await intake.delivery.mailboxes.contents("l0")
    reports = [doc for key, doc in held.items() if key.startswith("report:")]
    return [{name: value for name, value in doc.items() if name != "_rev"} for doc in reports[:documents]]


def receipt(event: Json) -> Json:
    device = event["device"]
    return {
        "_id": new_uuid7(SystemClock()),
        "schema": "receipt.v1",
        "received_at": event["occurred_at"],
        "session": {"account": device.partition("~")[0], "device": device},
        "event": event,
    }


async def measure_import(make: Any, reports: int, still_open: float) -> list[Row]:
    """An old system's reports through inbox, records, fold and mailboxes; so many of them still open."""
    settings = make()
    await town.prepare(settings, 400, 0)
    async with open_context(settings) as context:
        old = await OldSystem.of(context, reports, still_open)
        begun, marks = time.perf_counter(), [time.process_time()]
        events, tell = 0, told_every(10, "in the inbox", reports)
        for batch in batches(old.receipts(reports, lambda: secrets.randbelow(400))):
            await store(context.databases.inbox, batch, keep=True)
            events += len(batch)
            tell(events)
        marks.append(time.process_time())
        intake = Intake(context.databases, context.directory, context.clock, settings.data_dir)
        await intake.open()
        marks.append(time.process_time())
        bulk = events >= BULK_FROM
        work = intake.take_in_bulk() if bulk else intake.run_until_idle()
        await told_meanwhile(work, lambda: sum(intake.line.counts.values()), events)
        marks.append(time.process_time())
        if bulk:
            listed = len(intake.delivery.index.entries)
            await intake.fill_mailboxes(told_every(10, "in the mailboxes", listed))
        counts = intake.line.counts
        await intake.close()
        marks.append(time.process_time())
        spent = time.perf_counter() - begun
    if counts != {"admitted": events, "refused": 0, "quarantined": 0}:
        raise SystemExit(f"not all of {events} came in: {counts}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    each = [(after - before) / reports * 1000 for before, after in pairwise(marks)]
    shares = "inbox {:.2f}, first mailboxes {:.2f}, taken in {:.2f}, mailboxes {:.2f}".format(*each)
    figure = f"{spent:.0f} s, {reports / spent:.0f}/s, {memory:.0f} MB; {sum(each):.2f} ms CPU ({shares})"
    print(row := Row(f"import and fold of {reports:,} reports, {still_open:.0%} open", figure), flush=True)
    await clean(settings)
    return [row]


async def measure_growth(make: Any, reports: int) -> list[Row]:
    """One leader's pull of the same mailbox, among 1,000 reports of the municipality and among many."""
    settings = make()
    (phone,) = await town.prepare(settings, 400, 1)
    rows: list[Row] = []
    async with open_context(settings) as context:
        old = await OldSystem.of(context, reports)
    done = 0
    for total in (1_000, reports):
        async with open_context(settings) as context:
            if not done:
                # Ten in the leader's own block, the others where no card of them reaches it.
                await store(context.databases.inbox, old.receipts(10, lambda: 0))
                done = 10
            rest = old.receipts(total - done, lambda: secrets.randbelow(300) + 100)
            await store(context.databases.inbox, rest)
            done = total
            await take_in(context)
        spent = []
        async with serving(settings) as (base, _), PhoneWire(base, phone.token) as wire:
            for _ in range(200):
                begun = time.perf_counter()
                body = await wire.ask("GET", "/sync/mailbox/_changes?since=0&limit=1000")
                spent.append(time.perf_counter() - begun)
        held = sum(row["id"].startswith("report:") for row in orjson.loads(body)["results"])
        figure = f"{statistics.median(spent) * 1000:.1f} ms, {len(body) / 1000:.0f} KB, {held} reports of it"
        rows.append(Row(f"a leader's whole pull among {total:,} reports", figure))
        print(rows[-1], file=sys.stderr, flush=True)
    await clean(settings)
    return rows


def measure_routing(points: int) -> list[Row]:
    from server.cases.territory import Territory

    blocks: dict[str, Any] = {
        f"b{n}": {"geometry": town.square(*town.corner(n), town.DLON * 0.8, town.DLAT * 0.8)}
        for n in range(1600)
    }
    territory = Territory(blocks=blocks, colonias={f"c{n}": blocks[f"b{n}"] for n in range(0, 1600, 2)})
    spots = [town.middle(n % 1600) for n in range(points)]
    begun = time.perf_counter()
    for spot in spots:
        territory.spot(spot["lon"], spot["lat"])
    one_by_one = time.perf_counter() - begun
    begun = time.perf_counter()
    territory.look_ahead([(spot["lon"], spot["lat"]) for spot in spots])
    at_once = time.perf_counter() - begun
    figure = f"{one_by_one:.1f} s one by one, {at_once:.2f} s searched at once"
    return [Row(f"routing of {points:,} points over 1,600 blocks", figure)]


async def run(parts: list[str], given: argparse.Namespace) -> None:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="manzana-bench-") as scratch:

        def make() -> Settings:
            prefix = f"test-{uuid.uuid4()}-" if given.couchdb else ""
            return town.data(Path(scratch) / uuid.uuid4().hex, given.couchdb, prefix)

        if "events" in parts:
            rates = given.rates or ([10, 20, 40] if given.couchdb else [100, 200, 300, 400])
            for apart in [False] if given.couchdb else [False, True]:
                rows += await measure_events(make, given.seconds, rates, apart=apart)
        if "idle" in parts:
            rows += await measure_idle(make)
        if "pulls" in parts:
            rows += await measure_pulls(make, given.phones, given.documents)
        if "import" in parts:
            rows += await measure_import(make, given.reports, given.open)
        if "positions" in parts:
            settings, what = make(), f"workers' {given.reports:,} oldest positions, first taken out"
            rows.append(Row(what, await measure_positions(settings, given.reports)))
            await clean(settings)
        if "growth" in parts:
            rows += await measure_growth(make, given.reports)
    if "routing" in parts:
        rows += measure_routing(100_000)
    print("| what | figure |\n|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.figure} |")


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """What the command line asks for; no part named means all of them."""
    parser = argparse.ArgumentParser(description="Measure the case service.")
    parts = ["events", "idle", "pulls", "import", "positions", "growth", "routing"]
    parser.add_argument("parts", nargs="*", default=[], choices=[*parts, []])
    parser.add_argument("--seconds", type=int, default=20, help="of each rate of events")
    parser.add_argument("--rates", type=int, nargs="+", help="events a second")
    parser.add_argument("--phones", type=int, default=400)
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--reports", type=int, default=int(os.environ.get("BENCH_REPORTS", "20000")))
    parser.add_argument("--open", type=float, default=1.0, help="share of imported reports not closed yet")
    parser.add_argument("--couchdb", default="", help="a CouchDB instead of the embedded engine")
    given = parser.parse_args(arguments)
    given.parts = given.parts or parts
    return given


def main() -> None:
    given = options()
    run_in_loop(run(given.parts, given))


if __name__ == "__main__":
    main()
