"""Where it is, from what somebody writes or shares: block, colonia, street, position.

Law: what was written is kept whole beside what was understood of it. A colonia is one of the padrón or
nothing. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rapidfuzz.distance import OSA

from server.catalogue.sounding import fold
from server.channels.conversation.hearing import clean
from server.documents.shapes import Place, Position

#: Letters of a street's line and of a reference (``event.v1``).
LINE, TEXT = 200, 4_000
_BLOCK = re.compile(r"(?:^| )(?:manzana|mza|mz) (?:numero |num |no )?(\d{1,5}[a-z]?)(?: |\Z)")
_COLONIA = re.compile(r"(?:^| )(?:colonia|col|fraccionamiento|fracc|barrio|comunidad|rancho) (.+)\Z")


def colonia_in(text: str, colonias: Mapping[str, str], *, exact: bool = False) -> str | None:
    """The id of the colonia that is named: the longest name that stands in the text, or one nearly right
    after ``colonia``. None for none, and for two equally good.
    """
    said = f" {fold(text[:1_000])} "
    standing = {key: fold(name) for key, name in colonias.items()}
    found = [(len(name), key) for key, name in standing.items() if name and f" {name} " in said]
    after = _COLONIA.search(said.strip())
    if after:
        marked = [
            (len(name), key)
            for key, name in standing.items()
            if name and f"{after[1]} ".startswith(f"{name} ")
        ]
        found = marked or found
    if found:
        best = max(length for length, _ in found)
        keys = [key for length, key in found if length == best]
        return keys[0] if len(keys) == 1 else None
    if exact:
        return None
    words = after[1] if after else said.strip()
    near = [key for key, name in standing.items() if len(name) >= 5 and _nearly(words, name)]
    return near[0] if len(near) == 1 else None


def _nearly(words: str, name: str) -> bool:
    """Whether the words begin with the name, but for a letter or two."""
    most = 2 if len(name) >= 10 else 1
    return any(
        OSA.distance(words[:length].strip(), name, score_cutoff=most) <= most
        for length in range(len(name) - most, len(name) + most + 1)
    )


def block_in(text: str, blocks: frozenset[str]) -> str | None:
    """The id of the block that ``manzana 12`` means."""
    match = _BLOCK.search(fold(text[:1_000]))
    if not match:
        return None
    number = match[1]
    return next(
        (key for key in (number, f"m-{number}", f"b{number}", f"manzana-{number}") if key in blocks), None
    )


def place_of(text: str, colonias: Mapping[str, str], blocks: frozenset[str]) -> Place:
    """A ``place`` of an event from an address as it was written."""
    written = " ".join(clean(text, TEXT).split())
    place: Place = {"street": written[:LINE]} if len(written) <= LINE else {"reference": written}
    colonia, block = colonia_in(written, colonias), block_in(written, blocks)
    if colonia:
        place["colonia"] = colonia
    if block:
        place["block"] = block
    return place


def source_of(place: Place, position: Position | None) -> Position:
    """The event's ``position``: what was shared, or of which kind the words are."""
    if position is not None:
        return position
    if place.get("block"):
        return {"source": "block"}
    return {"source": "address"} if place else {"source": "none"}
