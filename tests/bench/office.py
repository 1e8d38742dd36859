"""The office among all the reports of a large town: lists, counts, figures, exports, the register itself.

    python -m tests.bench.office [--reports 372959] [--rounds 30] [--folder DIR]

Reports are made at random by the tests' own generator and written as intake leaves them; the same grouped
questions are then asked of the register's columns and, in turns, of SQLite over the register's own table
with an index for each. Times are of this process, in milliseconds: median and 95th percentile.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw

from server.exports.columns import Titles, columns_of, rows
from server.exports.formats import xlsx_file
from server.register.columns import Columns
from server.register.filters import Days, Filter
from server.register.finding import find
from server.register.lists import facets_of, page_of
from server.register.register import Register
from server.register.schema import REPORTS_FILE
from server.register.scope import Scope
from server.register.statistics import compliance_by, figures, grouped
from server.store.databases import Databases
from sync.embedded import open_engine
from tests.server.register.recount import any_filter
from tests.server.register.town import NOW, ZONE, make

ALL = Scope(everything=True, confidential=True)
#: Reports written together.
_BATCH = 5_000


def resident() -> float:
    """Megabytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def line(name: str, took: list[tuple[float, float]]) -> None:
    """A row: by the clock, and by the processor, which says the same whatever else the machine carries."""
    numbers = []
    for each in zip(*took, strict=True):
        ordered = sorted(each)
        numbers += [statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]]
    print(f"| {name} | " + " | ".join(f"{number:.1f}" for number in numbers) + " |", flush=True)


Question = Callable[[apsw.Connection, Columns], Any]


def paging(wanted: Filter) -> Question:
    return lambda db, held: page_of(db, held, wanted, ALL, NOW)


def faceting(wanted: Filter) -> Question:
    return lambda db, held: facets_of(db, held, wanted, ALL, NOW)


def finding(said: str) -> Question:
    return lambda db, held: find(db, held, said, ALL, NOW, persons=True)


async def timed(register: Register, question: Question, rounds: int) -> list[tuple[float, float]]:
    """Milliseconds of each round: by the clock, and of the processor in the thread that answers."""
    took = []
    for _ in range(rounds):
        spent = 0.0

        def measured(db: apsw.Connection, held: Columns) -> None:
            nonlocal spent
            began = time.thread_time()
            question(db, held)
            spent = time.thread_time() - began

        began = time.perf_counter()
        await register.ask(measured)
        took.append(((time.perf_counter() - began) * 1000, spent * 1000))
    return took


GROUPED = {
    "agency × status × channel × month": (
        "SELECT agency, status, channel, month, count(*) FROM reports GROUP BY 1, 2, 3, 4",
        "CREATE INDEX IF NOT EXISTS bench_four ON reports (agency, status, channel, month)",
    ),
    "compliance per agency": (
        "SELECT agency, count(*), sum(finished_at <= due_at), sum(finished_at > due_at)"
        " FROM reports GROUP BY 1",
        "CREATE INDEX IF NOT EXISTS bench_agency ON reports (agency, finished_at, due_at)",
    ),
    "four facets of one agency, one year": (
        "SELECT status, type, channel, colonia, count(*) FROM reports WHERE agency = 'obras'"
        " AND captured_on > (SELECT max(captured_on) FROM reports) - 365 GROUP BY 1, 2, 3, 4",
        "CREATE INDEX IF NOT EXISTS bench_facets"
        " ON reports (agency, captured_on, status, type, channel, colonia)",
    ),
}


def four_ways(_: apsw.Connection, columns: Columns) -> Any:
    """``agency × status × channel × month`` by the columns."""
    with columns.lock:
        return grouped(columns, columns.living, ("agency", "status", "channel", "month"))


def complied(_: apsw.Connection, columns: Columns) -> Any:
    """Compliance of each agency: what the statement beside it says, and what is open, overdue and undated."""
    with columns.lock:
        return compliance_by(columns, columns.living, int(NOW.timestamp()), days=False)


