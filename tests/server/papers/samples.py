"""One of each document's data, as a municipality's day gives them, and an acta of really signed events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from server.instants import say
from server.papers.proof import sealed, step_of, thumbprint, withhold
from server.papers.sketch import Shape, sketch
from server.papers.typeset import maker, qr
from tests.device import Pen, photo, sign_text
from tests.server.evidence.pictures import picture, sha256
from tests.server.intake.municipality import DLAT, DLON, block_corner

Json = dict[str, Any]

ZONE = ZoneInfo("America/Mexico_City")
NOW = datetime(2026, 11, 23, 16, 5, 9, 123000, tzinfo=UTC)
AT = NOW.astimezone(ZONE)
LINK = "https://manzana.example/folio/VP-000320"


def shapes() -> list[Shape]:
    found = []
    for number in range(1, 13):
        lon, lat = block_corner(number)
        w, h = DLON * 80 / 96, DLAT * 80 / 96
        ring = ((lon, lat), (lon + w, lat), (lon + w, lat + h), (lon, lat + h))
        found.append(Shape(f"Manzana {number}", (ring,)))
    return found


def files() -> dict[str, bytes]:
    lon, lat = block_corner(2)
    return {
        "qr.svg": qr(LINK),
        "sketch.svg": sketch(lat + DLAT / 3, lon - DLON / 12, shapes()),
        "photo.jpg": picture(size=(320, 240), seed=4),
    }


def one_order(**changes: Any) -> Json:
    return {
        "folio": "VP-000320",
        "type": "Lámpara apagada o fundida",
        "priority": "Prioridad media",
        "urgent": False,
        "danger": False,
        "due": "viernes 27 de noviembre de 2026",
        "qr": "qr.svg",
        "link": LINK,
        "place": [
            ["Calle", "Calle Ñuñez de Balboa 118"],
            ["Entre", "5 de Mayo y Juárez"],
            ["Referencia", "Frente a la tienda, portón verde"],
            ["Poste", "A-1182"],
            ["Colonia", "San José Obrero"],
            ["Manzana", "Manzana 2"],
        ],
        "charge": [
            ["Dependencia", "Dirección de Alumbrado Público"],
            ["Cuadrilla", "Luz 1"],
            ["Capturado", "20/11/2026 08:14"],
            ["Canal", "Jefe de manzana"],
        ],
        "person": [],
        "sketch": "sketch.svg",
        "where": "Croquis del lugar: Calle Ñuñez de Balboa 118",
        "at": "21.120289, -101.679152 · GPS",
        "text": "Lleva tres noches apagada y ya asaltaron a una señora. El poste está inclinado.",
        "answers": [["¿Cuántas lámparas son?", "Una"], ["¿Hay cables colgando?", "No"]],
        "told": [["Indicaciones de la mesa:", "Llevar escalera larga; el poste es de los altos."]],
        "demands": ["Qué se hizo: de la lista o con sus palabras.", "Una foto de cómo quedó."],
        "photo": "photo.jpg",
        **changes,
    }


def orders(*some: Json) -> Json:
    return {
        "municipality": "Valle del Pedregal",
        "title": "Orden de trabajo VP-000320",
        "note": "Según el reporte hasta el 23/11/2026 10:05",
        "orders": list(some or (one_order(),)),
    }


def ticket(**changes: Any) -> Json:
    return {
        "municipality": "Valle del Pedregal",
        "title": "Folio VP-000320",
        "folio": "VP-000320",
        "type": "Lámpara apagada o fundida",
        "facts": [
            ["Recibido", "20/11/2026 08:14"],
            ["Lo atiende", "Dirección de Alumbrado Público"],
            ["A más tardar", "27/11/2026"],
        ],
        "qr": "qr.svg",
        "link": LINK,
        "address": "manzana.example/folio",
        "code": "K7Q2-M9XT",
        "phone": "477 123 4567",
        **changes,
    }


def action(**changes: Any) -> Json:
    return {
        "municipality": "Valle del Pedregal",
        "title": "Informe de atención VP-000411",
        "note": "Según el reporte hasta el 23/11/2026 10:05",
        "folio": "VP-000411",
        "type": "Inundación en casa o calle",
        "priority": "Emergencia",
        "urgent": True,
        "status": "Terminado",
        "place": [["Calle", "Arroyo Hondo 40"], ["Colonia", "La Ladera"]],
        "times": [
            ["Recibido", "22/11/2026 21:40"],
            ["Lo tomó Protección Civil", "22/11/2026 21:44 (4 min)"],
            ["Empezó", "22/11/2026 21:58 (18 min)"],
            ["Terminó", "23/11/2026 01:20 (3 h 40 min)"],
        ],
        "sketch": "sketch.svg",
        "where": "Croquis del lugar",
        "text": "El agua ya entró a cuatro casas, hay una señora mayor que no puede salir.",
        "answers": [["¿Hasta dónde llega el agua?", "A la rodilla"]],
        "totals": {"people": "11", "injured": "0", "shelter": "DIF Municipal", "emergency": "911-88120"},
        "actions": [
            {
                "when": "22/11/2026 22:10",
                "who": "Protección Civil, turno noche",
                "measures": ["Evacuación de dos viviendas", "Corte de energía con CFE"],
                "resources": ["Bomba de 4 pulgadas", "Ambulancia 12"],
                "counts": "11 personas atendidas",
                "text": "Se trasladó a la señora al refugio.",
            }
        ],
        "signs": "",
        **changes,
    }


def letter(**changes: Any) -> Json:
    return {
        "municipality": "Valle del Pedregal",
        "title": "Reportes de noviembre de 2026",
        "note": "Oficio del cierre de noviembre de 2026",
        "place_date": "Valle del Pedregal, a 3 de diciembre de 2026",
        "agency": "Dirección de Alumbrado Público",
        "month": "noviembre de 2026",
        "before": "octubre de 2026",
        "opening": "Le informo cómo cerró el mes en los reportes que atiende su dependencia.",
        "figures": [
            ["Recibidos", "214", "198"],
            ["Terminados en el mes", "190", "201"],
            ["A tiempo", "171 (90 %)", "160 (80 %)"],
            ["Abiertos al cierre", "61", "49"],
            ["Vencidos al cierre", "12", "7"],
        ],
        "judgement": "Nueve de cada diez se terminaron a tiempo. Los 12 vencidos se listan abajo.",
        "overdue_note": "Los más viejos primero.",
        "overdue": [["VP-000120", "Lámpara apagada o fundida", "Centro", "02/11/2026"]] * 12,
        "late": "3 reportes se capturaron en octubre y se recibieron en noviembre: cuentan en noviembre.",
        "signs": "",
        "office": "Atención Ciudadana",
        "closed_at": "02/12/2026 09:12",
        "hash": "9f2c" * 16,
        **changes,
    }


def month(**changes: Any) -> Json:
    row = ["VP-000120", "Lámpara apagada o fundida", "02/11/2026", "09/11/2026"]
    return {
        "municipality": "Valle del Pedregal",
        "title": "Cierre de noviembre de 2026",
        "note": "Dirección de Alumbrado Público · noviembre de 2026",
        "month": "Noviembre de 2026",
        "agency": "Dirección de Alumbrado Público",
        "closed_at": "02/12/2026 09:12",
        "closed_by": "Marta Ríos",
        "figures": [["Recibidos", "214"], ["Terminados en el mes", "190"], ["Vencidos al cierre", "12"]],
        "types": [["Lámpara apagada", "200", "180", "165", "15"], ["Poste caído", "14", "10", "6", "4"]],
        "late_note": "3 reportes se capturaron antes y se recibieron en este mes.",
        "late": [row] * 3,
        "overdue": [row] * 12,
        "hash": "9f2c" * 16,
        **changes,
    }


class Moments:
    """A clock that a test's pens read."""

    def __init__(self) -> None:
        self.now = NOW


