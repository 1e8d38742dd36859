"""The weeks before today: how many of which story, when and where.

Law: every state a report can be in is there, and the proportions are those of a working municipality: most is
solved in time, some is late, a little is urgent, a little is nobody's to see. Pure, as ``stories`` is.
"""

from __future__ import annotations

from datetime import timedelta

from shapely.geometry import Point

from server.clock import uuid7
from server.demo.acts import Act
from server.demo.city import Block
from server.demo.stories import Story, Teller
from server.documents.ids import event_id
from server.documents.shapes import NotViableReason, Payload, ReturnedReason, WithdrawnReason

#: Days told. Longer than any deadline of the types below, so that some are overdue.
DAYS = 56
#: Why people take back, give back and close without work.
_TAKEN_BACK: tuple[WithdrawnReason, ...] = ("mistake", "solved_itself")
_GIVEN_BACK: tuple[ReturnedReason, ...] = ("wrong_place", "missing_data", "not_ours")
_NOT_VIABLE: tuple[NotViableReason, ...] = ("private_property", "not_municipal", "no_budget")

#: Everyday types and how often they come.
EVERYDAY = {
    "luminaria-apagada": 26,
    "luminaria-intermitente": 5,
    "luminaria-prendida": 4,
    "circuito-apagado": 3,
    "bache": 22,
    "banqueta-rota": 4,
    "fuga-agua": 12,
    "drenaje-tapado": 6,
    "rejilla-tapada": 5,
    "tapa-suelta": 3,
    "basura-no-recogida": 10,
    "tiradero-clandestino": 8,
    "escombro-via-publica": 3,
    "poda-arbol": 7,
    "maleza": 5,
    "juegos-rotos": 3,
    "senal-danada": 5,
    "pintura-vial": 2,
    "perro-agresivo": 3,
    "perros-callejeros": 4,
    "animal-muerto": 2,
    "grafiti": 2,
    "parque-limpieza": 3,
}
URGENT = (
    "arbol-caido",
    "cable-caido",
    "alcantarilla-sin-tapa",
    "fuga-gas",
    "aguas-negras",
    "enjambre",
    "hundimiento",
)
QUIET = ("ruido-fuente-fija", "venta-droga", "maltrato-animal", "denuncia-servidor", "negocio-sin-permiso")
#: How an older story ends, in hundredths.
ENDINGS = (
    ("verified", 46),
    ("finished", 14),
    ("reopened", 5),
    ("visited", 7),
    ("started", 5),
    ("waiting", 7),
    ("not_viable", 5),
    ("withdrawn", 4),
    ("returned", 4),
    ("answered", 3),
)

_OPEN_ENDED = frozenset({"waiting", "started", "visited", "returned", "answered"})
#: Share of the everyday reports that come from one busy corner: there is one in every town.
_BUSY = 0.09


def tell(teller: Teller, count: int) -> list[Story]:
    """About ``count`` everyday reports and, beside them, the urgent, the confidential and the unclear."""
    stories = [story for _ in range(count) if (story := _everyday(teller)) is not None]
    stories += _storm(teller)
    stories += _emergencies(teller)
    stories += _confidential(teller)
    stories += _unclear(teller)
    _supports(teller, stories)
    _duplicates(teller, stories)
    _proposals(teller)
    return stories


def _everyday(teller: Teller) -> Story | None:
    rng = teller.rng
    # A third of what is told happened this week: that is what people open the app to see.
    age = rng.uniform(0.02, 6) if rng.random() < 0.38 else rng.uniform(6, DAYS)
    at = teller.clock(teller.now - timedelta(days=age), 7, 21)
    if at > teller.now - timedelta(minutes=3):
        at = teller.now - timedelta(minutes=rng.uniform(4, 300))
    type_id = rng.choices(list(EVERYDAY), list(EVERYDAY.values()))[0]
    block = rng.choice(_square(teller) if rng.random() < _BUSY else list(teller.city.blocks.values()))
    story = teller.capture(type_id, block, at)
    if story is None:
        return None
    if age < 1.5:
        ending = rng.choices(("waiting", "started", "finished", "withdrawn"), (62, 20, 12, 6))[0]
    else:
        ending = rng.choices([name for name, _ in ENDINGS], [share for _, share in ENDINGS])[0]
        if ending in _OPEN_ENDED and age > teller.types[type_id]["days"] * 1.5 + 8:
            # Late by weeks, somebody has seen to it by now.
            ending = "verified"
    _end(teller, story, ending)
    return story


