"""What somebody means who types on a phone: without accents, abbreviated, mistyped, politely.

Law: a command is one only where the whole message is (``CANCELAR``), never a word of a longer sentence, so
that nobody's story is taken for an order. What is kept of a message is what was typed, never its
interpretation. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import orjson
from rapidfuzz.distance import OSA

from server.cases.folio import read_provisional
from server.catalogue.sounding import fold

_WORDS = orjson.loads(Path(__file__).with_name("words.json").read_bytes())
#: As they are typed, and what is meant. Only whole words.
_SHORT: dict[str, str] = _WORDS["short"]
_POLITE = frozenset(_WORDS["polite"].split())
_YES, _NO, _SKIP = (frozenset(_WORDS[name]) for name in ("yes", "no", "skip"))
_ORDERS: dict[str, frozenset[str]] = {name: frozenset(ways) for name, ways in _WORDS["orders"].items()}
_GREETING = frozenset(_WORDS["greeting"].split())
_NUMBERS: dict[str, int] = _WORDS["numbers"]
_ABOUT = re.compile(
    r"(?:^| )(?:telefono|requisito|tramite|horario|informe|direccion)(?:e?s)? (?:de|del|para|sobre|en) (.+)\Z"
)
_FOLIO_WORD = re.compile(r"(?:^| )(?:folio|reporte|estatus|seguimiento)\b.*?([a-z]{0,8})[ -]?(\d{1,9})\Z")
_BARE = re.compile(r"(?:numero |num |no )?([a-z]{0,8})[ -]?(\d{1,9})\Z")
#: Longer than this, nobody gives an order.
_ORDER = 60
_DOUBLED = re.compile(r"([a-z])\1+")


def plain(text: str) -> str:
    """Folded, abbreviations spelled out."""
    return " ".join(_SHORT.get(word, word) for word in fold(text[:4_000]).split())


def spelled(text: str) -> str:
    """The text for a search of types: folded, spelled out."""
    return plain(text)


def _order(text: str) -> str:
    """The message without politeness, or empty where it is too long to be an order."""
    if len(text) > _ORDER:
        return ""
    words = [word for word in plain(text).split() if word not in _POLITE]
    return " ".join(words)


def _among(order: str, known: frozenset[str]) -> bool:
    if not order:
        return False
    if order in known or _DOUBLED.sub(r"\1", order) in known:
        return True
    return any(
        len(word) >= 5 and len(order) >= 5 and OSA.distance(order, word, score_cutoff=1) <= 1
        for word in known
    )


def command(text: str) -> str | None:
    """``menu``, ``cancel``, ``back``, ``report``, ``status``, ``directory``, ``person``; None for none."""
    order = _order(text)
    return next((name for name, known in _ORDERS.items() if _among(order, known)), None)


def is_greeting(text: str) -> bool:
    words = plain(text).split()
    return bool(words) and all(word in _GREETING or word in _POLITE for word in words)


def is_thanks(text: str) -> bool:
    words = plain(text).split()
    return bool(words) and len(words) <= 6 and ("gracias" in words or "agradezco" in words)


def yes_or_no(text: str) -> bool | None:
    order = _order(text) or plain(text)
    if _among(order, _YES):
        return True
    if _among(order, _NO):
        return False
    return None


def skips(text: str) -> bool:
    """Whether the question is left open, politely or not."""
    order = _order(text)
    return _among(order, _SKIP) or yes_or_no(text) is False


def chosen(text: str, offered: Sequence[Sequence[str]]) -> str | None:
    """The id of the choice that a number, an id or a title means."""
    for key, _ in offered:
        if text == key:
            return key
    order = _order(text)
    match = re.fullmatch(r"(?:la |el |opcion |numero )?(?:(\d{1,2})|([a-z]+))", order)
    if match:
        number = int(match[1]) if match[1] else _NUMBERS.get(match[2], 0)
        if 1 <= number <= len(offered):
            return offered[number - 1][0]
    names = [(key, fold(title)) for key, title in offered]
    for same in (_is, _begins, _nearly):
        found = [key for key, name in names if order and same(order, name)]
        if found:
            return found[0]
    verdict = yes_or_no(text)
    ids = [key for key, _ in offered]
    if verdict is not None and "si" in ids and "no" in ids:
        return "si" if verdict else "no"
    return None


def left_open(text: str, offered: Sequence[Sequence[str]]) -> bool:
    """Whether a question that offers nothing but to be skipped is skipped: its number is an answer."""
    return skips(text) or any(text == key or fold(text) == fold(title) for key, title in offered)


def _is(order: str, name: str) -> bool:
    return order == name


def _begins(order: str, name: str) -> bool:
    return len(order) >= 4 and (name.startswith(order) or order.startswith(name))


def _nearly(order: str, name: str) -> bool:
    most = 2 if len(name) >= 12 else 1
    return len(order) >= 5 and OSA.distance(order, name, score_cutoff=most) <= most


def number_in(text: str) -> float | None:
    """The first number said: ``como 3``, ``dos``, ``2.5``."""
    match = re.search(r"\d{1,9}(?:[.,]\d{1,3})?", text[:200])
    if match:
        value = float(match[0].replace(",", "."))
        return int(value) if value.is_integer() else value
    return next((float(_NUMBERS[word]) for word in plain(text[:200]).split() if word in _NUMBERS), None)


def folio_in(text: str, prefix: str, *, asked: bool) -> str | None:
    """The folio that somebody asks about. ``asked``: a folio was asked for, so a bare number is one."""
    if len(text) > 200:
        return None
    written = " ".join(text.split())
    for part in [written, *written.split()]:
        if re.search(r"\d", part) and read_provisional(part.strip(".,;:#")):
            return part.strip(".,;:#")
    folded = fold(text)
    bare = _BARE.match(folded)
    if bare and (asked or bare[1].upper() == prefix.upper() != ""):
        return bare[1].upper() + bare[2]
    said = _FOLIO_WORD.search(folded)
    if said:
        return (said[1].upper() if said[1].upper() == prefix.upper() else "") + said[2]
    if prefix:
        inside = re.search(rf"(?:^| ){re.escape(prefix.lower())} ?0*(\d{{1,9}})(?: |\Z)", folded)
        if inside:
            return prefix.upper() + inside[1]
    return None


def asks_about(text: str) -> str | None:
    """What information is asked about: ``requisitos para abrir un negocio`` → ``abrir un negocio``."""
    match = _ABOUT.search(plain(text)) if len(text) <= 200 else None
    return match[1] if match else None


def clean(text: str, most: int) -> str:
    """As typed, without control characters, cut at ``most``."""
    kept = "".join(
        c for c in text.replace("\r\n", "\n") if c in "\n\t" or not (ord(c) < 32 or 127 <= ord(c) < 160)
    )
    return kept.strip()[:most]
