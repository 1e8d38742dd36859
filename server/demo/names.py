"""The invented words of the demonstration: a municipality, its streets, its people.

Law: nobody and no place here exists. Telephone numbers begin with 000, which no Mexican number does.
"""

from __future__ import annotations

import unicodedata
from random import Random

MUNICIPALITY = "Valle de Encinos"
STATE = "Guanajuato"

COLONIAS = (
    ("centro", "Centro", "37900"),
    ("san-isidro", "San Isidro", "37905"),
    ("las-huertas", "Las Huertas", "37907"),
    ("la-loma", "La Loma", "37910"),
    ("el-mezquite", "El Mezquite", "37912"),
    ("jardines-del-valle", "Jardines del Valle", "37915"),
)

#: Streets that run up and down, west to east.
UPRIGHT = (
    "Encino",
    "Fresno",
    "Nogal",
    "Mezquite",
    "Ahuehuete",
    "Hidalgo",
    "Morelos",
    "Allende",
    "Aldama",
    "Abasolo",
    "Laurel",
    "Jacaranda",
    "Colorín",
)
#: Streets that run across, south to north.
ACROSS = (
    "Del Arroyo",
    "De la Noria",
    "Del Molino",
    "Del Carmen",
    "De la Cruz",
    "Juárez",
    "Independencia",
    "Del Sol",
    "De la Luna",
    "Del Cerrito",
    "De la Presa",
)

_WOMEN = (
    "María Elena",
    "Guadalupe",
    "Rosa",
    "Teresa",
    "Juana",
    "Leticia",
    "Verónica",
    "Patricia",
    "Silvia",
    "Alicia",
    "Norma",
    "Yolanda",
    "Graciela",
    "Beatriz",
    "Araceli",
    "Lourdes",
    "Rocío",
    "Socorro",
    "Imelda",
    "Ofelia",
)
_MEN = (
    "José Luis",
    "Juan",
    "Francisco",
    "Antonio",
    "Jesús",
    "Miguel",
    "Pedro",
    "Alejandro",
    "Manuel",
    "Roberto",
    "Raúl",
    "Javier",
    "Arturo",
    "Ramón",
    "Héctor",
    "Sergio",
    "Gerardo",
    "Ignacio",
    "Efraín",
    "Tomás",
)
_SURNAMES = (
    "Arreola",
    "Barajas",
    "Cisneros",
    "Duarte",
    "Escobedo",
    "Fonseca",
    "Gallardo",
    "Huerta",
    "Ibarra",
    "Jaramillo",
    "Lozano",
    "Macías",
    "Negrete",
    "Ontiveros",
    "Palafox",
    "Quintero",
    "Rangel",
    "Saldaña",
    "Tovar",
    "Urrutia",
    "Valdivia",
    "Yáñez",
    "Zermeño",
    "Aguiñaga",
    "Bribiesca",
)


def slug(text: str) -> str:
    """Lower-case letters and full stops, as account ids are written."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return ".".join("".join(c for c in plain if c.isascii() and (c.isalpha() or c == " ")).split())


class People:
    """Hands out people who are all different: ``(account id, full name)``."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def someone(self) -> tuple[str, str]:
        while True:
            first = self._rng.choice(_WOMEN if self._rng.random() < 0.65 else _MEN)
            surname, second = self._rng.sample(_SURNAMES, 2)
            account = slug(f"{first.split()[0]} {surname}")
            if account not in self._taken:
                self._taken.add(account)
                return account, f"{first} {surname} {second}"

    def phone(self) -> str:
        return f"000{self._rng.randrange(10**7):07d}"
