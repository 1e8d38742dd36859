"""The pen: how a person at a desk, an agency or a channel acts, through the one inbox and the one judge.

Law PEN-1: an act of a page is an event like a phone's: signed, chained, kept until the municipality has it
backed up, judged by the same table. The signature says "this server attests that this session did it", and no
more. An act is never said to be done before intake has decided it: until then it is received and waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import structlog

from server.accounts.directory import Directory
from server.accounts.documents import DeviceDoc, Jwk
from server.accounts.model import Account, device_id
from server.channels.outbox import OUTBOX_FILE, PenOutbox, Sealed
from server.channels.word import Word, said
from server.clock import Clock, new_uuid7
from server.documents.ids import event_id, record_of
from server.documents.shapes import Citizen, Event, Kind, Payload, Photo, Position
from server.inbox.taking import MOST_DOCS, Inbox
from server.instants import parse, say
from server.problems import Problem
from server.store import epoch
from server.store.databases import Databases
from server.worker import Worker
from sync.errors import Conflict, EngineError

log = structlog.get_logger("manzana.pen")

#: What an event of a page says of the software that made it.
APP = "paginas"
#: Seconds a page waits for intake's word before it says that the act is received and waits.
PATIENCE = 2.0
#: Seconds between two looks at what still waits.
_ROUND = 5.0
#: How long an accepted act is kept for a restore of an older backup, as on a phone (design, Law 1).
_KEPT = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Deed:
    """One of several acts that are sealed together; ``own`` is its event's uuid7, known beforehand."""

    kind: Kind
    subject: str
    payload: Payload
    own: str
    based_on: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Sender:
    account: str
    device: str | None


