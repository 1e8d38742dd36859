"""The whole demonstration as documents: made from a seed and a moment, written by somebody else.

Law: the same seed and the same moment give the same municipality, document for document. Nothing is decided
here: folios, deadlines, statuses and mailboxes come from intake, which judges these receipts as any others.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from server.accounts.demonstration import Offered
from server.accounts.documents import AccountDoc, DeviceDoc
from server.demo import ground, weeks
from server.demo.acts import receipts
from server.demo.cast import Cast, listed, make_cast
from server.demo.city import City, make_city
from server.demo.drawings import draw
from server.demo.stories import ZONE, Camera, Story, Teller
from server.documents import reading
from server.documents.ground import Ground
from server.documents.ids import key_of
from server.documents.shapes import Citizen, Event, Leader, Receipt
from server.instants import say

#: Everyday reports; the urgent, confidential and unclear ones come on top.
EVERYDAY_REPORTS = 270
#: Public by nature: the demonstration's office accounts all have it, and it is shown where they are offered.
PASSWORD = "demostracion-abierta"


@dataclass(frozen=True, slots=True)
class Municipality:
    """Documents per database, the photos with the event that carries each, and the accounts to offer."""

    city: City
    cast: Cast
    stories: list[Story]
    reference: list[Any]
    registry: list[Ground | Leader]
    accounts: list[AccountDoc | DeviceDoc]
    citizens: list[Citizen]
    inbox: list[Receipt]
    photos: dict[str, bytes]
    carriers: dict[str, Event]
    offered: list[Offered]


def _draw(family: str, seed: int, mended: bool) -> bytes:
    return draw(family, seed, mended=mended)


def make_municipality(
    seed: int, now: datetime, *, everyday: int = EVERYDAY_REPORTS, camera: Camera = _draw
) -> Municipality:
    """A municipality whose last eight weeks end at ``now`` (aware, UTC)."""
    rng = Random(seed)
    began = (now - timedelta(days=weeks.DAYS + 4)).replace(hour=0, minute=0, second=0, microsecond=0)
    city = make_city(rng)
    cast = make_cast(rng, city, began, now.astimezone(ZONE).date())
    reference = ground.reference(city)
    types = {key_of(doc["_id"]): doc for doc in reference if doc["_id"].startswith("type:")}
    rules = next(doc for doc in reference if doc["_id"] == "rules")
    teller = Teller(rng, city, cast, types, rules, now, camera)
    stories = weeks.tell(teller, everyday)
    busiest = Counter(act.account for act in teller.acts)
    inbox = receipts(teller.acts, cast.devices, "1", rng)
    lamps = ground.lamps_of("alumbrado-1")
    beside = {
        cast.leader_of[block.id]
        for block in city.blocks.values()
        if block.id in cast.leader_of and block.colonia in lamps
    }
    events = [reading.event(doc["event"]) for doc in inbox]
    carriers = {photo["sha256"]: event for event in events for photo in event["photos"]}
    return Municipality(
        city=city,
        cast=cast,
        stories=stories,
        reference=reference,
        registry=ground.registry(city, cast),
        accounts=[*cast.accounts.values(), *cast.device_documents(say(began))],
        citizens=teller.citizens,
        inbox=inbox,
        # A photo of an act that time did not reach was taken by nobody.
        photos={sha: teller.photos[sha] for sha in carriers},
        carriers=carriers,
        offered=listed(cast, busiest, PASSWORD, beside),
    )