def package(*, positions: bool = True, **changes: Any) -> tuple[Json, dict[str, bytes]]:
    """A sealed package of a lamp that was reported, assigned, and finished with a photo; and its photo."""
    lucia = Pen("lucia", "block_leader", lambda: NOW)
    crew = Pen("luz1", "brigade", lambda: NOW)
    desk = Pen("marta", "desk", lambda: NOW)
    house = Pen("casa", "desk", lambda: NOW)
    original, reduced = picture(seed=8), picture(size=(320, 240), seed=8)
    here = {"source": "gps", "lat": 21.12, "lon": -101.68, "accuracy": 9, "taken_at": say(NOW)}
    captured = lucia.capture("lampara", text="Lleva tres noches apagada", lat=21.12, lon=-101.68)
    report = captured["_id"].split(":")[1]
    noted = desk.event("noted", report, {"text": "Ojo: es la tercera vez."})
    assigned = desk.event("assigned", report, {"agency": "alumbrado", "brigade": "luz-1"})
    started = crew.event("started", report, {}, position=here)
    payload = {
        "done": "foco",
        "text": "Se cambió el foco y la fotocelda.",
        "materials": [{"name": "Foco LED 60 W", "quantity": 1, "unit": "pieza"}],
    }
    finished = crew.event("finished", report, payload, position=here, photos=[photo(original)])
    events: list[Any] = [captured, noted, assigned, started, finished]
    pens = {pen.id: pen for pen in (lucia, crew, desk)}
    steps = []
    for number, event in enumerate(events, 1):
        record: Any = {
            "event": event,
            "admission": number,
            "effective_at": say(NOW.replace(minute=5 + number)),
        }
        shown, gone = withhold(
            event,
            position=not positions and event["role"] == "brigade",
            author=False,
            words=event["kind"] == "noted",
        )
        kid = thumbprint(pens[event["device"]].public_key)
        chain = list(pens).index(event["device"]) + 1
        steps.append(step_of(record, None, shown, gone, chain=chain, key=kid))
    made = {
        "schema": "closing_act.v1",
        "maker": maker(),
        "municipality": "Valle del Pedregal",
        "timezone": ZONE.key,
        "report": report,
        "folio": "VP-000320",
        "names": {
            "type": "Lámpara apagada o fundida",
            "agency": "Dirección de Alumbrado Público",
            "place": "Calle Ñuñez de Balboa 118, Col. San José Obrero, Manzana 2",
            "done": {"foco": "Se cambió el foco"},
            "people": {"lucia": "Lucía Ortega", "luz1": "Cuadrilla Luz 1", "marta": "Marta Ríos"},
        },
        "events": steps,
        "keys": {thumbprint(pen.public_key): {"jwk": pen.public_key} for pen in pens.values()},
        "photos": [
            {
                "sha256": sha256(original),
                "event": finished["_id"],
                "shown": sha256(reduced),
                "verdict": "ok",
            }
        ],
        **changes,
    }
    return sealed(made, house.public_key, lambda data: sign_text(house.key, data)), {sha256(reduced): reduced}
