"""A municipality for benchmarks: as many block leaders as asked for, their phones enrolled and signed in.

Law: what is prepared here is prepared through the service's own parts, so that the service finds what
it would have written; only sessions are opened without the enrolment's dance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from server.context import Context, open_context
from server.instants import say
from server.settings import Settings
from tests.device import Pen, Place

Json = dict[str, Any]

LAT, LON = 21.12, -101.68
#: Degrees of 96 m, a block of 80 m and its street.
DLAT, DLON = 96 / 110_700, 96 / 103_900
BLOCK = 80 / 96
SECTOR_BLOCKS = 50


@dataclass
class Phone:
    """A pen with a session."""

    pen: Pen
    token: str


def corner(number: int) -> tuple[float, float]:
    row, column = divmod(number, 40)
    return LON + column * DLON, LAT + row * DLAT


def square(lon: float, lat: float, width: float, height: float) -> Json:
    ring = [[lon, lat], [lon + width, lat], [lon + width, lat + height], [lon, lat + height], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


def middle(number: int) -> Place:
    """The middle of a block as members of a position."""
    lon, lat = corner(number)
    return {"lat": lat + DLAT * BLOCK / 2, "lon": lon + DLON * BLOCK / 2}


async def found(context: Context, leaders: int) -> None:
    """Areas, three petition types, and accounts: a leader a block, sector leaders, brigades, offices."""
    registry: list[Json] = []
    accounts: list[Json] = []
    for number in range(leaders):
        lon, lat = corner(number)
        sector = f"s{number // SECTOR_BLOCKS}"
        geometry = square(lon, lat, DLON * BLOCK, DLAT * BLOCK)
        registry.append(
            {"_id": f"block:b{number}", "name": f"B {number}", "sector": sector, "geometry": geometry}
        )
        accounts.append({"_id": f"account:l{number}", "role": "block_leader", "blocks": [f"b{number}"]})
    accounts += [
        {"_id": f"account:s{number}", "role": "sector_leader", "sector": f"s{number}"}
        for number in range(-(-leaders // SECTOR_BLOCKS))
    ]
    for number in range(4):
        brigade = {"agency": "alumbrado", "brigade": f"luz-{number}"}
        accounts.append({"_id": f"account:luz-{number}", "role": "brigade", **brigade})
    accounts.append({"_id": "account:pc", "role": "civil_protection", "agency": "proteccion-civil"})
    accounts.append({"_id": "account:mesa", "role": "desk"})
    common = {"active": True, "generation": 1, "term": None}
    await context.databases.registry.bulk_docs(registry)
    await context.databases.accounts.bulk_docs(
        [{"blocks": [], **common, **doc, "name": doc["_id"].partition(":")[2]} for doc in accounts]
    )
    closing = {"done": True, "photo": False, "position": False}
    kind = {
        "days": 5,
        "working_days": True,
        "amber_days": 2,
        "priority": 3,
        "urgent": False,
        "closing": closing,
    }
    names = {"lampara": "alumbrado", "bache": "obras", "fuga": "agua"}
    reference: list[Json] = [
        {"_id": f"type:{name}", "name": name, "family": name, "agency": agency, "confidential": False, **kind}
        for name, agency in names.items()
    ]
    rules = [{"type": "lampara", "agency": "alumbrado", "brigade": "luz-0"}]
    reference.append(
        {"_id": "rules", "version": "1", "rules": rules, "words": [{"words": ["fuego"], "priority": 1}]}
    )
    reference.append(
        {"_id": "settings", "municipality": "Banco", "timezone": "America/Mexico_City", "folio_prefix": "BM"}
    )
    await context.databases.reference.bulk_docs(reference)
    await context.directory.refresh()


async def phone(context: Context, account: str, role: str) -> Phone:
    """An enrolled phone of an account, with a session of a day."""
    pen = Pen(account, role)
    await context.directory.create(
        {
            "_id": f"device:{pen.id}",
            "account": account,
            "installation": pen.installation,
            "public_key": pen.public_key,
            "enrolled_at": say(datetime.now(UTC)),
            "orders": [],
        }
    )
    token, _, _ = await context.sessions.open(account, pen.id, "device", timedelta(days=1))
    return Phone(pen, token)


async def prepare(settings: Settings, leaders: int, phones: int) -> list[Phone]:
    """Found the municipality and enrol ``phones`` block leaders' phones; everything is closed again."""
    async with open_context(settings) as context:
        await found(context, leaders)
        return [await phone(context, f"l{number % leaders}", "block_leader") for number in range(phones)]


def data(folder: Path, couchdb: str = "", prefix: str = "") -> Settings:
    """Settings for a data folder, on the embedded engine or a CouchDB."""
    if couchdb:
        return Settings(data_dir=folder, couchdb_url=couchdb, couchdb_prefix=prefix, port=0)
    return Settings(data_dir=folder, port=0)
