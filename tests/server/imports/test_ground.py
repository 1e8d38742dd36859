"""Areas into the registry: in any order, corrected later, taken away only when it is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from orjson import dumps
from shapely.geometry import Point, box, mapping, shape

from server.cases.validation import reasons
from server.commands.init import create, settings_document
from server.context import Context
from server.imports import areas
from server.imports.columns import parse
from server.imports.findings import Findings
from server.imports.ground import AreaChoices, import_areas
from server.municipality.world import World
from sync.errors import NotFound

Json = dict[str, Any]
pytestmark = pytest.mark.anyio
NORTH, SOUTH = box(-100.32, 25.67, -100.31, 25.68), box(-100.32, 25.66, -100.31, 25.67)
BLOCKS = {"m1": box(-100.318, 25.662, -100.317, 25.663), "m2": box(-100.318, 25.672, -100.317, 25.673)}


@pytest.fixture
async def town(context: Context) -> Context:
    await create(context, settings_document("Prueba", "Nuevo León", "America/Monterrey", "PR", ""))
    return context


async def bring(
    town: Context, folder: Path, choices: AreaChoices | None = None, **kinds: dict[str, Any]
) -> list[str]:
    files = {}
    for kind, shapes in kinds.items():
        features = [
            {"type": "Feature", "properties": {"id": key}, "geometry": mapping(shape)}
            for key, shape in shapes.items()
        ]
        files[kind] = folder / f"{kind}.geojson"
        files[kind].write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    findings = Findings()
    columns = {kind: parse(kind) for kind in files}
    await import_areas(town.databases, files, columns, findings, choices=choices or AreaChoices())
    assert findings.count == 0
    return findings.notes


async def lies(town: Context, kind: str) -> dict[str, str | None]:
    return {key: (await town.databases.registry.get(f"block:{key}")).get(kind) for key in BLOCKS}


async def test_blocks_that_come_first_find_their_sectors_later(town: Context, tmp_path: Path) -> None:
    await bring(town, tmp_path, block=BLOCKS)
    registry = town.databases.registry
    leader = {"_id": "leader:ana", "blocks": ["m2"], "sector": None, "status": "active"}
    await registry.bulk_docs([leader])
    await town.databases.accounts.bulk_docs(
        [{"_id": "account:ana", "role": "block_leader", "blocks": ["m2"], "active": True}]
    )
    await bring(town, tmp_path, sector={"norte": NORTH, "sur": SOUTH})
    await bring(town, tmp_path, colonia={"alta": NORTH, "baja": SOUTH})
    assert await lies(town, "sector") == {"m1": "sur", "m2": "norte"}
    assert await lies(town, "colonia") == {"m1": "baja", "m2": "alta"}
    assert (await registry.get("leader:ana"))["sector"] == "norte"
    assert (await town.databases.accounts.get("account:ana"))["sector"] == "norte"
    # And blocks that come last find what is there.
    await bring(town, tmp_path, block={"m3": box(-100.316, 25.672, -100.315, 25.673)})
    assert (await registry.get("block:m3"))["sector"] == "norte"


async def test_sectors_drawn_anew_are_told_and_move_blocks_when_asked(town: Context, tmp_path: Path) -> None:
    await bring(town, tmp_path, block=BLOCKS, sector={"norte": NORTH, "sur": SOUTH})
    turned = {"norte": SOUTH, "sur": NORTH}
    notes = await bring(town, tmp_path, sector=turned)
    assert any("2 blocks lie in another sector" in note for note in notes)
    assert await lies(town, "sector") == {"m1": "sur", "m2": "norte"}
    await bring(town, tmp_path, AreaChoices(place=True), sector=turned)
    assert await lies(town, "sector") == {"m1": "norte", "m2": "sur"}


async def test_what_a_new_file_lacks_stays_until_it_is_said(town: Context, tmp_path: Path) -> None:
    await bring(town, tmp_path, block=BLOCKS, sector={"norte": NORTH, "sur": SOUTH})
    whole = {"todo": box(-100.33, 25.65, -100.30, 25.69)}
    notes = await bring(town, tmp_path, sector=whole)
    assert any("2 of kind sector" in note and "--remove" in note for note in notes)
    assert await lies(town, "sector") == {"m1": "sur", "m2": "norte"}
    await town.databases.accounts.bulk_docs(
        [{"_id": "account:sara", "role": "sector_leader", "sector": "norte", "active": True}]
    )
    notes = await bring(town, tmp_path, AreaChoices(remove=True), sector=whole)
    assert any("somebody works in them: norte" in note for note in notes)
    assert await lies(town, "sector") == {"m1": "todo", "m2": "norte"}
    for database, name in (
        (town.databases.registry, "sector:sur"),
        (town.databases.reference, "area:sector:sur"),
    ):
        with pytest.raises(NotFound):
            await database.get(name)


async def test_an_unknown_sector_of_a_block_is_told(town: Context, tmp_path: Path) -> None:
    await bring(town, tmp_path, sector={"norte": NORTH})
    path = tmp_path / "b.geojson"
    feature = {
        "type": "Feature",
        "properties": {"id": "m1", "sector": "S9"},
        "geometry": mapping(BLOCKS["m1"]),
    }
    path.write_text(json.dumps(feature))
    findings = Findings()
    await import_areas(town.databases, {"block": path}, {"block": parse("block")}, findings)
    assert any("no sector here: s9" in note for note in findings.notes)


async def test_the_outline_stands_apart_and_the_settings_carry_a_coarse_one(
    town: Context, tmp_path: Path
) -> None:
    rough = Point(-100.315, 25.67).buffer(0.02, quad_segs=2_000)
    await bring(town, tmp_path, outline={"x": rough})
    settings: Any = await town.reference_settings()
    coarse = shape(settings["outline"])
    assert len(dumps(settings["outline"])) < 4_000
    assert reasons("settings.v1", settings) == []
    light = await town.databases.reference.get("outline")
    assert reasons("outline.v1", light) == []
    exact = shape((await town.databases.registry.get("outline:municipality"))["geometry"])
    assert shape(light["geometry"]).symmetric_difference(exact).area < exact.area * 0.01
    # Nobody who is inside is told to be outside by an app that knows the settings only.
    assert coarse.contains(exact.buffer(-1e-6))
    world = World(town.databases)
    await world.load()
    edge = exact.bounds[0]
    assert not world.territory.spot(edge + 0.00002, 25.67).outside
    assert world.territory.spot(edge - 0.00002, 25.67).outside


async def test_settings_of_before_are_relieved_by_the_next_areas(town: Context, tmp_path: Path) -> None:
    rough: Any = areas.geojson(Point(-100.315, 25.67).buffer(0.02, quad_segs=2_000))
    await town.databases.reference.put({**await town.reference_settings(), "outline": rough})
    await bring(town, tmp_path, block=BLOCKS)
    assert len(dumps((await town.reference_settings())["outline"])) < 4_000
    assert shape((await town.databases.registry.get("outline:municipality"))["geometry"]).equals(shape(rough))
