"""An import from file to databases: what is read, what is written, what is said.

Law: a dry run reads and judges everything and writes nothing; a real one writes what a dry run accepted and
lists the rest. Reports go to the inbox, and nowhere else: intake makes of them what it makes of any event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Literal, TypeVar

from server.documents.ground import Ground
from server.documents.shapes import Leader, Receipt, Rule, Rules
from server.imports import areas, catalogue, reports
from server.imports.columns import Columns
from server.imports.findings import Findings, RowRefused
from server.imports.known import Known
from server.imports.store import BATCH, Written, batches, store
from server.imports.tables import header, rows
from server.store.databases import Databases

T = TypeVar("T")
#: Called with the number of rows read so far.
Step = Callable[[int], None]
Take = Callable[[catalogue.Row, Known], Any]

#: Tables that become one document a row: members, what makes it, and where the known ones are.
TABLES: dict[str, tuple[frozenset[str], Take, str]] = {
    "type": (catalogue.TYPE_MEMBERS, catalogue.petition_type, "types"),
    "leader": (catalogue.LEADER_MEMBERS, catalogue.leader, "leaders"),
    "account": (catalogue.ACCOUNT_MEMBERS, catalogue.account, "accounts"),
}


def _documents(
    path: Path, columns: Columns, members: frozenset[str], take: Callable[[int, catalogue.Row], Sequence[T]],
    findings: Findings, step: Step,
) -> Iterator[T]:  # fmt: skip
    """Every document of a table's rows; refused rows go to ``findings``."""
    columns.check(members, header(path))
    for count, (number, row) in enumerate(rows(path), start=1):
        if columns.wanted(row):
            try:
                yield from take(number, columns.read(row, members))
            except RowRefused as refused:
                findings.add(number, refused)
        if count % BATCH == 0:
            step(count)


async def import_areas(
    databases: Databases,
    files: dict[str, Path],
    columns: dict[str, Columns],
    findings: Findings,
    *,
    make_sectors: int = 0,
    dry: bool = False,
) -> Written:
    """Areas of several kinds at once: blocks find their sector and colonia. ``files``: kind to path."""
    found = {
        kind: areas.AreaFile(kind, files[kind], columns[kind], findings).areas
        for kind in areas.KINDS
        if kind in files
    }
    blocks = found.get("block", {})
    if make_sectors and blocks:
        found["sector"] = areas.make_sectors(blocks, make_sectors)
    for kind in ("sector", "colonia"):
        if found.get(kind):
            areas.place_blocks(blocks, kind, found[kind])
    written = Written()
    kinds: tuple[Literal["colonia", "sector", "block"], ...] = ("colonia", "sector", "block")
    for kind in kinds:
        if kind in found:
            documents = areas.registry_documents(kind, found[kind])
            _add(written, await store(databases.registry, documents, dry=dry))
        if kind != "block" and kind in found:
            await store(
                databases.reference, areas.reference_documents(kind, found[kind]), merge=False, dry=dry
            )
    await _outline(databases, found, dry)
    return written


async def _outline(databases: Databases, found: dict[str, dict[str, Ground]], dry: bool) -> None:
    """The municipality's outline: the file's, or one around its areas where it has none yet."""
    known = await databases.reference.get_many(["settings"])
    if "settings" not in known:
        return
    geometry = next((area["geometry"] for area in found.get("outline", {}).values()), None)
    if geometry is None and known["settings"].get("outline") is None:
        every = list(chain.from_iterable(of_kind.values() for of_kind in found.values()))
        geometry = areas.outline_of(every) if every else None
    if geometry is not None:
        settings = {"_id": "settings", "outline": geometry, "center": areas.center_of(geometry)}
        await store(databases.reference, [settings], dry=dry)


async def import_table(
    databases: Databases,
    kind: str,
    path: Path,
    columns: Columns,
    findings: Findings,
    step: Step,
    *,
    dry: bool = False,
) -> Written:
    """Petition types, leaders or accounts."""
    members, take, where = TABLES[kind]
    known = await Known.load(databases)
    seen: dict[str, Any] = getattr(known, where)
    taken: set[str] = set()

    def one(number: int, row: catalogue.Row) -> list[Any]:
        doc = take(row, known)
        key = doc["_id"].partition(":")[2]
        if key in taken:
            raise RowRefused("id", key, "is there twice")
        taken.add(key)
        seen[key] = {**seen.get(key, {}), **doc}
        return [doc]

    found = list(_documents(path, columns, members, one, findings, step))
    target = {"type": databases.reference, "leader": databases.registry, "account": databases.accounts}[kind]
    if kind == "account":
        # Before the accounts: whoever reads an account of a brigade finds the brigade.
        await store(databases.reference, catalogue.brigades_named(found, known), dry=dry)
    written = await store(target, found, dry=dry)
    if kind == "leader":
        await store(databases.registry, _led_blocks(found), dry=dry)
    return written


def _led_blocks(leaders: Iterable[Leader]) -> list[Ground]:
    """The blocks name their active leader; those of a vacancy or a pending one name nobody."""
    return [
        {
            "_id": f"block:{block}",
            "leader": doc["_id"].partition(":")[2] if doc["status"] == "active" else None,
        }
        for doc in leaders
        for block in doc["blocks"]
    ]


async def import_rules(
    databases: Databases,
    path: Path,
    columns: Columns,
    findings: Findings,
    step: Step,
    *,
    version: str,
    dry: bool = False,
) -> Written:
    """Routing rules: the file replaces all of them, the words that raise priority stay."""
    known = await Known.load(databases)

    def one(number: int, row: catalogue.Row) -> list[Rule]:
        return [catalogue.rule(row, known)]

    found = list(_documents(path, columns, catalogue.RULE_MEMBERS, one, findings, step))
    if not found:
        return Written()
    words = known.rules.get("words", []) if known.rules else []
    doc: Rules = {"_id": "rules", "schema": "rules.v1", "version": version, "rules": found, "words": words}
    await store(databases.reference, [doc], dry=dry)
    return Written(added=len(found))


async def import_reports(
    databases: Databases,
    path: Path,
    columns: Columns,
    findings: Findings,
    step: Step,
    *,
    source: str,
    now: datetime,
    dry: bool = False,
) -> Written:
    """An old system's reports into the inbox, a batch at a time: memory does not grow with the file."""
    known = await Known.load(databases)
    old = reports.OldReports(source, known, now)

    def one(number: int, row: catalogue.Row) -> list[Receipt]:
        return list(old.receipts(number, row))

    written = Written()
    for batch in batches(_documents(path, columns, reports.MEMBERS, one, findings, step)):
        _add(written, await store(databases.inbox, batch, keep=True, dry=dry))
    return written


def _add(total: Written, more: Written) -> None:
    total.added += more.added
    total.changed += more.changed
    total.same += more.same
