"""Which petition type somebody means, from the words they say.

Law: any word may count and none must; a whole name stands first, then words of the type's own list, then
beginnings of words; a typing mistake counts only where nothing exact was found. Nonsense finds nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein

from server.cases.urgency import fold_text

Json = dict[str, Any]

#: Words that say nothing of what is wrong.
_EMPTY = frozenset({
    "a", "al", "algo", "alla", "aqui", "como", "con", "cual", "cuando", "de", "del", "desde", "donde",
    "el", "en", "es", "esa", "ese", "eso", "esta", "estan", "este", "esto", "ha", "hace", "hay", "he",
    "la", "las", "le", "les", "lo", "los", "me", "mi", "mis", "muy", "no", "nos", "o", "para", "pero",
    "por", "que", "quiero", "se", "si", "sin", "sobre", "son", "su", "sus", "te", "tengo", "un", "una",
    "uno", "unos", "unas", "y", "ya", "yo", "favor", "buenos", "dias", "tardes", "noches",
})  # fmt: skip
#: Letters from which on a mistake of one is forgiven.
_LONG = 5
_NAME, _PHRASE, _WORD, _STEM, _TYPO = 40.0, 24.0, 10.0, 5.0, 2.5


def _stem(word: str) -> str:
    """A word without the endings of number and gender; what is short stays."""
    for ending in ("es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 4 and word[-1] in "aoe" else word


def _words(text: str) -> list[str]:
    return [word for word in fold_text(text).split() if word not in _EMPTY]


def find_types(types: Mapping[str, Json], said: str, most: int = 6) -> list[str]:
    """Ids of the active types that ``said`` may mean, likeliest first."""
    plain, words = fold_text(said), _words(said)
    if not words:
        return []
    scored = {
        key: score
        for key, doc in types.items()
        if doc.get("active") and key != "unknown" and (score := _score(doc, plain, words, exact=True)) > 0
    }
    if not scored:
        scored = {
            key: score
            for key, doc in types.items()
            if doc.get("active")
            and key != "unknown"
            and (score := _score(doc, plain, words, exact=False)) > 0
        }
    return sorted(scored, key=lambda key: (-scored[key], key))[:most]


def _score(doc: Json, plain: str, words: list[str], *, exact: bool) -> float:
    name = fold_text(doc["name"])
    phrases = [fold_text(word) for word in doc.get("words") or ()]
    score = _NAME if name == plain else 0.0
    score += sum(_PHRASE for phrase in phrases if " " in phrase and f" {phrase} " in f" {plain} ")
    known = {word for text in (name, *phrases) for word in text.split()} - _EMPTY
    score += sum(_best(word, known, exact) for word in set(words))
    # Of two that match alike, the one whose own name was said.
    return score + 0.5 * sum(1 for word in words if word in name.split()) if score else 0.0


def _best(word: str, known: Iterable[str], exact: bool) -> float:
    known = set(known)
    if word in known:
        return _WORD
    if _stem(word) in {_stem(other) for other in known}:
        return _WORD - 1
    if exact:
        return _STEM if len(word) >= 4 and any(other.startswith(word) for other in known) else 0.0
    if len(word) < _LONG:
        return 0.0
    near = any(
        DamerauLevenshtein.distance(word, other, score_cutoff=1) <= 1
        for other in known
        if len(other) >= _LONG
    )
    return _TYPO if near else 0.0
