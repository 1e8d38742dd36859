"""Which petition type somebody means, from the words they say.

Law: any word may count and none must; a whole name stands first; a word weighs by how few types it speaks of;
a typing mistake counts only where nothing exact stands. It learns from the catalogue and from
``schemas/finding/said.json``, never from ``schemas/cases/type_words.json``, which proves it. The phone does
the very same (``pwa/src/app/finding/finder.ts``). Nonsense finds nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from typing import Any

import orjson
from rapidfuzz.distance import OSA

from server.catalogue.sounding import fold, sound, stem
from server.documents.contracts import contract
from server.documents.shapes import PetitionType

#: Keys that are no type: whoever needs 911, and ``@<id>`` for another's matter.
HELP, ELSEWHERE = "!", "@"
#: How much a type's name, its own words and a way of saying it teach.
_NAME, _OWN, _SAID = 3.0, 1.5, 1.0
_WHOLE_NAME = 100.0
#: A word that means the same, the word's own form over its stem's, a beginning or a mistake.
_ALIKE, _WHOLE, _GUESSED = 0.7, 0.5, 0.5
#: Of the best score: what is shown at all, and what is meant as surely as the best.
_SHOWN, _SURE = 0.2, 0.6
_SHORTEST_BEGINNING, _SHORTEST_MISTAKEN = 3, 5


@dataclass(frozen=True, slots=True)
class Found:
    """``types``: ids, likeliest first. ``help``: say 911 first. ``elsewhere``: ids of whose matter it is."""

    types: list[str]
    help: bool
    elsewhere: list[str]


@cache
def _lexicon() -> tuple[frozenset[str], frozenset[str], dict[str, str], frozenset[str], frozenset[str]]:
    """Empty words, denying words, stem → group, words of alarm as they sound, types of alarm."""
    read = orjson.loads(contract("finding/lexicon.json"))
    groups: dict[str, str] = {}
    for number, group in enumerate(read["same"]):
        for word in group.split():
            groups.setdefault(stem(word), f"@{number}")
    return (
        frozenset(read["empty"].split()),
        frozenset(read["denying"].split()),
        groups,
        frozenset(sound(word) for word in read["alarm"].split()),
        frozenset(read["alarm_types"].split()),
    )


@cache
def said() -> dict[str, Any]:
    """The ways of saying things: ``{types, help, elsewhere: {id: {says, said}}, told}``."""
    read: dict[str, Any] = orjson.loads(contract("finding/said.json"))
    return read


@cache
def _stem(word: str) -> str:
    return stem(word)


def _features(text: str) -> list[str]:
    """Whole words, stems, their groups and their pairs, each once, in order of speech."""
    empty, denying, groups, _, _ = _lexicon()
    found: dict[str, None] = {}
    before = ""
    for word in fold(text).split():
        if word in denying:
            before = "no"
            continue
        if word in empty:
            continue
        heard = _stem(word)
        if not heard:  # A lone "h" is heard by nobody.
            continue
        group = groups.get(heard)
        found["=" + sound(word)] = None
        found[heard] = None
        if group:
            found[group] = None
        if before:
            found[f"{before}_{group or heard}"] = None
        before = group or heard
    return list(found)


def alarms(text: str) -> bool:
    """Whether a word of alarm stands in the text, as it sounds: nothing is guessed."""
    alarm = _lexicon()[3]
    return any(sound(word) in alarm for word in fold(text).split())


def _weight(feature: str) -> float:
    if "_" in feature:
        return 1.0
    return {"@": _ALIKE, "=": _WHOLE}.get(feature[0], 1.0)


@cache
def _learned() -> list[tuple[str, list[list[str]]]]:
    table = said()
    ways = [*table["types"].items(), (HELP, table["help"])]
    ways += [(ELSEWHERE + key, entry["said"]) for key, entry in table["elsewhere"].items()]
    return [(key, [_features(text) for text in texts]) for key, texts in ways]


class Finder:
    """A search over ``{id: type document}``: active types are found, and never "unknown"."""

    def __init__(self, types: Mapping[str, PetitionType]) -> None:
        self._names: dict[str, list[str]] = {}
        self._rows: dict[str, dict[str, float]] = {}
        known = {key: doc for key, doc in types.items() if doc.get("active") and key != "unknown"}
        for key, doc in known.items():
            self._names.setdefault(fold(doc["name"]), []).append(key)
            self._learn(key, _features(doc["name"]), _NAME)
            for words in doc.get("words") or ():
                self._learn(key, _features(words), _OWN)
        keys = set(known)
        for key, texts in _learned():
            if key in known or key[0] in HELP + ELSEWHERE:
                keys.add(key)
                for features in texts:
                    self._learn(key, features, _SAID)
        self._classes = len(keys)
        self._vocabulary = sorted(word for word in self._rows if "_" not in word and word[0] not in "@=")

    def _learn(self, key: str, features: Iterable[str], weight: float) -> None:
        for feature in features:
            row = self._rows.setdefault(feature, {})
            row[key] = row.get(key, 0.0) + weight

    def find(self, text: str, most: int = 6) -> Found:
        """What ``text`` may mean; at most ``most`` types."""
        scores = self._scores(text)
        ranked = sorted(scores, key=lambda key: (-scores[key], key))
        best = scores[ranked[0]] if ranked else 0.0
        sure = [key for key in ranked[:3] if scores[key] >= _SURE * best]
        _, _, _, _, alarm_types = _lexicon()
        types = [key for key in ranked if key[0] not in HELP + ELSEWHERE and scores[key] >= _SHOWN * best]
        return Found(
            types[:most],
            HELP in sure or alarms(text) or any(key in alarm_types for key in sure[:2]),
            [key[1:] for key in sure if key[0] == ELSEWHERE][:1],
        )

    def _scores(self, text: str) -> dict[str, float]:
        features = _features(text)
        scores: dict[str, float] = {}
        for feature in features:
            self._count(scores, feature, _weight(feature))
        exact = bool(scores)
        words = fold(text).split()
        for number, word in enumerate(words):
            if word in _lexicon()[0] or _stem(word) in self._rows:
                continue
            for near in self._near(word, last=number == len(words) - 1, exact=exact):
                self._count(scores, near, _GUESSED)
        for key in self._names.get(fold(text), ()):
            scores[key] = scores.get(key, 0.0) + _WHOLE_NAME
        # Phone and server round alike, whatever their logarithms' last bit.
        return {key: round(score, 6) for key, score in scores.items()}

    def _count(self, scores: dict[str, float], feature: str, weight: float) -> None:
        row = self._rows.get(feature)
        if row is None:
            return
        telling = weight * log(1 + self._classes / len(row))
        total = sum(row.values()) + 1
        for key, count in row.items():
            scores[key] = scores.get(key, 0.0) + telling * sqrt(count / total)

    def _near(self, word: str, *, last: bool, exact: bool) -> list[str]:
        """Known stems that the last word begins, or from which a word strays by one letter."""
        heard = sound(word)
        if last and len(heard) >= _SHORTEST_BEGINNING:
            begun = [known for known in self._vocabulary if known.startswith(heard)]
            if begun:
                return begun[:8]
        heard = _stem(word)
        if exact or len(heard) < _SHORTEST_MISTAKEN:
            return []
        return [
            known
            for known in self._vocabulary
            if len(known) >= _SHORTEST_MISTAKEN - 1 and OSA.distance(heard, known, score_cutoff=1) <= 1
        ]


_kept: dict[tuple[tuple[str, str, bool, tuple[str, ...]], ...], Finder] = {}


def finder(types: Mapping[str, PetitionType]) -> Finder:
    """The catalogue's search, made anew only when a name, a word or what is active has changed."""
    mark = tuple(
        (key, doc["name"], bool(doc.get("active")), tuple(doc.get("words") or ()))
        for key, doc in types.items()
    )
    kept = _kept.get(mark)
    if kept is None:
        _kept.clear()
        kept = _kept[mark] = Finder(types)
    return kept
