"""What is said of a matter, whenever it is said: words, and what they make of type, urgency and place.

Law: words of alarm say 911 before anything else, once for each matter; what was typed is kept as typed. Pure.
"""

from __future__ import annotations

from server.catalogue.finding import said as ways_of_saying
from server.channels.conversation.hearing import clean, spelled
from server.channels.conversation.placing import TEXT, block_in, colonia_in
from server.channels.conversation.sentences import sentence
from server.channels.conversation.state import Draft
from server.channels.conversation.town import Town
from server.channels.conversation.turn import Reply, Turn

#: Types offered to choose from: what a small screen shows at once.
OFFERED = 5
#: A shorter message names no colonia beside its matter.
_STORY = 12


def draft_of(turn: Turn) -> Draft:
    assert turn.state.draft is not None
    return turn.state.draft


def tell(turn: Turn, text: str, town: Town) -> None:
    """More words about the matter; the type is sought in them while it is not known."""
    draft = draft_of(turn)
    kept = clean(text, TEXT)
    draft.text = clean(f"{draft.text}\n{kept}" if draft.text else kept, TEXT)
    if len(text) > TEXT:
        turn.say(sentence("too_long"))
    if town.is_alarm(spelled(text)) or (draft.type is None and town.is_urgent(spelled(text))):
        warn(turn)
    if draft.type is None:
        found = town.finder.find(spelled(draft.text), OFFERED)
        draft.found = found.types
        for key in found.elsewhere:
            turn.say(ways_of_saying()["elsewhere"][key]["says"])
            turn.steps.append("elsewhere")
        if len(found.types) == 1 and not found.elsewhere:
            turn.say(sentence("noted", type=town.type_name(found.types[0])))
            choose(turn, found.types[0], town)
    block = block_in(text, town.blocks)
    colonia = colonia_in(text, town.colonias, exact=True) if len(text) > _STORY else None
    if block:
        draft.place.setdefault("block", block)
    if colonia:
        draft.place.setdefault("colonia", colonia)


def warn(turn: Turn) -> None:
    """911 before anything else."""
    if turn.state.draft is not None:
        turn.state.draft.urgent = True
    if not turn.state.warned:
        turn.state.warned = True
        turn.replies.insert(0, Reply(sentence("call_911")))
        turn.steps.append("urgent")


def choose(turn: Turn, key: str, town: Town) -> None:
    """The type is this one; an urgent one says 911 by itself."""
    draft = draft_of(turn)
    draft.type = key
    draft.done.append("which")
    if town.type_urgent(key):
        warn(turn)
