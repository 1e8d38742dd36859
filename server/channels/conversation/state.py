"""Where a conversation stands: JSON as a talk's document keeps it, a value while a rule works on it.

Law: ``read(write(state)) == state``; what a version does not know it drops, so a newer document never stops
an older program. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, TypedDict

from server.documents.ids import event_id
from server.documents.shapes import Answer, CitizenContent, Photo, Place, Position

#: Who answers: the machine, nobody yet (a person was asked for), a person of the desk.
Mode = Literal["bot", "waiting", "desk"]


@dataclass(slots=True)
class Draft:
    """A report being told. ``report`` and ``own``: the uuids that its captured event will bear.

    ``done``: steps answered or skipped, in their order; the last one is what *regresar* asks again.
    """

    report: str
    own: str
    text: str = ""
    type: str | None = None
    #: Types offered, likeliest first.
    found: list[str] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    place: Place = field(default_factory=Place)
    position: Position | None = None
    photos: list[Photo] = field(default_factory=list)
    urgent: bool = False
    danger: bool = False
    #: Agreed to be told, after the notice; None: not asked yet.
    wants: bool | None = None
    person: CitizenContent = field(default_factory=CitizenContent)
    done: list[str] = field(default_factory=list)
    #: Given whole by a form: nothing but the registering is left.
    whole: bool = False

    @property
    def event(self) -> str:
        return event_id(self.report, self.own)

    def worth(self) -> bool:
        """Whether something was acknowledged that must not be lost."""
        return bool(self.type or self.photos or self.urgent or self.place or self.position)


class Last(TypedDict):
    """The newest report made in a conversation."""

    report: str
    event: str
    folio: str
    at: str


@dataclass(slots=True)
class State:
    mode: Mode = "bot"
    #: What was asked last: ``start`` before anything was.
    step: str = "start"
    draft: Draft | None = None
    #: Choices last offered, ``[id, title]`` each: a number or a title typed means one of them.
    offered: list[list[str]] = field(default_factory=list)
    #: When the citizen wrote last, and when the machine did; instants.
    heard_at: str | None = None
    asked_at: str | None = None
    #: The newest report made here: ``{report, event, folio, at}``.
    last: Last | None = None
    #: Times in a row that nothing was understood.
    lost: int = 0
    #: Told 911 for the present matter.
    warned: bool = False
    greeted: bool = False
    #: Told that too much came at once.
    slowed: bool = False


def write(state: State) -> dict[str, Any]:
    return asdict(state)


def read(doc: Mapping[str, Any] | None) -> State:
    """The state of a document; the first one where there is none."""
    if not doc:
        return State()
    known = {name: doc[name] for name in (one.name for one in fields(State)) if name in doc}
    if known.get("draft"):
        names = {one.name for one in fields(Draft)}
        known["draft"] = Draft(**{key: value for key, value in known["draft"].items() if key in names})
    return State(**known)
