"""The next question of a report: the first that is neither answered nor skipped.

Law: answers may come in any order, and nothing about a person is asked before the notice was shown and
agreed to. Pure.
"""

from __future__ import annotations

from server.channels.conversation.sentences import sentence
from server.channels.conversation.state import Draft
from server.channels.conversation.telling import OFFERED, choose, draft_of
from server.channels.conversation.town import Town
from server.channels.conversation.turn import Register, Turn
from server.documents.shapes import Question

Choices = tuple[tuple[str, str], ...]

YES_NO: Choices = (("si", "Sí"), ("no", "No"))
_SKIP: Choices = (("omitir", "Omitir"),)
_UNKNOWN: Choices = (("omitir", "No sé"),)


def go_on(turn: Turn, town: Town) -> None:
    """Ask the first thing that is still open, or register what is whole."""
    draft = draft_of(turn)
    if draft.whole:
        turn.acts.append(Register(draft))
    elif draft.type is None:
        _ask_type(turn, town)
    elif draft.urgent and "danger" not in draft.done:
        turn.ask("danger", sentence("danger"), YES_NO)
    elif question := _open_question(draft, town):
        _ask_question(turn, question)
    elif _ask_where(turn):
        return
    elif not draft.photos and "photo" not in draft.done:
        turn.ask("photo", sentence("photo"), (("omitir", "Sin foto"),), "photo")
    elif draft.wants is None:
        notice = sentence("notice", notice=town.notice)
        turn.ask("notice", notice, (("si", "Sí, avísenme"), ("no", "No, anónimo")))
    elif draft.wants and not town.number_known and "contact" not in draft.done:
        turn.ask("contact", sentence("contact"), _SKIP)
    elif draft.wants and "name" not in draft.done:
        turn.ask("name", sentence("name"), (("omitir", "Sin nombre"),))
    else:
        choices = (("si", "Registrar"), ("back", "Corregir"), ("cancel", "Cancelar"))
        turn.ask("confirm", summary(draft, town), choices)


def _ask_where(turn: Turn) -> bool:
    """Ask for the place, a mark to find it by, or the colonia; False where all of it is known."""
    draft = draft_of(turn)
    place = draft.place
    told = "place" in draft.done or not place.keys().isdisjoint(("street", "block", "reference"))
    if draft.position is None and not told:
        turn.ask("place", sentence("place"), (), "location")
    elif draft.position and "reference" not in draft.done and not place.get("reference"):
        turn.ask("reference", sentence("reference"), _SKIP)
    elif not draft.position and place.keys().isdisjoint(("colonia", "block")) and "colonia" not in draft.done:
        turn.ask("colonia", sentence("colonia"), _UNKNOWN)
    else:
        return False
    return True


def _ask_type(turn: Turn, town: Town) -> None:
    draft, state = draft_of(turn), turn.state
    if draft.found:
        choices = tuple((key, town.type_name(key)) for key in draft.found[:OFFERED])
        turn.ask("which", sentence("which"), (*choices, ("unknown", "Otra cosa")))
    elif not draft.text:
        turn.ask("what", sentence("what_photo" if draft.photos else "what"))
    elif draft.urgent or state.lost >= 1:
        choose(turn, "unknown", town)
        turn.say(sentence("unclassified"))
        state.lost = 0
        go_on(turn, town)
    else:
        state.lost += 1
        turn.ask("what", sentence("what_again"))


def questions(draft: Draft, town: Town) -> list[Question]:
    petition_type = town.types.get(draft.type or "")
    return list(petition_type["questions"]) if petition_type else []


def _open_question(draft: Draft, town: Town) -> Question | None:
    return next((one for one in questions(draft, town) if f"question:{one['id']}" not in draft.done), None)


def _ask_question(turn: Turn, question: Question) -> None:
    more = () if question.get("required") else _UNKNOWN
    choices: Choices = ()
    if question["kind"] == "choice":
        choices = tuple((option["value"], option["text"]) for option in question.get("options") or ())
    elif question["kind"] == "boolean":
        choices = YES_NO
    turn.ask(f"question:{question['id']}", question["text"], (*choices, *more))


def summary(draft: Draft, town: Town) -> str:
    """What will be registered, for the person to agree to."""
    place = draft.place
    where = [
        sentence("shared_location") if draft.position else "",
        place.get("street") or "",
        town.colonias.get(place.get("colonia") or "") or "",
        f"manzana {place['block']}" if place.get("block") else "",
        place.get("reference") or "",
    ]
    lines = [
        sentence("register", type=town.type_name(draft.type)),
        sentence("where", place=", ".join(part for part in where if part) or sentence("nowhere")),
        sentence("photos", number=len(draft.photos)) if draft.photos else "",
        sentence("told" if draft.wants else "anonymous"),
        sentence("confirm"),
    ]
    return "\n".join(line for line in lines if line)
