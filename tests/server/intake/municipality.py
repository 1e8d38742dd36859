"""A small municipality for tests: twelve blocks in two sectors, everyone's accounts, phones that sign.

Blocks are 80 m squares with 16 m streets between them; ``b1`` … ``b6`` lie in sector ``norte``, the rest in
``sur``. Everything goes through the inbox as a gateway would write it, and through a real intake.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from server.accounts.directory import Directory
from server.cases.validation import reasons
from server.clock import new_uuid7
from server.delivery.audit import check
from server.instants import say
from server.intake.running.intake import Intake
from server.store.databases import Databases
from sync.interface import AllDocsQuery, Engine
from tests.device import Pen, Place, subject_of

Json = dict[str, Any]

SCHEMAS = frozenset({"record.v1", "report.v1", "ack.v1", "incident.v1"})

LAT, LON = 21.12, -101.68
#: Degrees of 96 m, a block and its street.
DLAT, DLON = 96 / 110_700, 96 / 103_900
BLOCK = 80 / 96


def block_corner(number: int) -> tuple[float, float]:
    """South-west corner (lon, lat) of block ``b<number>``: six columns, two rows."""
    row, column = divmod(number - 1, 6)
    return LON + column * DLON, LAT + row * DLAT


def square(lon: float, lat: float, width: float, height: float) -> Json:
    ring = [[lon, lat], [lon + width, lat], [lon + width, lat + height], [lon, lat + height], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


def inside(number: int) -> Place:
    """The middle of a block, as members of a position."""
    lon, lat = block_corner(number)
    return {"lat": lat + DLAT * BLOCK / 2, "lon": lon + DLON * BLOCK / 2}


class TestClock:
    """Moves when told to."""

    __test__ = False

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 16, 5, 9, 123000, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> datetime:
        self.moment += timedelta(**duration)
        return self.moment


ACCOUNTS: dict[str, Json] = {
    "lucia": {"name": "Lucía Ríos", "role": "block_leader", "blocks": ["b1"], "phone": "4770000001"},
    "marta": {"name": "Marta Sol", "role": "block_leader", "blocks": ["b2"], "phone": "4770000002"},
    "pedro": {"name": "Pedro Luna", "role": "block_leader", "blocks": ["b12"], "phone": "4770000003"},
    "norma": {"name": "Norma Paz", "role": "sector_leader", "sector": "norte", "phone": "4770000004"},
    "saul": {"name": "Saúl Cruz", "role": "sector_leader", "sector": "sur", "phone": "4770000005"},
    "luz1": {"name": "Cuadrilla Luz 1", "role": "brigade", "agency": "alumbrado", "brigade": "luz-1"},
    "bache1": {"name": "Cuadrilla Bacheo 1", "role": "brigade", "agency": "obras", "brigade": "bache-1"},
    "pc": {"name": "Protección Civil", "role": "civil_protection", "agency": "proteccion-civil"},
    "mesa": {"name": "Mesa", "role": "desk"},
    "obras": {"name": "Obras", "role": "agency", "agency": "obras"},
}

SETTINGS: Json = {
    "_id": "settings",
    "municipality": "Villa de Prueba",
    "timezone": "America/Mexico_City",
    "folio_prefix": "VP",
    "outline": square(LON - 0.01, LAT - 0.01, 0.03, 0.03),
}


def petition_type(type_id: str, family: str, agency: str | None, **members: Any) -> Json:
    return {
        "_id": f"type:{type_id}",
        "name": type_id,
        "family": family,
        "pictogram": family,
        "agency": agency,
        "questions": [],
        "days": 5,
        "working_days": True,
        "amber_days": 2,
        "priority": 3,
        "urgent": False,
        "confidential": False,
        "closing": {"done": True, "photo": False, "position": False},
        "words": [],
        "duplicate_radius": 50,
        "active": True,
        **members,
    }


REFERENCE: list[Json] = [
    SETTINGS,
    petition_type("lampara", "lamp", "alumbrado"),
    petition_type("bache", "pothole", "obras", closing={"done": True, "photo": True, "position": True}),
    petition_type("inundacion", "drain", "proteccion-civil", priority=1, urgent=True),
    petition_type("denuncia", "police", "seguridad", confidential=True),
    petition_type("unknown", "question", None),
    {
        "_id": "rules",
        "version": "1",
        "rules": [{"type": "lampara", "agency": "alumbrado", "brigade": "luz-1"}],
        "words": [{"words": ["chispas", "quem*"], "priority": 1}],
    },
]


def grounds() -> list[Json]:
    """The registry's documents."""
    registry: list[Json] = []
    for number in range(1, 13):
        sector = "norte" if number <= 6 else "sur"
        lon, lat = block_corner(number)
        geometry = square(lon, lat, DLON * BLOCK, DLAT * BLOCK)
        names = {"name": f"Manzana {number}", "sector": sector, "colonia": "centro"}
        registry.append({"_id": f"block:b{number}", "geometry": geometry, **names})
    for row, sector in enumerate(("norte", "sur")):
        geometry = square(LON, LAT + row * DLAT, DLON * 6, DLAT)
        registry.append({"_id": f"sector:{sector}", "name": sector, "geometry": geometry})
    whole = square(LON, LAT, DLON * 6, DLAT * 2)
    registry.append({"_id": "colonia:centro", "name": "Centro", "geometry": whole})
    entry = {"name": "Lucía Ríos", "phone": "4770000001", "blocks": ["b1"], "sector": "norte"}
    registry.append({"_id": "leader:lucia", **entry, "status": "active", "account": "lucia"})
    return registry


