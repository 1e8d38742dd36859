"""One state and one message decide what a conversation does next: the only place where that is decided.

Law, in this order: (1) words of alarm say 911 before anything else; (2) a person of the desk who answers is
not interrupted; (3) an order (menú, cancelar, regresar, persona, folio) is obeyed at every step; (4) anything
else answers what was asked. What was acknowledged is never dropped: a draft left alone is registered as it
stands. Values in, decisions out: no clock, no ids, no database.
"""

from __future__ import annotations

import copy
import re
from datetime import timedelta

from server.channels.conversation import guiding, reporting
from server.channels.conversation.answering import answer
from server.channels.conversation.asking import go_on
from server.channels.conversation.hearing import (
    asks_about,
    chosen,
    command,
    folio_in,
    is_greeting,
    is_thanks,
    spelled,
)
from server.channels.conversation.message import Fresh, LookedUp, Message, Registered
from server.channels.conversation.sentences import sentence
from server.channels.conversation.state import Draft, State
from server.channels.conversation.telling import tell, warn
from server.channels.conversation.town import Town
from server.channels.conversation.turn import AddPhoto, LookUp, Rate, Register, Turn
from server.instants import parse

#: A draft untouched for so long is registered as it stands: a channel may answer within 24 hours only.
ABANDONED = timedelta(hours=20)
#: An urgent one: whoever ran from a fire does not finish a form.
ABANDONED_URGENT = timedelta(minutes=10)
#: After so long it is another conversation.
ANEW = timedelta(hours=20)
#: So long a photo by itself still belongs to the report just made.
_AFTERWARDS = timedelta(hours=2)
#: The answer to the question how a report was left: a choice's id.
_RATING = re.compile(r"rate-([1-5])-([0-9a-f-]{36})\Z")
#: Questions that are about something else than the report being told.
_BESIDE_STEPS = frozenset({"folio", "directory"})


def hear(state: State, message: Message, town: Town, now: str, fresh: Fresh) -> Turn:
    """A message came at ``now``. The state given is left as it is."""
    turn = Turn(copy.deepcopy(state))
    state = turn.state
    idle = parse(now) - parse(state.heard_at) if state.heard_at else None
    state.heard_at, state.slowed = now, False
    if idle is not None and idle >= ANEW and state.mode == "bot":
        _anew(turn)
    rating = _RATING.match(message.text) if message.kind == "choice" else None
    if rating:
        _rate(turn, int(rating[1]), rating[2])
    elif state.mode != "bot":
        _beside(turn, message, town)
    elif message.kind in ("voice", "other"):
        guiding.cannot(turn, message, town)
    elif message.kind == "location":
        _locate(turn, message, town, fresh)
    elif message.kind == "photo":
        _show(turn, message, town, now, fresh)
    else:
        _read(turn, message, town, fresh)
    return _asked(turn, now)


def abandoned(state: State, town: Town, now: str) -> Turn | None:
    """What becomes of a draft that nobody goes on with; None while it may still be gone on with."""
    draft = state.draft
    if draft is None or state.heard_at is None:
        return None
    idle = parse(now) - parse(state.heard_at)
    if idle < (ABANDONED_URGENT if draft.urgent else ABANDONED):
        return None
    turn = Turn(copy.deepcopy(state))
    _let_be(turn)
    return _asked(turn, now)


def answered(state: State, outcome: Registered | LookedUp, town: Town, now: str) -> Turn:
    """An act was done: what is said of it."""
    turn = Turn(copy.deepcopy(state))
    if isinstance(outcome, LookedUp):
        guiding.told_folio(turn, outcome, town)
    else:
        _registered(turn, outcome, town, now)
    return _asked(turn, now)


def photo_event(state: State, now: str, fresh: Fresh) -> str:
    """The event that a photo coming now will belong to: it is delivered for it before it is told."""
    if state.draft is None and _recent(state, now):
        assert state.last is not None
        return f"event:{state.last['report']}:{fresh.own}"
    if state.draft is None or (state.heard_at and parse(now) - parse(state.heard_at) >= ANEW):
        return Draft(fresh.report, fresh.own).event
    return state.draft.event


def filled(state: State, draft: Draft, town: Town, now: str) -> Turn:
    """A form was filled in: a report told whole. What was being told in the talk is registered too."""
    turn = Turn(copy.deepcopy(state))
    if turn.state.draft is not None:
        _let_be(turn)
    turn.state.draft, turn.state.heard_at = draft, now
    turn.state.warned, turn.state.greeted, draft.whole = False, True, True
    turn.steps.append("form")
    words = spelled(draft.text)
    if town.is_alarm(words) or town.type_urgent(draft.type):
        warn(turn)
    go_on(turn, town)
    return _asked(turn, now)