def _square(teller: Teller) -> list[Block]:
    """The blocks of one busy leader of the centre, where much is reported."""
    leaders = teller.cast.leader_of
    busy = next(
        leaders[b.id] for b in teller.city.blocks.values() if b.colonia == "centro" and b.id in leaders
    )
    return [teller.city.blocks[block] for block, leader in leaders.items() if leader == busy]


def _end(teller: Teller, story: Story, ending: str) -> None:
    rng, days = teller.rng, teller.types[story.type_id]["days"]
    worker = teller.worker(story)
    if ending == "withdrawn":
        mistaken: Payload = {"reason": rng.choice(_TAKEN_BACK)}
        teller.act(
            story, story.author, "withdrawn", mistaken, story.at + timedelta(minutes=rng.uniform(2, 90))
        )
        return
    if ending == "waiting" or worker is None:
        return
    if ending in ("answered", "returned"):
        at = teller.shift(story.at, 0.2)
        if ending == "answered":
            text = "Quedó programado para esta semana"
            teller.act(story, worker, "answered", {"text": text, "by": "app"}, at)
        else:
            payload: Payload = {"reason": rng.choice(_GIVEN_BACK)}
            teller.act(story, worker, "returned", payload, at)
        return
    if (
        not teller.start(story, teller.shift(story.at, rng.uniform(0.2, max(0.4, days * 0.8))))
        or ending == "started"
    ):
        return
    if ending == "not_viable":
        reason = rng.choice(_NOT_VIABLE)
        teller.act(story, worker, "not_viable", {"reason": reason}, story.at + timedelta(minutes=25))
        return
    if ending == "visited" or rng.random() < 0.12:
        if not teller.visit(story, story.at + timedelta(minutes=rng.uniform(8, 40))) or ending == "visited":
            return
        if not teller.start(story, teller.shift(story.at, rng.uniform(1, 3))):
            return
    if not teller.finish(story, story.at + timedelta(minutes=rng.uniform(15, 150))):
        return
    if ending == "verified":
        teller.verify(story, teller.clock(story.at + timedelta(days=rng.uniform(0.3, 3)), 8, 21), True)
    elif ending == "reopened":
        unsolved = teller.verify(story, teller.clock(story.at + timedelta(days=1), 18, 22), False)
        again = rng.random() < 0.4
        if unsolved and again:
            teller.start(story, teller.shift(story.at, 0.5))


