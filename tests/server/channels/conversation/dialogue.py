"""Dialogues as tables: what a citizen does, what the machine must say, and what must come of it.

A file holds dialogues; each begins with ``# name``, and may have ``: options`` (``numero``: the channel
tells the telephone; ``cerrado``: nobody at the desk; ``lejos``: shared locations lie outside; ``falla``:
intake refuses). ``C:`` is a message in words, ``C[opcion]:`` a choice by its id, ``C[ubicacion]:`` lat, lon,
``C[foto]:`` a photo with its caption, ``C[foto mala]:``, ``C[voz]:``, ``C[otro]:``, ``C[tarde]:`` words sent
before the last question. ``+ 21 h`` time passes; ``ABANDONADO`` the worker looks; ``MESA devuelve``, ``MESA
cierra``. ``B:`` a reply of the last turn contains this, ``B1:`` the first one does, ``NO:`` none does,
``CALLA`` nothing is said. ``R:`` the report made last has these members (``place.street=…``, ``text~…``),
``NADA`` no report was made, ``E:`` the state has these, ``F:`` a photo was added to a report.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from server.catalogue.defaults import agencies, petition_types, rules
from server.channels.conversation.machine import abandoned, answered, given_back, hear
from server.channels.conversation.message import Fresh, LookedUp, Message, Registered
from server.channels.conversation.state import Draft, State, read, write
from server.channels.conversation.town import Town, common_directory
from server.channels.conversation.turn import AddPhoto, LookUp, Register, Turn
from server.instants import say

Json = Any

FOLDER = Path(__file__).parent / "dialogues"
_COLONIAS = {"centro": "Centro", "san-benito": "San Benito", "lomas": "Lomas del Sol", "pinos": "Los Pinos"}
_TYPES = {doc["_id"].removeprefix("type:"): doc for doc in petition_types()}
_AGENCIES: dict[str, Any] = {
    doc["_id"].removeprefix("agency:"): {**doc, "phone": "662 555 0100"} for doc in agencies()
}
TOWN = Town(
    municipality="Villa Esperanza",
    types=_TYPES,
    words=rules()["words"],
    agencies=_AGENCIES,
    colonias=_COLONIAS,
    blocks=frozenset({"m-12", "m-7"}),
    prefix="VE",
    notice="Sus datos sólo se usan para avisarle.",
    origin="https://manzana.test",
    directory=common_directory(_TYPES, _AGENCIES),
)
#: Folios that are known, and what is told of them.
_TOLD = {"VE320": ("Folio VE-000320: En proceso.", "Ya lo están atendiendo."), "320": ("Folio VE-000320",)}
_UUID = "0192f3a0-{:04x}-7000-8000-{:012x}"


class Talk:
    """A conversation and what came of it."""

    def __init__(self, options: str) -> None:
        self.town = replace(
            TOWN,
            number_known="numero" in options,
            office_open="cerrado" not in options,
            inside=lambda lat, lon: False if "lejos" in options else None,
        )
        self.fails = "falla" in options
        self.state, self.turn = State(), Turn(State())
        self.now = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
        self.made: list[Draft] = []
        self.added: list[AddPhoto] = []
        self.steps: list[str] = []
        self.replies: list[str] = []
        self._count = 0

    def fresh(self) -> Fresh:
        self._count += 1
        return Fresh(
            _UUID.format(self._count, 2 * self._count), _UUID.format(self._count, 2 * self._count + 1)
        )

    def hear(self, message: Message) -> None:
        self.now += timedelta(seconds=20)
        self._take(hear(self.state, message, self.town, say(self.now), self.fresh()))

    def look(self) -> None:
        turn = abandoned(self.state, self.town, say(self.now))
        if turn is None:
            self.replies = []
        else:
            self._take(turn)

    def give_back(self, *, closed: bool) -> None:
        self._take(given_back(self.state, self.town, say(self.now), closed=closed))

    def _take(self, turn: Turn) -> None:
        """Do the acts as whoever runs the machine does; the state goes through its document each time."""
        replies = list(turn.replies)
        self.steps += turn.steps
        pending = list(turn.acts)
        while pending:
            act = pending.pop(0)
            if isinstance(act, AddPhoto):
                self.added.append(act)
                continue
            if isinstance(act, LookUp):
                outcome: Any = LookedUp(act.folio, _TOLD.get(re.sub(r"(?<=[A-Z])0+", "", act.folio), ()))
            else:
                assert isinstance(act, Register)
                self.made.append(act.draft)
                outcome = Registered(
                    act.draft.report, act.draft.event, None if self.fails else f"VE-{len(self.made):06}",
                    "K7Q-M2R-9TX", "K7Q2-M9XT", "30/11/2026", "No se pudo." if self.fails else None,
                )  # fmt: skip
            turn = answered(turn.state, outcome, self.town, say(self.now))
            replies += turn.replies
            self.steps += turn.steps
            pending += turn.acts
        self.turn, self.state = turn, read(write(turn.state))
        assert self.state == turn.state
        self.replies = [reply.text for reply in replies]


_PHOTO = {"sha256": "0" * 64, "origin": "gallery", "bytes": 10, "type": "image/jpeg"}


def play(lines: list[str], options: str) -> Talk:
    """Run a dialogue; raises ``AssertionError`` with the line that does not hold."""
    talk = Talk(options)
    for line in lines:
        try:
            _line(talk, line)
        except AssertionError as error:
            raise AssertionError(f"{line!r}: {error}; said: {talk.replies}; {talk.state}") from None
    return talk


def _line(talk: Talk, line: str) -> None:
    said = re.match(r"C(?:\[([^]]+)\])?:\s?(.*)\Z", line, re.DOTALL)
    if said:
        talk.hear(_message(said[1] or "texto", said[2], len(talk.made)))
        return
    head, _, rest = line.partition(" ")
    rest = rest.strip()
    all_said = "\n".join(talk.replies)
    match head:
        case "B:":
            assert rest in all_said, "not said"
        case "B1:":
            assert talk.replies, "nothing was said"
            assert rest in talk.replies[0], "not said first"
        case "NO:":
            assert rest not in all_said, "said"
        case "CALLA":
            assert not talk.replies, "something was said"
        case "R:":
            assert talk.made, "no report"
            _members(vars_of(talk.made[-1]), rest)
        case "NADA":
            assert not talk.made, "a report was made"
        case "E:":
            _members(write(talk.state), rest)
        case "F:":
            assert talk.added, "no photo was added"
        case "+":
            number, unit = rest.split()
            talk.now += timedelta(**{{"h": "hours", "min": "minutes", "d": "days"}[unit]: int(number)})
        case "ABANDONADO":
            talk.look()
        case "MESA":
            talk.give_back(closed=rest == "cierra")
        case _:
            raise AssertionError("no such line")


def _message(kind: str, text: str, number: int) -> Message:

    match kind:
        case "texto":
            return Message("text", text)
        case "tarde":
            return Message("text", text, late=True)
        case "opcion":
            return Message("choice", text)
        case "ubicacion":
            lat, lon = text.split(",")
            return Message("location", lat=float(lat), lon=float(lon))
        case "foto":
            photo: Any = {**_PHOTO, "sha256": f"{abs(hash(text)) % 10**8:064}"}
            return Message("photo", text, photo=photo)
        case "foto mala":
            return Message("photo", text, refused="El archivo no es una foto.")
        case "voz":
            return Message("voice")
        case _:
            return Message("other")


def vars_of(draft: Draft) -> Json:
    return {name: getattr(draft, name) for name in draft.__slots__} | {"photos": len(draft.photos)}


def _members(of: Json, rest: str) -> None:
    for part in re.split(r"\s+(?=[\w.]+[=~])", rest):
        name, sign, wanted = re.match(r"([\w.]+)([=~])(.*)\Z", part, re.DOTALL).groups()  # type: ignore[union-attr]
        found: Any = of
        for step in name.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        if sign == "~":
            assert wanted in str(found), f"{name} is {found!r}"
        else:
            assert str(found) == wanted, f"{name} is {found!r}"


def read_all() -> list[tuple[str, str, list[str]]]:
    """Name, options and lines of every dialogue of the folder."""
    found: list[tuple[str, str, list[str]]] = []
    for path in sorted(FOLDER.glob("*.txt")):
        for block in re.split(r"^# ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            name, *lines = [line for line in block.splitlines() if line.strip()]
            options = lines.pop(0)[2:] if lines and lines[0].startswith(": ") else ""
            found.append((f"{path.stem}: {name.strip()}", options, lines))
    return found
