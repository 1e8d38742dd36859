"""A report told step by step: how it begins, what may come at any step, and the way back.

Law: a location is the place and a photo belongs to the report, whenever they come; *regresar* forgets the
last answer only. Pure.
"""

from __future__ import annotations

from server.channels.conversation.asking import go_on
from server.channels.conversation.hearing import clean, spelled
from server.channels.conversation.message import Message
from server.channels.conversation.placing import TEXT
from server.channels.conversation.sentences import sentence
from server.channels.conversation.state import Draft
from server.channels.conversation.telling import OFFERED, draft_of, tell
from server.channels.conversation.town import Town
from server.channels.conversation.turn import Turn

#: Photos that one event bears (``event.v1``).
MOST_PHOTOS = 20


def begin(turn: Turn, draft: Draft, text: str, town: Town) -> None:
    """A report begins with what was said of it, if anything."""
    turn.state.draft = draft
    turn.state.lost = 0
    if text:
        tell(turn, text, town)
    go_on(turn, town)


def locate(turn: Turn, message: Message, town: Town) -> None:
    """The place, as a channel shares it."""
    draft = draft_of(turn)
    lat, lon = message.lat or 0.0, message.lon or 0.0
    draft.position = {"source": "pin", "lat": round(lat, 7), "lon": round(lon, 7)}
    if "place" not in draft.done:
        draft.done.append("place")
    if message.text:
        draft.place.setdefault("reference", clean(message.text, TEXT))
    if town.inside(lat, lon) is False:
        turn.say(sentence("outside"))


def show(turn: Turn, message: Message, town: Town) -> None:
    """A photo, with its caption."""
    draft = draft_of(turn)
    if message.photo is None:
        turn.say(message.refused or sentence("photo_refused"))
        turn.steps.append("photo_refused")
        return
    known = {photo["sha256"] for photo in draft.photos}
    if message.photo["sha256"] not in known and len(draft.photos) < MOST_PHOTOS:
        draft.photos.append(message.photo)
    if message.text:
        tell(turn, message.text, town)


def back(turn: Turn, town: Town) -> None:
    """Forget the last answer and ask for it again."""
    draft = draft_of(turn)
    if draft.photos and "photo" not in draft.done:
        draft.done.append("photo")
    if draft.done:
        _forget(draft, draft.done.pop(), town)
    else:
        draft.text, draft.found, draft.type = "", [], None
    turn.state.lost = 0
    go_on(turn, town)


def _forget(draft: Draft, step: str, town: Town) -> None:
    name, _, of = step.partition(":")
    match name:
        case "which":
            draft.type = None
            draft.found = town.finder.find(spelled(draft.text), OFFERED).types
            # One that is found alone would be chosen again at once: it is told anew.
            if len(draft.found) < 2:
                draft.text, draft.found = "", []
        case "question":
            draft.answers.pop(of, None)
        case "place":
            draft.place, draft.position = {}, None
        case "reference":
            draft.place.pop("reference", None)
        case "colonia":
            draft.place.pop("colonia", None)
        case "photo":
            draft.photos = []
        case "notice":
            draft.wants, draft.person = None, {}
        case "contact":
            draft.person = {}
        case "name":
            draft.person.pop("name", None)
        case _:
            draft.danger = False
