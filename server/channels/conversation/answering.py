"""A message taken as the answer to what was asked last.

Law: what is no answer is asked again, kindly, and never drops what was said; who goes on telling instead of
answering is listened to. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from server.channels.conversation.asking import go_on, questions
from server.channels.conversation.hearing import chosen, clean, left_open, number_in, skips, yes_or_no
from server.channels.conversation.placing import LINE, TEXT, colonia_in, place_of
from server.channels.conversation.sentences import sentence
from server.channels.conversation.telling import choose, draft_of, tell
from server.channels.conversation.town import Town
from server.channels.conversation.turn import Register, Turn

_MAIL = re.compile(r"[^\s@,;<>]{1,64}@[^\s@,;<>]{1,100}\.[a-zA-Z]{2,24}")
_AGAIN = {"place": "place_again", "photo": "photo_again", "contact": "contact_again"}


def answer(turn: Turn, text: str, town: Town) -> bool:
    """Take ``text`` as the answer and ask on. False where the answer was to correct what is summed up."""
    name, _, of = turn.state.step.partition(":")
    draft = draft_of(turn)
    if name == "confirm":
        verdict = _verdict(turn, text)
        if verdict:
            turn.acts.append(Register(draft))
        if verdict is not None:
            return verdict
        understood = False
    elif name == "question":
        understood = _question(turn, of, text, town)
    elif name in _STEPS:
        understood = _STEPS[name](turn, text, town)
    else:
        tell(turn, text, town)
        understood = True
    if understood:
        turn.state.lost = 0 if draft.type else turn.state.lost
    else:
        turn.steps.append("not_understood")
        turn.state.lost += 1
        turn.say(sentence(_AGAIN.get(name, "not_understood")))
    go_on(turn, town)
    return True


def _verdict(turn: Turn, text: str) -> bool | None:
    return yes_or_no(chosen(text, turn.state.offered) or text)


def _which(turn: Turn, text: str, town: Town) -> bool:
    draft, state = draft_of(turn), turn.state
    key = chosen(text, state.offered)
    if key:
        choose(turn, key, town)
        return True
    before = list(draft.found)
    tell(turn, text, town)
    if draft.type is None and draft.found == before:
        # Twice told and no other type comes of it: a person will know.
        if state.lost:
            choose(turn, "unknown", town)
        state.lost += 1
    return True


def _danger(turn: Turn, text: str, town: Town) -> bool:
    draft = draft_of(turn)
    verdict = _verdict(turn, text)
    if verdict is None:
        tell(turn, text, town)
        # Who goes on telling instead of answering is taken to be in danger.
        verdict = True if turn.state.lost else None
    if verdict is None:
        return False
    draft.danger = verdict
    draft.done.append("danger")
    return True


def _question(turn: Turn, of: str, text: str, town: Town) -> bool:
    draft, offered = draft_of(turn), turn.state.offered
    question = next((one for one in questions(draft, town) if one["id"] == of), None)
    if question is None:  # The catalogue changed meanwhile: the question is nobody's any more.
        return True
    kind, value = question["kind"], None
    # Where nothing but leaving it open is offered, a number is an answer and no choice.
    key = chosen(text, offered) if len(offered) > 1 else None
    leaves = left_open(text, offered) if len(offered) < 2 else skips(text) and kind != "boolean"
    if key != "omitir" and (question.get("required") or not leaves):
        value = _value(kind, text, key)
        if value is None:
            return False
        draft.answers[of] = value
    draft.done.append(f"question:{of}")
    return True


def _value(kind: str, text: str, key: str | None) -> Any:
    """What is answered, or None where nothing of that kind is said."""
    if kind == "boolean":
        return yes_or_no(key or text)
    if kind == "choice":
        return key
    if kind == "number":
        return number_in(text)
    return clean(text, TEXT) or None


def _place(turn: Turn, text: str, town: Town) -> bool:
    draft = draft_of(turn)
    if skips(text) or len(re.sub(r"\W", "", text)) < 3:
        if not turn.state.lost:
            return False
        draft.done.append("place")
        return True
    draft.place = {**draft.place, **place_of(text, town.colonias, town.blocks)}
    draft.done.append("place")
    return True


def _reference(turn: Turn, text: str, town: Town) -> bool:
    draft = draft_of(turn)
    if not left_open(text, turn.state.offered):
        draft.place["reference"] = clean(text, TEXT)
    draft.done.append("reference")
    return True


def _colonia(turn: Turn, text: str, town: Town) -> bool:
    draft = draft_of(turn)
    if not left_open(text, turn.state.offered):
        known = colonia_in(f"colonia {text}", town.colonias)
        if known:
            draft.place["colonia"] = known
        else:
            said = f"Colonia: {' '.join(clean(text, LINE).split())}"
            before = draft.place.get("reference")
            draft.place["reference"] = clean(f"{before}\n{said}" if before else said, TEXT)
    draft.done.append("colonia")
    return True


def _photo(turn: Turn, text: str, town: Town) -> bool:
    if not left_open(text, turn.state.offered):
        return False
    draft_of(turn).done.append("photo")
    return True


def _notice(turn: Turn, text: str, town: Town) -> bool:
    draft = draft_of(turn)
    verdict = _verdict(turn, text)
    if verdict is None and skips(text):
        verdict = False
    if verdict is None:
        return False
    draft.wants = verdict
    draft.done.append("notice")
    return True


def _contact(turn: Turn, text: str, town: Town) -> bool:
    draft = draft_of(turn)
    if not left_open(text, turn.state.offered):
        mail = _MAIL.search(text[:1_000])
        digits = re.sub(r"\D", "", text[:200])
        if mail:
            draft.person["email"] = mail[0]
        elif len(digits) == 10 or (len(digits) in (12, 13) and digits.startswith("52")):
            draft.person["phone"] = digits[-10:]
        else:
            return False
    draft.done.append("contact")
    return True


def _name(turn: Turn, text: str, town: Town) -> bool:
    draft = draft_of(turn)
    if not left_open(text, turn.state.offered):
        draft.person["name"] = " ".join(clean(text, LINE).split())
    draft.done.append("name")
    return True


_STEPS: dict[str, Callable[[Turn, str, Town], bool]] = {
    "which": _which,
    "danger": _danger,
    "place": _place,
    "reference": _reference,
    "colonia": _colonia,
    "photo": _photo,
    "notice": _notice,
    "contact": _contact,
    "name": _name,
}
