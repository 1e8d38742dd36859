"""What every route needs, made once per process and handed on.

Law: parts are opened in the order of their needs and closed in the opposite one; whoever is given a
``Context`` may rely on all of it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from server.accounts.audit import Audit
from server.accounts.challenges import Challenges
from server.accounts.directory import Directory
from server.accounts.enrolment import Enrolment
from server.accounts.lockouts import Lockouts
from server.accounts.secret import installation_secret
from server.accounts.sessions import Sessions
from server.bulk.running import Bulk
from server.certainty import WatchedClock
from server.channels.mailing import Hook, Mail
from server.channels.notices import Notices
from server.channels.pen import Pen
from server.channels.sending import Sending
from server.channels.talks.acting import Acting
from server.channels.talks.desk import Desk
from server.channels.talks.keeping import Keeping
from server.channels.talks.talks import Talks
from server.channels.whatsapp.cloud import Cloud
from server.clock import Clock, SystemClock
from server.courier.delivery import Courier
from server.disk import Disk
from server.documents import reading
from server.documents.shapes import MunicipalSettings
from server.evidence.blobstore import BlobStore, FolderBlobStore
from server.evidence.examination import Examination
from server.evidence.uploads import Uploads
from server.feeds.feeds import Feeds
from server.feeds.turns import Turns
from server.inbox.taking import Inbox
from server.limits import Limit
from server.metrics import Metrics
from server.municipality.ground import Ground
from server.register.register import Register
from server.settings import SettingError, Settings
from server.store.databases import MAILBOX, Databases
from server.worker import Worker
from sync.errors import NotFound, Unauthorized, Unavailable
from sync.interface import Engine


@dataclass(slots=True)
class Limits:
    """The doors where guessing pays. Keys are clients' networks (``network_of``)."""

    #: Eight digits and some thousand live codes: ten wrong ones, then two a minute, per address.
    code: Limit = field(default_factory=lambda: Limit("code", 10, 2))
    #: All addresses together: a distributed guesser gets 300 tries, then 60 a minute, of 10^8.
    code_overall: Limit = field(default_factory=lambda: Limit("code_overall", 300, 60))
    #: Each costs 64 MiB for a tenth of a second.
    password: Limit = field(default_factory=lambda: Limit("password", 20, 10))
    #: All networks together; browsers that entered before are not counted here, so that a flood of guesses
    #: keeps nobody out who works here.
    password_overall: Limit = field(default_factory=lambda: Limit("password_overall", 200, 60))
    #: Folios follow each other: one network reads a town of 370,000 reports in two weeks, not in an hour.
    folio: Limit = field(default_factory=lambda: Limit("folio", 60, 20))
    folio_overall: Limit = field(default_factory=lambda: Limit("folio_overall", 1200, 600))
    #: A ticket's code has 40 bits; who knows it is not counted.
    ticket: Limit = field(default_factory=lambda: Limit("ticket", 10, 2))
    ticket_overall: Limit = field(default_factory=lambda: Limit("ticket_overall", 300, 60))
    #: What a ticket's holder says of a report: each is an event, and photos cost their examination.
    said: Limit = field(default_factory=lambda: Limit("said", 20, 4))
    said_overall: Limit = field(default_factory=lambda: Limit("said_overall", 600, 300))
    #: A person types a message in some seconds; one network (a school, a village) may write more.
    chat: Limit = field(default_factory=lambda: Limit("chat", 60, 30))
    chat_overall: Limit = field(default_factory=lambda: Limit("chat_overall", 3_000, 1_500))
    #: Words of alarm beyond those: a flood of them is refused too, and says 911.
    chat_urgent: Limit = field(default_factory=lambda: Limit("chat_urgent", 20, 10))
    chat_urgent_overall: Limit = field(default_factory=lambda: Limit("chat_urgent_overall", 600, 300))
    #: New talks: each is a document, and a cookie costs nothing.
    talk: Limit = field(default_factory=lambda: Limit("talk", 20, 4))
    talk_overall: Limit = field(default_factory=lambda: Limit("talk_overall", 1_000, 300))
    #: Offices and villages share one address, and a whole town renews after a restore.
    challenge: Limit = field(default_factory=lambda: Limit("challenge", 600, 600))


