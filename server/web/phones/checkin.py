"""The check-in: one small request by which an idle phone learns that there is nothing new.

Law: it reads at most one change of each feed and writes only when what the phone tells has changed or
grown old. The skew between clocks is what the server measures here; a phone's own word on it is never
asked.
"""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from server.accounts.documents import DeviceDoc, LastSeen
from server.accounts.model import Device
from server.accounts.sessions import Session
from server.cases.validation import reasons
from server.context import Context
from server.documents import reading
from server.documents.shapes import CheckIn, CheckInSince
from server.feeds.feeds import place
from server.instants import parse, say
from server.municipality.world import DEFAULTS
from server.municipality.zones import offsets
from server.problems import Problem
from server.web.authentication import authenticate
from server.web.bodies import answer, read_object
from server.web.state import Request
from sync.errors import BadRequest, DatabaseNotFound
from sync.interface import ChangesQuery, Database

#: What a phone told is written again at least this often, so that silence shows.
STALE = timedelta(minutes=15)
#: A measured skew moves by this many milliseconds before it is written: networks are no clocks.
SKEW_STEP = 2_000


async def checkin(request: Request) -> Response:
    """``POST /sync/checkin``."""
    context = request.state["context"]
    session = await authenticate(request, "deliver")
    said = await read_object(request)
    found = reasons("checkin.v1", said)
    if found:
        raise Problem("bad_request", "; ".join(found))
    body = reading.checkin(said)
    if body["device"] != session.device:
        raise Problem("device_not_yours")
    device = context.directory.device(body["device"])
    if device is None:
        raise Problem("device_unknown")
    await _note(context, device, body)
    epoch = await context.feeds.epoch()
    settings = await context.reference_settings()
    now = context.clock.now()
    zone = settings.get("timezone") or DEFAULTS["timezone"]
    return answer(
        {
            "time": say(now),
            "changed": await _changed(context, session, body["since"]),
            "backed_up_through": {"epoch": epoch.epoch, "admission": epoch.admission},
            "orders": [{"order": order} for order in _orders(device, session)],
            "app_floor": settings.get("app_floor"),
            # Browsers know the zones of the day they were made: Ciudad Juárez is younger than the oldest.
            "zone": offsets(zone, now.year),
        }
    )


def _orders(device: Device, session: Session) -> tuple[str, ...]:
    """What it is told to do; a phone that came in with an earlier password is to enrol with the new one."""
    return (*device.orders, "reenrol") if session.standing == "password_changed" else device.orders


async def _note(context: Context, device: Device, body: CheckIn) -> None:
    """Keep what the phone told, and the skew of its clock."""
    now = context.clock.now()
    told: LastSeen = {
        "seq": body["last_seq"],
        "pending": body["pending"],
        "oldest": body.get("oldest_age"),
        "storage": body.get("storage"),
    }
    if "version" in body:
        told["version"] = body["version"]
    if "photos_pending" in body:
        told["photos_pending"] = body["photos_pending"]
    skew = device.skew_ms
    if "clock" in body:
        context.certain.hear(device.id, parse(body["clock"]))
        measured = round((parse(body["clock"]) - now) / timedelta(milliseconds=1))
        if skew is None or abs(measured - skew) >= SKEW_STEP:
            skew = measured
    before = device.last
    fresh = bool(before.get("at")) and now - parse(before["at"]) < STALE
    same = all(before.get(name) == value for name, value in told.items() if name not in _DRIFTING)
    if fresh and same and skew == device.skew_ms:
        return

    def change(doc: DeviceDoc) -> DeviceDoc:
        return {**doc, "last": {**told, "at": say(now)}, "skew_ms": skew}

    await context.directory.update(f"device:{device.id}", change)


#: Told values that move by themselves; alone they are not worth a write.
_DRIFTING = frozenset({"oldest", "storage"})


async def _changed(context: Context, session: Session, since: CheckInSince) -> dict[str, bool]:
    """Whether each feed has a change after the phone's place: at most one row of each is read."""
    if "forget" not in session.powers:
        return {"mailbox": False, "reference": False}
    account = context.directory.account(session.account)
    mailbox: Database | None = None
    if account is not None:
        try:
            mailbox = await context.databases.open_mailbox(account.id, account.generation)
        except DatabaseNotFound:
            pass  # Not delivered yet.
    reference = context.databases.reference
    working = "work" in session.powers
    return {
        "mailbox": mailbox is not None and await _has_news(context, mailbox, since.get("mailbox")),
        "reference": working and await _has_news(context, reference, since.get("reference")),
    }


async def _has_news(context: Context, database: Database, token: str | None) -> bool:
    try:
        since = place(token, await context.feeds.name(database))
        return bool((await database.changes(ChangesQuery(since=since, limit=1))).rows)
    except (Problem, BadRequest):
        return True  # Another feed's token: everything is new.
    except DatabaseNotFound:
        return False
