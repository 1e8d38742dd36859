"""The one filter language: which reports, as a value with a URL form.

Law: a list, a count, a facet, a statistic, a map, an export and a bulk act take the same filter, so any
number leads to the list behind it. What a URL says wrongly is told by name and never silently left out.
Names in URLs are the words of the page (es-MX); ids are the catalogue's. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from server.register.rows import day_number

#: The semáforo's colours, and ``closed`` for what has ended.
COLOURS = ("emergency", "red", "amber", "green", "none", "closed")
_NUMBER = re.compile(r"[1-9][0-9]{0,7}\Z")
_TELEPHONE = re.compile(r"[\d\s()+.-]{7,25}\Z")


class FilterError(ValueError):
    """``field`` is the URL's name of what is wrong; the message says what it must be."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Days:
    """From and to, days as ``YYYY-MM-DD``, both inclusive; None is open."""

    first: str | None = None
    last: str | None = None

    def __bool__(self) -> bool:
        return self.first is not None or self.last is not None


@dataclass(frozen=True, slots=True)
class Filter:
    """Every member must hold; a member with several values holds if one of them does. Empty: all reports."""

    captured: Days = Days()
    due: Days = Days()
    finished: Days = Days()
    reassigned: Days = Days()
    folio: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    colour: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    agency: tuple[str, ...] = ()
    department: tuple[str, ...] = ()
    brigade: tuple[str, ...] = ()
    colonia: tuple[str, ...] = ()
    sector: tuple[str, ...] = ()
    delegation: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    holder: tuple[str, ...] = ()
    user: tuple[str, ...] = ()
    flag: tuple[str, ...] = ()
    street: str = ""
    words: str = ""
    person: str = ""
    phone: str = ""
    citizen: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Filter()

    def query(self) -> list[tuple[str, str]]:
        """The URL's pairs; ``parse`` gives the same filter again."""
        pairs: list[tuple[str, str]] = []
        for name, url in NAMES.items():
            value = getattr(self, name)
            if isinstance(value, Days):
                pairs += [(f"{url}_desde", value.first)] if value.first else []
                pairs += [(f"{url}_hasta", value.last)] if value.last else []
            elif isinstance(value, tuple):
                pairs += [(url, part) for part in value]
            elif value:
                pairs.append((url, value))
        return pairs

    def url(self, path: str, **more: str | Iterable[str]) -> str:
        """A path with this filter; ``more`` are the page's own pairs, empty ones left out."""
        pairs = self.query()
        for name, value in more.items():
            pairs += [(name, part) for part in ([value] if isinstance(value, str) else sorted(value)) if part]
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def without(self, name: str, value: str | None = None) -> Filter:
        """This filter less one member, or less one of its values."""
        current = getattr(self, name)
        kept = getattr(Filter(), name)
        if isinstance(current, tuple) and value is not None:
            kept = tuple(part for part in current if part != value)
        return self._with(name, kept)

    def also(self, name: str, value: str) -> Filter:
        """This filter with this one value of a member."""
        return self._with(name, (value,))

    def _with(self, name: str, value: object) -> Filter:
        members: dict[str, Any] = {name: value}
        return replace(self, **members)


#: What is not a value but a yes: the URL's word and what it asks for.
ONLY = {
    "abiertos": "open",
    "cerrados": "closed",
    "reasignados": "reassigned",
    "reabiertos": "reopened",
    "con-aviso": "flagged",
    "sin-clasificar": "unclassified",
    "duplicados": "duplicate",
    "sin-respuesta": "unanswered",
    "no-quedo": "not_solved",
    "verificados": "verified",
    "confidenciales": "confidential",
    "peligro": "danger",
    "sin-lugar": "placeless",
    "con-persona": "person",
    "nadie-atiende": "unheld",
    "sin-brigada": "no_brigade",
}
#: A member's name in URLs.
NAMES = {
    "captured": "capturado",
    "due": "vence",
    "finished": "terminado",
    "reassigned": "reasignado",
    "folio": "folio",
    "status": "estado",
    "colour": "semaforo",
    "channel": "canal",
    "type": "tipo",
    "family": "familia",
    "agency": "dependencia",
    "department": "departamento",
    "brigade": "brigada",
    "colonia": "colonia",
    "sector": "sector",
    "delegation": "delegacion",
    "block": "manzana",
    "priority": "prioridad",
    "holder": "atiende",
    "user": "usuario",
    "flag": "aviso",
    "street": "calle",
    "words": "palabras",
    "person": "persona",
    "phone": "telefono",
    "citizen": "ciudadano",
    "only": "solo",
}
_CHOICES: dict[str, Iterable[str]] = {
    "colour": COLOURS,
    "priority": ("1", "2", "3", "4"),
    "status": ("captured", "in_progress", "finished", "not_viable", "duplicate", "withdrawn", "reopened"),
    "only": ONLY,
}
#: Values of one member, and characters of one text.
_MOST, _LONGEST = 200, 200


def parse(pairs: Iterable[tuple[str, str]], *, also: Iterable[str] = ()) -> Filter:
    """The filter of a URL's pairs. Empty values are as if absent; ``also`` are names that are the page's.

    Raises ``FilterError``.
    """
    passed = set(also)
    given: dict[str, list[str]] = {}
    for name, text in pairs:
        if name not in passed and text.strip():
            given.setdefault(name, []).append(text.strip())
    values: dict[str, Any] = {}
    for field in fields(Filter):
        url = NAMES[field.name]
        if isinstance(field.default, Days):
            first, last = _day(given, f"{url}_desde"), _day(given, f"{url}_hasta")
            if first and last and first > last:
                raise FilterError(f"{url}_hasta", "es anterior a la fecha inicial")
            values[field.name] = Days(first, last)
        elif isinstance(field.default, tuple):
            values[field.name] = _several(field.name, url, given.pop(url, []))
        else:
            values[field.name] = _text(url, given.pop(url, []))
    if given:
        raise FilterError(next(iter(given)), "no es un filtro")
    return Filter(**values)


def _day(given: dict[str, list[str]], url: str) -> str | None:
    texts = given.pop(url, [])
    if not texts:
        return None
    try:
        day_number(texts[-1])
    except ValueError:
        raise FilterError(url, "debe ser una fecha, como 2026-11-23") from None
    return texts[-1]


def _several(name: str, url: str, texts: list[str]) -> tuple[str, ...]:
    if name == "folio":
        texts = [part for text in texts for part in re.split(r"[\s,;]+", text) if part]
    if len(texts) > _MOST:
        raise FilterError(url, f"a lo más {_MOST}")
    allowed = _CHOICES.get(name)
    for text in texts:
        if name == "citizen" and not _NUMBER.match(text):
            raise FilterError(url, "debe ser un número de ciudadano")
        if len(text) > _LONGEST or (allowed is not None and text not in allowed):
            raise FilterError(url, f"«{text[:40]}» no existe")
    return tuple(dict.fromkeys(texts))


def _text(url: str, texts: list[str]) -> str:
    text = texts[-1] if texts else ""
    if len(text) > _LONGEST:
        raise FilterError(url, f"a lo más {_LONGEST} letras")
    if url == "telefono" and text and not _TELEPHONE.match(text):
        raise FilterError(url, "debe ser un teléfono")
    return text
