"""What the assistant says, by name: ``sentences.json``.

Law: every sentence a citizen reads in a conversation stands there, in Spanish; a name that is missing is an
error at once. Pure, but for reading the file once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import orjson


@cache
def _book() -> dict[str, str]:
    read: dict[str, str] = orjson.loads(Path(__file__).with_name("sentences.json").read_bytes())
    return read


def sentence(name: str, **values: object) -> str:
    """The sentence of that name, filled in. Raises ``KeyError``."""
    return _book()[name].format(**values).strip()
