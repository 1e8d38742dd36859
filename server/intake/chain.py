"""What the server knows of one device: how far its numbering came, and what became of each event.

Law: nothing here ever refuses an event. A gap, a number used twice or a broken hash chain is a flag on the
record, because the work behind it is real. Applying the same outcome twice changes nothing.

The acknowledgement a device reads (``ack.v1``, docs/documents.md) is a part of this document. It is written
and fetched anew at every event, so it must stay small: of what was admitted and of photos it lists what is
newest, and whole pages of what is older are put aside, as documents that change no more.
Pure: values in, decisions out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]

#: Admitted events and photos a page lists: some 6 KB.
PAGE = 50
#: Pages kept beside the newest: more than a phone can be told of while it is not there.
PAGES = 20
#: Refusals and quarantined events listed; the desk has them all.
TROUBLES = 200
#: Gaps remembered; a device that loses more than this is broken, and its events are taken all the same.
GAPS = 100

BROKEN = "chain_broken"
GAP = "sequence_gap"
REUSED = "sequence_reused"


def new_chain(device: str) -> Json:
    """The state of a device nothing was heard of."""
    return {
        "_id": f"chain:{device}",
        "schema": "chain.v1",
        "through": 0,
        "gaps": [],
        "head": None,
        "items": [],
        "refused": [],
        "quarantined": [],
        "photos": [],
        "gapped": [],
        "pages": 0,
        "paged": 0,
    }


def flags_of(chain: Json, seq: int, prev: str | None, *, again: bool = False) -> list[str]:
    """What is odd about an event numbered ``seq`` that names ``prev``, judged before it is ``advance``d.

    ``again``: it was held, so its own number is taken already; only what came before may be missing.
    """
    if again:
        return [GAP] if any(high == seq - 1 for _, high in chain["gaps"]) else []
    if _seen(chain, seq):
        return [REUSED]
    head = chain["head"]
    if seq > chain["through"] + 1:
        return [GAP]
    if seq == 1 and prev is not None:
        return [BROKEN]
    if head is not None and seq == head["seq"] + 1 and prev != head["hash"]:
        return [BROKEN]
    return []


def note_gap(chain: Json, seq: int, event: str) -> None:
    """Remember that an event's record says that one before it is missing. Changes ``chain``."""
    others = [entry for entry in chain["gapped"] if entry[1] != event]
    chain["gapped"] = [*others, [seq, event]][-GAPS:]


def take_filled(chain: Json) -> list[str]:
    """The events noted by ``note_gap`` before which nothing is missing any more, once. Changes ``chain``."""
    if not chain["gapped"] or len(chain["gaps"]) >= GAPS:
        return []  # Where so many are missing, not even the gaps are all remembered.
    first = min((low for low, _ in chain["gaps"]), default=None)
    filled = [entry for entry in chain["gapped"] if first is None or entry[0] < first]
    if filled:
        chain["gapped"] = [entry for entry in chain["gapped"] if entry not in filled]
    return [event for _, event in filled]


def previous_effective(chain: Json, seq: int) -> str | None:
    """``effective_at`` of the device's previous event, where it is known."""
    head = chain["head"]
    return head["effective_at"] if head is not None and head["seq"] < seq else None


def advance(chain: Json, seq: int, event_hash: str, effective_at: str) -> None:
    """Note that an event with this number and hash arrived. Changes ``chain``."""
    through = chain["through"]
    if seq > through:
        if seq > through + 1:
            chain["gaps"] = [*chain["gaps"], [through + 1, seq - 1]][-GAPS:]
        chain["through"] = seq
        chain["head"] = {"seq": seq, "hash": event_hash, "effective_at": effective_at}
        return
    chain["gaps"] = [part for gap in chain["gaps"] for part in _without(gap, seq)]


def _seen(chain: Json, seq: int) -> bool:
    return seq <= chain["through"] and not any(low <= seq <= high for low, high in chain["gaps"])


def _without(gap: list[int], seq: int) -> list[list[int]]:
    low, high = gap
    if not low <= seq <= high:
        return [gap]
    return [part for part in ([low, seq - 1], [seq + 1, high]) if part[0] <= part[1]]


def accept(chain: Json, event: str, admission: int, folio: str | None) -> None:
    """List an admitted event; one that was in trouble before no longer is. Changes ``chain``.

    Events are listed in the order of their numbers: what is no newer than what was put aside stands there.
    """
    _clear(chain, event)
    if admission <= chain["paged"]:
        return
    items = [item for item in chain["items"] if item[0] != event]
    chain["items"] = [*items, [event, admission, folio]]


def refuse(chain: Json, entry: Json) -> None:
    """List a refusal: ``{event, code, message, reason, at}``. Changes ``chain``."""
    _clear(chain, entry["event"])
    chain["refused"] = [*chain["refused"], entry][-TROUBLES:]


def quarantine(chain: Json, entry: Json) -> None:
    """List a quarantined event: ``{event, code, message, at}``. Changes ``chain``."""
    _clear(chain, entry["event"])
    chain["quarantined"] = [*chain["quarantined"], entry][-TROUBLES:]


def judge_photo(chain: Json, entry: Json) -> None:
    """List a photo's verdict: ``{sha256, verdict, code?, message?}``. Changes ``chain``."""
    others = [photo for photo in chain["photos"] if photo["sha256"] != entry["sha256"]]
    chain["photos"] = [*others, entry]


def close_pages(chain: Json) -> list[Json]:
    """Take whole pages of what is listed out of ``chain``, oldest first; gives their documents."""
    pages: list[Json] = []
    items, photos = chain["items"], chain["photos"]
    while len(items) + len(photos) > PAGE:
        number, listed = chain["pages"] + 1, items[:PAGE]
        room = PAGE - len(listed)
        page_id = page_ids(chain, [number])[0]
        pages.append({**new_chain(""), "_id": page_id, "items": listed, "photos": photos[:room]})
        items, photos = items[PAGE:], photos[room:]
        paged = max((item[1] for item in listed), default=chain["paged"])
        chain |= {"pages": number, "paged": paged, "items": items, "photos": photos}
    return pages


def page_ids(chain: Json, numbers: Iterable[int]) -> list[str]:
    """The documents of these pages."""
    return [f"{chain['_id']}:{number}" for number in numbers]


def kept(pages: int) -> range:
    """Which pages are kept where so many were closed."""
    return range(max(1, pages - PAGES + 1), pages + 1)


def _clear(chain: Json, event: str) -> None:
    for name in ("refused", "quarantined"):
        chain[name] = [entry for entry in chain[name] if entry["event"] != event]
