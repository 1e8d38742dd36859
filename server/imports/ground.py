"""The municipality's areas from files to databases, with what they change of those that are there.

Law: the order in which files come makes no difference: blocks that came before their sectors find them when
these come. What a file no longer holds stays until it is said that it goes (``remove``), and not even then
while
somebody works in it. A block that says where it belongs is believed; that it lies elsewhere is told.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from server.cases.territory import polygon
from server.imports import areas
from server.imports.areas import Area, AreaFile
from server.imports.columns import Columns
from server.imports.findings import Findings
from server.imports.store import Written, store
from server.municipality.world import OUTLINE
from server.store.databases import Databases
from server.store.scan import scan
from sync.interface import Database

Json = dict[str, Any]

_PAGE = 500
#: What a block lies in.
_ABOVE = ("sector", "colonia")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class AreaChoices:
    """``make_sectors``: gather blocks into so many; ``remove``: take away areas that the files no longer
    hold;
    ``place``: every block takes the sector and colonia it lies in, whatever it said."""

    make_sectors: int = 0
    remove: bool = False
    place: bool = False


async def import_areas(
    databases: Databases,
    files: dict[str, Path],
    columns: dict[str, Columns],
    findings: Findings,
    *,
    choices: AreaChoices = AreaChoices(),
    dry: bool = False,
) -> Written:
    """Areas of several kinds at once. ``files``: kind to path."""
    found = {
        kind: AreaFile(kind, files[kind], columns[kind], findings).areas
        for kind in areas.KINDS
        if kind in files
    }
    blocks = found.get("block", {})
    if choices.make_sectors and blocks:
        found["sector"] = areas.make_sectors(blocks, choices.make_sectors)
    ground = await _Ground.load(databases, found)
    gone = await ground.gone(databases, found, findings, choices.remove)
    moved = ground.place(found, gone, findings, choices.place)
    written = Written()
    for kind in ("colonia", "sector", "block"):
        if kind in found:
            documents = areas.registry_documents(kind, found[kind])
            written.add(await store(databases.registry, documents, dry=dry))
        if kind in _ABOVE and kind in found:
            light = areas.reference_documents(kind, found[kind])
            await store(databases.reference, light, merge=False, dry=dry)
    written.add(await store(databases.registry, moved, dry=dry))
    if not dry:
        await _delete(databases, gone)
        await _follow(databases, {*blocks, *(doc["_id"].partition(":")[2] for doc in moved)})
    await _outline(databases, found, dry)
    return written


class _Ground:
    """What the registry holds: forms of the kinds that matter to this import, and what blocks lie in."""

    def __init__(self) -> None:
        self.ids: dict[str, set[str]] = {"block": set(), "sector": set(), "colonia": set()}
        self.shapes: dict[str, dict[str, BaseGeometry]] = {"block": {}, "sector": {}, "colonia": {}}
        self.blocks: dict[str, dict[str, str | None]] = {}

    @classmethod
    async def load(cls, databases: Databases, found: Mapping[str, Mapping[str, Area]]) -> _Ground:
        ground = cls()
        drawn = {
            "block": any(kind in found for kind in _ABOVE),
            **{kind: "block" in found or kind in found for kind in _ABOVE},
        }
        for kind, ids in ground.ids.items():
            async for doc in _documents(databases.registry, kind):
                key = doc["_id"].partition(":")[2]
                ids.add(key)
                if kind == "block":
                    ground.blocks[key] = {name: doc.get(name) for name in _ABOVE}
                if drawn[kind] and (shape := polygon(doc.get("geometry"))) is not None:
                    ground.shapes[kind][key] = shape
        return ground

    async def gone(
        self,
        databases: Databases,
        found: Mapping[str, Mapping[str, Area]],
        findings: Findings,
        remove: bool,
    ) -> dict[str, set[str]]:
        """Areas that the files no longer hold and that go; the others are named."""
        result: dict[str, set[str]] = {}
        for kind, own in self.ids.items():
            missing = own - found[kind].keys() if kind in found else set()
            if not missing:
                continue
            if not remove:
                findings.note(
                    f"{len(missing)} of kind {kind} are there but not in the file ({_some(missing)}): they "
                    "stay; --remove takes them away."
                )
                continue
            held = await _held(databases, kind, missing)
            if held:
                findings.note(
                    f"{len(held)} of kind {kind} stay, since somebody works in them: {_some(held)}."
                )
            result[kind] = missing - held
        return result

    def place(
        self,
        found: Mapping[str, Mapping[str, Area]],
        gone: Mapping[str, set[str]],
        findings: Findings,
        again: bool,
    ) -> list[Json]:
        """Put the files' blocks, and those that are there, into sectors and colonias; gives what changed of
        these.
        """
        changes: dict[str, Json] = {}
        fresh = found.get("block", {})
        for kind in _ABOVE:
            left = gone.get(kind, set())
            shapes = {key: shape for key, shape in self.shapes[kind].items() if key not in left}
            shapes |= {key: area.shape for key, area in found.get(kind, {}).items()}
            known = (self.ids[kind] - left) | found.get(kind, {}).keys()
            places = areas.Places(shapes)
            strange: set[str] = set()
            elsewhere: list[str] = []
            for key, block in fresh.items():
                named = block.lies_in(kind) or (None if again else self.blocks.get(key, {}).get(kind))
                if named is None and (lies := places.of(block.shape)) is not None:
                    block.place(kind, lies)
                elif named is not None and named not in known and known:
                    strange.add(named)
            if kind in found or left:
                for key, shape in self.shapes["block"].items():
                    if key in fresh or key in gone.get("block", ()):
                        continue
                    named, lies = self.blocks[key][kind], places.of(shape)
                    if named == lies:
                        continue
                    if named is None or named in left or again:
                        changes.setdefault(key, {"_id": f"block:{key}"})[kind] = lies
                    elif lies is not None:
                        elsewhere.append(key)
            if strange:
                findings.note(f"blocks name what is no {kind} here: {_some(strange)}.")
            if elsewhere:
                findings.note(
                    f"{len(elsewhere)} blocks lie in another {kind} than they name ({_some(elsewhere)}): "
                    "they keep it; --place moves them."
                )
        return list(changes.values())


def _some(keys: Any) -> str:
    shown = sorted(keys)[:_SHOWN]
    return ", ".join(shown) + (" …" if len(keys) > _SHOWN else "")


async def _documents(database: Database, kind: str) -> AsyncIterator[Json]:
    async for found in scan(database, f"{kind}:"):
        yield found.read()


async def _held(databases: Databases, kind: str, keys: set[str]) -> set[str]:
    """Those of some blocks or sectors that a person of the padrón or an active account has."""
    if kind == "colonia":
        return set()
    held: set[str] = set()
    for database, people in ((databases.accounts, "account"), (databases.registry, "leader")):
        async for doc in _documents(database, people):
            if doc.get("active", True):
                held |= set(doc.get("blocks") or ()) if kind == "block" else {str(doc.get("sector"))}
    return keys & held


async def _delete(databases: Databases, gone: Mapping[str, set[str]]) -> None:
    for kind, keys in gone.items():
        targets = [(databases.registry, [f"{kind}:{key}" for key in sorted(keys)])]
        if kind in _ABOVE:
            targets.append((databases.reference, [f"area:{kind}:{key}" for key in sorted(keys)]))
        for database, ids in targets:
            there = await database.get_many(ids)
            stones = [{"_id": doc["_id"], "_rev": doc["_rev"], "_deleted": True} for doc in there.values()]
            if stones:
                await database.bulk_docs(stones)


async def _follow(databases: Databases, blocks: set[str]) -> None:
    """Leaders and their accounts that had no sector take that of their first block."""
    for database, kind in ((databases.registry, "leader"), (databases.accounts, "account")):
        waiting: dict[str, Json] = {}
        async for doc in _documents(database, kind):
            own = doc.get("blocks") or []
            if (
                own
                and own[0] in blocks
                and not doc.get("sector")
                and doc.get("role", "block_leader") == "block_leader"
            ):
                waiting[own[0]] = doc
        if not waiting:
            continue
        found = await databases.registry.get_many([f"block:{key}" for key in waiting])
        changed = [
            {**doc, "sector": sector}
            for key, doc in waiting.items()
            if (sector := found.get(f"block:{key}", {}).get("sector"))
        ]
        if changed:
            await database.bulk_docs(changed)


async def _outline(databases: Databases, found: Mapping[str, Mapping[str, Area]], dry: bool) -> None:
    """The municipality's outline: the file's, or one around its areas where it has none yet.

    Exact in the registry, where reports are judged; light in a document of its own, for phones; in the
    settings only
    its coarsest form.
    """
    known = await databases.reference.get_many(["settings"])
    if "settings" not in known:
        return
    there = known["settings"].get("outline")
    shape = next((area.shape for area in found.get("outline", {}).values()), None)
    if shape is None and there is None:
        every = [area.shape for of_kind in found.values() for area in of_kind.values()]
        shape = areas.outline_of(every) if every else None
    elif shape is None and not await databases.registry.get_many([OUTLINE]):
        # Of a municipality made before the settings were relieved of it.
        shape = polygon(there)
    if shape is not None:
        exact = {"_id": OUTLINE, "geometry": areas.geojson(shape)}
        await store(databases.registry, [exact], dry=dry)
        await store(databases.reference, [areas.outline_document(shape)], dry=dry)
        settings = {"_id": "settings", "outline": areas.coarse(shape), "center": areas.center_of(shape)}
        await store(databases.reference, [settings], dry=dry)
