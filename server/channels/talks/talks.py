"""Conversations: a message is durable before it is acknowledged, applied once, and answered in order.

Law: (1) ``receive`` returns when the message is stored; the same message again is one. (2) One message of a
talk is applied at a time, in the order they were sent. (3) Acts come before the state that knows of them,
with ids that a repetition finds again; replies, state and the message's end are one write. (4) What a message
cannot do for lack of room stays due and is tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

import structlog

from server.channels.conversation.machine import answered, filled, hear, photo_event, slowed
from server.channels.conversation.message import Fresh, LookedUp, Message, Registered
from server.channels.conversation.state import Draft, State, read, write
from server.channels.conversation.town import Town
from server.channels.conversation.turn import AddPhoto, LookUp, Rate, Register, Reply, Turn
from server.channels.talks import documents
from server.channels.talks.acting import Acting
from server.channels.talks.knowing import Knowing, Known
from server.clock import Clock, new_uuid7
from server.documents import reading
from server.documents.shapes import Follow, Rating, Said, SaidFresh, SaidMessage, Talk
from server.instants import parse, say
from server.limits import Limit
from server.problems import Problem
from server.store import epoch
from server.store.databases import Databases
from server.store.scan import scan
from sync.errors import Conflict, EngineError
from sync.interface import Doc, Step, Write

log = structlog.get_logger("manzana.talks")

#: Fetches what a channel only names: the bytes of a media object. Raises ``Problem`` for what never comes,
#: and the engine's ``Unavailable`` for what may come later.
Media = Callable[[Mapping[str, Any]], Awaitable[bytes]]

#: Times that a message is tried whose media do not come; then it is told as refused.
_TRIES = 5
_ATTEMPTS = 5


class Talks:
    """``origin``: for links in messages. ``pushing``: channels that send; the web's reader comes and sees."""

    def __init__(
        self, databases: Databases, acting: Acting, clock: Clock, secret: bytes, origin: str = ""
    ) -> None:
        self.databases = databases
        self.office = databases.office
        self.acting = acting
        self.knowing = Knowing(databases)
        self.clock = clock
        self.origin = origin
        self.pushing: set[str] = set()
        self.media: dict[str, Media] = {}
        #: Of a channel that sends: beyond it a talk's messages are kept and not answered, but for alarm.
        self.flood = Limit("talk_flood", 30, 10)
        #: Talks with a draft: when the citizen wrote last, and whether it is urgent.
        self.drafts: dict[str, tuple[str, bool]] = {}
        self._secret = secret
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def talk_of(self, channel: str, sender: str) -> str:
        """The id of the talk with who writes."""
        return documents.talk_id(channel, documents.key_of(self._secret, channel, sender))

    def fresh(self) -> SaidFresh:
        """Two new ids for what a message may make."""
        return {"report": new_uuid7(self.clock), "own": new_uuid7(self.clock)}

    async def receive(
        self,
        channel: str,
        sender: str,
        message_id: str,
        message: SaidMessage,
        sent_at: str | None = None,
        fresh: SaidFresh | None = None,
    ) -> str | None:
        """Keep a message durably; the talk's id, None where it was known. Raises the engine's errors."""
        talk = self.talk_of(channel, sender)
        now = say(self.clock.now())
        fresh = fresh or self.fresh()
        said = documents.said_id(talk, documents.message_key(message_id))
        doc = documents.heard(said, sender, now, sent_at or now, message, fresh)
        # The mark first: a crash between the two leaves a mark of nothing, and the sender sends again.
        rows = await self.office.bulk_docs([documents.due_heard(said, doc["sent_at"]), doc])
        return talk if rows[1].ok else None

    async def due(self, talk: str = "") -> list[str]:
        """Messages that wait to be applied, of one talk or of all, in the order they were sent."""
        head = f"due:heard:{talk.removeprefix('talk:')}" + (":" if talk else "")
        marks: list[documents.Due] = [found.read() async for found in scan(self.office, head)]
        return [mark["of"] for mark in sorted(marks, key=lambda mark: (mark["at"], mark["_id"]))]

    async def apply(self, talk: str) -> None:
        """Apply what waits of a talk. Raises ``storage_full`` and the engine's errors; it then stays due."""
        async with self.lock(talk):
            await self._drain(talk)

    async def photo(self, channel: str, sender: str, message_id: str, text: str, data: bytes) -> str:
        """Keep and apply a photo whose bytes came with the message; the talk's id. Raises ``storage_full``.

        It is delivered for the event it will belong to before the message is kept; a file that is no photo
        is told in the conversation.
        """
        talk = self.talk_of(channel, sender)
        async with self.lock(talk):
            await self._drain(talk)
            doc = await self.stored(talk)
            fresh, now = self.fresh(), say(self.clock.now())
            event = photo_event(read(doc["state"] if doc else None), now, Fresh(**fresh))
            message: SaidMessage = {"kind": "photo", "text": text}
            try:
                message["photo"] = await self.acting.deliver(channel, event, data)
            except Problem as problem:
                if problem.status >= 500:
                    raise
                message["refused"] = problem.message
            await self.receive(channel, sender, message_id, message, fresh=fresh)
            await self._drain_or_later(talk)
        return talk

    async def form(
        self, channel: str, sender: str, message_id: str, draft: Mapping[str, Any], photos: list[bytes]
    ) -> None:
        """Keep and apply a report told whole. ``draft``: members of a ``Draft``. Raises ``storage_full``, and
        ``photo_type_unknown`` before anything is kept.
        """
        talk = self.talk_of(channel, sender)
        async with self.lock(talk):
            fresh = self.fresh()
            event = Draft(fresh["report"], fresh["own"]).event
            kept = [await self.acting.deliver(channel, event, data) for data in photos]
            given = {**draft, "photos": list({photo["sha256"]: photo for photo in kept}.values())}
            message: SaidMessage = {"kind": "form", "text": draft["text"], "draft": given}
            await self.receive(channel, sender, message_id, message, fresh=fresh)
            await self._drain_or_later(talk)

    async def words(self, channel: str, sender: str, message_id: str, message: SaidMessage) -> None:
        """Keep and apply a message without bytes. Raises only where it could not be kept."""
        talk = self.talk_of(channel, sender)
        await self.receive(channel, sender, message_id, message)
        async with self.lock(talk):
            await self._drain_or_later(talk)

    async def _drain_or_later(self, talk: str) -> None:
        """Apply what waits; what cannot be done now stays due, is done later, and nobody repeats it."""
        try:
            await self._drain(talk)
        except (Problem, EngineError) as error:
            log.warning("message_waits", error=str(error))

    async def _drain(self, talk: str) -> None:
        while waiting := await self.due(talk):
            if not await self._apply(talk, waiting[0]):
                return

    def lock(self, talk: str) -> asyncio.Lock:
        lock = self._locks.get(talk)
        if lock is None:
            lock = self._locks[talk] = asyncio.Lock()
        return lock

    def town(self, doc: Talk, known: Known) -> Town:
        """The municipality as this talk's channel sees it now."""
        return known.at(self.clock.now(), number_known=number_of(doc) is not None, origin=self.origin)

    async def read(self, talk: str) -> tuple[Talk | None, list[Said]]:
        """A talk and its messages in order, those not applied yet last."""
        head = documents.said_id(talk, "")
        said = [reading.said(found.body) async for found in scan(self.office, head)]
        said.sort(key=lambda doc: (doc["number"] is None, doc["number"] or 0, doc["at"]))
        return await self.stored(talk), said

    async def stored(self, talk: str) -> Talk | None:
        found = await self.office.get_many([talk])
        return reading.talk(found[talk]) if talk in found else None

    async def listed(self) -> list[Talk]:
        """Every talk that is kept."""
        return [reading.talk(found.body) async for found in scan(self.office, "talk:")]

    # -- applying ------------------------------------------------------------------------------------

    async def _apply(self, talk: str, said_id: str) -> bool:
        """Apply one message; False where it must wait."""
        mark_id = f"due:heard:{said_id.removeprefix('said:')}"
        for _ in range(_ATTEMPTS):
            found: dict[str, Any] = await self.office.get_many([talk, said_id, mark_id])
            mark: documents.Due | None = found.get(mark_id)
            said: Said | None = found.get(said_id)
            if mark is None:
                return True
            now = say(self.clock.now())
            doc: Talk = found.get(talk) or documents.new_talk(talk, said["sender"] if said else "", now)
            own = said_id.rpartition(":")[2]
            if said is None or said["number"] is not None or own in doc["applied"]:
                await self._end_mark(mark)
                return True
            known = await self.knowing.now()
            state = read(doc["state"])
            message = None
            if said["message"]["kind"] != "form":
                message = await self._message(doc, said, state, now)
                if message is None:
                    return False
            fresh = Fresh(**said["fresh"])
            doc["heard_at"] = now
            doc["number"] += 1
            said["number"] = doc["number"]
            doc["applied"] = [*doc["applied"], own][-documents.REMEMBERED :]
            if state.mode != "bot":
                doc["unread"] += 1
            town = self.town(doc, known)
            if doc["channel"] in self.pushing and self._floods(talk, message, known):
                doc["unread"] += 1
                turn = slowed(state, now)
            elif message is None:
                turn = filled(state, Draft(fresh.report, fresh.own, **said["message"]["draft"]), town, now)
            else:
                turn = hear(state, message, town, now, fresh)
            if await self.commit(doc, turn, known, now, own, ended=[said], gone=[mark]):
                return True
        raise Conflict("a conversation changes too often")

    def _floods(self, talk: str, message: Message | None, known: Known) -> bool:
        try:
            self.flood.take(talk, self.clock.now().timestamp())
        except Problem:
            return not (message and known.town.is_urgent(message.text[:2_000]))
        return False

    async def commit(
        self, doc: Talk, turn: Turn, known: Known, now: str, own: str, *,
        ended: Sequence[Doc] = (), gone: Sequence[Doc] = (),
    ) -> bool:  # fmt: skip
        """Do the acts of a turn and write all that came of it; False where somebody else wrote the talk.

        ``own``: of which the replies' ids are made, so that a repetition finds them. ``ended``: messages that
        are done; ``gone``: marks that go.
        """
        channel, talk = doc["channel"], doc["_id"]
        town = self.town(doc, known)
        replies, steps, pending = list(turn.replies), list(turn.steps), list(turn.acts)
        follows: list[Follow | Rating] = []
        while pending:
            act = pending.pop(0)
            if isinstance(act, AddPhoto):
                await self.acting.add_photo(channel, act)
                continue
            if isinstance(act, Rate):
                if any(one["report"] == act.report for one in doc["reports"]):
                    follows.append(documents.rating(act.report, talk, act.stars, now))
                continue
            if isinstance(act, LookUp):
                outcome: LookedUp | Registered = await self.acting.look_up(talk, act.folio)
            else:
                assert isinstance(act, Register)
                outcome, citizen = await self.acting.register(channel, act.draft, number_of(doc), known)
                doc["reports"].append(
                    {"report": act.draft.report, "folio": outcome.folio or outcome.provisional, "at": now}
                )
                if citizen:
                    doc["citizens"].append(citizen)
                if act.draft.wants and not outcome.trouble:
                    follows.append(follow(act.draft.report, talk, citizen, outcome, now))
            turn = answered(turn.state, outcome, town, now)
            replies += turn.replies
            steps += turn.steps
            pending += turn.acts
        self._note(doc, turn.state, steps, now, known)
        said = await self._said(doc, replies, now, own)
        marks = [documents.due_send(one["_id"], now, one["number"] or 0) for one in said if one["sending"]]
        return await self.write(doc, [*said, *marks, *follows], ended, gone)

    def _note(self, doc: Talk, state: State, steps: list[str], now: str, known: Known) -> None:
        doc["state"], doc["mode"] = write(state), state.mode
        doc["urgent"] = bool(state.draft and state.draft.urgent) or (state.mode != "bot" and state.warned)
        if state.draft is not None:
            self.drafts[doc["_id"]] = (doc["heard_at"], state.draft.urgent)
        else:
            self.drafts.pop(doc["_id"], None)
        day = doc["counts"].setdefault(parse(now).astimezone(known.zone).date().isoformat(), {})
        for step in steps:
            day[step] = day.get(step, 0) + 1

    async def _said(self, doc: Talk, replies: list[Reply], now: str, own: str) -> list[Said]:
        pushes = doc["channel"] in self.pushing
        current = (await epoch.read(self.databases.cases)).epoch if pushes and replies else ""
        said = []
        for number, one in enumerate(replies):
            doc["number"] += 1
            name = documents.said_id(doc["_id"], f"{own}-{number}")
            choices = [list(pair) for pair in one.choices]
            made = documents.reply(name, "bot", now, doc["number"], one.text, choices, one.ask)
            if pushes:
                made["sending"] = documents.waits(current)
            said.append(made)
        return said

    async def write(self, doc: Talk, new: Sequence[Doc], ended: Sequence[Doc], gone: Sequence[Doc]) -> bool:
        """Write what is new, then the talk, then the ends of what was applied: cut short, it stays due. False
        where somebody else wrote the talk.
        """
        steps = [
            Step([Write(self.office, _own(one)) for one in new]),
            Step([self._edit(doc)], strict=True),
            Step([*(self._edit(one) for one in ended), *(self._edit(one, deleted=True) for one in gone)]),
        ]
        written = await self.databases.engine.spread(*(step for step in steps if step.writes))
        return all(row.ok for row in written[1 if new else 0])

    def _edit(self, doc: Doc, *, deleted: bool = False) -> Write:
        own = {"_id": doc["_id"]} if deleted else _own(doc)
        return Write(self.office, own, doc.get("_rev"), deleted=deleted, keep=False)

    async def _end_mark(self, mark: documents.Due) -> None:
        try:
            await self.office.delete(mark["_id"], mark["_rev"])
        except EngineError as error:
            if error.status not in (404, 409):
                raise

    async def _message(self, doc: Talk, said: Said, state: State, now: str) -> Message | None:
        """The message as the machine takes it; a photo is fetched and delivered first. None: it must wait."""
        given = said["message"]
        assert given["kind"] != "form", "a form is filled in, not heard"
        late = bool(state.asked_at) and given["kind"] == "text" and said["sent_at"] < str(state.asked_at)
        if given["kind"] != "photo":
            return Message(
                given["kind"], given.get("text") or "", given.get("lat"), given.get("lon"),
                given.get("accuracy"), late=late,
            )  # fmt: skip
        photo: Any = given.get("photo")
        refused = given.get("refused") or ""
        if photo is None and not refused:
            fresh = Fresh(**said["fresh"])
            try:
                data = await self.media[doc["channel"]](given["media"])
                photo = await self.acting.deliver(doc["channel"], photo_event(state, now, fresh), data)
            except Problem as problem:
                if problem.status >= 500:
                    raise
                refused = problem.message
            except EngineError:
                given["tries"] = given.get("tries", 0) + 1
                if given["tries"] < _TRIES:
                    await self.office.put(said)
                    return None
                refused = "La foto no llegó. Mándela de nuevo, por favor."
            given["photo"], given["refused"] = photo, refused
        return Message("photo", given.get("text") or "", photo=photo, refused=refused)


def number_of(doc: Talk) -> str | None:
    """The citizen's own telephone where the channel tells it: the last ten digits."""
    digits = "".join(c for c in str(doc["sender"]) if c.isdigit())
    return digits[-10:] if doc["channel"] in ("whatsapp", "sms") and len(digits) >= 10 else None


def follow(report: str, talk: str, citizen: str | None, outcome: Registered, now: str) -> Follow:
    """Whom to tell of a report, and what was told."""
    return {
        "_id": f"follow:{report}",
        "schema": "follow.v1",
        "report": report,
        "talk": talk,
        "citizen": citizen,
        "since": now,
        # The folio was said in the conversation itself; a provisional one is followed by the true one.
        "told": {"folio": now} if outcome.folio else {},
    }


def _own(doc: Doc) -> dict[str, Any]:
    return {name: value for name, value in doc.items() if name != "_rev"}
