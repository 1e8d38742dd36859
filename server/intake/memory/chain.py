"""What the server knows of one device: how far its numbering came, and what became of each event.

Law: nothing here ever refuses an event. A gap, a number used twice or a broken hash chain is a flag on the
record, because the work behind it is real. Applying the same outcome again changes nothing, whatever came
between: what is listed stays where it is.

The acknowledgement a device reads (``ack.v1``, docs/documents.md) is a part of this document. It is written
and fetched anew at every event, so it must stay small: of what was admitted and of photos it lists what is
newest, and whole pages of what is older are put aside, as documents that change no more.
Pure: values in, decisions out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from server.documents.device_chain import Chain
from server.documents.shapes import AcknowledgementPhoto, Refused

#: Admitted events and photos a page lists: some 6 KB.
PAGE = 50
#: Pages kept beside the newest: more than a phone can be told of while it is not there.
PAGES = 20
#: Refusals and quarantined events listed; the desk has them all.
TROUBLES = 200
#: Ranges remembered of each kind; where there would be more, the two newest become one. What is said to be
#: missing may then hold numbers that came, never the other way round: a phone frees what it is told has come.
GAPS = 100

Troubles = Literal["refused", "quarantined"]

BROKEN = "chain_broken"
GAP = "sequence_gap"
REUSED = "sequence_reused"


def new_chain(device: str) -> Chain:
    """The state of a device nothing was heard of."""
    return {
        "_id": f"chain:{device}",
        "schema": "chain.v1",
        "through": 0,
        "gaps": [],
        "unlisted": [],
        "merging": True,
        "head": None,
        "items": [],
        "refused": [],
        "quarantined": [],
        "photos": [],
        "gapped": [],
        "pages": 0,
        "paged": 0,
    }


def healed(chain: Chain, stored: Mapping[str, Any]) -> Chain:
    """``chain`` as it must be believed, where ``stored`` is of before ranges were merged.

    Then the oldest gaps were dropped from the hundredth on, and the oldest troubles from the two hundredth
    on, with nothing to show which: of what lies below, nothing is said to have come but what is listed.
    """
    if stored.get("merging"):
        return chain
    gaps = sorted(chain["gaps"])
    if len(gaps) >= GAPS:
        gaps[0] = [1, gaps[0][1]]
    full = any(len(chain[name]) >= TROUBLES for name in ("refused", "quarantined"))
    return {**chain, "gaps": gaps, "unlisted": [[1, chain["through"]]] if full else [], "merging": True}


def flags_of(chain: Chain, seq: int, prev: str | None, *, again: bool = False) -> list[str]:
    """What is odd about an event numbered ``seq`` that names ``prev``, judged before it is ``advance``d.

    ``again``: it was held, so its own number is taken already; only what came before may be missing.
    """
    if again:
        return [GAP] if any(high == seq - 1 for _, high in chain["gaps"]) else []
    if has(chain, seq):
        return [REUSED]
    head = chain["head"]
    if seq > chain["through"] + 1:
        return [GAP]
    if seq == 1 and prev is not None:
        return [BROKEN]
    if head is not None and seq == head["seq"] + 1 and prev != head["hash"]:
        return [BROKEN]
    return []


def note_gap(chain: Chain, seq: int, event: str) -> None:
    """Remember that an event's record says that one before it is missing. Changes ``chain``."""
    others = [entry for entry in chain["gapped"] if entry[1] != event]
    chain["gapped"] = [*others, [seq, event]][-GAPS:]


def take_filled(chain: Chain) -> list[str]:
    """The events noted by ``note_gap`` before which nothing is missing any more, once. Changes ``chain``."""
    if not chain["gapped"] or len(chain["gaps"]) >= GAPS:
        return []  # Where so many are missing, not even the gaps are all remembered.
    first = min((low for low, _ in chain["gaps"]), default=None)
    filled = [entry for entry in chain["gapped"] if first is None or entry[0] < first]
    if filled:
        chain["gapped"] = [entry for entry in chain["gapped"] if entry not in filled]
    return [event for _, event in filled]


def previous_effective(chain: Chain, seq: int) -> str | None:
    """``effective_at`` of the device's previous event, where it is known."""
    head = chain["head"]
    return head["effective_at"] if head is not None and head["seq"] < seq else None


def advance(chain: Chain, seq: int, event_hash: str, effective_at: str) -> None:
    """Note that an event with this number and hash arrived. Changes ``chain``."""
    through = chain["through"]
    if seq > through:
        if seq > through + 1:
            chain["gaps"] = _bounded([*chain["gaps"], [through + 1, seq - 1]])
        chain["through"] = seq
        chain["head"] = {"seq": seq, "hash": event_hash, "effective_at": effective_at}
        return
    chain["gaps"] = _bounded([part for gap in chain["gaps"] for part in _without(gap, seq)])


