"""A phone without a screen: it makes signed events and speaks the app's HTTP, nothing else.

Law: a device numbers its events without gaps and chains them by hash; what it sends is never edited.
It is written from docs/documents.md and docs/gateway.md alone and imports nothing of the server, so that
a mistake there cannot hide here. ``Pen`` makes events (pure, but for the key and the random ids);
``Device`` carries them over HTTP with any client that has httpx's ``request``.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypedDict

import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

Json = dict[str, Any]
Clock = Callable[[], datetime]


class Place(TypedDict):
    """Where something is, as members of a position, in degrees."""

    lat: float
    lon: float


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def uuid7(moment: datetime) -> str:
    """RFC 9562 §5.7: 48 bits of milliseconds, version 7, the rest random."""
    value = (int(moment.timestamp() * 1000) << 80) | (7 << 76) | (secrets.randbits(12) << 64)
    digits = f"{value | (2 << 62) | secrets.randbits(62):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def sign_text(key: ec.EllipticCurvePrivateKey, message: bytes) -> str:
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return b64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def citizen_document(moment: datetime, *, notice: str = "1", **content: str) -> Json:
    """A citizen document whose id covers its salted content (``name``, ``phone``, ``email``, ``address``)."""
    salt = secrets.token_hex(16)
    digest = hashlib.sha256(rfc8785.dumps({"content": content, "salt": salt})).hexdigest()
    return {
        "_id": f"citizen:{uuid7(moment)}:{digest}",
        "schema": "citizen.v1",
        "content": content,
        "salt": salt,
        "notice": notice,
        "consented_at": instant(moment),
    }


@dataclass
class Pen:
    """One account on one installation: its key, its numbering, its chain."""

    account: str
    role: str
    clock: Clock = lambda: datetime.now(UTC)
    installation: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    seq: int = 0
    prev: str | None = None

    def __post_init__(self) -> None:
        self.installation = self.installation or uuid7(self.clock())

    @property
    def id(self) -> str:
        return f"{self.account}~{self.installation}"

    @property
    def public_key(self) -> Any:
        numbers = self.key.public_key().public_numbers()
        x, y = (b64url(n.to_bytes(32, "big")) for n in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def proof(self, challenge: str) -> Json:
        """What an enrolment says of its key: that it is held, by a signature over the server's challenge."""
        return {
            "installation": self.installation,
            "public_key": self.public_key,
            "challenge": challenge,
            "sig": sign_text(self.key, challenge.encode("ascii")),
        }

    def event(
        self,
        kind: str,
        subject: str | None = None,
        payload: Json | None = None,
        *,
        based_on: Iterable[str] = (),
        position: Json | None = None,
        photos: Iterable[Json] = (),
        at: datetime | None = None,
        **overrides: Any,
    ) -> Json:
        """A signed event about ``subject`` (new where None); ``overrides`` replace members before signing."""
        moment = at or self.clock()
        event: Json = {
            "_id": f"event:{subject or uuid7(moment)}:{uuid7(moment)}",
            "schema": "event.v1",
            "kind": kind,
            "actor": self.account,
            "role": self.role,
            "device": self.id,
            "device_seq": self.seq + 1,
            "prev": self.prev,
            "based_on": list(based_on),
            "occurred_at": instant(moment),
            "position": position or {"source": "none"},
            "payload": payload or {},
            "photos": list(photos),
            "app": "0.1.0",
            "privacy_notice": "1",
            **overrides,
        }
        event["sig"] = sign_text(self.key, rfc8785.dumps(event))
        self.seq = event["device_seq"]
        self.prev = hashlib.sha256(rfc8785.dumps(event)).hexdigest()
        return event

    def capture(
        self,
        type_id: str,
        *,
        lat: float | None = None,
        lon: float | None = None,
        accuracy: float = 8.0,
        at: datetime | None = None,
        photos: Iterable[Json] = (),
        **payload: Any,
    ) -> Json:
        """A ``captured`` event with sensible members; any payload member can be given by name."""
        moment = at or self.clock()
        position: Json = {"source": "none"}
        if lat is not None and lon is not None:
            fix = {"lat": lat, "lon": lon, "accuracy": accuracy, "taken_at": instant(moment)}
            position = {"source": "gps", **fix}
        body: Json = {
            "type": type_id,
            "channel": "jefe-de-manzana",
            "for_whom": "self",
            "answers": {},
            "place": {},
            "urgent": False,
            **payload,
        }
        return self.event("captured", None, body, position=position, photos=photos, at=moment)


