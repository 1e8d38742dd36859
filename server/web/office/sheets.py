"""What a report's documents say, gathered from the report, the catalogue and the municipality's blocks.

Law: everything is a fact of the report as it is stored, its date too: printed again unchanged, it is the same
document. Nothing is shown as a code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from server.channels.acts import demands
from server.context import Context
from server.documents import reading
from server.documents.shapes import CitizenContent, MunicipalSettings, Report, TimelineEntry
from server.documents.words import text as word
from server.evidence.blobstore import derivative
from server.municipality.ground import Ground
from server.papers.saying import day, local, long_day, moment, span
from server.papers.sketch import REACH, Shape, sketch
from server.papers.typeset import Kind, qr
from server.problems import Problem
from server.web.office.frame import Page
from server.web.office.places import named_places
from server.web.office.reference import Names
from server.web.office.report import answers_of
from server.web.office.ticket import ticket_of
from server.web.phones.accounts import origin_of
from server.web.public.folio import PATH
from server.web.public.telling import reserved

#: Widths of the pictures that are kept (``server/evidence/examination.py``); one of many orders takes less.
_ONE, _MANY = 1280, 320
_BULK = 10
_PRIORITIES = {1: "Emergencia", 2: "Prioridad alta", 3: "Prioridad media", 4: "Prioridad baja"}


class Made(NamedTuple):
    """What ``papers.typeset.pdf`` is called with."""

    kind: Kind
    data: dict[str, Any]
    at: datetime
    files: dict[str, bytes]


async def ground_of(context: Context) -> Ground:
    """The blocks for sketches, as the registry has them now."""
    await context.ground.refresh()
    return context.ground


def last_of(report: Report) -> str:
    """The instant of the newest step a report knows: the date of its documents."""
    return max([str(entry["at"]) for entry in report["timeline"]], default=str(report["captured_at"]))


class Sheets:
    """The documents of one request."""

    def __init__(self, view: Page, known: Names, ground: Ground) -> None:
        self._view, self._known, self._ground, self._zone = view, known, ground, view.zone

    async def orders(self, reports: list[Report], *, persons: bool) -> Made:
        files: dict[str, bytes] = {}
        databases = self._view.context.databases
        blocks = await databases.registry.get_many(
            sorted({f"block:{r['place']['block']}" for r in reports if r["place"].get("block")})
        )
        people: Mapping[str, Any] = {}
        if persons:
            people = await databases.citizens.get_many(
                sorted({r["citizen"] for r in reports if r["citizen"]})
            )
        width = _ONE if len(reports) <= _BULK else _MANY
        made = []
        for number, report in enumerate(reports, 1):
            citizen = people.get(report["citizen"] or "")
            person: CitizenContent = (reading.citizen(citizen).get("content") if citizen else None) or {}
            made.append(await self._order(report, str(number), files, blocks, person, width))
        last = max(last_of(report) for report in reports)
        title = (
            f"Orden de trabajo {made[0]['folio']}" if len(made) == 1 else f"{len(made)} órdenes de trabajo"
        )
        data = {
            "municipality": self._view.municipality,
            "title": title,
            "note": f"Según los reportes hasta el {moment(last, self._zone)}",
            "orders": made,
        }
        return Made("order", data, local(last, self._zone), files)

    async def _order(
        self,
        report: Report,
        number: str,
        files: dict[str, bytes],
        blocks: Mapping[str, Any],
        person: CitizenContent,
        width: int,
    ) -> dict[str, Any]:
        known, petition_type = self._known, self._known.types.get(report["type"])
        link = self._link(report)
        # Drawn off the loop: of two hundred it is most of a second.
        files[f"qr-{number}.svg"] = await asyncio.to_thread(qr, link, quick=width == _MANY)
        drawn = await asyncio.to_thread(self._sketch, report)
        if drawn is not None:
            files[f"sketch-{number}.svg"] = drawn
        photo = await self._photo(report, width)
        if photo is not None:
            files[f"photo-{number}.jpg"] = photo
        place = self._place(report, blocks)
        working = [one for one in report["assignments"] if one["status"] not in ("returned", "finished")]
        brigades = [known.brigade(one["agency"], one["brigade"]) for one in working if one.get("brigade")]
        assigned = [e["payload"]["text"] for e in report["timeline"] if e["kind"] == "assigned"
                    and (e.get("payload") or {}).get("text")]  # fmt: skip
        due = report["due_at"]
        return {
            "folio": report["folio"] or report["provisional_folio"],
            "type": known.type(report["type"]),
            "priority": _PRIORITIES.get(report["priority"], "Prioridad media"),
            "urgent": report["priority"] <= 2,
            "danger": bool(report.get("danger")),
            "due": long_day(local(due, self._zone).date()) if due else None,
            "qr": f"qr-{number}.svg",
            "link": link,
            "place": place,
            "charge": [
                ["Dependencia", known.agency(report["agency"])],
                ["Área", known.department(report["agency"], report["department"])],
                ["Cuadrilla", ", ".join(brigades)],
                ["Capturado", moment(report["captured_at"], self._zone)],
                ["Canal", known.channel(report["channel"])],
            ],
            "person": [["Nombre", person.get("name")], ["Teléfono", person.get("phone")]] if person else [],
            "sketch": f"sketch-{number}.svg" if drawn is not None else None,
            "where": "Croquis del lugar: " + (place[0][1] or "sin calle") if place else "Croquis del lugar",
            "at": self._coordinates(report),
            "text": report["text"],
            "answers": [list(pair) for pair in answers_of(report, petition_type)],
            "told": [["Indicaciones:", said] for said in assigned[-2:]],
            "demands": demands(report, petition_type),
            "photo": f"photo-{number}.jpg" if photo is not None else None,
        }

    def ticket(self, report: Report, settings: MunicipalSettings) -> Made:
        """For who asked: where to look, and with which code."""
        if self._view.account.role not in ("desk", "agency"):
            raise Problem("role_not_allowed", "tickets are of who attends citizens")
        found = ticket_of(self._view, report, self._known)
        assert found is not None
        folio = report["folio"] or report["provisional_folio"]
        due = report["due_at"]
        # Of what is told to nobody the ticket, which anybody may find on the ground, tells nothing either.
        hidden = reserved(report, self._known.types.get(report["type"]))
        data = {
            "municipality": self._view.municipality,
            "title": f"Folio {folio}",
            "folio": folio,
            "type": "" if hidden else self._known.type(report["type"]),
            "facts": [["Recibido", moment(report["captured_at"], self._zone)]]
            + ([] if hidden else [["Lo atiende", self._known.agency(report["agency"])]])
            + ([["A más tardar", day(due, self._zone)]] if due and not hidden else []),
            "qr": "qr.svg",
            "link": found.link,
            "address": f"{origin_of(self._view.request, self._view.context)}{PATH}".rstrip("/"),
            "code": found.code,
            "phone": settings.get("duty_phone") or None,
        }
        link = f"{found.link}?clave={found.code}" if found.code else found.link
        return Made("ticket", data, local(report["captured_at"], self._zone), {"qr.svg": qr(link)})

    async def action(self, report: Report) -> Made:
        """Protección Civil's account of what it did. Raises ``paper_not_ready`` where it recorded nothing."""
        acts = [entry for entry in report["timeline"] if entry["kind"] == "action_recorded"]
        if not acts:
            raise Problem("paper_not_ready", "no action is recorded")
        place = report["place"]
        blocks = await self._view.context.databases.registry.get_many(
            [f"block:{place['block']}"] if place.get("block") else []
        )
        captured = report["captured_at"]
        times = [["Recibido", moment(captured, self._zone)]]
        for kind, said in (("taken", "Alguien lo tomó"), ("started", "Empezó el trabajo")):
            first = next((e["at"] for e in report["timeline"] if e["kind"] == kind), None)
            times += [[said, f"{moment(first, self._zone)} ({span(captured, first)})"]] if first else []
        if report["finished_at"]:
            last = report["finished_at"]
            times.append(["Se cerró", f"{moment(last, self._zone)} ({span(captured, last)})"])
        told = [entry.get("payload") or {} for entry in acts]
        drawn = self._sketch(report)
        folio = report["folio"] or report["provisional_folio"]
        data = {
            "municipality": self._view.municipality,
            "title": f"Informe de atención {folio}",
            "note": f"Según el reporte hasta el {moment(last_of(report), self._zone)}",
            "folio": folio,
            "type": self._known.type(report["type"]),
            "priority": _PRIORITIES.get(report["priority"], ""),
            "urgent": report["priority"] <= 2,
            "status": word("status", report["status"]),
            "place": self._place(report, blocks),
            "times": times,
            "sketch": "sketch.svg" if drawn else None,
            "where": "Croquis del lugar",
            "text": report["text"],
            "answers": [list(p) for p in answers_of(report, self._known.types.get(report["type"]))],
            "totals": {
                "people": str(sum(one.get("people") or 0 for one in told)),
                "injured": str(sum(one.get("injured") or 0 for one in told)),
                "shelter": _listed(told, "shelter"),
                "emergency": _listed(told, "folio_911"),
            },
            "actions": [self._action(entry) for entry in acts],
            "signs": "",
        }
        files = {"sketch.svg": drawn} if drawn else {}
        return Made("action", data, local(last_of(report), self._zone), files)

    def _action(self, entry: TimelineEntry) -> dict[str, Any]:
        payload = entry.get("payload") or {}
        counts = [(payload.get("people"), "personas atendidas"), (payload.get("injured"), "lesionadas")]
        return {
            "when": moment(entry["at"], self._zone),
            "who": self._known.account(entry.get("actor")),
            "measures": payload.get("measures") or [],
            "resources": payload.get("resources") or [],
            "counts": ", ".join(f"{number} {said}" for number, said in counts if number is not None),
            "text": payload.get("text"),
        }

    def _link(self, report: Report) -> str:
        folio = report["folio"] or report["provisional_folio"]
        return f"{origin_of(self._view.request, self._view.context)}{PATH}{quote(folio, safe='')}"

    def _place(self, report: Report, blocks: Mapping[str, Any]) -> list[list[str | None]]:
        place = report["place"]
        block = place.get("block")
        return [
            ["Calle", place.get("street")],
            ["Entre", place.get("between")],
            ["Referencia", place.get("reference")],
            ["Poste", place.get("pole")],
            ["Colonia", self._known.colonia(place.get("colonia"))],
            ["Cuartel", self._known.sector(place.get("sector"))],
            ["Manzana", (blocks.get(f"block:{block}") or {}).get("name") or block],
        ]

    def _coordinates(self, report: Report) -> str | None:
        place = report["place"]
        if place.get("lat") is None:
            return None
        return f"{place['lat']:.6f}, {place['lon']:.6f} · {word('source', place['source'])}"

    def _sketch(self, report: Report) -> bytes | None:
        place = report["place"]
        lat, lon = place.get("lat"), place.get("lon")
        if lat is None or lon is None:
            middle = self._ground.middle(place["block"]) if place.get("block") else None
            if middle is None:
                return None
            lat, lon = middle
        near = self._ground.near(lat, lon, REACH * 1.5)
        return sketch(lat, lon, [Shape(block.name, block.rings) for block in near])

    async def _photo(self, report: Report, width: int) -> bytes | None:
        """The first usable photo of what was captured, else of anything; None where there is none."""
        captured = {e["event"] for e in report["timeline"] if e["kind"] == "captured"}
        usable = [item for item in report["evidence"] if item["verdict"] == "ok"]
        usable.sort(key=lambda item: (item["event"] not in captured, item["at"]))
        return await read_photo(self._view.context, usable[0]["sha256"], width) if usable else None


async def read_photo(context: Context, sha256: str, width: int) -> bytes | None:
    """A reduced photo's bytes; None where they are gone."""
    name = derivative(sha256, width)
    if await context.blobs.size(name) is None:
        return None
    return b"".join([piece async for piece in context.blobs.read(name)])


def _listed(told: Sequence[Any], name: str) -> str:
    said = dict.fromkeys(str(one[name]) for one in told if one.get(name))
    return ", ".join(said) or "—"


async def place_words(context: Context, report: Report) -> str:
    """Where it is, in one line."""
    return (await named_places(context.databases, [report], ("street", "between", "reference")))[0]