async def run(reports: int, rounds: int, folder: Path) -> None:
    rng = random.Random(1)
    async with await open_engine(folder / "engine") as engine:
        databases = await Databases.open(engine)
        began = time.perf_counter()
        if not (await databases.cases.info()).doc_count:
            for start in range(0, reports, _BATCH):
                made, citizens = make(start, min(_BATCH, reports - start))
                for number, doc in enumerate(made, start + 1):
                    doc["folio"] = f"VP-{number:06d}"
                await databases.citizens.bulk_docs(citizens)
                await databases.cases.bulk_docs(made)
        print(f"{reports:,} reports written in {time.perf_counter() - began:.0f} s\n")
        before = resident()
        register = Register(folder / "register", databases)
        began, spent = time.perf_counter(), time.process_time()
        await register.rebuild()
        grown, busy = time.perf_counter() - began, time.process_time() - spent
        size = sum(file.stat().st_size for file in (folder / "register").iterdir()) / 1_000_000
        await register.stop()
        register = Register(folder / "register", databases)
        began = time.perf_counter()
        await register.catch_up()
        opened = time.perf_counter() - began
        print(
            f"grown anew in {grown:.1f} s ({busy:.1f} s of the processor), opened in {opened:.2f} s, "
            f"files {size:.0f} MB, memory +{resident() - before:.0f} MB\n"
        )
        print("| what | median ms | p95 ms | CPU median | CPU p95 |\n|---|---:|---:|---:|---:|")
        filters = [any_filter(rng) for _ in range(rounds)]
        took: list[tuple[float, float]] = []
        for wanted in filters:
            took += await timed(register, paging(wanted), 1)
        line("list of 50 by a random filter, with its count", took)
        line(
            "list of 50 of all, newest",
            await timed(register, lambda db, held: page_of(db, held, Filter(), ALL, NOW), rounds),
        )
        took = []
        for wanted in filters:
            took += await timed(register, faceting(wanted), 1)
        line("facets of a random filter", took)
        line(
            "facets of all",
            await timed(register, lambda db, held: facets_of(db, held, Filter(), ALL, NOW), rounds),
        )
        took = []
        for _ in range(rounds):
            said = rng.choice(
                [
                    f"VP-{rng.randrange(1, reports):06d}",
                    str(rng.randrange(1, reports)),
                    "4771234567",
                    "balboa",
                ]
            )
            took += await timed(register, finding(said), 1)
        line("one box: folio, telephone, street", took)
        line(
            "figures of all",
            await timed(register, lambda db, held: figures(db, held, Filter(), ALL, NOW), rounds),
        )
        agency = Filter(agency=("obras",))
        line(
            "figures of one agency",
            await timed(register, lambda db, held: figures(db, held, agency, ALL, NOW), rounds),
        )
        print(
            "\n| grouped, in turns, medians | register | SQLite | ratio | CPU | SQLite CPU | ratio |"
            "\n|---|---:|---:|---:|---:|---:|---:|"
        )
        await beside(register, folder, rounds)
        await exported(register, folder)
        await register.stop()


async def beside(register: Register, folder: Path, rounds: int) -> None:
    """The same grouped questions of the columns and of SQLite with its indexes."""
    plain = apsw.Connection(str(folder / "register" / REPORTS_FILE))
    for _, index in GROUPED.values():
        plain.execute(index).fetchall()
    plain.execute("ANALYZE").fetchall()
    year = Filter(
        agency=("obras",), captured=Days((NOW.astimezone(ZONE).date() - timedelta(days=364)).isoformat())
    )

    def fetch(statement: str) -> tuple[float, float]:
        began, spent = time.perf_counter(), time.thread_time()
        plain.execute(statement).fetchall()
        return (time.perf_counter() - began) * 1000, (time.thread_time() - spent) * 1000

    ours: dict[str, Question] = {
        "agency × status × channel × month": four_ways,
        "compliance per agency": complied,
        "four facets of one agency, one year": lambda db, held: facets_of(
            db, held, year, ALL, NOW, ("status", "type", "channel", "colonia")
        ),
    }
    for name, (statement, _) in GROUPED.items():
        mine, theirs = [], []
        for _ in range(rounds):
            mine += await timed(register, ours[name], 1)
            theirs.append(await asyncio.to_thread(fetch, statement))
        cells = []
        for one, other in zip(zip(*mine, strict=True), zip(*theirs, strict=True), strict=True):
            a, b = statistics.median(one), statistics.median(other)
            cells += [f"{a:.1f}", f"{b:.1f}", f"{b / a:.1f}"]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    plain.close()


async def exported(register: Register, folder: Path) -> None:
    titles = Titles({}, {}, {}, {}, {})
    columns = columns_of(persons=True)

    def write(db: apsw.Connection, held: Columns) -> None:
        places = [n for n in range(1, held.size) if held.alive[n]]
        made = rows(db, held, places, titles, ZONE, NOW, persons=True)
        xlsx_file(folder / "all.xlsx", "Reportes", columns, made)

    before, began = resident(), time.perf_counter()
    await register.ask(write)
    size = (folder / "all.xlsx").stat().st_size / 1_000_000
    print(
        f"\nall to XLSX: {time.perf_counter() - began:.1f} s, {size:.0f} MB, "
        f"memory +{resident() - before:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reports", type=int, default=372_959)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.folder is not None:
        asyncio.run(run(asked.reports, asked.rounds, asked.folder))
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(asked.reports, asked.rounds, Path(folder)))


if __name__ == "__main__":
    main()
