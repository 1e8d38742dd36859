"""What the first sweep of ``position_days`` costs a municipality that has worked for long.

Law: the worst case. Every position is a brigade's on a report that is still open, so that each has its report
folded and all its copies written again; the steps are those that intake does between its rounds.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any

from server.context import open_context
from server.imports.store import batches, store
from server.intake.chores.positions import Positions
from server.intake.running.intake import Intake
from server.settings import Settings
from tests.bench import town
from tests.bench.oldsystem import OldSystem

Json = dict[str, Any]


def worked_on(receipts: Iterator[Json]) -> Iterator[Json]:
    """Captures as they are; what had ended was only begun, by a brigade and at an exact place."""
    for receipt in receipts:
        event = receipt["event"]
        receipt["received_at"] = event["occurred_at"]
        if event["kind"] == "finished":
            event |= {"kind": "started", "payload": {}, "role": "brigade", "actor": "luz-0"}
            event["device"] = "luz-0~" + event["device"].partition("~")[2]
            fix = {"accuracy": 5.0, "taken_at": event["occurred_at"]}
            event["position"] = {"source": "gps", **town.middle(0), **fix}
        yield receipt


async def measure_positions(settings: Settings, reports: int) -> str:
    """The figure: processor time each, and how long a step holds intake."""
    await town.prepare(settings, 400, 0)
    async with open_context(settings) as context:
        old = await OldSystem.of(context, reports, 0.0)
        for batch in batches(worked_on(old.receipts(reports, lambda: secrets.randbelow(400)))):
            await store(context.databases.inbox, batch, keep=True)
        intake = Intake(context.databases, context.directory, context.clock, settings.data_dir)
        await intake.open()
        await intake.take_in_bulk()
        await intake.fill_mailboxes()
        positions = Positions(intake.line, context.certain, intake.poke)
        spent: list[float] = []
        held: list[float] = []
        beside = 0.0
        while await positions.due():
            begun, clock = time.process_time(), time.perf_counter()
            await positions.step()
            spent.append(time.process_time() - begun)
            held.append(time.perf_counter() - clock)
            begun = time.process_time()
            await positions.rest()
            beside += time.process_time() - begun
        await intake.close()
    spent.sort()
    held.sort()
    each, aside = sum(spent) / reports * 1000, beside / reports * 1000
    middle, most = spent[len(spent) // 2] * 1000, spent[-1] * 1000
    waited, long = held[len(held) // 2] * 1000, held[int(len(held) * 0.99)] * 1000
    return (
        f"{each:.1f} ms CPU each, compaction {aside:.1f}; {len(spent)} steps of {middle:.0f} ms CPU,"
        f" at most {most:.0f}; intake held for {waited:.0f} ms, p99 {long:.0f} ms"
    )
