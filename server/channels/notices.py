"""What the municipality tells a citizen by itself: the folio, that it is being attended to, that it is done.

Law: only who agreed is told, each step once, by the channel they came by or gave. A notice's document holds
no name, no number and no word of the report: the address is looked up when it goes out, so who was erased is
not written to. At night nobody is.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import structlog

from server.channels.carrying import Outgoing
from server.channels.sending import Sending
from server.channels.talks import documents
from server.channels.talks.knowing import Knowing, Known
from server.channels.talks.talks import Talks, number_of
from server.clock import Clock
from server.documents.shapes import Talk
from server.instants import parse, say
from server.store import epoch
from server.store.databases import Databases
from server.store.scan import scan
from server.worker import Worker
from sync.errors import EngineError, NotFound
from sync.interface import ChangesQuery, Doc, Step, Write

Json = dict[str, Any]
log = structlog.get_logger("manzana.notices")

_CHECKPOINT = "notices"
_PAGE = 500
_ROUND = 30.0
#: A citizen's last word opens a channel for so long (WhatsApp Business Platform, customer service window).
WINDOW = timedelta(hours=24)
_TEXTS = {
    "folio": "Su reporte ya tiene folio: {folio}.",
    "in_progress": "Su reporte {folio} está en proceso: ya lo están atendiendo.",
    "finished": "Su reporte {folio} está terminado.",
    "not_viable": "Su reporte {folio} se revisó y no se puede atender.",
    "survey": "Su reporte {folio} se terminó. ¿Cómo quedó?",
}
_STARS = ((5, "Bien"), (3, "Regular"), (1, "Mal"))


class Notices:
    """``origin``: of the folio page's link, which holds the folio and nothing else."""

    def __init__(self, databases: Databases, talks: Talks, sending: Sending, clock: Clock) -> None:
        self._databases = databases
        self._office = databases.office
        self._talks = talks
        self._sending = sending
        self._knowing: Knowing = talks.knowing
        self._clock = clock
        self.worker = Worker("notices", self._rounds)
        sending.compose |= {"said": self._compose_said, "out": self._compose_notice}

    # -- what is to be told ----------------------------------------------------------------------------

    async def round(self) -> int:
        """Look at what changed since the last round; gives how many notices were made."""
        since = await self._since()
        made = 0
        while True:
            page = await self._databases.cases.changes(
                ChangesQuery(since=since, limit=_PAGE, include_docs=True)
            )
            for row in page.rows:
                if row.id.startswith("report:") and row.doc is not None and not row.deleted:
                    made += await self._look(orjson.loads(row.doc))
            since = page.last_seq
            if page.rows:
                await self._remember(since)
            if len(page.rows) < _PAGE:
                return made

    async def _since(self) -> str:
        """Where the last round ended. The first begins now: nobody is told of years ago."""
        cases = self._databases.cases
        current = (await epoch.read(cases)).epoch
        try:
            doc = await self._office.get_local(_CHECKPOINT)
        except NotFound:
            doc = {}
        # After a restore the sequences are of another past; what it brings back was told.
        if doc.get("epoch") != current:
            since = (await cases.info()).update_seq
            await self._remember(since)
            return since
        return str(doc["since"])

    async def _remember(self, since: str) -> None:
        current = (await epoch.read(self._databases.cases)).epoch
        doc: Json = {"since": since, "epoch": current}
        try:
            doc = {**await self._office.get_local(_CHECKPOINT), **doc}
        except NotFound:
            pass
        await self._office.put_local(_CHECKPOINT, doc)

    async def _look(self, report: Json) -> int:
        follow = await self._follow(report)
        if follow is None:
            return 0
        now = self._clock.now()
        steps = [step for step in steps_of(report) if step not in follow["told"]]
        if not steps:
            return 0
        known = await self._knowing.now()
        current = (await epoch.read(self._databases.cases)).epoch
        new: list[Doc] = []
        for step in steps:
            out = self._notice(report, follow, step, known, current)
            new += [out, documents.due_send(out["_id"], say(now))]
            follow["told"][step] = say(now)
        rev = follow.pop("_rev", None)
        steps_ = [
            Step([Write(self._office, doc) for doc in new]),
            Step([Write(self._office, follow, rev, keep=False)], strict=True),
        ]
        await self._databases.engine.spread(*steps_)
        return len(steps)

    async def _follow(self, report: Json) -> Json | None:
        """Whom to tell of it: who made it in a conversation, or who gave their data at a desk."""
        name = f"follow:{report['_id'].removeprefix('report:')}"
        found = (await self._office.get_many([name])).get(name)
        if found is not None or not report.get("citizen") or report.get("channel") in ("web", "whatsapp"):
            return found
        person = await self._person(report["citizen"])
        if not person or not self._way(person):
            return None
        return {
            "_id": name,
            "schema": "follow.v1",
            "report": report["_id"].removeprefix("report:"),
            "talk": None,
            "citizen": report["citizen"],
            "since": say(self._clock.now()),
            # Whoever was at a desk was told the folio there.
            "told": {"folio": say(self._clock.now())},
        }

    def _notice(self, report: Json, follow: Json, step: str, known: Known, current: str) -> Json:
        now = self._clock.now()
        wait = now
        if step == "survey":
            wait = parse(report["finished_at"]) + timedelta(days=int(known.settings["survey_days"]))
        quiet = known.quiet_until(max(wait, now))
        not_before = say(quiet) if quiet else say(wait) if wait > now else None
        return {
            "_id": f"out:{follow['report']}:{step}",
            "schema": "out.v1",
            "report": follow["report"],
            "talk": follow["talk"],
            "citizen": follow["citizen"],
            "step": step,
            "at": say(now),
            "sending": {**documents.waits(current), "not_before": not_before},
        }

    # -- how it goes out -------------------------------------------------------------------------------

    async def _compose_said(self, said: Json) -> tuple[str, Outgoing] | None:
        """A word of a conversation, by its own channel."""
        talk = documents.talk_of(said["_id"])
        doc = (await self._office.get_many([talk])).get(talk)
        if doc is None:
            return None
        choices = tuple((key, title) for key, title in said["choices"])
        open_ = self._clock.now() - parse(doc["heard_at"]) < WINDOW
        message = Outgoing(said["_id"], doc["sender"], said["text"], choices, said["ask"], open=open_)
        return doc["channel"], message

    async def _compose_notice(self, out: Json) -> tuple[str, Outgoing] | None:
        """A notice; None where it means nothing any more, or nobody may be written to."""
        names = [f"report:{out['report']}"]
        report = (await self._databases.cases.get_many(names)).get(names[0])
        step = out["step"]
        if report is None or (step == "survey" and "survey" not in steps_of(report)):
            return None
        folio = report["folio"] or report["provisional_folio"]
        word = "not_viable" if step == "finished" and report["status"] == "not_viable" else step
        text = _TEXTS[word].format(folio=folio)
        if self._talks.origin and step != "survey":
            text += f" {self._talks.origin}/folio/{folio}"
        way = await self._address(out)
        if way is None:
            return None
        name, to, open_ = way
        choices: tuple[tuple[str, str], ...] = ()
        if step == "survey" and name == "whatsapp":
            choices = tuple((f"rate-{stars}-{out['report']}", title) for stars, title in _STARS)
        message = Outgoing(
            out["_id"], to, text, choices, step="not_viable" if word == "not_viable" else step,
            values=(str(folio),), open=open_,
        )  # fmt: skip
        return name, message

    async def _address(self, out: Json) -> tuple[str, str, bool] | None:
        """Carrier, address, and whether the citizen's window is open."""
        person = await self._person(out["citizen"])
        if out["citizen"] and not person:
            return None
        if out["talk"]:
            found: dict[str, Any] = await self._office.get_many([out["talk"]])
            talk: Talk | None = found.get(out["talk"])
            if talk is not None and talk["channel"] in self._sending.carriers and number_of(talk):
                open_ = self._clock.now() - parse(talk["heard_at"]) < WINDOW
                return talk["channel"], talk["sender"], open_
        way = self._way(person)
        return (*way, True) if way else None

    async def _person(self, citizen: str | None) -> Json:
        """What a citizen gave and agreed to; nothing where they were erased or never agreed."""
        if not citizen:
            return {}
        doc = (await self._databases.citizens.get_many([citizen])).get(citizen) or {}
        if "redacted_at" in doc or not doc.get("consented_at"):
            return {}
        content: Json = doc["content"]
        return content

    def _way(self, person: Json) -> tuple[str, str] | None:
        if person.get("email") and "mail" in self._sending.carriers:
            return "mail", person["email"]
        if person.get("phone") and "hook" in self._sending.carriers:
            return "hook", person["phone"]
        return None

    async def listed(self, report: str) -> list[Json]:
        """What was told of a report, and what became of it."""
        return [found.read() async for found in scan(self._office, f"out:{report}:")]

    async def _rounds(self) -> None:
        while True:
            try:
                since = (await self._databases.cases.info()).update_seq
                await self.round()
                await self._databases.cases.wait_for_change(since, _ROUND)
            except EngineError as error:
                log.warning("notices_wait", error=str(error))
                await asyncio.sleep(1.0)


def steps_of(report: Json) -> list[str]:
    """What a citizen may be told of a report as it stands now, in order."""
    steps = ["folio"] if report.get("folio") else []
    if report["status"] == "in_progress":
        steps.append("in_progress")
    if report["status"] in ("finished", "not_viable"):
        steps.append("finished")
    if report["status"] == "finished" and report.get("finished_at") and not report.get("confidential"):
        steps.append("survey")
    return steps
