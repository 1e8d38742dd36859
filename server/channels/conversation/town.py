"""What a conversation must know of the municipality at this moment, as values.

Law: whoever runs the machine fills this in; no rule asks a database. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from server.cases.urgency import found_words
from server.catalogue.finding import Finder, alarms, finder
from server.catalogue.finding import said as ways_of_saying
from server.documents.shapes import Agency, PetitionType, WordRule


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the directory. ``phone`` and ``text`` where they are known."""

    name: str
    phone: str | None = None
    text: str | None = None


def _nobody(words: str) -> list[Entry]:
    return []


@dataclass(frozen=True, slots=True)
class Town:
    """``types``, ``agencies``: documents by id. ``words``: those of the rules. ``colonias``: name by id.

    ``blocks``: ids of all blocks. ``number_known``: the channel tells the citizen's telephone.
    ``office_open``: somebody is at the desk now; ``hours``: when they are, in words. ``directory`` answers a
    question in words; it is the seam for a directory that the municipality keeps.
    """

    municipality: str
    types: Mapping[str, PetitionType]
    words: Sequence[WordRule] = ()
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    colonias: Mapping[str, str] = field(default_factory=dict)
    blocks: frozenset[str] = frozenset()
    prefix: str = ""
    notice: str = ""
    number_known: bool = False
    office_open: bool = True
    hours: str = "de lunes a viernes de 8:00 a 16:00"
    origin: str = ""
    inside: Callable[[float, float], bool | None] = lambda lat, lon: None
    directory: Callable[[str], list[Entry]] = _nobody

    @property
    def finder(self) -> Finder:
        return finder(self.types)

    def type_name(self, key: str | None) -> str:
        if key in (None, "unknown"):
            return "Sin clasificar"
        petition_type = self.types.get(str(key))
        return petition_type["name"] if petition_type else str(key)

    def type_urgent(self, key: str | None) -> bool:
        """Whether a report of the type is urgent by itself."""
        petition_type = self.types.get(key or "")
        return bool(petition_type and petition_type.get("urgent"))

    def is_urgent(self, text: str) -> bool:
        """Whether what is told of a matter means that somebody needs help, as far as the catalogue's search
        can tell.
        """
        return self.finder.find(text).help or self.is_alarm(text)

    def is_alarm(self, text: str) -> bool:
        """Words of alarm, or of the rules' first priority: an address or a name is not guessed at."""
        return alarms(text) or any(
            found_words(text, rule["words"]) for rule in self.words if rule.get("priority") == 1
        )


def common_directory(
    types: Mapping[str, PetitionType], agencies: Mapping[str, Agency]
) -> Callable[[str], list[Entry]]:
    """A directory of what the catalogue knows: whose matter it is, and the agencies' telephones."""

    def ask(words: str) -> list[Entry]:
        found = finder(types).find(words)
        entries = [
            Entry("No es del municipio", text=ways_of_saying()["elsewhere"][key]["says"])
            for key in found.elsewhere
        ]
        told = ways_of_saying()["told"]
        seen: set[str] = set()
        for key in found.types[:3]:
            agency = agencies.get(types[key].get("agency") or "")
            if agency is None or agency["name"] in seen:
                continue
            seen.add(agency["name"])
            entries.append(Entry(agency["name"], agency.get("phone"), told.get(key)))
        return entries[:3]

    return ask