def slowed(state: State, now: str) -> Turn:
    """Too much came at once: it is kept, and told so once."""
    turn = Turn(copy.deepcopy(state))
    if not turn.state.slowed:
        turn.state.slowed = True
        turn.say(sentence("slowed"))
        turn.steps.append("slowed")
    return _asked(turn, now)


def given_back(state: State, town: Town, now: str, *, closed: bool) -> Turn:
    """The desk gives the conversation back to the machine, or ends it."""
    turn = Turn(copy.deepcopy(state))
    turn.state.mode = "bot"
    turn.steps.append("closed" if closed else "given_back")
    if closed:
        turn.say(sentence("closed"))
        turn.state.step, turn.state.offered = "start", []
    elif turn.state.draft is not None:
        turn.say(sentence("given_back"))
        go_on(turn, town)
    else:
        guiding.menu(turn, town)
    return _asked(turn, now)


def _asked(turn: Turn, now: str) -> Turn:
    if turn.replies:
        turn.state.asked_at = now
    return turn


def _read(turn: Turn, message: Message, town: Town, fresh: Fresh) -> None:
    """Words, or a choice."""
    state, text, draft = turn.state, message.text, turn.state.draft
    key = chosen(text, state.offered)
    if message.kind == "choice" and key is None and text in guiding.ORDERS:
        key = text
    order = key if key in guiding.ORDERS else command(text) if key is None else None
    urgent = town.is_alarm(spelled(text))
    folio = folio_in(text, town.prefix, asked=False) if draft is not None and not draft.worth() else None
    if order is not None and not message.late:
        _obey(turn, order, town, fresh)
    elif message.kind == "choice" and key is None:
        turn.say(sentence("stale_choice"))
        _ask_again(turn, town)
    elif folio is not None and not urgent:
        state.draft = None
        _look_up(turn, folio)
    elif draft is None or state.step in _BESIDE_STEPS:
        _from_nothing(turn, text, town, fresh, urgent=urgent)
    elif message.late and state.step != "what":
        tell(turn, text, town)
        go_on(turn, town)
    else:
        _answer(turn, text, town)


def _from_nothing(turn: Turn, text: str, town: Town, fresh: Fresh, *, urgent: bool) -> None:
    """No question of a report is open: a folio, a question, a greeting, or a report that begins."""
    state = turn.state
    folio = None if urgent else folio_in(text, town.prefix, asked=state.step == "folio")
    about = None if urgent else text if state.step == "directory" else asks_about(text)
    if folio is not None:
        _look_up(turn, folio)
    elif state.step == "folio" and not urgent and len(text) <= 30 and any(c.isdigit() for c in text):
        guiding.told_folio(turn, LookedUp(text.strip()), town)
    elif about:
        guiding.directory(turn, about, town)
    elif is_greeting(text) or not text.strip():
        guiding.menu(turn, town)
    elif is_thanks(text):
        turn.say(sentence("thanks"))
        turn.steps.append("thanks")
    elif state.draft is not None:
        tell(turn, text, town)
        go_on(turn, town)
    else:
        _begin(turn, town, fresh, text)


def _begin(turn: Turn, town: Town, fresh: Fresh, text: str) -> None:
    guiding.first_words(turn, town)
    turn.steps.append("report")
    turn.state.warned = False
    reporting.begin(turn, Draft(fresh.report, fresh.own), text, town)


def _look_up(turn: Turn, folio: str) -> None:
    turn.acts.append(LookUp(folio))
    turn.steps.append("folio_asked")


def _rate(turn: Turn, stars: int, report: str) -> None:
    turn.acts.append(Rate(report, stars))
    turn.say(sentence("rated" if stars > 2 else "rated_badly"))
    turn.steps.append("rated")


def _ask_again(turn: Turn, town: Town) -> None:
    if turn.state.draft is not None:
        go_on(turn, town)
    else:
        guiding.menu(turn, town)


def _answer(turn: Turn, text: str, town: Town) -> None:
    step = turn.state.step
    if step not in ("what", "which", "danger", "name", "contact") and town.is_alarm(spelled(text)):
        warn(turn)
    if step == "what" and (is_greeting(text) or is_thanks(text)):
        guiding.menu(turn, town)
    elif not answer(turn, text, town):
        turn.steps.append("back")
        reporting.back(turn, town)