def subject_of(event: Json) -> str:
    return str(event["_id"]).split(":")[1]


class Refused(Exception):
    """The server's answer was not a success: ``status`` and the problem's ``code``."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body
        self.code = body.get("error") if isinstance(body, dict) else None


class Device:
    """A pen with signal: enrols, renews, pushes, pulls and checks in over HTTP.

    ``client`` is an ``httpx2.Client`` (or Starlette's test client) whose base URL is the server.
    ``documents`` and ``reference`` hold what the two feeds gave, by id, as the phone's store would.
    """

    def __init__(self, client: Any, pen: Pen | None = None, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self.client = client
        self.clock = clock
        self.pen = pen
        self.token = ""
        self.documents: dict[str, Json] = {}
        self.reference: dict[str, Json] = {}
        self.since: dict[str, str] = {"mailbox": "0", "reference": "0"}
        self.outbox: list[Json] = []

    def call(self, method: str, path: str, body: Any = None, *, token: bool = True, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if token and self.token else {}
        answer = self.client.request(method, path, json=body, headers=headers, **options)
        if answer.status_code >= 400:
            is_json = answer.headers.get("content-type", "").startswith("application/json")
            raise Refused(answer.status_code, answer.json() if is_json else answer.text)
        return answer.json() if answer.content else None

    def _proof(self, pen: Pen) -> Json:
        given = self.call("POST", "/api/session/challenge", {"installation": pen.installation}, token=False)
        return pen.proof(given["challenge"])

    def enrol(self, code: str, installation: str = "") -> Json:
        """Enrol with a one-time code; the account and role come from the server's answer."""
        pen = Pen("", "", self.clock, installation)
        body = {"code": code, "app": "0.1.0", **self._proof(pen)}
        answer: Json = self.call("POST", "/api/enrol", body, token=False)
        pen.account, pen.role = answer["account"], answer["role"]
        self.pen, self.token = pen, answer["token"]
        return answer

    def enrol_with_password(self, username: str, password: str) -> Json:
        """Enrol an office's device (desk, agency) with its password."""
        pen = Pen("", "", self.clock)
        body = {"username": username, "password": password, "app": "0.1.0", **self._proof(pen)}
        answer: Json = self.call("POST", "/api/enrol/password", body, token=False)
        pen.account, pen.role = answer["account"], answer["role"]
        self.pen, self.token = pen, answer["token"]
        return answer

    def renew(self) -> Json:
        """A new session by signing the server's challenge with the device key."""
        assert self.pen
        given = self.call("POST", "/api/session/challenge", {"device": self.pen.id}, token=False)
        sig = sign_text(self.pen.key, given["challenge"].encode("ascii"))
        body = {"device": self.pen.id, "challenge": given["challenge"], "sig": sig}
        answer: Json = self.call("POST", "/api/session", body, token=False)
        self.token = answer["token"]
        return answer

    def push(self, docs: Iterable[Json] | None = None) -> list[Json]:
        """Send documents (the outbox where None); the outbox keeps what was not accepted."""
        sent = list(self.outbox if docs is None else docs)
        rows: list[Json] = self.call("POST", "/sync/inbox/_bulk_docs", {"docs": sent})
        if docs is None:
            self.outbox = [doc for doc, row in zip(sent, rows, strict=True) if not row.get("ok")]
        return rows

    def pull(self, feed: str = "mailbox", limit: int = 1000) -> int:
        """Read a feed to its end into ``documents`` or ``reference``; gives how many changes came."""
        store = self.documents if feed == "mailbox" else self.reference
        count = 0
        while True:
            query = {"since": self.since[feed], "limit": str(limit), "feed": "normal"}
            try:
                page = self.call("GET", f"/sync/{feed}/_changes", params=query)
            except Refused as refused:
                if refused.code != "feed_changed":
                    raise
                self.since[feed] = "0"
                store.clear()
                continue
            for row in page["results"]:
                if row.get("deleted"):
                    store.pop(row["id"], None)
                else:
                    store[row["id"]] = row["doc"]
            count += len(page["results"])
            self.since[feed] = page["last_seq"]
            if not page["results"] or page.get("pending") == 0:
                return count

    def pull_until(self, come: Callable[[Device], bool], rounds: int = 12) -> None:
        """Pull, then longpoll (10 s each) until ``come`` holds; an ``AssertionError`` after ``rounds``."""
        self.pull()
        for _ in range(rounds):
            if come(self):
                return
            query = {"since": self.since["mailbox"], "feed": "longpoll", "timeout": "10000"}
            self.call("GET", "/sync/mailbox/_changes", params=query, timeout=30)
            self.pull()
        assert come(self), f"what was waited for did not reach {self.pen.id if self.pen else 'the device'}"

    def settled(self) -> None:
        """Wait until every event of this device has been acknowledged, one way or another."""
        assert self.pen
        last = self.pen.seq
        self.pull_until(lambda device: device.ack["through"] >= last and not device.ack.get("gaps"))

    def checkin(self, **members: Any) -> Json:
        assert self.pen
        body = {
            "device": self.pen.id,
            "since": self.since,
            "last_seq": self.pen.seq,
            "pending": len(self.outbox),
            "oldest_age": 0,
            "storage": {"used": 1_000_000, "quota": 1_000_000_000},
            "version": "0.1.0",
            "clock": instant(self.clock()),
            "photos_pending": 0,
            **members,
        }
        answer: Json = self.call("POST", "/sync/checkin", body)
        return answer

    def upload(self, data: bytes, media_type: str, event_id: str) -> str:
        """Send a photo by tus 1.0 (creation, then one PATCH); gives its SHA-256."""
        sha = hashlib.sha256(data).hexdigest()
        meta = {"sha256": sha, "type": media_type, "event": event_id}
        pairs = (f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in meta.items())
        metadata = ",".join(pairs)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(data)),
            "Upload-Metadata": metadata,
        }
        made = self.client.request("POST", "/sync/evidence", headers=headers)
        if made.status_code >= 400:
            raise Refused(made.status_code, made.json())
        if made.status_code == 200:
            return sha
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
        }
        sent = self.client.request("PATCH", made.headers["Location"], headers=headers, content=data)
        if sent.status_code >= 400:
            raise Refused(sent.status_code, sent.json())
        return sha

    # -- what the phone shows --------------------------------------------------------------------------

    def reports(self) -> dict[str, Json]:
        """The report copies of this mailbox by report uuid."""
        return {i.removeprefix("report:"): d for i, d in self.documents.items() if i.startswith("report:")}

    @property
    def ack(self) -> Json:
        """This device's acknowledgement with what its pages list, or an empty one before the first."""
        assert self.pen
        empty: Json = {"through": 0, "items": [], "refused": [], "quarantined": [], "photos": []}
        newest = self.documents.get(f"ack:{self.pen.id}", empty)
        pages = [doc for i, doc in self.documents.items() if i.startswith(f"ack:{self.pen.id}:")]
        said = sorted(pages, key=lambda page: int(page["_id"].rpartition(":")[2]))
        listed = ("items", "photos")
        return newest | {name: [one for ack in (*said, newest) for one in ack[name]] for name in listed}


def photo(data: bytes, media_type: str = "image/jpeg", origin: str = "camera") -> Json:
    """The entry of an event's ``photos`` for these bytes."""
    sha = hashlib.sha256(data).hexdigest()
    return {"sha256": sha, "origin": origin, "bytes": len(data), "type": media_type}
