"""The acta de cierre: its page told by the signed events it encloses, and by nothing else.

Law: whoever has the enclosed file and the photos can make the page again, byte for byte. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from server.cases.canonical import canonical
from server.documents.words import text as word
from server.documents.words import told
from server.papers.enclosed import NoPaper, enclosed
from server.papers.proof import NAME, SCHEMA, STATES, Findings, Part, verify
from server.papers.saying import local
from server.papers.typeset import maker, pdf

#: What closes a report.
CLOSINGS = ("finished", "not_viable")
#: Steps that move nothing and say nothing about the work.
_SILENT = frozenset({"supported"})


def closing_of(steps: list[Part]) -> Part | None:
    """The last event that closed the report, in the order in which they took effect."""
    found = [step for step in _ordered(steps) if step["event"]["kind"] in CLOSINGS]
    return found[-1] if found else None


def _ordered(steps: list[Part]) -> list[Part]:
    return sorted(steps, key=lambda step: (step["effective_at"], step["admission"]))


def page_of(package: Part, states: Mapping[str, str]) -> Part:
    """What the page says. ``states``: how each event's signature stands (``proof.verify``)."""
    zone, names = ZoneInfo(package["timezone"]), package["names"]
    steps = _ordered(package["events"])
    closing = closing_of(steps)
    captured = next((step for step in steps if step["event"]["kind"] == "captured"), None)
    if closing is None or captured is None:
        raise ValueError("no event closes the report")
    event, payload = closing["event"], closing["event"]["payload"]
    done = event["kind"] == "finished"
    said = names["done"].get(payload.get("done"), payload.get("done")) if done else None
    reason = None if done else word("not_viable", payload.get("reason"))

    def when(instant: str) -> str:
        return local(instant, zone).strftime("%d/%m/%Y %H:%M")

    def who(step: Part) -> str:
        actor, role = step["event"].get("actor"), step["event"].get("role")
        if actor is None:
            return "reservado"
        return f"{names['people'].get(actor, actor)} · {word('role', role)}"

    materials = "; ".join(
        f"{one['name']}: {one['quantity']:g} {one.get('unit') or ''}".strip()
        for one in payload.get("materials") or ()
    )
    return {
        "municipality": package["municipality"],
        "title": f"Acta de cierre del reporte {package['folio']}",
        "note": f"Folio {package['folio']} · movimientos hasta el {when(steps[-1]['effective_at'])}",
        "folio": package["folio"],
        "type": names["type"],
        "done": done,
        "result": "Terminado" if done else "No procede",
        "when": f"el {when(closing['effective_at'])}",
        "closing": [
            ["Qué", said or reason],
            ["Quién", who(closing)],
            ["Dependencia", names["agency"]],
            ["Materiales", materials or None],
            ["Cuándo (aparato)", when(event["occurred_at"])],
        ],
        "text": payload.get("text") if payload.get("text") != said else None,
        "asked": [
            ["Recibido", when(captured["effective_at"])],
            ["Por", who(captured)],
            ["Lugar", names["place"]],
            ["Se dijo", captured["event"]["payload"].get("text")],
        ],
        "photos": [_photo(n, one, package, when, who) for n, one in enumerate(package["photos"], 1)],
        "steps": [
            {
                "when": when(step["effective_at"]),
                "what": told("kind", step["event"]["kind"]),
                "who": who(step),
                "state": STATES[states[step["event"]["_id"]]],
                "hash": (step["hash"] or step["digest"] or "")[:16],
            }
            for step in steps
            if step["event"]["kind"] not in _SILENT
        ],
        "house": " ".join(package["house"]["kid"][at : at + 8] for at in range(0, 64, 8)),
    }


def _photo(number: int, one: Part, package: Part, when: Any, who: Any) -> Part:
    step = next(step for step in package["events"] if step["event"]["_id"] == one["event"])
    return {
        "file": f"foto-{number}.jpg" if one["shown"] else None,
        "missing": "La foto no ha llegado." if one["verdict"] == "pending" else "La foto ya no está.",
        "alt": f"Foto {number} del cierre",
        "said": f"Foto {number} · {when(step['effective_at'])} · {who(step)}",
        "hash": one["sha256"],
    }


def acta(package: Part, photos: Mapping[str, bytes]) -> bytes:
    """The PDF of a sealed package. ``photos``: reduced pictures by the SHA-256 that ``shown`` names."""
    found = verify(package)
    data = page_of(package, found.states)
    closing = closing_of(package["events"])
    assert closing is not None
    files = {
        f"foto-{number}.jpg": photos[one["shown"]]
        for number, one in enumerate(package["photos"], 1)
        if one["shown"]
    }
    return pdf(
        "acta",
        data,
        local(closing["effective_at"], ZoneInfo(package["timezone"])),
        files,
        {NAME: canonical(package), **files},
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """``findings`` of the events; ``page``: whether the page is what they give (None: made by another
    version, not compared); ``package`` as it was enclosed.
    """

    findings: Findings
    page: bool | None
    package: Part


def check(data: bytes) -> Checked:
    """An acta as a file, checked by itself. Raises ``NoPaper`` for what is none."""
    files = enclosed(data)
    package = next((found for file in files if (found := _package(file)) is not None), None)
    if package is None:
        raise NoPaper("it encloses no acta de cierre")
    findings = verify(package)
    photos = {hashlib.sha256(file).hexdigest(): file for file in files}
    try:
        missing = [one["shown"] for one in package["photos"] if one["shown"] and one["shown"] not in photos]
        findings.faults += [f"The enclosed photo {name} is not there." for name in missing]
        if package["maker"] != maker():
            return Checked(findings, None, package)
        made = b"" if findings.faults else acta(package, photos)
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration, RuntimeError) as error:
        findings.faults.append(f"The page cannot be made again: {type(error).__name__} {error}")
        made = b""
    if made and made != data:
        findings.faults.append("The page is not what the enclosed events give.")
    return Checked(findings, made == data, package)


def _package(file: bytes) -> Part | None:
    try:
        found = orjson.loads(file)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and found.get("schema") == SCHEMA else None