@dataclass(slots=True)
class Context:
    settings: Settings
    clock: Clock
    #: By which things grow old: it holds back while ``clock`` is doubted.
    certain: WatchedClock
    engine: Engine
    databases: Databases
    directory: Directory
    sessions: Sessions
    enrolment: Enrolment
    #: Shared by the installation's processes: challenges and form tokens.
    secret: bytes
    blobs: BlobStore
    examination: Examination
    uploads: Uploads
    audit: Audit
    metrics: Metrics
    limits: Limits
    feeds: Feeds
    turns: Turns
    inbox: Inbox
    courier: Courier
    pen: Pen
    bulk: Bulk
    talks: Talks
    keeping: Keeping
    desk: Desk
    sending: Sending
    notices: Notices
    register: Register
    #: The blocks that documents' sketches are drawn from.
    ground: Ground
    #: All that goes on in this process by itself; health asks them.
    workers: list[Worker]
    disk: Disk
    #: Printed at the start with LAN=1: lets other machines use a demonstration's accounts.
    demo_key: str = ""
    #: The LAN certificate authority (LAN=1), given out so that phones can trust this server.
    authority: Path | None = None
    #: What ``reference`` held at a place of its feed, as pages need it: read once, not for each page.
    reference_read: tuple[str, Any] | None = None
    #: When the mailboxes were last counted for the measures.
    counted_at: datetime | None = None

    async def reference_settings(self) -> MunicipalSettings:
        """The municipality's own settings document; empty before ``manzana init``."""
        try:
            return reading.settings(await self.databases.reference.get("settings"))
        except NotFound:
            return reading.settings({})

    async def is_founded(self) -> bool:
        """Whether there is a municipality: its settings are written last (``manzana init``)."""
        return "_id" in await self.reference_settings()

    async def today(self) -> str:
        """The municipality's date, ``YYYY-MM-DD``."""
        return self.clock.now().astimezone(await zone_of(self.databases)).date().isoformat()


async def zone_of(databases: Databases) -> ZoneInfo:
    """The municipality's time zone; Mexico City's before ``manzana init``."""
    try:
        settings = await databases.reference.get("settings")
    except NotFound:
        settings = {}
    return ZoneInfo(settings.get("timezone") or "America/Mexico_City")


def make_data_dir(folder: Path) -> None:
    """Make the data folder where it is missing. Raises ``SettingError`` where nothing can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # One that was there is closed too, and with it all that an earlier version left readable inside.
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except FileExistsError:
        raise SettingError(f"DATA_DIR={folder} cannot be used: it is not a folder.") from None
    except OSError as error:
        raise SettingError(f"DATA_DIR={folder} cannot be written to ({error.strerror}).") from None


async def open_engine(settings: Settings) -> Engine:
    """The engine the settings name. Raises the engine's errors, ``Unavailable`` for a CouchDB that is
    away.
    """
    # With CouchDB too: locks, photos and the folio ledger are there.
    make_data_dir(settings.data_dir)
    if settings.couchdb_url:
        from sync.couchdb import open_couchdb

        try:
            return await open_couchdb(
                settings.couchdb_url,
                prefix=settings.couchdb_prefix,
                # Thousands of small mailboxes: one shard each, or a node runs out of file handles.
                shards=lambda name: 1 if name.startswith(MAILBOX) else None,
            )
        except (Unavailable, Unauthorized) as error:
            raise SettingError(f"The CouchDB of COUCHDB_URL cannot be used: {error.reason}") from None
    from sync.embedded import open_engine as open_embedded

    return await open_embedded(settings.data_dir / "engine")


def _carriers(settings: Settings, talks: Talks, sending: Sending) -> list[Cloud | Hook]:
    """The ways out that the settings name; gives those that must be closed."""
    opened: list[Cloud | Hook] = []
    if settings.whatsapp_number and settings.whatsapp_token and settings.whatsapp_secret:
        cloud = Cloud(
            settings.whatsapp_url, settings.whatsapp_number, settings.whatsapp_token, settings.photo_bytes
        )
        sending.carriers["whatsapp"] = cloud
        talks.pushing.add("whatsapp")
        talks.media["whatsapp"] = cloud.media
        opened.append(cloud)
    if settings.notice_url:
        hook = Hook(settings.notice_url)
        sending.carriers["hook"] = hook
        opened.append(hook)
    if settings.mail_url and settings.mail_from:
        sending.carriers["mail"] = Mail(settings.mail_url, settings.mail_from)
    return opened


def _watched(folder: Path, clock: Clock | None) -> WatchedClock:
    """The system's clock is watched; one that was handed in is its own measure."""
    if clock is None:
        return WatchedClock(folder, SystemClock())
    return WatchedClock(folder, clock, lambda: clock.now().timestamp())


