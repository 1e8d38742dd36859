"""Custody: what each phone or page signed of a report, in order, and whether it still holds.

Law: what is said here is checked now, with the keys that are enrolled; what cannot be checked (an import,
what the law took out) says so. Who captured a confidential report stays unsaid.
"""

from __future__ import annotations

import hashlib
from typing import Any

from server.accounts.documents import Jwk
from server.cases.canonical import CanonicalError, canonical
from server.cases.signature import KeyInvalid, load_key, verify_bytes
from server.cases.transitions import FLAGS
from server.documents import reading
from server.documents.ids import records_of
from server.documents.shapes import Event, Report
from server.documents.words import text, told
from server.store.scan import scan
from server.web.office.frame import Page
from server.web.office.reference import Names

VERDICTS = {"pending": "por revisarse", "ok": "revisada, buena", "refused": "no se pudo usar"}

_REDACTED = "no comprobable: la ley pidió retirar datos"


def signed(event: Event, key: Jwk | None) -> str:
    """What can be said of an event's signature, in words."""
    if not event.get("sig"):
        return "sin firma: viene de una importación"
    if key is None:
        return "no comprobable: su teléfono ya no está registrado"
    try:
        message = canonical({name: value for name, value in event.items() if name != "sig"})
        return "firma válida" if verify_bytes(load_key(key), event["sig"], message) else "firma no válida"
    except (KeyInvalid, CanonicalError):
        return "firma no válida"


def hash_of(event: Event) -> str:
    """The hash by which the device's next event names this one."""
    return hashlib.sha256(canonical(event)).hexdigest()


async def custody(view: Page, report: Report, known: Names) -> list[dict[str, Any]]:
    """The report's signed events in the order of their admission, as the page tells them."""
    subject = report["_id"].removeprefix("report:")
    stored = scan(view.context.databases.cases, records_of(subject))
    records = [reading.record(row.body) async for row in stored]
    acts = sorted((doc for doc in records if doc.get("event")), key=lambda doc: doc["admission"])
    facts = [doc["fact"] for doc in records if doc.get("fact")]
    redacted = {fact["event"] for fact in facts if fact["kind"] == "redaction"}
    verdicts = {item["sha256"]: item["verdict"] for item in report["evidence"]}
    found = []
    for record in acts:
        event = record["event"]
        device = view.context.directory.device(event["device"])
        hidden = bool(report["confidential"]) and event["kind"] == "captured"
        whole = signed(event, device.public_key if device else None)
        found.append(
            {
                "what": told("kind", event["kind"]),
                "admission": record["admission"],
                "received_at": record["received_at"],
                "who": "reservado" if hidden else known.account(event["actor"]),
                "role": "" if hidden else text("role", event["role"]),
                "number": None if hidden else event.get("device_seq"),
                "signed": _REDACTED if event["_id"] in redacted else whole,
                "hash": hash_of(event)[:16],
                "before": (event.get("prev") or "")[:16],
                "photos": [
                    (photo["sha256"], VERDICTS.get(verdicts.get(photo["sha256"], "pending"), ""))
                    for photo in event.get("photos") or ()
                ],
                "flags": [FLAGS[code]["text"] for code in record.get("flags") or () if code in FLAGS],
            }
        )  # fmt: skip
    return found