def _storm(teller: Teller) -> list[Story]:
    """Two nights ago it rained: an incident, still open, with what belongs to it."""
    rng, civil = teller.rng, teller.cast.civil[0]
    night = teller.clock(teller.now - timedelta(days=2), 19.2, 19.6)
    low = sorted(teller.city.blocks.values(), key=lambda block: block.shape.centroid.y)[:26]
    stories = []
    for number in range(9):
        type_id = ("inundacion", "inundacion", "arbol-caido", "alcantarilla-sin-tapa", "cable-caido")[
            number % 5
        ]
        at = night + timedelta(minutes=rng.uniform(0, 55))
        story = teller.capture(type_id, rng.choice(low), at, danger=number % 4 == 0, snap=number % 3 == 0)
        if story:
            stories.append(story)
    opened = night + timedelta(minutes=62)
    incident = uuid7(opened, rng.getrandbits(74))
    payload: Payload = {"name": "Lluvia: zona baja del arroyo", "types": ["inundacion", "arbol-caido"]}
    act = Act(
        event_id(incident, uuid7(opened, rng.getrandbits(74))),
        "incident_opened",
        incident,
        civil,
        opened,
        teller.cast.devices[civil].reception(opened),
        payload,
    )
    teller.acts.append(act)
    at = act.received + timedelta(minutes=1)
    for number, story in enumerate(sorted(stories, key=lambda story: story.at)):
        at += timedelta(minutes=rng.uniform(0.5, 3))
        teller.act(story, civil, "incident_joined", {"incident": incident}, at)
        teller.act(story, civil, "taken", {}, at + timedelta(minutes=1))
        if number % 3 == 0:
            action: Payload = {
                "measures": ["Acordonamiento", "Bombeo"],
                "resources": ["Unidad PC-04", "Bomba de 4 pulgadas"],
                "people": rng.randrange(2, 9),
                "folio_911": f"9110{rng.randrange(10**5):05d}",
            }
            teller.act(story, civil, "action_recorded", action, at + timedelta(minutes=30))
        if number % 2 == 0:
            done: Payload = {"done": "Se retiró el agua y quedó libre el paso"}
            position = teller.position(story.point, at)
            photos = teller.photo(teller.types[story.type_id]["family"], story.seed, True)
            later = at + timedelta(hours=rng.uniform(2, 9))
            teller.act(story, civil, "finished", done, later, position=position, photos=photos)
    return stories


def _emergencies(teller: Teller) -> list[Story]:
    """Urgent ones of the past weeks, answered; and three of this hour, two of which nobody has taken."""
    rng = teller.rng
    blocks = list(teller.city.blocks.values())
    stories = []
    for _ in range(14):
        at = teller.clock(teller.now - timedelta(days=rng.uniform(3, DAYS)), 6, 23)
        story = teller.capture(rng.choice(URGENT), rng.choice(blocks), at)
        if story is None:
            continue
        stories.append(story)
        civil = rng.choice(teller.cast.civil)
        teller.act(story, civil, "taken", {}, story.at + timedelta(minutes=rng.uniform(1, 9)))
        if rng.random() < 0.3:
            lower: Payload = {"priority": 2, "seen_priority": 1, "text": "No hay nadie en riesgo"}
            teller.act(story, civil, "prioritized", lower, story.at + timedelta(minutes=12))
        action: Payload = {
            "measures": [rng.choice(("Acordonamiento", "Evacuación de una vivienda", "Revisión con equipo"))]
        }
        teller.act(story, civil, "action_recorded", action, story.at + timedelta(minutes=rng.uniform(20, 60)))
        if rng.random() < 0.8:
            position, photos = teller.position(story.point, story.at), []
            if teller.types[story.type_id]["closing"]["photo"]:
                photos = teller.photo(teller.types[story.type_id]["family"], story.seed, True)
            done = teller.types[story.type_id]["closing"]["codes"][0]["value"]
            later = story.at + timedelta(minutes=rng.uniform(20, 200))
            teller.act(story, civil, "finished", {"done": done}, later, position=position, photos=photos)
    for minutes, type_id in ((41, "cable-caido"), (22, "fuga-gas"), (9, "alcantarilla-sin-tapa")):
        story = teller.capture(
            type_id, rng.choice(blocks), teller.now - timedelta(minutes=minutes), danger=minutes > 40
        )
        if story:
            stories.append(story)
            if minutes == 22:
                teller.act(story, teller.cast.civil[1], "taken", {}, story.at + timedelta(minutes=2))
    return stories


