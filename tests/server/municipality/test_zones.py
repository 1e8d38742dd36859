"""A municipality's time follows from where it lies, and the offsets are those people there keep."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.municipality.zones import STATES, offsets, state_of, zone_of

# Offsets from UTC in hours, in January and July 2026, as the law has them.
KEPT = [
    ("Valle Nuevo", "Guanajuato", -6, -6),
    ("Naucalpan", "Estado de México", -6, -6),
    ("Iztapalapa", "CDMX", -6, -6),
    ("Morelia", "Michoacán de Ocampo", -6, -6),
    ("Mérida", "Yucatán", -6, -6),
    ("Benito Juárez", "Quintana Roo", -5, -5),
    ("Tulum", "Q. Roo", -5, -5),
    ("Hermosillo", "Sonora", -7, -7),
    ("Nogales", "SONORA", -7, -7),
    ("La Paz", "Baja California Sur", -7, -7),
    ("Tijuana", "Baja California", -8, -7),
    ("Mexicali", "B.C.", -8, -7),
    ("Los Cabos", "B. C. S.", -7, -7),
    ("Culiacán", "Sinaloa", -7, -7),
    ("Tepic", "Nayarit", -7, -7),
    ("Bahía de Banderas", "Nayarit", -6, -6),
    ("Chihuahua", "Chihuahua", -6, -6),
    ("Ahumada", "Chihuahua", -6, -6),
    ("Juárez", "Chihuahua", -7, -6),
    ("Ciudad Juárez", "Chihuahua", -7, -6),
    ("H. Ayuntamiento de Juárez", "Chihuahua", -7, -6),
    ("Praxedis G. Guerrero", "Chihuahua", -7, -6),
    ("Ojinaga", "Chihuahua", -6, -5),
    ("Coyame del Sotol", "Chihuahua", -6, -5),
    ("Saltillo", "Coahuila de Zaragoza", -6, -6),
    ("Piedras Negras", "Coahuila", -6, -5),
    ("Cd. Acuña", "Coahuila", -6, -5),
    ("Monterrey", "Nuevo León", -6, -6),
    ("Anáhuac", "Nuevo León", -6, -5),
    ("Victoria", "Tamaulipas", -6, -6),
    ("Nuevo Laredo", "Tamaulipas", -6, -5),
    ("Heroica Matamoros", "Tamaulipas", -6, -5),
    ("Matamoros", "Coahuila", -6, -6),
    ("Juárez", "Nuevo León", -6, -6),
    ("Guerrero", "Chihuahua", -6, -6),
]


@pytest.mark.parametrize(("municipality", "state", "january", "july"), KEPT)
def test_the_hour_people_keep(municipality: str, state: str, january: int, july: int) -> None:
    found = zone_of(municipality, state)
    assert found is not None
    for month, hours in ((1, january), (7, july)):
        assert datetime(2026, month, 15, 12, tzinfo=ZoneInfo(found)).utcoffset() == timedelta(hours=hours)


def test_every_state_has_one_and_nowhere_else_has() -> None:
    assert len(STATES) == 32
    assert all(state_of(state.title()) == state for state in STATES)
    for elsewhere in ("", "Texas", "Jalisco, Zapopan", "México lindo"):
        assert zone_of("Guadalajara", elsewhere) is None


@pytest.mark.parametrize(
    "zone", ["America/Hermosillo", "America/Ciudad_Juarez", "America/Tijuana", "Africa/Casablanca"]
)
def test_a_phone_is_told_every_offset_of_three_years(zone: str) -> None:
    told = offsets(zone, 2026)
    assert (told["from"], told["until"]) == (1_735_689_600, 1_830_297_600)
    steps = told["offsets"]
    for hour in range(told["from"], told["until"], 3_600):
        held = [seconds for since, seconds in steps if since <= hour][-1]
        real = datetime.fromtimestamp(hour, UTC).astimezone(ZoneInfo(zone)).utcoffset()
        assert real == timedelta(seconds=held)
    assert all(one[1] != other[1] for one, other in itertools.pairwise(steps))
    assert len(steps) <= 7
