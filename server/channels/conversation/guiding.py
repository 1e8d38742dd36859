"""Around a report: greeting, menu, a folio's state, the directory, and the way to a person.

Law: every dead end shows a way on. Outside the desk's hours nobody is promised an answer now. Pure.
"""

from __future__ import annotations

from server.channels.conversation.asking import go_on
from server.channels.conversation.message import LookedUp, Message
from server.channels.conversation.sentences import sentence
from server.channels.conversation.town import Town
from server.channels.conversation.turn import Turn

_REPORT, _STATUS = ("report", "Reportar algo"), ("status", "Consultar un folio")
_INFORM, _PERSON = ("directory", "Informes"), ("person", "Hablar con alguien")
MENU = (_REPORT, _STATUS, _INFORM, _PERSON)
#: Choices that are orders at every step.
ORDERS = frozenset({"report", "status", "directory", "person", "menu", "cancel", "back", "go_on"})


def first_words(turn: Turn, town: Town) -> None:
    """Who answers, and what becomes of the number, before anything is asked; once."""
    if turn.state.greeted:
        return
    turn.state.greeted = True
    turn.say(sentence("hello_number" if town.number_known else "hello", municipality=town.municipality))
    turn.steps.append("hello")


def menu(turn: Turn, town: Town) -> None:
    first_words(turn, town)
    if turn.state.draft is None:
        turn.ask("menu", sentence("menu"), MENU)
        return
    on = (("go_on", "Seguir el reporte"), ("cancel", "Dejarlo"))
    turn.ask("menu", sentence("menu_draft"), (*on, _STATUS, _INFORM, _PERSON))


def cannot(turn: Turn, message: Message, town: Town) -> None:
    """A voice note, a video, a sticker: asked for in words, and the question again."""
    turn.steps.append(message.kind)
    first_words(turn, town)
    turn.say(sentence("voice" if message.kind == "voice" else "other"))
    if turn.state.draft is not None:
        go_on(turn, town)


def ask_folio(turn: Turn, town: Town) -> None:
    folio = turn.state.last["folio"] if turn.state.last else None
    name = "folio_last" if folio else "folio"
    turn.ask("folio", sentence(name, prefix=town.prefix or "VE", folio=folio))


def told_folio(turn: Turn, outcome: LookedUp, town: Town) -> None:
    state = turn.state
    if outcome.limited:
        turn.say(sentence("folio_limited"))
        turn.steps.append("folio_limited")
    elif outcome.lines:
        turn.say("\n".join(outcome.lines))
        turn.steps.append("folio_told")
        state.step, state.offered = "start", []
    else:
        turn.say(sentence("folio_unknown", folio=outcome.folio[:30]))
        turn.steps.append("folio_unknown")
        state.step, state.offered = "folio", []
    if state.draft is not None:
        go_on(turn, town)


def ask_about(turn: Turn) -> None:
    turn.ask("directory", sentence("directory"))


def directory(turn: Turn, words: str, town: Town) -> None:
    entries = town.directory(words)
    turn.steps.append("directory_told" if entries else "directory_unknown")
    if not entries:
        choices = (("directory", "Otras palabras"), _PERSON, ("menu", "Menú"))
        turn.ask("menu", sentence("directory_unknown"), choices)
        return
    told = []
    for entry in entries:
        phone = f" · Tel. {entry.phone}" if entry.phone else ""
        told.append(f"{entry.name}{phone}" + (f"\n{entry.text}" if entry.text else ""))
    turn.ask("menu", "\n\n".join(told), (("directory", "Otros informes"), _REPORT, _PERSON))


def hand_over(turn: Turn, town: Town) -> None:
    """A person of the desk is asked for; until one answers the machine keeps still."""
    turn.state.mode = "waiting"
    turn.steps.append("handed_over")
    turn.say(sentence("person" if town.office_open else "person_later", hours=town.hours))
