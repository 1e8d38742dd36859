"""Which time zone a municipality of Mexico keeps.

Law: by the law on time zones of 28 October 2022 and its changes, as the IANA time zone database has them
(release 2022g and later): by state, but for the towns of the northern border, which keep the hour of their
neighbours across it, and Bahía de Banderas. What is not known is None, never the capital's. Pure.
"""

from __future__ import annotations

import re
import unicodedata

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
