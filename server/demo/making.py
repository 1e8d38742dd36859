"""The demonstration into the databases, once.

Law: a demonstration is made in a data folder that holds no municipality, and is done when it says so. Killed
half-way, the next start goes on with the same seed and moment, so that every document meets itself. What is
decided about the reports is decided by intake, from the inbox.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from server.accounts.demonstration import demonstration, mark_demonstration
from server.accounts.documents import AccountDoc, DeviceDoc
from server.accounts.model import PASSWORD_ROLES
from server.accounts.passwords import hash_password
from server.context import Context
from server.demo.municipality import EVERYDAY_REPORTS, PASSWORD, Municipality, make_municipality
from server.documents.ids import blob_id
from server.evidence.blob import Blob
from server.imports.store import batches, store
from server.instants import parse, say
from server.intake.running.intake import Intake
from sync.errors import NotFound
from sync.interface import Doc

#: Called with what is being done, how much of it is, and how much there is.
Progress = Callable[[str, int, int], None]

_STATE = "demonstration-state"
#: Documents per step of the progress bar.
_STEP = 100


class NotADemonstration(RuntimeError):
    """The data hold a municipality that was made otherwise; nothing was changed."""


@asynccontextmanager
async def intake_of(context: Context) -> AsyncIterator[Intake]:
    """The intake of these data, opened for work at hand. Raises ``IntakeRunning``."""
    folder = context.settings.data_dir
    intake = Intake(context.databases, context.directory, context.clock, folder)
    await intake.open()
    try:
        yield intake
    finally:
        await intake.close()


async def made_before(context: Context) -> bool:
    """Whether the demonstration is there, whole. Raises ``NotADemonstration``."""
    state = await _state(context)
    if state is not None:
        return bool(state.get("done"))
    if await context.is_founded():
        raise NotADemonstration(
            "these data hold a municipality already; a demonstration needs an empty DATA_DIR "
            "(on CouchDB: a COUCHDB_PREFIX of its own)."
        )
    return False


async def _state(context: Context) -> dict[str, Any] | None:
    try:
        return await context.databases.accounts.get_local(_STATE)
    except NotFound:
        return None


async def make_demonstration(
    context: Context, seed: int, now: datetime, progress: Progress, *, everyday: int = EVERYDAY_REPORTS
) -> Municipality | None:
    """Make the demonstration, or go on with one begun; None where it was there already."""
    if await made_before(context):
        return None
    state = await _state(context)
    if state is None:
        # Milliseconds: what is written as text must come back as the same moment.
        state = {"seed": seed, "now": say(now), "everyday": everyday}
        await context.databases.accounts.put_local(_STATE, state)
    progress("Drawing the municipality", 0, 1)
    town = make_municipality(state["seed"], parse(state["now"]), everyday=state["everyday"])
    progress("Drawing the municipality", 1, 1)
    databases = context.databases
    await store(databases.accounts, await _with_passwords(town.accounts))
    await store(databases.registry, town.registry)
    # Citizens before the events that name them, the settings last: what reads them finds the rest.
    await store(databases.citizens, town.citizens, keep=True)
    await store(databases.reference, sorted(town.reference, key=lambda doc: str(doc["_id"] == "settings")))
    done = 0
    async with intake_of(context) as intake:
        for batch in batches(town.inbox, _STEP):
            await store(databases.inbox, batch, keep=True)
            await intake.run_until_idle()
            done += len(batch)
            progress("Reports through intake", done, len(town.inbox))
        await _photos(context, town, progress)
        await intake.run_until_idle()
    await mark_demonstration(databases.accounts, town.offered)
    await databases.accounts.put_local(_STATE, {**(await _state(context) or {}), "done": True})
    return town


async def set_office_password(context: Context, password: str) -> None:
    """Give every office account this password and show it where the accounts are offered; nothing where it
    is so already."""
    accounts = context.databases.accounts
    offered = await demonstration(accounts) or []
    if all(entry.get("password", password) == password for entry in offered):
        return
    hashed = await hash_password(password)
    office = [account.id for account in context.directory.accounts() if account.role in PASSWORD_ROLES]
    await store(accounts, [{"_id": f"account:{account}", "password": hashed} for account in office])
    await mark_demonstration(
        accounts, [{**entry, "password": password} if "password" in entry else entry for entry in offered]
    )


async def _with_passwords(accounts: Iterable[AccountDoc | DeviceDoc]) -> list[Doc]:
    """Office accounts get the demonstration's public password."""
    hashed = await hash_password(PASSWORD)
    known: list[Any] = list(accounts)
    return [{**doc, "password": hashed} if doc.get("role") in PASSWORD_ROLES else doc for doc in known]


async def _photos(context: Context, town: Municipality, progress: Progress) -> None:
    """The photos as if each had been uploaded by the device of its event, and their verdicts."""
    for number, (sha, data) in enumerate(town.photos.items(), start=1):
        event = town.carriers[sha]
        await context.blobs.put(sha, data)
        doc: Blob = {
            "_id": blob_id(sha),
            "schema": "blob.v1",
            "sha256": sha,
            "bytes": len(data),
            "type": "image/jpeg",
            "received_at": event["occurred_at"],
            "verdict": "pending",
            "deliveries": [{"device": event["device"], "event": event["_id"]}],
        }
        await store(context.databases.evidence, [doc], keep=True)
        context.examination.submit(sha)
        if number % 20 == 0 or number == len(town.photos):
            await context.examination.settled()
            progress("Photos", number, len(town.photos))
