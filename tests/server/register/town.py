"""Reports of every kind, made at random and written as intake would leave them, and a plain recount."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from server.clock import uuid7
from server.instants import parse, say
from tests.device import citizen_document

Json = dict[str, Any]

ZONE = ZoneInfo("America/Mexico_City")
NOW = datetime(2026, 11, 23, 16, 5, 9, 123000, tzinfo=UTC)
STATUSES = ("captured", "in_progress", "finished", "not_viable", "duplicate", "withdrawn", "reopened")
TYPES = {"lampara": "lamp", "bache": "pothole", "fuga": "water", "denuncia": "police"}
AGENCIES = ("alumbrado", "obras", "agua", "contraloria", None)
CHANNELS = ("072", "whatsapp", "jefe-de-manzana", "ventanilla")
STREETS = ("Juárez", "5 de Mayo", "Ñuñez de Balboa", "")
WORDS = ("cayó", "lámpara", "fundida", "bache", "hondo", "niño", "peligro", "agua", "sucia")
FLAGS = ("late", "far", "photo_missing", "not_solved")
NAMES = ("Amatista Cuarzo", "José Núñez", "María de la Luz Peña", "Ñoño López")


def _instant(rng: random.Random, days: int) -> str:
    return say(NOW + timedelta(days=rng.uniform(-days, 0), milliseconds=rng.randrange(1000)))


def report(rng: random.Random, number: int, citizens: list[Json]) -> Json:
    captured = _instant(rng, 400)
    uuid = uuid7(parse(captured), rng.getrandbits(74))
    type_id = rng.choice(list(TYPES))
    agency = rng.choice(AGENCIES)
    status = rng.choice(STATUSES)
    due = say(parse(captured) + timedelta(days=rng.randrange(1, 40))) if rng.random() < 0.9 else None
    assigned = [
        {
            "kind": "assigned",
            "event": f"e{n}",
            "at": _instant(rng, 30),
            "admission": n,
            "actor": "mesa",
            "payload": {},
        }
        for n in range(rng.choice([0, 0, 1, 2, 3]))
    ]
    place: Json = {"source": "none"}
    if rng.random() < 0.8:
        place = {
            "lat": 21.12 + rng.random() / 100,
            "lon": -101.68 - rng.random() / 100,
            "source": "gps",
            "colonia": rng.choice(["centro", "obregon"]),
            "sector": rng.choice(["norte", "sur"]),
            "block": f"b{rng.randrange(1, 13)}",
        }
    if street := rng.choice(STREETS):
        place["street"] = street
    text = " ".join(rng.choices(WORDS, k=rng.randrange(0, 6)))
    return {
        "_id": f"report:{uuid}",
        "schema": "report.v1",
        "version": number,
        "events": [],
        "folio": f"VP-{number:06d}" if rng.random() < 0.97 else None,
        "provisional_folio": f"ABCD{number:05d}",
        "aliases": [f"OLD-{number}"] if rng.random() < 0.1 else [],
        "type": type_id,
        "family": TYPES[type_id],
        "answers": {},
        "text": text or None,
        "confidential": type_id == "denuncia",
        "channel": rng.choice(CHANNELS),
        "for_whom": rng.choice(["self", "neighbour", "anonymous"]),
        "citizen": rng.choice(citizens)["_id"] if citizens and rng.random() < 0.4 else None,
        "agency": agency,
        "department": rng.choice(["norte", "sur", None]),
        "status": status,
        "priority": rng.randrange(1, 5),
        "urgent": rng.random() < 0.1,
        "danger": rng.random() < 0.1,
        "captured_at": captured,
        "captured_by": rng.choice(["lucia", "pedro"]),
        "answer_due_at": due,
        "answered_at": _instant(rng, 30) if rng.random() < 0.5 else None,
        "amber_at": say(parse(due) - timedelta(days=2)) if due else None,
        "due_at": due,
        "finished_at": _instant(rng, 60) if status in ("finished", "not_viable") else None,
        "verified": {"solved": rng.random() < 0.7, "at": _instant(rng, 9)} if rng.random() < 0.3 else None,
        "place": place,
        "assignments": [
            {
                "agency": rng.choice([a for a in AGENCIES if a]),
                "department": None,
                "brigade": rng.choice(["luz-1", "bache-1", None]),
                "status": "assigned",
                "assigned_at": entry["at"],
            }
            for entry in assigned
        ],
        "taken_by": [
            {"account": account, "at": captured}
            for account in rng.choice([(), (), ("mesa",), ("olga", "mesa"), ("olga",)])
        ],
        "incident": None,
        "timeline": [
            {
                "kind": "captured",
                "event": "c",
                "at": captured,
                "admission": 1,
                "actor": "lucia",
                "payload": {},
            },
            *assigned,
            *(
                [
                    {
                        "kind": "reopened",
                        "event": "r",
                        "at": NOW.isoformat(),
                        "admission": 9,
                        "actor": "norma",
                        "payload": {},
                    }
                ]
                if status == "reopened"
                else []
            ),
        ],
        "evidence": [],
        "supports": rng.randrange(3),
        "duplicate_of": uuid if status == "duplicate" else None,
        "duplicates": [],
        "flags": sorted(flag for flag in FLAGS if rng.random() < 0.15),
        "month": captured[:7],
    }


def make(seed: int, count: int) -> tuple[list[Json], list[Json]]:
    """Reports and the citizens they name."""
    rng = random.Random(seed)
    citizens = [
        citizen_document(NOW, name=name, phone=phone)
        for name, phone in zip(
            NAMES, ("477 123 4567", "+52 1 477 765 4321", "0444771112223", "4770001111"), strict=True
        )
    ]
    return [report(rng, number, citizens) for number in range(1, count + 1)], citizens
