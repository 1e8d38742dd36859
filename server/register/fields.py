"""The columns of the register: what is known of a report, one value each.

Law: one list, from which the table, the columns in memory and a report's row are made, so that none of them
can know a column the others do not. Every value is told by the report's document and the municipality's
areas and time zone alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: ``text``: one of few values, held as a code. ``day``: days since 1970-01-01 in the municipality's time.
#: ``instant``: seconds since 1970 in UTC. ``number``: a whole number, ``small``: one below 32,768.
#: ``degrees``: millionths. ``set``: several texts, held as a code as well.
Kind = Literal["text", "day", "instant", "number", "small", "degrees", "set"]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind


#: A missing value in columns of numbers; no day, instant or count is so small. ``SMALL_NONE``: in small ones.
NONE = -(2**31)
SMALL_NONE = -(2**15)

FIELDS: tuple[Field, ...] = (
    Field("folio_number", "number"),
    Field("type", "text"),
    Field("family", "text"),
    Field("channel", "text"),
    Field("status", "text"),
    Field("priority", "small"),
    Field("urgent", "small"),
    Field("danger", "small"),
    Field("confidential", "small"),
    Field("agency", "text"),
    Field("department", "text"),
    #: Every agency that has or had it: the one it was routed to and those of its assignments.
    Field("agencies", "set"),
    #: Every brigade that has or had it, and who said last that they attend to it.
    Field("brigades", "set"),
    Field("holder", "text"),
    Field("captured_at", "instant"),
    Field("captured_on", "day"),
    Field("captured_by", "text"),
    Field("answer_due_at", "instant"),
    Field("answered_at", "instant"),
    Field("amber_at", "instant"),
    Field("due_at", "instant"),
    Field("due_on", "day"),
    Field("finished_at", "instant"),
    Field("finished_on", "day"),
    Field("reassigned_on", "day"),
    #: How often it was assigned anew after a first time, and opened again after it was closed.
    Field("reassigned", "small"),
    Field("reopened", "small"),
    #: 1 solved, 0 not solved, NONE not verified.
    Field("solved", "small"),
    Field("colonia", "text"),
    Field("sector", "text"),
    Field("delegation", "text"),
    Field("block", "text"),
    Field("lat", "degrees"),
    Field("lon", "degrees"),
    Field("outside", "small"),
    Field("flags", "set"),
    Field("duplicate", "small"),
    Field("duplicates", "small"),
    Field("supports", "small"),
    Field("for_whom", "text"),
    Field("has_person", "small"),
    Field("incident", "small"),
    Field("month", "text"),
)
BY_NAME = {field.name: field for field in FIELDS}
#: Texts of a report's row that are shown and never counted by.
STRINGS = (
    "id", "folio", "provisional", "street", "text", "citizen", "duplicate_of", "version",
)  # fmt: skip
