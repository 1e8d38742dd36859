"""An import from file to databases: what is read, what is written, what is said.

Law: a dry run reads and judges everything and writes nothing; a real one writes what a dry run accepted and
lists the rest. A row that names what another row named is joined to it or refused, never taken silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from server.documents.shapes import Rules
from server.imports import catalogue, offices
from server.imports.columns import Columns
from server.imports.findings import Findings, RowRefused
from server.imports.ground import AreaChoices, import_areas
from server.imports.history import import_reports
from server.imports.judging import Step, judged, opened, order_of
from server.imports.known import Known
from server.imports.reports import to_plain
from server.imports.store import Written, store
from server.store.databases import Databases

__all__ = ["TABLES", "AreaChoices", "Step", "import_areas", "import_reports", "import_rules", "import_table"]

Json = dict[str, Any]
Take = Callable[[Any, Known], Any]

#: Tables that become one document a row: members, what makes it, and where the known ones are.
TABLES: dict[str, tuple[frozenset[str], Take, str]] = {
    "type": (catalogue.TYPE_MEMBERS, catalogue.petition_type, "types"),
    "leader": (catalogue.LEADER_MEMBERS, catalogue.leader, "leaders"),
    "account": (catalogue.ACCOUNT_MEMBERS, catalogue.account, "accounts"),
    "agency": (offices.AGENCY_MEMBERS, offices.agency, "agencies"),
    "channel": (offices.CHANNEL_MEMBERS, offices.channel, "channels"),
}
#: Kinds of which several rows are one person's, each with another block.
_PERSONS = frozenset({"leader", "account"})
#: Kinds whose rows add to one another.
_GATHERED = frozenset({"agency"})


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
    """Petition types, agencies, channels, leaders or accounts."""
    members, take, where = TABLES[kind]
    known = await Known.load(databases)
    table = opened(path, columns, members, findings)
    known.order = order_of(table, columns, members)
    seen: dict[str, Json] = getattr(known, where)
    before = dict(seen)
    found: dict[str, Json] = {}
    row_of: dict[str, int] = {}

    def one(number: int, row: Json) -> None:
        doc = take(row, known)
        key = doc["_id"].partition(":")[2]
        if key in found and kind not in _GATHERED:
            doc = _joined(kind, found[key], doc, row_of[key])
        elif key in before and "id" not in row and "name" in row:
            name = before[key].get("name", "")
            if to_plain(name) != to_plain(row["name"]) and kind != "agency":
                findings.note(f"row {number}: {row['name']!r} is taken as {key}, which was {name!r}.")
        row_of.setdefault(key, number)
        found[key] = doc
        seen[key] = {**seen.get(key, {}), **doc}
        known.brought(kind)

    for _ in judged(table, columns, members, one, findings, step):
        pass
    documents: list[Any] = list(found.values())
    target = {"leader": databases.registry, "account": databases.accounts}.get(kind, databases.reference)
    if kind == "account":
        # Before the accounts: whoever reads an account of a brigade finds the brigade.
        await store(databases.reference, catalogue.brigades_named(documents, known), dry=dry)
    written = await store(target, documents, dry=dry)
    if kind == "leader":
        await store(databases.registry, _led_blocks(found, before, known.leaders, findings), dry=dry)
    return written


def _joined(kind: str, first: Json, second: Json, row: int) -> Json:
    """Two rows of one id as one document: a person's blocks add up. Raises ``RowRefused`` for anything
    else.
    """
    own = {"blocks", "sector"}
    alike = {k: v for k, v in first.items() if k not in own} == {
        k: v for k, v in second.items() if k not in own
    }
    # Namesakes have no telephone in common, nor an account.
    if kind in _PERSONS and alike and (first.get("phone") or first.get("account")):
        return {**first, "blocks": list(dict.fromkeys([*first.get("blocks", []), *second.get("blocks", [])]))}
    key = second["_id"].partition(":")[2]
    raise RowRefused(
        "id", key, f"is there twice (row {row}, {first.get('name')!r}): give one of them another id"
    )


def _led_blocks(
    found: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any], findings: Findings
) -> list[Json]:
    """The blocks that the file speaks of name their active leader; one that lost its block no longer."""
    holders: dict[str, list[str]] = {}
    for key, doc in sorted(now.items()):
        if doc["status"] == "active":
            for block in doc["blocks"]:
                holders.setdefault(block, []).append(key)
    spoken = {
        block for key, doc in found.items() for block in (*doc["blocks"], *before.get(key, doc)["blocks"])
    }
    wanted = []
    for block in sorted(spoken):
        leaders = sorted(holders.get(block, []), key=lambda key: key not in found)
        if len(leaders) > 1:
            findings.note(f"block {block} has more than one leader: {', '.join(leaders)}.")
        wanted.append({"_id": f"block:{block}", "leader": leaders[0] if leaders else None})
    return wanted


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
    table = opened(path, columns, catalogue.RULE_MEMBERS, findings)
    rows = judged(
        table, columns, catalogue.RULE_MEMBERS, lambda _, row: catalogue.rule(row, known), findings, step
    )
    found = [rule for _, rule in rows]
    if not found:
        return Written()
    if known.rules and found == known.rules["rules"]:
        return Written(same=len(found))
    words = known.rules.get("words", []) if known.rules else []
    doc: Rules = {"_id": "rules", "schema": "rules.v1", "version": version, "rules": found, "words": words}
    await store(databases.reference, [doc], dry=dry)
    return Written(added=len(found))