@asynccontextmanager
async def open_context(
    settings: Settings, *, clock: Clock | None = None, engine: Engine | None = None
) -> AsyncIterator[Context]:
    """Open everything over ``engine`` (or the one the settings name) and close it at the end."""
    owned = engine is None
    if engine is None:
        engine = await open_engine(settings)
    certain = _watched(settings.data_dir, clock)
    clock = clock or SystemClock()
    try:
        databases = await Databases.open(engine)
        directory = Directory(databases.accounts)
        await directory.start()
        try:
            sessions = Sessions(directory, certain, lambda: zone_of(databases))
            secret = await installation_secret(databases.accounts)
            challenges = Challenges(secret)
            lockouts = Lockouts(databases.accounts, clock)
            metrics = Metrics()
            folder = settings.data_dir / "evidence"
            blobs = FolderBlobStore(folder)
            examination = Examination(databases.evidence, blobs, clock, settings, metrics)
            await examination.start()
            uploads = Uploads(folder / "uploads", databases.evidence, blobs, examination, clock)
            inbox = Inbox(databases, clock, metrics)
            pen = Pen(settings.data_dir / "pen", databases, directory, inbox, clock)
            bulk = Bulk(databases, directory, pen, clock, lambda: zone_of(databases))
            acting = Acting(databases, directory, pen, uploads, clock, secret)
            talks = Talks(databases, acting, clock, secret, settings.origin)
            keeping = Keeping(talks)
            sending = Sending(databases, clock)
            notices = Notices(databases, talks, sending, clock)
            closing = _carriers(settings, talks, sending)
            register = Register(settings.data_dir / "register", databases)
            await uploads.recover()
            feeds = Feeds(databases)
            # Intake in this process rings by a call, another one through the wake database; where intake is
            # alone, nobody waits.
            await feeds.start(follow=settings.intake == "apart")
            try:
                yield Context(
                    settings=settings,
                    clock=clock,
                    certain=certain,
                    engine=engine,
                    databases=databases,
                    directory=directory,
                    sessions=sessions,
                    enrolment=Enrolment(directory, sessions, challenges, lockouts, clock, settings),
                    secret=secret,
                    blobs=blobs,
                    examination=examination,
                    uploads=uploads,
                    audit=Audit(databases.accounts, clock),
                    metrics=metrics,
                    limits=Limits(),
                    feeds=feeds,
                    turns=Turns(),
                    inbox=inbox,
                    pen=pen,
                    talks=talks,
                    keeping=keeping,
                    desk=Desk(talks),
                    sending=sending,
                    notices=notices,
                    register=register,
                    bulk=bulk,
                    ground=Ground(databases.registry),
                    disk=Disk(settings.data_dir),
                    workers=[
                        *examination.workers,
                        pen.worker,
                        bulk.worker,
                        keeping.worker,
                        sending.worker,
                        notices.worker,
                        register.worker,
                        feeds.worker,
                    ],
                    courier=Courier(databases.accounts, inbox, uploads, settings.photo_bytes),
                )
            finally:
                await register.stop()
                await bulk.stop()
                await keeping.worker.stop()
                await notices.worker.stop()
                await sending.worker.stop()
                for carrier in closing:
                    await carrier.close()
                await pen.stop()
                await feeds.stop()
                await examination.stop()
        finally:
            await directory.stop()
    finally:
        if owned:
            await engine.close()
