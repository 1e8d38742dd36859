"""The register: follows ``cases``, ``citizens`` and ``office`` and holds every report for the office's pages.

Law REGISTER-1: derived; delete it and what grows again is the same. Nothing is read from it to decide what is
true. Its checkpoint is written with its rows and stamped with the server's epoch, the areas and the time zone
they were made with: in another of any of these it grows anew.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import apsw
import orjson
import structlog

from server.documents.ids import key_of, uuid_of
from server.persons.rectifying import citizen_id, rectified_id
from server.problems import Problem
from server.register.columns import Columns
from server.register.persons import group_of, person_of
from server.register.rows import Rows, rows_of
from server.register.schema import OtherForm, connect, throw_away
from server.register.writing import Place, Writing
from server.store import epoch
from server.store.databases import Databases
from server.store.scan import Found, pages, scan
from server.worker import Worker
from sync.errors import EngineError, NotFound
from sync.interface import ChangesQuery

log = structlog.get_logger("manzana.register")

T = TypeVar("T")

#: Changes of one batch.
_PAGE = 500
#: Reports of one batch while the register grows from nothing.
_BULK = 500
#: Connections that read: as many questions are answered at once.
_READERS = 4
#: Seconds a change of ``cases`` is waited for before the other feeds are looked at.
_WAIT = 1.0
#: Seconds a question waits for its turn.
_PATIENCE = 10.0
#: Seconds after a failure.
_AGAIN = 5.0


class Register:
    """``await start()``, ``stop()`` at the end. Pages read with ``ask``."""

    def __init__(self, folder: Path, databases: Databases) -> None:
        self._folder = folder
        self._databases = databases
        self.columns = Columns()
        self._writing: Writing | None = None
        self._db: apsw.Connection | None = None
        self._readers: queue.SimpleQueue[apsw.Connection] = queue.SimpleQueue()
        self._opening = asyncio.Lock()
        #: One batch at a time, whoever asks for it.
        self._growing = asyncio.Lock()
        self.worker = Worker("register", self._follow)
        self._zone = ZoneInfo("America/Mexico_City")
        self._delegations: dict[str, str] = {}
        self._made_for = ""
        self._reference_seq = ""
        #: Set whenever the end of the feeds was reached.
        self.caught_up = asyncio.Event()

    # -- life -----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Grow to now and go on following, in the background."""
        self.worker.start()

    async def stop(self) -> None:
        await self.worker.stop()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        while not self._readers.empty():
            self._readers.get().close()
        if self._db is not None:
            self._db.close()
        self._db = self._writing = None

    async def catch_up(self) -> None:
        """Take in all there is now. Raises the engine's errors, and ``apsw.Error`` for a file that fails."""
        async with self._growing:
            await self._catch_up()

    async def follow_now(self) -> None:
        """Read what was just written, where the feeds' end was reached before; else it comes later."""
        if self.caught_up.is_set():
            with suppress(EngineError, apsw.Error, OtherForm, OSError):
                await self.catch_up()

    async def _catch_up(self) -> None:
        await self._open()
        while await self._batch() or await self._persons_batch() or await self._people_batch():
            pass
        self.caught_up.set()

    async def rebuild(self) -> None:
        """Throw everything away and grow anew."""
        self.caught_up.clear()
        await asyncio.to_thread(self._close)
        await asyncio.to_thread(throw_away, self._folder)
        await self.catch_up()

    async def _follow(self) -> None:
        while True:
            try:
                await self.catch_up()
                await self._wait()
            except (apsw.CorruptError, apsw.NotADBError, OtherForm) as error:
                log.warning("register_thrown_away", error=str(error))
                self.caught_up.clear()
                await asyncio.to_thread(self._close)
                await asyncio.to_thread(throw_away, self._folder)
            except (EngineError, apsw.Error, OSError) as error:
                log.warning("register_waits", error=str(error))
                self.caught_up.clear()
                await asyncio.to_thread(self._close)
                await asyncio.sleep(_AGAIN)

    async def lag(self) -> int:
        """Changes of ``cases`` that are not in it yet."""
        writing = self._writing
        place = await asyncio.to_thread(writing.place) if writing is not None else None
        since = place.seq if place is not None else "0"
        page = await self._databases.cases.changes(ChangesQuery(since=since, limit=1))
        return len(page.rows) + page.pending

    async def _wait(self) -> None:
        writing = self._writing
        assert writing is not None
        place = await asyncio.to_thread(writing.place)
        assert place is not None
        await self._databases.cases.wait_for_change(place.seq, _WAIT)

    # -- asking ---------------------------------------------------------------------------------------

    async def ask(self, question: Callable[[apsw.Connection, Columns], T]) -> T:
        """The answer of ``question`` over a reading connection and the columns, in a thread of its own.

        Raises ``unavailable`` where the register cannot be read.
        """
        try:
            await self._open()
            return await asyncio.to_thread(self._ask, question)
        except (apsw.Error, OtherForm, OSError) as error:
            raise Problem("unavailable", f"the register: {error}") from None

    def _ask(self, question: Callable[[apsw.Connection, Columns], T]) -> T:
        with self._reader() as db:
            return question(db, self.columns)

    @contextmanager
    def _reader(self) -> Iterator[apsw.Connection]:
        readers = self._readers
        try:
            db = readers.get(timeout=_PATIENCE)
        except queue.Empty:
            raise Problem("unavailable", "the register is busy or growing anew") from None
        try:
            yield db
        finally:
            readers.put(db)

    # -- growing --------------------------------------------------------------------------------------

    async def _open(self) -> None:
        async with self._opening:
            if self._writing is None:
                await asyncio.to_thread(self._open_files)

    def _open_files(self) -> None:
        columns = Columns()
        self._db = connect(self._folder, writer=True)
        writing = Writing(self._db, columns)
        writing.load()
        self._readers = queue.SimpleQueue()
        for _ in range(_READERS):
            self._readers.put(connect(self._folder, writer=False))
        self.columns, self._writing = columns, writing

    async def _settle(self) -> None:
        """Read what rows are made with besides the documents: time zone and delegaciones."""
        reference, registry = self._databases.reference, self._databases.registry
        seq = f"{(await reference.info()).update_seq} {(await registry.info()).update_seq}"
        if seq == self._reference_seq:
            return
        try:
            settings = await reference.get("settings")
        except NotFound:
            settings = {}
        self._zone = ZoneInfo(settings.get("timezone") or "America/Mexico_City")
        docs = [row.read() async for row in scan(registry, "sector:")]
        self._delegations = {key_of(doc["_id"]): doc["delegation"] for doc in docs if doc.get("delegation")}
        self._made_for = f"{self._zone.key} {sorted(self._delegations.items())}"
        self._reference_seq = seq

    async def _batch(self) -> bool:
        """One batch of ``cases``; False at its end."""
        assert self._writing is not None
        await self._settle()
        now = (await epoch.read(self._databases.cases)).epoch
        place = await asyncio.to_thread(self._writing.place)
        if place is None or (place.epoch, place.made_for) != (now, self._made_for):
            await self._grow(now)
            return True
        query = ChangesQuery(since=place.seq, limit=_PAGE, include_docs=True)
        page = await self._databases.cases.changes(query)
        if not page.rows:
            return False
        docs: dict[str, bytes | None] = {}
        for row in page.rows:
            if row.id.startswith("report:"):
                docs[row.id] = None if row.deleted else row.doc
        await self._take(docs, Place(now, page.last_seq, self._made_for))
        return True

    async def _take(self, docs: dict[str, bytes | None], place: Place) -> None:
        assert self._writing is not None
        writing, zone, delegations = self._writing, self._zone, self._delegations

        def take() -> None:
            made = [rows_of(orjson.loads(doc), zone, delegations) for doc in docs.values() if doc is not None]
            gone = [uuid_of(report) for report, doc in docs.items() if doc is None]
            if writing.take(made, gone, place):
                writing.forget_logs()

        await asyncio.to_thread(take)

    async def _grow(self, now: str) -> None:
        """Everything anew, in the order of the ids, from the place in the feed where the walk began."""
        assert self._writing is not None
        writing, zone, delegations = self._writing, self._zone, self._delegations
        self.caught_up.clear()
        begun = (await self._databases.cases.info()).update_seq
        known = await asyncio.to_thread(_ids, self._db)
        async for rows in pages(self._databases.cases, "report:", _BULK):

            def take(rows: list[Found] = rows) -> None:
                made: list[Rows] = [rows_of(row.read(), zone, delegations) for row in rows]
                # No checkpoint before the end: a walk cut short begins anew.
                writing.take(made, (), Place("", begun, self._made_for))
                known.difference_update(row.id for row in made)

            await asyncio.to_thread(take)
        await asyncio.to_thread(writing.take, [], known, Place(now, begun, self._made_for))
        await asyncio.to_thread(writing.forget_logs)

    async def _persons_batch(self) -> bool:
        """One batch of ``citizens``; False at its end."""
        assert self._writing is not None
        writing, now = self._writing, (await epoch.read(self._databases.cases)).epoch
        place = await asyncio.to_thread(writing.persons_place)
        since = place.seq if place is not None and place.epoch == now else "0"
        query = ChangesQuery(since=since, limit=_PAGE, include_docs=True)
        page = await self._databases.citizens.changes(query)
        if not page.rows and place is not None and place.epoch == now:
            return False
        # A document and what was put right in it are one row, whichever of the two came.
        changed = {citizen_id(row.id) for row in page.rows if row.id.startswith(("citizen:", "rectified:"))}
        both = [*changed, *map(rectified_id, changed)]
        docs = await self._databases.citizens.get_many(both) if both else {}
        made = {key: person_of(docs[key], docs.get(rectified_id(key))) for key in changed if key in docs}
        persons = [person for person in made.values() if person is not None]
        gone = [key for key in changed if made.get(key) is None]

        def take() -> None:
            if writing.take_persons(persons, gone, Place(now, page.last_seq)):
                writing.forget_logs()

        await asyncio.to_thread(take)
        return True

    async def _people_batch(self) -> bool:
        """One batch of ``office``'s persons; False at its end."""
        assert self._writing is not None
        writing, now = self._writing, (await epoch.read(self._databases.cases)).epoch
        place = await asyncio.to_thread(writing.people_place)
        anew = place is None or place.epoch != now
        since = "0" if place is None or anew else place.seq
        query = ChangesQuery(since=since, limit=_PAGE, include_docs=True)
        page = await self._databases.office.changes(query)
        if not page.rows and not anew:
            return False
        rows = [row for row in page.rows if row.id.startswith("person:")]
        people = [group_of(orjson.loads(row.doc)) for row in rows if row.doc is not None and not row.deleted]
        gone = [int(row.id.removeprefix("person:")) for row in rows if row.deleted or row.doc is None]

        def take() -> None:
            if writing.take_people(people, gone, Place(now, page.last_seq), anew):
                writing.forget_logs()

        await asyncio.to_thread(take)
        return True


def _ids(db: apsw.Connection | None) -> set[Any]:
    assert db is not None
    return {row[0] for row in db.execute("SELECT id FROM reports").fetchall()}
