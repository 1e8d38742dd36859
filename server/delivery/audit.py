"""``check`` and ``rebuild``: the mailboxes against the truth.

Law: ``check`` writes nothing and says everything it finds, a line each, sorted; an empty list is clean.
``rebuild`` makes every mailbox what it must be and sweeps the ones nobody owns; a second one changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from server.accounts.directory import Directory
from server.cases.fold import fold
from server.cases.incident import fold_incident
from server.clock import Clock
from server.delivery.delivery import Delivery
from server.delivery.index import Holders
from server.documents import reading
from server.documents.ids import RECORDS, key_of
from server.documents.shapes import Incident, Record, Report
from server.municipality.scopes import Scopes
from server.municipality.world import World
from server.store.databases import Databases
from server.store.scan import scan
from sync.interface import ChangesQuery, Database, Doc

Progress = Callable[[str, int, int], None]

_PAGE = 500


async def view(databases: Databases, directory: Directory, clock: Clock) -> Delivery:
    """A delivery that only looks: everything read from the truth as it is stored."""
    world = World(databases)
    await world.load()
    scopes = Scopes(databases.cases, directory, world)
    await scopes.load()
    incidents = {
        key_of(one.id): reading.incident(one.body) async for one in scan(databases.cases, "incident:")
    }
    delivery = Delivery(databases, directory, world, scopes, incidents)
    await delivery.load(clock.now())
    return delivery


async def check(
    databases: Databases, directory: Directory, clock: Clock, progress: Progress | None = None
) -> list[str]:
    """Everything that is not as it must be: mailboxes, reports against their records, conflicts, orphans."""
    delivery = await view(databases, directory, clock)
    found = await _check_truth(databases.cases)
    for name in ("inbox", "cases", "citizens", "registry", "accounts", "reference"):
        found += [f"{name}: {doc_id} has conflicts" for doc_id in await _conflicts(getattr(databases, name))]
    existing = set(await databases.mailboxes())
    owners = delivery.owners()
    for number, account in enumerate(owners, 1):
        if progress is not None:
            progress(account.id, number, len(owners))
        box = (account.id, account.generation)
        if box not in existing:
            found.append(f"mailbox of {account.id}: missing")
            continue
        existing.discard(box)
        wanted = await delivery.wanted(account)
        actual = await delivery.mailboxes.contents(*box)
        found += [f"mailbox of {account.id}: {line}" for line in _differences(wanted, actual)]
        database = await delivery.mailboxes.database(*box)
        found += [f"mailbox of {account.id}: {doc_id} has conflicts" for doc_id in await _conflicts(database)]
    found += [f"mailbox of {account}, generation {number}: nobody's" for account, number in existing]
    alarms = delivery.crowding.alarms
    found += [f"mailbox of {account}: more open reports than it may hold" for account in alarms]
    return sorted(found)


def _differences(wanted: Mapping[str, Doc], actual: Mapping[str, Doc]) -> list[str]:
    lines = [f"{doc_id} is missing" for doc_id in wanted.keys() - actual.keys()]
    lines += [f"{doc_id} should not be there" for doc_id in actual.keys() - wanted.keys()]
    for doc_id in wanted.keys() & actual.keys():
        stored = {name: value for name, value in actual[doc_id].items() if name != "_rev"}
        if stored != wanted[doc_id]:
            right = wanted[doc_id]
            names = {name for name in stored.keys() | right.keys() if stored.get(name) != right.get(name)}
            lines.append(f"{doc_id} differs in {', '.join(sorted(names))}")
    return lines


async def _conflicts(database: Database) -> list[str]:
    found, since = [], "0"
    while True:
        page = await database.changes(ChangesQuery(since=since, limit=_PAGE, all_leaves=True))
        found += [row.id for row in page.rows if len(row.revs) > 1]
        since = page.last_seq
        if len(page.rows) < _PAGE:
            return found


async def _check_truth(cases: Database) -> list[str]:
    """Reports and incidents against their records, admissions and folios against repetition."""
    found: list[str] = []
    admissions: set[int] = set()
    folios: dict[str, str] = {}
    subject, records = "", list[Record]()

    async def close() -> None:
        if not records:
            return
        report = fold(records)
        folded: Report | Incident | None = report or fold_incident(records)
        if folded is None:
            return  # A proposal, or facts whose event never came.
        docs = await cases.get_many([folded["_id"]])
        actual = docs.get(folded["_id"])
        if actual is None:
            found.append(f"{folded['_id']}: not stored, though it has records")
        elif {name: value for name, value in actual.items() if name != "_rev"} != folded:
            found.append(f"{folded['_id']}: not what its records fold to")
        if report is not None:
            folio = report["folio"]
            if folio is None:
                found.append(f"{folded['_id']}: has no folio")
            elif folio in folios:
                found.append(f"{folded['_id']}: has the folio {folio} of {folios[folio]}")
            else:
                folios[folio] = folded["_id"]

    async for one in scan(cases, RECORDS):
        record = reading.record(one.body)
        if record["admission"] in admissions:
            found.append(f"{one.id}: admission {record['admission']} was given twice")
        admissions.add(record["admission"])
        if record["report"] != subject:
            await close()
            subject, records = record["report"], []
        records.append(record)
    await close()
    async for one in scan(cases, "void:"):
        admissions.add(one.read()["admission"])
    if admissions and len(admissions) != max(admissions):
        found.append(f"admissions: {max(admissions) - len(admissions)} numbers are unaccounted for")
    return found


async def rebuild(databases: Databases, delivery: Delivery, *, progress: Progress | None = None) -> int:
    """Make every mailbox what it must be, and drop those nobody owns; gives how many documents were written.

    ``delivery`` is the one writer's: intake's own, or one made under its lock.
    """
    written = 0
    owners = delivery.owners()
    for number, account in enumerate(owners, 1):
        written += await delivery.account(account)
        if progress is not None:
            progress(account.id, number, len(owners))
    current = {(account.id, account.generation) for account in owners}
    for box in await databases.mailboxes():
        if box not in current:
            await delivery.mailboxes.drop(*box)
            written += 1
    return written


__all__ = ["Holders", "check", "rebuild", "view"]
