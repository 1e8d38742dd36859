"""A Spanish word reduced to what it sounds like and to its stem: "cayeron", "calló" and "se caen" are one.

Law: the phone does the very same (``pwa/src/app/finding/sounding.ts``); ``schemas/cases/type_words.json``
holds both. Pure.
"""

from __future__ import annotations

import re
import unicodedata

import orjson

from server.documents.contracts import contract

#: Spelled alike or sounded alike, in this order.
_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        ("ch", "1"),
        ("ph", "f"),
        ("gu(?=[ei])", "2"),
        ("g(?=[ei])", "j"),
        ("2", "g"),
        ("qu(?=[ei])|q", "k"),
        ("c(?=[ei])", "s"),
        ("c", "k"),
        ("z|x", "s"),
        ("v", "b"),
        ("ll", "y"),
        ("h", ""),
        ("n(?=[bp])", "m"),
        ("^w|^gu(?=a)", "w"),
        ("(?<=[aeou])y(?![aeiou])", "i"),
        ("([a-z0-9])\\1", "\\1"),
    )
)
#: Of number, gender, person, tense and size, as they sound; the longest that leaves three letters goes.
_ENDINGS: tuple[str, ...] = tuple(
    sorted(orjson.loads(contract("finding/lexicon.json"))["endings"].split(), key=len, reverse=True)
)
_ORDINAL = str.maketrans({"º": "o", "ª": "a", "°": "o"})


def fold(text: str) -> str:
    """Lower case without accents (ñ as n), words separated by single spaces; "2ª" is "2a"."""
    plain = unicodedata.normalize("NFKD", text.translate(_ORDINAL).casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", " ", letters).strip()


def sound(word: str) -> str:
    """How a folded word sounds to who writes as he speaks."""
    for pattern, to in _SOUNDS:
        word = pattern.sub(to, word)
    return word


def stem(word: str) -> str:
    """The stem of a folded word, as it sounds; what is short or a number stays whole."""
    heard = sound(word)
    if len(heard) <= 3 or heard[0].isdigit():
        return heard
    for ending in _ENDINGS:
        if heard.endswith(ending) and len(heard) - len(ending) >= 3:
            heard = heard[: -len(ending)]
            break
    # "muerde" and "morder", "cierra" and "cerrar"; "apague" and "apagar".
    return heard.replace("ue", "o").replace("ie", "e")