def _obey(turn: Turn, order: str, town: Town, fresh: Fresh) -> None:
    state = turn.state
    turn.steps.append(order)
    if order == "person":
        guiding.hand_over(turn, town)
    elif order == "back" and state.draft is not None:
        reporting.back(turn, town)
    elif order == "cancel":
        if state.draft is not None:
            state.draft, state.warned = None, False
            turn.say(sentence("cancelled"))
        guiding.menu(turn, town)
    elif order in ("menu", "back"):
        guiding.menu(turn, town)
    elif order == "status":
        guiding.ask_folio(turn, town)
    elif order == "directory":
        guiding.ask_about(turn)
    elif state.draft is not None:
        go_on(turn, town)
    else:
        turn.steps.pop()
        _begin(turn, town, fresh, "")


def _locate(turn: Turn, message: Message, town: Town, fresh: Fresh) -> None:
    lat, lon = message.lat, message.lon
    if lat is None or lon is None or not (abs(lat) <= 90 and abs(lon) <= 180):
        turn.say(sentence("location_unreadable"))
        return
    if turn.state.draft is None:
        guiding.first_words(turn, town)
        turn.state.draft = Draft(fresh.report, fresh.own)
        turn.steps.append("report")
    reporting.locate(turn, message, town)
    go_on(turn, town)


def _show(turn: Turn, message: Message, town: Town, now: str, fresh: Fresh) -> None:
    state = turn.state
    last = state.last
    if state.draft is None and last is not None and _recent(state, now):
        if message.photo is None:
            turn.say(message.refused or sentence("photo_refused"))
            return
        turn.acts.append(AddPhoto(last["report"], last["event"], fresh.own, message.photo))
        turn.say(sentence("photo_added", folio=last["folio"] or ""))
        turn.steps.append("photo_added")
        return
    if state.draft is None:
        guiding.first_words(turn, town)
        if message.photo is not None:
            state.draft = Draft(fresh.report, fresh.own)
            turn.steps.append("report")
    if state.draft is None:
        turn.say(message.refused or sentence("photo_refused"))
        return
    reporting.show(turn, message, town)
    go_on(turn, town)


def _recent(state: State, now: str) -> bool:
    last = state.last
    return last is not None and parse(now) - parse(last["at"]) < _AFTERWARDS


def _beside(turn: Turn, message: Message, town: Town) -> None:
    """A person of the desk answers, or is waited for: the machine keeps still but for alarm and *menú*."""
    text = message.text if message.kind in ("text", "choice", "photo") else ""
    if town.is_alarm(spelled(text)):
        warn(turn)
    if command(text) == "menu" and turn.state.mode == "waiting":
        turn.state.mode = "bot"
        turn.steps.append("menu")
        guiding.menu(turn, town)


def _let_be(turn: Turn) -> None:
    """A draft that nobody goes on with is registered as it stands, if anything of it was acknowledged."""
    draft = turn.state.draft
    assert draft is not None
    turn.steps.append("abandoned")
    if not draft.worth():
        turn.state.draft = None
        turn.state.step, turn.state.offered = "start", []
        return
    draft.type = draft.type or "unknown"
    if not draft.text and draft.type == "unknown":
        draft.text = sentence("wordless")
    turn.say(sentence("let_be"))
    turn.acts.append(Register(draft))


def _anew(turn: Turn) -> None:
    state = turn.state
    folio = state.last["folio"] if state.last else None
    turn.say(sentence("hello_again_folio" if folio else "hello_again", folio=folio))
    turn.steps.append("anew")
    if state.draft is not None:
        _let_be(turn)
    state.draft, state.step, state.offered = None, "start", []
    state.lost, state.warned, state.greeted = 0, False, True


def _registered(turn: Turn, outcome: Registered, town: Town, now: str) -> None:
    state = turn.state
    if state.draft is not None and state.draft.report == outcome.report:
        state.draft, state.warned, state.lost = None, False, 0
        state.step, state.offered = "start", []
    if outcome.trouble:
        turn.say(sentence("refused", trouble=outcome.trouble))
        turn.steps.append("refused")
        state.mode = "waiting"
        return
    folio = outcome.folio or outcome.provisional
    state.last = {"report": outcome.report, "event": outcome.event, "folio": folio, "at": now}
    lines = [
        sentence("registered" if outcome.folio else "received", folio=folio),
        sentence("promised", day=outcome.promised) if outcome.promised else "",
        sentence("code", code=outcome.code),
        sentence("look", origin=town.origin) if town.origin else "",
    ]
    turn.say("\n".join(line for line in lines if line))
    turn.steps.append("registered")