def _confidential(teller: Teller) -> list[Story]:
    rng, stories = teller.rng, []
    for _ in range(16):
        at = teller.clock(teller.now - timedelta(days=rng.uniform(0.5, DAYS)), 8, 23)
        story = teller.capture(rng.choice(QUIET), rng.choice(list(teller.city.blocks.values())), at)
        if story is None:
            continue
        stories.append(story)
        office = teller.worker(story)
        if office and rng.random() < 0.6:
            text = "Recibida. Se abrió expediente y se dará seguimiento."
            teller.act(story, office, "answered", {"text": text, "by": "app"}, teller.shift(story.at, 0.2))
            if rng.random() < 0.6:
                done = teller.types[story.type_id]["closing"]["codes"][0]["value"]
                position = teller.position(story.point, story.at)
                at = teller.shift(story.at, rng.uniform(2, 9))
                teller.act(story, office, "finished", {"done": done}, at, position=position)
    return stories


def _unclear(teller: Teller) -> list[Story]:
    """ "No sé qué es": the desk has classified most."""
    rng, stories = teller.rng, []
    for number in range(8):
        at = teller.clock(
            teller.now - timedelta(days=rng.uniform(0.1, 1) if number < 3 else rng.uniform(2, 30)), 8, 20
        )
        at = min(at, teller.now - timedelta(minutes=20))
        story = teller.capture("unknown", rng.choice(list(teller.city.blocks.values())), at, snap=True)
        if story is None:
            continue
        stories.append(story)
        if number >= 3:
            desk, new = (
                rng.choice(teller.cast.desk),
                rng.choice(("drenaje-tapado", "fuga-agua", "tiradero-clandestino")),
            )
            if teller.act(story, desk, "amended", {"type": new}, teller.shift(story.at, 0.1)):
                story.type_id = new
                owner = teller.owner(new, story.block)
                story.brigade, story.agency = owner["brigade"], owner["agency"]
                _end(teller, story, rng.choice(("waiting", "verified", "started")))
    return stories


def _supports(teller: Teller, stories: list[Story]) -> None:
    """Neighbouring leaders say "a mí también" about what is open near them."""
    rng = teller.rng
    for story in rng.sample(stories, len(stories) // 5):
        kind = teller.types[story.type_id]
        if kind["confidential"] or len(story.seen) > 1:
            continue
        for block in teller.city.blocks.values():
            leader = teller.cast.leader_of.get(block.id)
            near = block.shape.distance(Point(story.point)) < 80
            if leader and leader != story.author and near and rng.random() < 0.5:
                teller.act(story, leader, "supported", {}, story.at + timedelta(hours=rng.uniform(0.3, 20)))


def _duplicates(teller: Teller, stories: list[Story]) -> None:
    """The same lamp reported twice: the brigade joins the second to the first."""
    made = 0
    for first in stories:
        if (
            made == 7
            or not first.brigade
            or len(first.seen) > 1
            or teller.types[first.type_id]["priority"] < 3
        ):
            continue
        at = teller.clock(first.at + timedelta(days=1), 8, 20)
        author = teller.cast.chiefs[first.block.sector]
        if author == first.author:
            continue
        second = teller.capture(first.type_id, first.block, at, author=author, point=first.point)
        if second is not None:
            brigade = teller.cast.brigades[first.brigade]
            at = teller.shift(second.at, 0.1)
            teller.act(second, brigade, "marked_duplicate", {"of": first.report}, at)
            stories.append(second)
            made += 1


def _proposals(teller: Teller) -> None:
    """Sector leaders propose somebody for a vacant block."""
    vacant = [entry for entry in teller.cast.leaders.values() if entry["status"] == "vacant"]
    for entry in teller.rng.sample(vacant, min(4, len(vacant))):
        at = teller.clock(teller.now - timedelta(days=teller.rng.uniform(1, 12)), 10, 19)
        proposal = uuid7(at, teller.rng.getrandbits(74))
        chief = teller.cast.chiefs[entry["sector"] or ""]
        payload: Payload = {"block": entry["blocks"][0], "action": "appoint", "citizen": teller.citizen(at)}
        event = event_id(proposal, uuid7(at, teller.rng.getrandbits(74)))
        received = teller.cast.devices[chief].reception(at)
        teller.acts.append(Act(event, "leader_proposed", proposal, chief, at, received, payload))
