"""After a restore, whatever order the phones come back in, the municipality is what it was.

The day is lived once; then the data go back to a backup made somewhere in it, and what came after is given
again, any permutation of it, some of it twice.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.embedded import open_engine
from tests.server.intake.day import busy_day
from tests.server.intake.municipality import Municipality, inside

Json = dict[str, Any]

#: Backups of the day, by how many events had been taken in.
BACKUPS = (0, 1, 5, 9, 21, 23)


class Lived:
    """A day: its events in their order, folders of backups, and what its reports came to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[Json] = []
        self.backups: dict[int, Path] = {}

    async def live(self) -> None:
        data = self.folder / "data"
        async with await open_engine(data / "engine") as engine, Municipality(engine, data) as town:
            append = town.append

            async def noted(*events: Json, **members: Any) -> None:
                if (
                    not self.backups
                ):  # every phone enrols first: a device's own document is not what is tested
                    for account in (
                        "lucia",
                        "marta",
                        "pedro",
                        "norma",
                        "pc",
                        "luz1",
                        "bache1",
                        "obras",
                        "mesa",
                    ):
                        await town.pen(account)
                if len(self.events) in BACKUPS:
                    saved = self.backups[len(self.events)] = self.folder / f"backup-{len(self.events)}"
                    await engine.backup(str(saved))
                await append(*events, **members)
                self.events += events
                town.clock.advance(minutes=2)

            town.append = noted  # type: ignore[method-assign]
            made = await busy_day(town)
            await contest(town, made)
            self.pens, self.now = town.pens, town.clock.now()
            self.end = await outcome(town)


async def contest(town: Municipality, made: dict[str, str]) -> None:
    """What one may do only after what another did: orders given, given back and given again."""
    order = {"agency": "obras", "brigade": "bache-1"}

    async def office(kind: str, report: str, payload: Json) -> None:
        """An agency has no mailbox: what it saw stood on its page."""
        seen = (await town.report(report))["events"]
        await town.act("obras", kind, report, payload, based_on=seen)

    await office("assigned", made["pothole"], order)
    await town.act("bache1", "started", made["pothole"])
    await town.act("bache1", "visited", made["pothole"], {"outcome": "partial"})
    await town.act("bache1", "finished", made["pothole"], {"done": "bacheado"})
    await town.act("marta", "verified", made["pothole"], {"solved": False})
    await town.act("marta", "reopened", made["pothole"])
    await town.act("bache1", "returned", made["pothole"], {"reason": "missing_data"})
    await office("answered", made["pothole"], {"text": "se revisa"})
    await town.act("mesa", "assigned", made["far"], order)
    await town.act("bache1", "finished", made["far"], {"done": "foco"})
    again = await town.capture("marta", "bache", **inside(2))
    await town.act("norma", "marked_duplicate", again, {"of": made["pothole"]})
    await town.act("norma", "unmerged", again)
    await town.act("mesa", "amended", made["unknown"], {"type": "bache"})
    await office("assigned", made["unknown"], order)
    await town.act("bache1", "not_viable", made["unknown"], {"reason": "no_budget"})


async def outcome(town: Municipality) -> Json:
    """What people see of each report; not the number or instant of an admission, nor the server's facts."""
    truth = await town.truth()
    found: Json = {}
    for key, doc in truth.items():
        if key.startswith("report:"):
            gone = ("_rev", "version", "month", "folio", "aliases", "answer_due_at", "amber_at", "due_at")
            found[key] = {name: value for name, value in doc.items() if name not in gone}
            found[key]["timeline"] = [
                {name: value for name, value in entry.items() if name not in ("admission", "flags")}
                for entry in doc["timeline"]
                if not entry.get("fact")
            ]
        elif key.startswith("incident:"):
            found[key] = {name: value for name, value in doc.items() if name not in ("_rev", "version")}
        elif key.startswith(("refusal:", "quarantine:")):
            found[key] = doc["code"]
    return found


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    day = Lived(tmp_path_factory.mktemp("lived"))
    anyio.run(day.live)
    return day


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_of_delivery_ends_in_the_same_fold(lived: Lived, data: st.DataObject) -> None:
    taken = data.draw(st.sampled_from(sorted(lived.backups)), label="events in the backup")
    after = list(range(taken, len(lived.events)))
    order = data.draw(st.permutations(after), label="order")
    twice = data.draw(st.lists(st.sampled_from(after), max_size=4), label="delivered again")
    together = data.draw(st.integers(1, 6), label="in one push")
    anyio.run(_deliver, lived, taken, [*order, *twice], together)


async def _deliver(lived: Lived, taken: int, order: list[int], together: int) -> None:
    folder = lived.folder / "restored"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(lived.backups[taken], folder / "engine")
    async with await open_engine(folder / "engine") as engine:
        town = Municipality(engine, folder)
        town.clock.moment, town.pens = lived.now, lived.pens
        async with town:
            for first in range(0, len(order), together):
                await town.push(*(lived.events[number] for number in order[first : first + together]))
                town.clock.advance(minutes=1)
            assert await outcome(town) == lived.end
            await town.assert_sound()