async def found(databases: Databases) -> None:
    """Write areas, catalogue and accounts."""
    await databases.registry.bulk_docs(grounds())
    await databases.reference.bulk_docs(REFERENCE)
    common = {"active": True, "generation": 1}
    docs = [{"_id": f"account:{key}", **common, **doc} for key, doc in ACCOUNTS.items()]
    await databases.accounts.bulk_docs(docs)


class Municipality:
    """``async with`` opens it; phones are made by ``pen`` and speak through ``push``."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.clock = TestClock()
        self.pens: dict[str, Pen] = {}

    async def __aenter__(self) -> Municipality:
        self.databases = await Databases.open(self.engine)
        if not (await self.databases.reference.all_docs(AllDocsQuery(limit=1))).rows:
            await found(self.databases)
        self.directory = Directory(self.databases.accounts)
        await self.directory.refresh()
        self.intake = await self.open_intake()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.intake.close()

    async def open_intake(self) -> Intake:
        intake = Intake(self.databases, self.directory, self.clock, self.folder)
        await intake.open()
        return intake

    async def restart(self) -> None:
        """As after a kill: nothing of the old process is written any more."""
        self.intake.abandon()
        self.intake = await self.open_intake()

    async def pen(self, account: str, installation: str = "") -> Pen:
        """An enrolled phone of an account; the same one each time, unless an installation is named."""
        key = f"{account}{installation}"
        if key not in self.pens:
            pen = Pen(account, ACCOUNTS[account]["role"], self.clock.now, installation)
            self.pens[key] = pen
            await self.directory.create(
                {
                    "_id": f"device:{pen.id}",
                    "account": account,
                    "installation": pen.installation,
                    "public_key": pen.public_key,
                    # Long ago: what a test says of a phone's past is of its past.
                    "enrolled_at": say(self.clock.now() - timedelta(days=365)),
                    "orders": [],
                }
            )
        return self.pens[key]

    def receipt(self, event: Json, device: str | None = None, **members: Any) -> Json:
        claimed = str(event.get("device"))
        session = device or claimed
        return {
            "_id": new_uuid7(self.clock),
            "schema": "receipt.v1",
            "received_at": say(self.clock.now()),
            "session": {"account": session.partition("~")[0], "device": session},
            "event": event,
            **members,
        }

    async def append(self, *events: Json, **members: Any) -> None:
        """Receipts into the inbox, as a gateway writes them."""
        rows = await self.databases.inbox.bulk_docs([self.receipt(event, **members) for event in events])
        assert all(row.ok for row in rows)

    async def push(self, *events: Json, **members: Any) -> None:
        """Append, and let intake do all there is to do."""
        await self.append(*events, **members)
        await self.intake.run_until_idle()

    async def act(
        self, account: str, kind: str, report: str, payload: Json | None = None, **more: Any
    ) -> Json:
        """One event of one account, delivered at once, having seen what its mailbox shows."""
        pen = await self.pen(account)
        seen = (await self.mailbox(account)).get(f"report:{report}", {}).get("events", [])
        event = pen.event(kind, report, payload, based_on=more.pop("based_on", seen[-64:]), **more)
        await self.push(event)
        return event

    async def capture(self, account: str, type_id: str, **more: Any) -> str:
        """Capture a report; gives its uuid."""
        pen = await self.pen(account)
        event = pen.capture(type_id, **more)
        await self.push(event)
        return subject_of(event)

    async def mailbox(self, account: str) -> dict[str, Json]:
        """What an account's mailbox holds now, by id, read past the code under test."""
        generation = (await self.databases.accounts.get(f"account:{account}")).get("generation", 1)
        return await contents(self, account, generation)

    async def report(self, report: str) -> Json:
        return await self.databases.cases.get(f"report:{report}")

    async def ack(self, account: str, installation: str = "") -> Json:
        return (await self.mailbox(account))[f"ack:{(await self.pen(account, installation)).id}"]

    async def holders(self, report: str) -> dict[str, str]:
        """Account to view, of every mailbox that has the report."""
        found = {}
        for account in ACCOUNTS:
            doc = (await self.mailbox(account)).get(f"report:{report}")
            if doc:
                found[account] = doc["view"]
        return found

    async def truth(self) -> dict[str, Json]:
        """Everything in ``cases``, by id."""
        rows = (await self.databases.cases.all_docs(AllDocsQuery(include_docs=True))).rows
        return {row.id: orjson.loads(row.doc) for row in rows if row.doc}

    async def assert_sound(self) -> None:
        """Every document has its schema's form, every mailbox is as it must be, and making all of them anew
        changes nothing.
        """
        docs = list((await self.truth()).values())
        for account in ACCOUNTS:
            docs += (await self.mailbox(account)).values()
        for doc in docs:
            if doc.get("schema") in SCHEMAS:
                found = reasons(doc["schema"], doc)
                assert not found, f"{doc['_id']}: {found}"
        findings = await check(self.databases, self.directory, self.clock)
        assert findings == [], findings
        before = await self.sequences()
        for owner in self.intake.delivery.owners():
            assert await self.intake.delivery.account(owner) == 0
        assert await self.sequences() == before

    async def sequences(self) -> dict[str, str]:
        names = await self.engine.names(prefix="mailbox-")
        return {name: (await (await self.engine.open(name)).info()).update_seq for name in names}


async def contents(town: Municipality, account: str, generation: int) -> dict[str, Json]:
    database = await town.databases.mailbox(account, generation)
    rows = (await database.all_docs(AllDocsQuery(include_docs=True))).rows
    return {row.id: orjson.loads(row.doc) for row in rows if row.doc}
