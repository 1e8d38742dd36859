"""Which members of an event can be taken out of it because the law or a person demands it. Pure.

Law: every member of every kind's payload stands in one of these tables, and a test reads the event's schema
to see that it does; whatever can hold words, a place or a person can be erased, unless its line says why not.
"""

from __future__ import annotations

#: Members of payloads, and ``photos`` and ``position`` of the event itself: what ``manzana redact`` takes.
ERASABLE = frozenset(
    {
        "answers", "citizen", "done", "folio_911", "materials", "measures", "name", "photos", "place",
        "position", "resources", "shelter", "text",
    }
)  # fmt: skip

#: Words that stay, and why.
KEPT_WORDS = {
    "old_folio": "the old system's number: an alias of the report for ever, as its folio is",
}

#: Members that say what was done, by codes, numbers and ids: without them the record would not fold.
KEPT = frozenset(
    {
        "action", "agency", "block", "brigade", "by", "channel", "danger", "department", "for_whom",
        "incident", "injured", "of", "outcome", "people", "place_corrected", "priority", "reason",
        "return_on", "seen_priority", "solved", "type", "types", "urgent",
    }
)  # fmt: skip

#: The name of an incident whose own was erased: its card still needs one (es-MX).
NAMELESS = "Incidente"
