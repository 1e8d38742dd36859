"""The book of words: what people read for each code (``schemas/words.v1.json``, es-MX).

Law: a code that has no word here is an error of the book, which a test finds; a page then shows a dash, never
the code. Pure, but for reading the book once.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson

from server.documents.contracts import contract


@cache
def book() -> dict[str, dict[str, dict[str, str]]]:
    """Every chapter: code to ``{text, told?}``."""
    read: dict[str, Any] = orjson.loads(contract("words.v1.json"))
    return {name: chapter for name, chapter in read.items() if isinstance(chapter, dict)}


def text(chapter: str, code: object) -> str:
    """The word of a code in lists and labels; a dash where the book has none."""
    return book()[chapter].get(str(code), {}).get("text", "—")


def told(chapter: str, code: object) -> str:
    """How a history tells a code."""
    entry = book()[chapter].get(str(code), {})
    return entry.get("told") or entry.get("text", "—")


def texts(chapter: str) -> dict[str, str]:
    """Every code of a chapter with its word, in the book's order."""
    return {code: entry["text"] for code, entry in book()[chapter].items()}
