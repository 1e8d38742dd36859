"""A bulk job that is killed: ``acting.py FOLDER POINT``; prints how it ended and the notes of each report.

POINT: ``begun`` (the job is kept), ``sealed`` (eight acts in the outbox), ``appended`` (in the inbox too),
``decided`` (intake has admitted them, no result is written), ``told`` (the first results are written), or
``-`` for nowhere. Twelve reports are made the first time.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

from server.bulk import running
from server.bulk.job import Item, counted, documents
from server.bulk.running import Bulk
from server.channels.pen import Pen
from server.context import zone_of
from server.inbox.taking import Inbox
from server.instants import say
from server.metrics import Metrics
from sync.embedded import open_engine
from tests.server.intake.municipality import Municipality, inside

JOB = "018f6d2a-7b1c-7c3e-9a52-0123456789ab"
COUNT = 12
#: Reports sealed together here: fewer than there are.
TOGETHER = 8


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_after(thing: Any, name: str) -> None:
    inner = getattr(thing, name)

    async def dying(*arguments: Any, **named: Any) -> Any:
        found = await inner(*arguments, **named)
        die()
        return found

    setattr(thing, name, dying)


async def main(folder: Path, point: str) -> None:
    running._TOGETHER = TOGETHER
    async with await open_engine(folder / "engine") as engine, Municipality(engine, folder) as town:
        inbox = Inbox(town.databases, town.clock, Metrics())
        pen = Pen(folder / "pen", town.databases, town.directory, inbox, town.clock)
        bulk = Bulk(town.databases, town.directory, pen, town.clock, lambda: zone_of(town.databases))
        if not await bulk.newest():
            await town.directory.update("account:mesa", lambda doc: {**doc, "supervisor": True})
            made = [await town.capture("lucia", "lampara", **inside(1)) for _ in range(COUNT)]
            head, parts = documents(
                JOB,
                [Item(report, 10_000, 3) for report in made],
                by="mesa",
                at=say(town.clock.now()),
                installation=await pen.installation(),
                act="anotar",
                form={"texto": "Se revisó"},
                chosen=[("tipo", "lampara")],
            )
            await bulk.begin(head, parts)
            if point == "begun":
                die()
        match point:
            case "sealed":
                pen._offer = die  # type: ignore[method-assign, assignment]
            case "appended":
                killed_after(inbox, "take")
            case "decided":
                killed_after(pen, "act_all")
            case "told":
                killed_after(bulk, "_put")
            case _:
                # What is sealed is offered by the pen itself.
                await pen.start()
        await acted(town, bulk)
        (head,) = await bulk.newest()
        counts = counted(await bulk.parts(JOB, head["parts"]))
        notes = []
        for part in await bulk.parts(JOB, head["parts"]):
            for report, _, _ in part["items"]:
                timeline = (await town.report(str(report)))["timeline"]
                notes.append(sum(entry["kind"] == "noted" for entry in timeline))
        print(head["state"], counts.done, sorted(set(notes)), len(notes))
        await pen.stop()


async def acted(town: Municipality, bulk: Bulk) -> None:
    task = asyncio.create_task(bulk.run(60))
    inbox = town.databases.inbox
    while not task.done():
        since = (await inbox.info()).update_seq
        await town.intake.run_until_idle()
        waiting = asyncio.create_task(inbox.wait_for_change(since, 60))
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    assert not await task


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
