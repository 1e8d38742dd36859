"""The people of the demonstration: padrón, accounts, brigades, and the phones they use.

Law: every account has one enrolled phone whose key is made from the seed and then forgotten, so that nobody
signs in its name later; whoever tries the demonstration enrols a phone of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any

from server.accounts.demonstration import Offered
from server.accounts.documents import AccountDoc, DeviceDoc
from server.demo.acts import DemoDevice
from server.demo.city import City
from server.demo.names import People
from server.documents import reading
from server.documents.shapes import AccountRole, Leader, Term

#: Brigade, its agency and department, and what people call it.
BRIGADES = (
    ("alumbrado-1", "alumbrado-publico", "mantenimiento", "Cuadrilla Alumbrado 1"),
    ("alumbrado-2", "alumbrado-publico", "mantenimiento", "Cuadrilla Alumbrado 2"),
    ("bacheo-1", "obra-publica", "bacheo", "Cuadrilla Bacheo 1"),
    ("bacheo-2", "obra-publica", "bacheo", "Cuadrilla Bacheo 2"),
    ("agua-1", "agua-y-alcantarillado", "redes", "Cuadrilla Redes de Agua"),
    ("drenaje-1", "agua-y-alcantarillado", "alcantarillado", "Cuadrilla Drenaje"),
    ("aseo-1", "aseo-publico", "limpieza", "Cuadrilla Aseo"),
    ("arbolado-1", "parques-y-jardines", "arbolado", "Cuadrilla Arbolado"),
    ("vial-1", "transito-y-movilidad", "senalizacion", "Cuadrilla Señalización"),
    ("animal-1", "salud-y-control-animal", "control-animal", "Cuadrilla Control Animal"),
)
#: Agencies with an account of their own: those that handle what may not travel to any brigade, and one more.
OFFICES = (
    ("seguridad", "seguridad-publica"),
    ("ambiente", "medio-ambiente"),
    ("contraloria", "contraloria"),
    ("fiscalizacion", "fiscalizacion"),
    ("urbano", "desarrollo-urbano"),
    ("salud", "salud-y-control-animal"),
    ("agua", "agua-y-alcantarillado"),
    ("transito", "transito-y-movilidad"),
    ("alumbrado", "alumbrado-publico"),
)
#: Of a hundred blocks so many are vacant or wait for approval: about what a municipality knows.
_VACANT, _PENDING = 0.11, 0.06


@dataclass(slots=True)
class Cast:
    """Documents by id, and who is who. ``leader_of``: block to account; ``offices``: agency to account."""

    accounts: dict[str, AccountDoc] = field(default_factory=dict)
    leaders: dict[str, Leader] = field(default_factory=dict)
    devices: dict[str, DemoDevice] = field(default_factory=dict)
    leader_of: dict[str, str] = field(default_factory=dict)
    entry_of: dict[str, str] = field(default_factory=dict)
    chiefs: dict[str, str] = field(default_factory=dict)
    brigades: dict[str, str] = field(default_factory=dict)
    civil: list[str] = field(default_factory=list)
    desk: list[str] = field(default_factory=list)
    offices: dict[str, str] = field(default_factory=dict)

    def device_documents(self, enrolled: str) -> list[DeviceDoc]:
        """``device:…`` documents of the accounts database."""
        return [
            {
                "_id": f"device:{device.id}",
                "account": device.account,
                "installation": device.installation,
                "public_key": device.public_key,
                "enrolled_at": enrolled,
                "orders": [],
            }
            for device in self.devices.values()
        ]


def make_cast(rng: Random, city: City, enrolled: datetime, today: date) -> Cast:
    """Everybody, for a demonstration that began at ``enrolled`` and is looked at ``today``."""
    cast, people = Cast(), People(rng)
    term: Term = {"from": f"{today.year - 1}-01-15", "until": f"{today.year + 1}-01-14"}

    def add(account: str, name: str, role: AccountRole, **members: Any) -> str:
        doc: Any = {
            "_id": f"account:{account}",
            "schema": "account.v1",
            "name": name,
            "role": role,
            "phone": people.phone(),
            "active": True,
            "term": None,
            "generation": 1,
            **members,
        }
        cast.accounts[account] = doc
        cast.devices[account] = DemoDevice(account, role, enrolled, rng)
        return account

    waiting = list(city.blocks)
    while waiting:
        blocks = [waiting.pop(0)]
        sector = city.blocks[blocks[0]].sector
        if waiting and rng.random() < 0.22 and city.blocks[waiting[0]].sector == sector:
            blocks.append(waiting.pop(0))
        draw = rng.random()
        entry: dict[str, Any] = {"schema": "leader.v1", "blocks": blocks, "sector": sector}
        account, name = people.someone()
        if draw < _VACANT:
            key = f"vacante.{blocks[0]}"
            entry |= {"name": "Vacante", "status": "vacant", "term": None, "account": None}
        elif draw < _VACANT + _PENDING:
            key = account
            entry |= {
                "name": name,
                "phone": people.phone(),
                "status": "pending",
                "term": None,
                "account": None,
            }
        else:
            key = add(account, name, "block_leader", blocks=blocks, sector=sector, term=term)
            phone = cast.accounts[key]["phone"]
            entry |= {"name": name, "phone": phone, "status": "active", "term": term, "account": key}
            cast.leader_of |= dict.fromkeys(blocks, key)
        cast.leaders[key] = reading.leader({"_id": f"leader:{key}", **entry})
        cast.entry_of |= dict.fromkeys(blocks, key)
    for sector in city.sectors:
        account, name = people.someone()
        cast.chiefs[sector] = add(account, name, "sector_leader", sector=sector, term=term)
    for brigade, agency, department, name in BRIGADES:
        members = {"agency": agency, "department": department, "brigade": brigade}
        cast.brigades[brigade] = add(brigade, name, "brigade", **members)
    account, name = people.someone()
    shared = {"agency": BRIGADES[0][1], "department": BRIGADES[0][2], "brigade": BRIGADES[0][0]}
    add(account, f"{name} (Alumbrado 1)", "brigade", **shared)
    for _ in range(4):
        account, name = people.someone()
        cast.civil.append(add(account, name, "civil_protection", agency="proteccion-civil"))
    for number in (1, 2):
        _, name = people.someone()
        cast.desk.append(
            add(
                f"mesa-{number}",
                f"{name} (Mesa {number})",
                "desk",
                agency="atencion-ciudadana",
                supervisor=number == 1,
            )
        )
    for account, agency in OFFICES:
        _, name = people.someone()
        cast.offices[agency] = add(account, f"{name} (enlace)", "agency", agency=agency, supervisor=True)
    readers: tuple[tuple[str, AccountRole], ...] = (("auditoria", "auditor"), ("admin", "admin"))
    for account, role in readers:
        _, name = people.someone()
        add(account, name, role)
        del cast.devices[account]
    return cast


def listed(cast: Cast, busiest: dict[str, int], password: str, beside: set[str]) -> list[Offered]:
    """The accounts the demonstration offers, one per role and a second phone for the brigade.

    ``busiest``: how many reports each account captured or worked on; the busiest one shows most. ``beside``:
    leaders where the offered brigade works, so that a lamp reported on one phone is an order on the other.
    """

    def best(role: str) -> str:
        of_role = [
            account
            for account, doc in cast.accounts.items()
            if doc["role"] == role and (role != "block_leader" or account in beside)
        ]
        return max(of_role, key=lambda account: (busiest.get(account, 0), account))

    leader, chief, civil = best("block_leader"), best("sector_leader"), best("civil_protection")
    brigade, colleague = (
        "alumbrado-1",
        next(
            account
            for account, doc in cast.accounts.items()
            if doc.get("brigade") == "alumbrado-1" != account
        ),
    )
    names = ", ".join(block.removeprefix("m-").lstrip("0") for block in cast.accounts[leader]["blocks"])
    office = [
        ("mesa-1", "Clasifica, asigna y revisa lo apartado"),
        ("alumbrado", "Enlace de Alumbrado Público"),
        ("auditoria", "Lee todo, no escribe nada"),
        ("admin", "Cuentas, padrón y catálogo"),
    ]
    offered: list[Offered] = [
        {"account": leader, "note": f"Manzana {names}: captura y da seguimiento"},
        {"account": chief, "note": "Su cuartel y el padrón"},
        {"account": brigade, "note": "Órdenes de lámparas"},
        {"account": colleague, "note": "La misma cuadrilla, para un segundo teléfono"},
        {"account": civil, "note": "Urgencias y operativo por la lluvia"},
    ]
    for account, note in office:
        offered.append({"account": account, "note": note, "password": password})
    return offered
