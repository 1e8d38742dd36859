"""What happened in the demonstration: hundreds of reports, each from its capture to where it stands today.

Law: a person acts only on what had reached them: every act comes after the reception of the one it answers,
and within the role's rights. Nothing is planned after ``now``; a story that would go on simply waits.
Pure: randomness, the time and the camera are handed in.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from server.cases.routing import Responsible, responsible
from server.cases.territory import Spot
from server.channels.citizens import citizen
from server.clock import uuid7
from server.demo import words
from server.demo.acts import Act
from server.demo.cast import Cast
from server.demo.city import Block, City, Point, degrees
from server.documents.ids import event_id
from server.documents.shapes import (
    Answer,
    Citizen,
    CitizenContent,
    Kind,
    Payload,
    PetitionType,
    Photo,
    Place,
    Position,
    Rules,
    VisitedOutcome,
)
from server.instants import say

#: What an unfinished visit found.
_OUTCOMES: tuple[VisitedOutcome, ...] = ("no_access", "waiting_material", "partial", "not_found", "unsafe")

Camera = Callable[[str, int, bool], bytes]

ZONE = ZoneInfo("America/Mexico_City")


@dataclass(slots=True)
class Story:
    """One report as it is told. ``at`` is when the last act had reached everybody."""

    report: str
    type_id: str
    author: str
    block: Block
    point: Point
    brigade: str | None
    agency: str | None
    at: datetime
    seed: int
    priority: int
    seen: list[str] = field(default_factory=list)
    captured: str = ""


class Teller:
    """Plans acts. ``types``: petition types by id; ``camera``: draws a photo (family, seed, mended)."""

    def __init__(
        self,
        rng: Random,
        city: City,
        cast: Cast,
        types: dict[str, PetitionType],
        rules: Rules,
        now: datetime,
        camera: Camera,
    ) -> None:
        self.rng, self.city, self.cast, self.types, self.rules, self.now = rng, city, cast, types, rules, now
        self.camera = camera
        self.acts: list[Act] = []
        self.citizens: list[Citizen] = []
        #: Photos by hash, and the acts that carry them.
        self.photos: dict[str, bytes] = {}

    # -- what everybody does -------------------------------------------------------------------------

    def act(
        self,
        story: Story,
        account: str,
        kind: Kind,
        payload: Payload,
        at: datetime,
        *,
        position: Position | None = None,
        photos: Sequence[Photo] = (),
    ) -> bool:
        """Plan an act and move the story on; False (and nothing planned) where it would be in the future."""
        at = max(at, story.at + timedelta(seconds=45))
        device = self.cast.devices[account]
        received = device.reception(at)
        if received > self.now:
            return False
        first = kind == "captured"
        event = event_id(story.report, uuid7(at, self.rng.getrandbits(74)))
        based_on = [] if first else list(story.seen)
        act = Act(event, kind, story.report, account, at, received, payload, based_on=based_on)
        if position is not None:
            act.position = position
        act.photos = list(photos)
        self.acts.append(act)
        story.seen.append(event)
        story.at = received
        return True

    def photo(self, family: str, seed: int, mended: bool) -> list[Photo]:
        data = self.camera(family, seed, mended)
        sha = hashlib.sha256(data).hexdigest()
        self.photos[sha] = data
        return [{"sha256": sha, "origin": "camera", "bytes": len(data), "type": "image/jpeg"}]

    def position(self, point: Point, at: datetime, *, off: float = 6.0) -> Position:
        """A fix some metres off the place."""
        turn, away = self.rng.uniform(0, 2 * math.pi), abs(self.rng.gauss(0, off))
        lon, lat = degrees((point[0] + away * math.cos(turn), point[1] + away * math.sin(turn)))
        accuracy = round(self.rng.uniform(4, 22), 1)
        return {"source": "gps", "lat": lat, "lon": lon, "accuracy": accuracy, "taken_at": say(at)}

    def clock(self, day: datetime, first: float, last: float) -> datetime:
        """A moment of that local day between two hours."""
        local = day.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        moment = local + timedelta(hours=self.rng.uniform(first, last))
        return moment.astimezone(self.now.tzinfo).replace(microsecond=self.rng.randrange(1000) * 1000)

    def shift(self, after: datetime, days: float) -> datetime:
        """The brigade's next working hour (8 to 16, no Sundays) at least ``days`` later."""
        day = after + timedelta(days=days)
        for _ in range(4):
            moment = self.clock(day, 8.2, 15.8)
            if moment > after and moment.astimezone(ZONE).weekday() < 6:
                return moment
            day += timedelta(days=1)
        return day

    # -- capture -------------------------------------------------------------------------------------

    def capture(
        self,
        type_id: str,
        block: Block,
        at: datetime,
        *,
        author: str | None = None,
        point: Point | None = None,
        danger: bool = False,
        snap: bool | None = None,
    ) -> Story | None:
        """Somebody reports it: the block's leader, or the sector's where the block has none."""
        kind = self.types[type_id]
        author = author or self.cast.leader_of.get(block.id) or self.cast.chiefs[block.sector]
        where, street, between = block.on_street(self.rng)
        point = point or where
        owner = self.owner(type_id, block)
        story = Story(
            report=uuid7(at, self.rng.getrandbits(74)),
            type_id=type_id,
            author=author,
            block=block,
            point=point,
            brigade=owner.get("brigade"),
            agency=owner.get("agency"),
            at=at - timedelta(minutes=5),
            seed=self.rng.randrange(10**6),
            priority=kind["priority"],
        )
        payload = self._payload(type_id, block, street, between, author, at)
        payload["urgent"] = bool(kind["urgent"]) or danger
        if danger:
            payload["danger"] = True
            story.priority = 1
        takes = self.rng.random() < 0.34 if snap is None else snap
        photos = self.photo(kind["family"], story.seed, False) if takes and not kind["confidential"] else []
        position = self.position(point, at, off=2.5)
        if not self.act(story, author, "captured", payload, at, position=position, photos=photos):
            return None
        story.captured = story.seen[0]
        return story

    def owner(self, type_id: str, block: Block) -> Responsible:
        spot = Spot((block.id,), block.colonia, block.sector, False)
        return responsible(self.rules, type_id, self.types[type_id], spot)

    def _payload(
        self, type_id: str, block: Block, street: str, between: tuple[str, str], author: str, at: datetime
    ) -> Payload:
        role = self.cast.accounts[author]["role"]
        channel = {"block_leader": "jefe-de-manzana", "sector_leader": "jefe-de-cuartel", "desk": "072"}
        place: Place = {
            "block": block.id,
            "colonia": block.colonia,
            "street": street,
            "between": " y ".join(between),
        }
        if self.rng.random() < 0.4:
            place["reference"] = self.rng.choice(words.REFERENCES)
        payload: Payload = {
            "type": type_id,
            "channel": channel.get(role, "proteccion-civil"),
            "for_whom": "self",
            "answers": self._answers(self.types[type_id]),
            "place": place,
        }
        said = words.SAID.get(type_id)
        if said and self.rng.random() < 0.7:
            payload["text"] = self.rng.choice(said)
        if self.types[type_id]["confidential"]:
            payload["for_whom"] = "anonymous"
        elif self.rng.random() < 0.3:
            payload["for_whom"] = "neighbour"
            payload["citizen"] = self.citizen(at)
        return payload

    def _answers(self, kind: PetitionType) -> dict[str, Answer]:
        answers: dict[str, Answer] = {}
        for question in kind["questions"]:
            if question["kind"] == "choice":
                answers[question["id"]] = self.rng.choice(question["options"])["value"]
            elif question["kind"] == "number":
                answers[question["id"]] = self.rng.choice((1, 1, 1, 2, 2, 3, 4))
            elif question["kind"] == "boolean":
                answers[question["id"]] = self.rng.random() < 0.2
        return answers

    def citizen(self, at: datetime) -> str:
        name = self.rng.choice(words.NEIGHBOURS)
        content: CitizenContent = {"name": name, "phone": f"000{self.rng.randrange(10**7):07d}"}
        salt = f"{self.rng.getrandbits(128):032x}"
        doc = citizen(content, salt, "1", say(at), uuid7(at, self.rng.getrandbits(74)))
        self.citizens.append(doc)
        return doc["_id"]

    # -- work ----------------------------------------------------------------------------------------

    def worker(self, story: Story) -> str | None:
        """Whose phone holds the order: the brigade's, else the agency's office."""
        if story.brigade:
            return self.cast.brigades[story.brigade]
        return self.cast.offices.get(story.agency or "")

    def start(self, story: Story, at: datetime) -> bool:
        worker = self.worker(story)
        if worker is None:
            return False
        return self.act(story, worker, "started", {}, at, position=self.position(story.point, at, off=9))

    def finish(self, story: Story, at: datetime) -> bool:
        """Close it as its type demands; now and then from too far away."""
        worker, kind = self.worker(story), self.types[story.type_id]
        if worker is None:
            return False
        codes = kind["closing"].get("codes")
        payload: Payload = {"done": self.rng.choice(codes)["value"] if codes else "Se atendió"}
        supplies = words.MATERIALS.get(kind["family"])
        if supplies and self.rng.random() < 0.6:
            name, unit = self.rng.choice(supplies)
            payload["materials"] = [{"name": name, "quantity": self.rng.randrange(1, 5), "unit": unit}]
        photos = self.photo(kind["family"], story.seed, True) if kind["closing"]["photo"] else []
        off = 700.0 if self.rng.random() < 0.06 else 9.0
        position = self.position(story.point, at, off=off)
        return self.act(story, worker, "finished", payload, at, position=position, photos=photos)

    def visit(self, story: Story, at: datetime) -> bool:
        worker = self.worker(story)
        if worker is None:
            return False
        outcome = self.rng.choice(_OUTCOMES)
        payload: Payload = {"outcome": outcome}
        if outcome in ("waiting_material", "no_access", "partial"):
            payload["return_on"] = (
                at.astimezone(ZONE).date() + timedelta(days=self.rng.randrange(2, 9))
            ).isoformat()
        return self.act(story, worker, "visited", payload, at, position=self.position(story.point, at))

    def verify(self, story: Story, at: datetime, solved: bool) -> bool:
        """The one who reported it looks: solved, or not and opened again."""
        if solved:
            return self.act(story, story.author, "verified", {"solved": True}, at)
        text = self.rng.choice(words.NOT_SOLVED)
        told = self.act(story, story.author, "verified", {"solved": False, "text": text}, at)
        return told and self.act(story, story.author, "reopened", {"text": text}, at + timedelta(minutes=1))