class Pen:
    """``await start()`` before use; ``stop`` at the end. One per process that serves pages."""

    def __init__(
        self, folder: Path, databases: Databases, directory: Directory, inbox: Inbox, clock: Clock
    ) -> None:
        self._folder = folder
        self._databases = databases
        self._directory = directory
        self._inbox = inbox
        self._clock = clock
        self._outbox: PenOutbox | None = None
        self.worker = Worker("pen", self._rounds)
        #: Appending is one thing at a time, so that a chain's events stand in the inbox in their order.
        self._appending = asyncio.Lock()
        self._opening = asyncio.Lock()

    async def start(self) -> None:
        """Offer what an earlier run left, and go on offering."""
        self.worker.start()

    async def stop(self) -> None:
        await self.worker.stop()
        if self._outbox is not None:
            await asyncio.to_thread(self._outbox.close)
            self._outbox = None

    async def act(
        self,
        account: Account,
        kind: Kind,
        subject: str,
        payload: Payload,
        *,
        own: str | None = None,
        based_on: Sequence[str] = (),
        position: Position | None = None,
        photos: Sequence[Photo] = (),
        citizens: Iterable[Citizen] = (),
        notice: str | None = None,
        patience: float = PATIENCE,
    ) -> Word:
        """Seal an act, append it and wait for intake's word.

        ``subject`` is the report's (incident's, proposal's) uuid7; ``own`` the event's, which a form
        carries so that sending it twice is one act. ``based_on``: the event ids its reader had seen. Raises
        ``storage_full`` where the act could not be kept; once it is, nothing is lost and nothing raises.
        """
        device = await self.device(account.id)
        draft: Event = {
            **self._draft(
                account, device, Deed(kind, subject, payload, own or new_uuid7(self._clock), based_on)
            ),
            "position": position or {"source": "none"},
            "photos": list(photos),
            "privacy_notice": notice,
        }
        words = await self._seal(device, [(draft, list(citizens))], patience)
        return words[draft["_id"]]

    async def act_all(
        self, account: Account, deeds: Sequence[Deed], *, patience: float = PATIENCE
    ) -> dict[str, Word]:
        """Seal many acts in one transaction, append them and wait for intake's word on each, by event id.

        A deed whose event is kept already is not sealed again. Raises ``storage_full`` where none is kept.
        """
        device = await self.device(account.id)
        drafts = [(self._draft(account, device, deed), list[Citizen]()) for deed in deeds]
        return await self._seal(device, drafts, patience)

    async def kept(self, events: Sequence[str]) -> set[str]:
        """Those of these events that are sealed here and not let go of yet."""
        outbox = await self._open()
        found = await asyncio.to_thread(lambda: [event for event in events if outbox.find(event)])
        return set(found)

    def _draft(self, account: Account, device: str, deed: Deed) -> Event:
        role: Any = account.role  # Whether it may act at all is the judge's to say.
        return {
            "_id": event_id(deed.subject, deed.own),
            "schema": "event.v1",
            "kind": deed.kind,
            "actor": account.id,
            "role": role,
            "device": device,
            "device_seq": 0,  # This and the next are the outbox's to give.
            "prev": None,
            "based_on": list(deed.based_on),
            "occurred_at": say(self._clock.now()),
            "position": {"source": "none"},
            "payload": deed.payload,
            "photos": [],
            "app": APP,
            "privacy_notice": None,
        }

    async def _seal(
        self, device: str, drafts: list[tuple[Event, list[Citizen]]], patience: float
    ) -> dict[str, Word]:
        outbox = await self._open()
        try:
            await asyncio.to_thread(outbox.seal_all, drafts)
        except apsw.Error as error:
            raise Problem("storage_full", f"the pen's outbox: {error}") from None
        events = [draft["_id"] for draft, _ in drafts]
        try:
            await self._offer()
        except (EngineError, Problem) as error:
            log.warning("act_waits", device=device, error=str(error))
            return {event: Word(event, "waiting") for event in events}
        return await self.words(device, events, patience)

    async def device(self, account: str) -> str:
        """The device that an account's acts are of. Raises ``storage_full``."""
        try:
            return device_id(account, (await self._open()).installation)
        except (apsw.Error, OSError) as error:
            raise Problem("storage_full", f"the pen's outbox: {error}") from None

    async def attest(self, account: str) -> tuple[Jwk, Callable[[bytes], str]]:
        """This installation's public key, and what signs with it: the server's own word over a document.

        The key is enrolled as ``account``'s first, so that it is among those the municipality publishes.
        Raises ``storage_full``.
        """
        device = await self.device(account)
        outbox = await self._open()
        await self._enrol(device, outbox)
        return outbox.public_key, outbox.attest

    async def word(self, device: str, event: str, patience: float = 0.0) -> Word:
        """What intake says of an event of this pen, waiting for it up to ``patience`` seconds."""
        return (await self.words(device, [event], patience))[event]

    async def words(self, device: str, events: Sequence[str], patience: float = 0.0) -> dict[str, Word]:
        """What intake says of these events, waiting up to ``patience`` seconds until it has said of all."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        cases = self._databases.cases
        while True:
            since = (await cases.info()).update_seq
            words = await said(self._databases, device, events)
            left = until - loop.time()
            if left <= 0 or all(word.state != "waiting" for word in words.values()):
                return words
            await cases.wait_for_change(since, left)

    async def installation(self) -> str:
        """The uuid that this pen's devices end with. Raises ``storage_full``."""
        return (await self.device("")).removeprefix("~")

    async def tidy(self) -> int:
        """Let go of what is backed up or was accepted long ago; gives how many."""
        if not self._begun():
            return 0
        outbox = await self._open()
        current = await epoch.read(self._databases.cases)
        now = self._clock.now()
        gone: list[str] = []
        for sealed in await asyncio.to_thread(outbox.held):
            record = record_of(sealed.event)
            found = (await self._databases.cases.get_many([record])).get(record)
            backed_up = found is not None and found["admission"] <= current.admission
            if backed_up or now - parse(sealed.appended_at or "") >= _KEPT:
                gone.append(sealed.event)
        await asyncio.to_thread(outbox.let_go, gone)
        return len(gone)

    async def waiting(self) -> int:
        """Acts that are sealed and not yet in the inbox; told up to ten thousand."""
        if not self._begun():
            return 0
        return len(await asyncio.to_thread((await self._open()).waiting, 10_000))

    def _begun(self) -> bool:
        """Whether anybody has acted by this pen yet: nothing is made before."""
        return self._outbox is not None or (self._folder / OUTBOX_FILE).exists()

    async def _open(self) -> PenOutbox:
        async with self._opening:
            if self._outbox is None:
                self._outbox = await asyncio.to_thread(
                    PenOutbox, self._folder, lambda: new_uuid7(self._clock)
                )
            return self._outbox

    async def _offer(self) -> int:
        """Append what waits; gives how many."""
        outbox = await self._open()
        done = 0
        async with self._appending:
            while waiting := await asyncio.to_thread(outbox.waiting, MOST_DOCS // 2):
                device = waiting[0].device
                mine = [sealed for sealed in waiting if sealed.device == device]
                await self._enrol(device, outbox)
                await self._append(outbox, device, mine)
                done += len(mine)
        return done

    async def _append(self, outbox: PenOutbox, device: str, mine: list[Sealed]) -> None:
        docs = [doc for sealed in mine for doc in sealed.docs]
        rows = await self._inbox.take(_Sender(device.partition("~")[0], device), docs)
        refused = [row for row in rows if "error" in row]
        if refused:
            # The form is ours, so this is a defect; kept, told, and tried again by the next version.
            log.error("act_malformed", device=device, first=refused[0])
            raise Problem("internal", f"the inbox refused an act: {refused[0]}")
        await asyncio.to_thread(outbox.appended, [sealed.event for sealed in mine], say(self._clock.now()))

    async def _enrol(self, device: str, outbox: PenOutbox) -> None:
        """An account's device is enrolled with this pen's key, once, and again after a restore."""
        if self._directory.device(device) is not None:
            return
        doc: DeviceDoc = {
            "_id": f"device:{device}",
            "account": device.partition("~")[0],
            "installation": outbox.installation,
            "public_key": outbox.public_key,
            "enrolled_at": say(self._clock.now()),
            "app": APP,
            "pen": True,
            "orders": [],
        }
        try:
            await self._directory.create(doc)
        except Conflict:
            await self._directory.refresh()

    async def _rounds(self) -> None:
        while True:
            try:
                if self._begun():
                    current = (await epoch.read(self._databases.cases)).epoch
                    outbox = await self._open()
                    if await asyncio.to_thread(outbox.in_epoch, current):
                        log.info("acts_offered_again", epoch=current)
                    await self._offer()
            except (EngineError, Problem, apsw.Error) as error:
                log.warning("pen_waits", error=str(error))
            await asyncio.sleep(_ROUND)
