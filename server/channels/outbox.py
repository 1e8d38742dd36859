"""A pen's outbox: one installation's key, its chains, and what it has sealed, in one file of the data folder.

Law: an event is numbered, chained, signed and durably kept in one transaction, so a chain has no gap and no
fork, whatever is killed when, and with several processes on one folder. What is kept is let go of only when
``let_go`` is told that it may be.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import orjson
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from server.accounts.documents import Jwk
from server.accounts.keys import encode
from server.cases.canonical import canonical
from server.documents.shapes import Citizen, Event

OUTBOX_FILE = "pen.sqlite3"
#: Written into the file so that other programs' files are not taken for ours ("mzpn").
_APPLICATION_ID = 0x6D7A706E
#: How long one process waits for another's transaction, in milliseconds; each takes one sync of the disk.
_BUSY_MS = 10_000
_SCHEMA = """
CREATE TABLE pen (
    one INTEGER PRIMARY KEY CHECK (one = 1), installation TEXT NOT NULL, key BLOB NOT NULL, epoch TEXT
) STRICT;
CREATE TABLE chain (device TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE sealed (
    event TEXT PRIMARY KEY,
    device TEXT NOT NULL,
    seq INTEGER NOT NULL,
    docs BLOB NOT NULL,
    -- NULL until the inbox has it; then when, RFC 3339.
    appended_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_waiting ON sealed (device, seq) WHERE appended_at IS NULL;
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One event with the citizen documents it names, ``docs`` in the order in which they are appended."""

    event: str
    device: str
    docs: list[Any]
    appended_at: str | None


class PenOutbox:
    """Blocking; whoever is on a loop calls it in a thread. One connection, one caller at a time."""

    def __init__(self, folder: Path, new_installation: Callable[[], str]) -> None:
        """Open the outbox of ``folder``, making key and installation the first time."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = threading.Lock()
        with _alone(folder / "pen.lock"):
            self._db = self._prepare(folder / OUTBOX_FILE, new_installation)
        ((installation, key),) = self._db.execute("SELECT installation, key FROM pen").fetchall()
        assert isinstance(key, bytes)
        private = serialization.load_der_private_key(key, None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        self._key = private
        #: The uuid that devices of this pen end with.
        self.installation = str(installation)

    def _prepare(self, file: Path, new_installation: Callable[[], str]) -> apsw.Connection:
        # Made by us, so that nobody but this user ever could read the key, not even for a moment.
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        db = apsw.Connection(str(file))
        db.set_busy_timeout(_BUSY_MS)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            db.execute(f"PRAGMA {pragma}").fetchall()
        with _Writing(db, self._lock):
            if db.pragma("user_version") == 0:
                db.execute(_SCHEMA).fetchall()
                db.execute(f"PRAGMA application_id={_APPLICATION_ID}").fetchall()
                db.execute("PRAGMA user_version=1").fetchall()
                made = ec.generate_private_key(ec.SECP256R1()).private_bytes(
                    serialization.Encoding.DER,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
                row = (new_installation(), made)
                db.execute("INSERT INTO pen VALUES (1, ?, ?, NULL)", row).fetchall()
        return db

    @property
    def public_key(self) -> Jwk:
        """The JWK that the accounts' devices are enrolled with."""
        numbers = self._key.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": encode(numbers.x.to_bytes(32)),
            "y": encode(numbers.y.to_bytes(32)),
        }

    def seal(self, draft: Event, citizens: Iterable[Citizen] = ()) -> Sealed:
        """Number, chain, sign and keep an event; its ``device_seq`` and ``prev`` are given here.

        An event of that id that is kept already is given instead: a form sent twice is one act.
        """
        return self.seal_all([(draft, citizens)])[0]

    def seal_all(self, drafts: Iterable[tuple[Event, Iterable[Citizen]]]) -> list[Sealed]:
        """``seal`` for many events with the citizen documents of each, in one transaction."""
        with self._writing():
            return [self._seal(draft, citizens) for draft, citizens in drafts]

    def _seal(self, draft: Event, citizens: Iterable[Citizen]) -> Sealed:
        device, event_id = draft["device"], draft["_id"]
        known = self._find(event_id)
        if known is not None:
            return known
        rows = self._db.execute("SELECT seq, hash FROM chain WHERE device = ?", (device,)).fetchall()
        seq, prev = (int(str(rows[0][0])) + 1, str(rows[0][1])) if rows else (1, None)
        event: Event = {**draft, "device_seq": seq, "prev": prev}
        event["sig"] = self._sign(canonical(event))
        docs: list[Any] = [*citizens, event]
        head = hashlib.sha256(canonical(event)).hexdigest()
        self._db.execute("INSERT OR REPLACE INTO chain VALUES (?, ?, ?)", (device, seq, head)).fetchall()
        row = (event_id, device, seq, orjson.dumps(docs))
        self._db.execute("INSERT INTO sealed VALUES (?, ?, ?, ?, NULL)", row).fetchall()
        return Sealed(event_id, device, docs, None)

    def find(self, event_id: str) -> Sealed | None:
        with self._lock:
            return self._find(event_id)

    def waiting(self, limit: int) -> list[Sealed]:
        """What the inbox does not have yet, each device's in the order of their numbers."""
        with self._lock:
            rows = self._db.execute(
                "SELECT event, device, docs, appended_at FROM sealed WHERE appended_at IS NULL"
                " ORDER BY device, seq LIMIT ?",
                (limit,),
            ).fetchall()
        return [_sealed(row) for row in rows]

    def appended(self, events: Iterable[str], at: str) -> None:
        """Note that the inbox has these durably."""
        with self._writing():
            rows = [(at, event) for event in events]
            self._db.executemany("UPDATE sealed SET appended_at = ? WHERE event = ?", rows)

    def held(self) -> list[Sealed]:
        """What the inbox has and is kept all the same, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT event, device, docs, appended_at FROM sealed WHERE appended_at IS NOT NULL"
                " ORDER BY appended_at, event"
            ).fetchall()
        return [_sealed(row) for row in rows]

    def in_epoch(self, epoch: str) -> bool:
        """Note the server's epoch. In a new one everything kept waits once more: what the server held may
        have gone back in time. True where that was so.
        """
        with self._lock:
            ((known,),) = self._db.execute("SELECT epoch FROM pen").fetchall()
        if known == epoch:
            return False
        with self._writing():
            self._db.execute("UPDATE sealed SET appended_at = NULL WHERE ? IS NOT NULL", (known,)).fetchall()
            self._db.execute("UPDATE pen SET epoch = ?", (epoch,)).fetchall()
        return known is not None

    def let_go(self, events: Iterable[str]) -> None:
        with self._writing():
            self._db.executemany("DELETE FROM sealed WHERE event = ?", [(event,) for event in events])

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _find(self, event_id: str) -> Sealed | None:
        rows = self._db.execute(
            "SELECT event, device, docs, appended_at FROM sealed WHERE event = ?", (event_id,)
        ).fetchall()
        return _sealed(rows[0]) if rows else None

    def attest(self, message: bytes) -> str:
        """This installation's word over ``message``, base64url r‖s; the same each time (RFC 6979)."""
        return self._sign(message, repeatable=True)

    def _sign(self, message: bytes, *, repeatable: bool = False) -> str:
        kind = ec.ECDSA(hashes.SHA256(), deterministic_signing=repeatable)
        r, s = decode_dss_signature(self._key.sign(message, kind))
        return encode(r.to_bytes(32) + s.to_bytes(32))

    def _writing(self) -> _Writing:
        return _Writing(self._db, self._lock)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Whoever opens an outbox is the only one: turning the log on is not waited for by SQLite's patience."""
    descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class _Writing:
    """A transaction that excludes other threads and, from its beginning, other processes."""

    def __init__(self, db: apsw.Connection, lock: threading.Lock) -> None:
        self._db = db
        self._lock = lock

    def __enter__(self) -> None:
        self._lock.acquire()
        try:
            self._db.execute("BEGIN IMMEDIATE").fetchall()
        except BaseException:
            self._lock.release()
            raise

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is None:
                self._db.execute("COMMIT").fetchall()
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK").fetchall()
            self._lock.release()


def _sealed(row: tuple[Any, ...]) -> Sealed:
    event, device, docs, appended_at = row
    return Sealed(event, device, orjson.loads(docs), appended_at)
