"""The package of signed events that an acta de cierre carries, gathered and put under the house's key.

Law: an event travels whole or says what is withheld; where exactly a worker stood is the auditor's alone, who
captured what is confidential is nobody's, and what the law erased stays erased.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from server.accounts.model import Device
from server.cases.canonical import signed_bytes
from server.cases.signature import KeyInvalid, load_key, verify_bytes
from server.cases.whereabouts import is_exact
from server.documents import reading
from server.documents.ids import records_of as records_of_subject
from server.documents.shapes import Event, Record, Report
from server.papers.acta import closing_of
from server.papers.proof import SCHEMA, Gone, Part, sealed, step_of, thumbprint, withhold
from server.papers.typeset import maker
from server.problems import Problem
from server.store.scan import scan
from server.web.office.frame import Page
from server.web.office.reference import Names, names
from server.web.office.sheets import place_words, read_photo
from sync.interface import Database

#: Pictures of an acta are this wide: enough for a sheet, little enough to be mailed.
_WIDTH = 1280
#: Photos of one acta, the newest; their hashes all stand in the events.
_MOST_PHOTOS = 12


async def records_of(cases: Database, report: str) -> list[Record]:
    """The records of a report that hold an event, in the order of their admission."""
    found = [reading.record(one.body) async for one in scan(cases, records_of_subject(report))]
    return sorted((one for one in found if one.get("event")), key=lambda one: int(one["admission"]))


async def package_of(view: Page, report: Report, *, positions: bool) -> tuple[Part, dict[str, bytes]]:
    """The sealed package, and the reduced photos by their hash. Raises ``paper_not_ready``.

    ``positions``: whether workers' exact positions travel along.
    """
    context, uuid = view.context, report["_id"].removeprefix("report:")
    records = await records_of(context.databases.cases, uuid)
    redacted: Mapping[str, Any] = await context.databases.cases.get_many(
        [f"redacted:{record['event']['_id'][-36:]}" for record in records]
    )
    chains: dict[str, int] = {}
    keys: dict[str, Any] = {}
    steps = []
    for record in records:
        event = record["event"]
        device = context.directory.device(event["device"]) if event.get("device") else None
        gone: Gone | None = redacted.get(f"redacted:{event['_id'][-36:]}")
        if gone is None and device is not None and event.get("sig") and not _holds(device, event):
            # An exact position that went by age left nothing to compare with.
            gone = (
                {"members": ["position"], "digest": None} if event["position"].keys() == {"source"} else None
            )
        shown, withheld = withhold(
            event,
            position=is_exact(event) and not positions,
            author=bool(report["confidential"]) and event["kind"] == "captured",
            words=event["kind"] == "noted",
        )
        kid = thumbprint(device.public_key) if device is not None else None
        if device is not None and kid is not None:
            keys[kid] = {"jwk": {name: device.public_key[name] for name in ("kty", "crv", "x", "y")}}
        chain = chains.setdefault(event.get("device") or "", len(chains) + 1)
        steps.append(step_of(record, gone, shown, withheld, chain=chain, key=kid))
    if closing_of(steps) is None or report["status"] not in ("finished", "not_viable"):
        raise Problem("paper_not_ready", "the report is not closed")
    known = await names(context)
    photos, pictures = await _photos(view, report, steps)
    package = {
        "schema": SCHEMA,
        "maker": maker(),
        "municipality": view.municipality,
        "timezone": view.zone.key,
        "report": uuid,
        "folio": report["folio"] or report["provisional_folio"],
        "names": await _names(view, report, steps, known),
        "events": steps,
        "keys": keys,
        "photos": photos,
    }
    key, sign = await context.pen.attest(view.account.id)
    return sealed(package, key, sign), pictures


def _holds(device: Device, event: Event) -> bool:
    try:
        return verify_bytes(load_key(device.public_key), event.get("sig"), signed_bytes(event))
    except KeyInvalid:
        return False


async def _names(view: Page, report: Report, steps: list[Part], known: Names) -> dict[str, Any]:
    actors = {step["event"].get("actor") for step in steps} - {None}
    petition_type = known.types.get(report["type"])
    closing = petition_type["closing"] if petition_type else None
    listed = closing.get("codes") if closing else None
    codes = {code["value"]: code["text"] for code in listed or ()}
    return {
        "type": known.type(report["type"]),
        "agency": known.agency(report["agency"]),
        "place": await place_words(view.context, report),
        "done": codes,
        "people": {str(actor): known.account(actor) for actor in sorted(actors)},
    }


async def _photos(view: Page, report: Report, steps: list[Part]) -> tuple[list[Part], dict[str, bytes]]:
    """What those who worked on it added, the newest last."""
    working = {"brigade", "agency", "civil_protection", "desk"}
    by_event = {step["event"]["_id"]: step["event"] for step in steps}
    listed: list[Part] = []
    pictures: dict[str, bytes] = {}
    for item in report["evidence"]:
        event = by_event.get(item["event"])
        if event is None or event["role"] not in working or event["kind"] == "captured":
            continue
        if item["sha256"] not in {photo["sha256"] for photo in event.get("photos") or ()}:
            continue
        data = await read_photo(view.context, item["sha256"], _WIDTH) if item["verdict"] == "ok" else None
        shown = hashlib.sha256(data).hexdigest() if data is not None else None
        if data is not None and shown is not None:
            pictures[shown] = data
        listed.append(
            {"sha256": item["sha256"], "event": item["event"], "shown": shown, "verdict": item["verdict"]}
        )
    return listed[-_MOST_PHOTOS:], pictures