def _bounded(ranges: list[list[int]]) -> list[list[int]]:
    """The same in order, and no more than are remembered."""
    known = sorted(ranges)
    while len(known) > GAPS:
        (low, high), (_, top) = known[-2:]
        known[-2:] = [[low, max(high, top)]]
    return known


def has(chain: Chain, seq: int) -> bool:
    """Whether an event with this number arrived."""
    return seq <= chain["through"] and not _within(chain["gaps"], seq)


def _within(ranges: list[list[int]], seq: int) -> bool:
    return any(low <= seq <= high for low, high in ranges)


def _without(gap: list[int], seq: int) -> list[list[int]]:
    low, high = gap
    if not low <= seq <= high:
        return [gap]
    return [part for part in ([low, seq - 1], [seq + 1, high]) if part[0] <= part[1]]


def accept(chain: Chain, event: str, admission: int, folio: str | None, seq: int | None = None) -> None:
    """List an admitted event; one that was in trouble before no longer is. Changes ``chain``.

    Events are listed in the order of their numbers: what is no newer than what was put aside stands there,
    unless its number ``seq`` is in a range that is said to be missing: a page may be kept no longer.
    """
    _clear(chain, event, seq)
    if admission <= chain["paged"] and (seq is None or not _within(chain["gaps"], seq)):
        return
    chain["items"] = _put(chain["items"], [event, admission, folio], lambda item: item[0] == event)


def refuse(chain: Chain, entry: Refused, seq: int | None = None) -> None:
    """List a refusal: ``{event, code, message, reason, at}``; ``seq`` is its number, where it is one of the
    chain's own. Changes ``chain``.
    """
    _list_trouble(chain, "refused", entry, seq)


def quarantine(chain: Chain, entry: Refused, seq: int | None = None) -> None:
    """List a quarantined event, as ``refuse``. Changes ``chain``."""
    _list_trouble(chain, "quarantined", entry, seq)


def _list_trouble(chain: Chain, name: Troubles, entry: Refused, seq: int | None) -> None:
    """What no longer finds room is not counted as come: the device must not take it for admitted."""
    event = entry["event"]
    _clear(chain, event, seq, but=name)
    listed = _put(chain[name], {**entry, "seq": seq}, lambda known: known["event"] == event)
    chain[name] = listed[-TROUBLES:]
    for gone in listed[:-TROUBLES]:
        if "seq" not in gone:  # of before numbers were kept
            chain["unlisted"] = _bounded([*chain["unlisted"], [1, chain["through"]]])
        elif gone["seq"] is not None:
            chain["unlisted"] = _bounded([*chain["unlisted"], [gone["seq"], gone["seq"]]])


def judge_photo(chain: Chain, entry: AcknowledgementPhoto) -> None:
    """List a photo's verdict: ``{sha256, verdict, code?, message?}``. Changes ``chain``."""
    sha256 = entry["sha256"]
    chain["photos"] = _put(chain["photos"], entry, lambda photo: photo["sha256"] == sha256)


def close_pages(chain: Chain) -> list[Chain]:
    """Take whole pages of what is listed out of ``chain``, oldest first; gives their documents."""
    pages: list[Chain] = []
    items, photos = chain["items"], chain["photos"]
    while len(items) + len(photos) > PAGE:
        number, listed = chain["pages"] + 1, items[:PAGE]
        room = PAGE - len(listed)
        page_id = page_ids(chain, [number])[0]
        pages.append({**new_chain(""), "_id": page_id, "items": listed, "photos": photos[:room]})
        items, photos = items[PAGE:], photos[room:]
        chain["paged"] = max([chain["paged"], *(_admission(item) for item in listed)])
        chain["pages"], chain["items"], chain["photos"] = number, items, photos
    return pages


def _admission(item: list[str | int | None]) -> int:
    return int(item[1] or 0)


def page_ids(chain: Chain, numbers: Iterable[int]) -> list[str]:
    """The documents of these pages."""
    return [f"{chain['_id']}:{number}" for number in numbers]


def kept(pages: int) -> range:
    """Which pages are kept where so many were closed."""
    return range(max(1, pages - PAGES + 1), pages + 1)


def _put(listed: list[Any], entry: Any, is_same: Callable[[Any], bool]) -> list[Any]:
    """The list with ``entry``: at its end, or where the same thing stands, which stays in its place."""
    for place, known in enumerate(listed):
        if is_same(known):
            return [*listed[:place], entry, *listed[place + 1 :]]
    return [*listed, entry]


def _clear(chain: Chain, event: str, seq: int | None, *, but: str = "") -> None:
    names: tuple[Troubles, ...] = ("refused", "quarantined")
    for name in names:
        if name == but:
            continue
        chain[name] = [entry for entry in chain[name] if entry["event"] != event]
    if seq is not None and chain["unlisted"]:
        chain["unlisted"] = _bounded([part for gap in chain["unlisted"] for part in _without(gap, seq)])
