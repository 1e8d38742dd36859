"""Which time zone a municipality of Mexico keeps, and the offsets of a zone for phones that do not know it.

Law: by the law on time zones of 28 October 2022 and its changes, as the IANA time zone database has them
(release 2022g and later): by state, but for the towns of the northern border, which keep the hour of their
neighbours across it, and Bahía de Banderas. What is not known is None, never the capital's. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypedDict
from zoneinfo import ZoneInfo

CENTRE = "America/Mexico_City"

_CENTRAL = (
    "aguascalientes", "chiapas", "ciudad de mexico", "colima", "guanajuato", "guerrero", "hidalgo",
    "jalisco", "mexico", "michoacan", "morelos", "oaxaca", "puebla", "queretaro", "san luis potosi",
    "tabasco", "tlaxcala", "veracruz", "zacatecas",
)  # fmt: skip

#: Zone by state, as ``_plain`` writes it.
STATES: dict[str, str] = {
    **dict.fromkeys(_CENTRAL, CENTRE),
    "baja california": "America/Tijuana",
    "baja california sur": "America/Mazatlan",
    "campeche": "America/Merida",
    "chihuahua": "America/Chihuahua",
    "coahuila": "America/Monterrey",
    "durango": "America/Monterrey",
    "nayarit": "America/Mazatlan",
    "nuevo leon": "America/Monterrey",
    "quintana roo": "America/Cancun",
    "sinaloa": "America/Mazatlan",
    "sonora": "America/Hermosillo",
    "tamaulipas": "America/Monterrey",
    "yucatan": "America/Merida",
}

#: What states are also called: by their whole names, and as people shorten them.
_ALIASES: dict[str, str] = {
    "bc": "baja california", "bcs": "baja california sur", "cdmx": "ciudad de mexico",
    "coahuila de zaragoza": "coahuila", "distrito federal": "ciudad de mexico", "df": "ciudad de mexico",
    "edomex": "mexico", "michoacan de ocampo": "michoacan", "q roo": "quintana roo", "qroo": "quintana roo",
    "queretaro de arteaga": "queretaro", "slp": "san luis potosi",
    "veracruz de ignacio de la llave": "veracruz",
}  # fmt: skip

#: Municipalities that do not keep their state's hour.
_TOWNS: dict[str, dict[str, tuple[str, ...]]] = {
    "chihuahua": {
        "America/Ciudad_Juarez": ("ascension", "guadalupe", "janos", "juarez", "praxedis g guerrero"),
        "America/Ojinaga": ("coyame del sotol", "manuel benavides", "ojinaga"),
    },
    "coahuila": {
        "America/Matamoros": (
            "acuna", "allende", "guerrero", "hidalgo", "jimenez", "morelos", "nava", "ocampo",
            "piedras negras", "villa union", "zaragoza",
        ),
    },
    "nayarit": {"America/Bahia_Banderas": ("bahia de banderas",)},
    "nuevo leon": {"America/Matamoros": ("anahuac",)},
    "tamaulipas": {
        "America/Matamoros": (
            "camargo", "guerrero", "gustavo diaz ordaz", "matamoros", "mier", "miguel aleman", "nuevo laredo",
            "reynosa", "rio bravo", "valle hermoso",
        ),
    },
}  # fmt: skip

#: What stands before a municipality's own name.
_TITLES = re.compile(
    r"^(?:(?:el|h|honorable|ayuntamiento|municipio|gobierno|municipal|de|nueva|ciudad|cd|villa|heroica) )+"
)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower())
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    words = re.sub(r"[^a-z0-9]+", " ", bare).split()
    return ("" if all(len(word) == 1 for word in words) else " ").join(words)  # "B. C. S." is one word


def state_of(name: str) -> str | None:
    """The state a name means, as ``STATES`` has it."""
    plain = _plain(name)
    short = plain.removeprefix("estado libre y soberano de ").removeprefix("estado de ")
    found = _ALIASES.get(short, short)
    return found if found in STATES else None


def zone_of(municipality: str, state: str) -> str | None:
    """The IANA name of the zone that a municipality of a state keeps; None where the state is not known."""
    known = state_of(state)
    if known is None:
        return None
    plain = _plain(municipality)
    names = {plain, _TITLES.sub("", plain)}
    for zone, towns in _TOWNS.get(known, {}).items():
        if names.intersection(towns):
            return zone
    return STATES[known]


Offsets = TypedDict("Offsets", {"zone": str, "from": int, "until": int, "offsets": list[list[int]]})


@lru_cache(maxsize=16)
def offsets(zone: str, year: int) -> Offsets:
    """``{zone, from, until, offsets: [[since, seconds], …]}``, instants as seconds since 1970.

    From the beginning of the year before ``year`` to the end of the one after it: what a phone shows lies
    within, and the table is the same all year. Raises ``ZoneInfoNotFoundError``.
    """
    info = ZoneInfo(zone)
    at, until = datetime(year - 1, 1, 1, tzinfo=UTC), datetime(year + 2, 1, 1, tzinfo=UTC)
    found = [[int(at.timestamp()), _seconds(at, info)]]
    begin = found[0][0]
    while at < until:
        following = at + timedelta(days=1)
        if _seconds(following, info) != found[-1][1]:
            low, high = at, following
            while high - low > timedelta(minutes=1):  # Clocks change at a whole minute.
                middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
                low, high = (middle, high) if _seconds(middle, info) == found[-1][1] else (low, middle)
            found.append([int(high.timestamp()), _seconds(high, info)])
        at = following
    return {"zone": zone, "from": begin, "until": int(until.timestamp()), "offsets": found}


def _seconds(at: datetime, info: ZoneInfo) -> int:
    offset = at.astimezone(info).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
