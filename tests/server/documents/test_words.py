"""The book of words has a word for every code that people meet."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from server.accounts.model import ROLES
from server.cases.semaforo import semaforo
from server.cases.transitions import KINDS
from server.documents.contracts import contract
from server.documents.words import book, text, texts, told
from server.register.filters import COLOURS

EVENT: Any = orjson.loads(contract("event.v1.json"))
RECORD: Any = orjson.loads(contract("record.v1.json"))
REPORT: Any = orjson.loads(contract("report.v1.json"))


def choices(definition: str, member: str) -> set[str]:
    """The values that a kind's payload allows for a member."""
    return set(EVENT["$defs"][definition]["properties"][member]["enum"])


def facts() -> set[str]:
    """Every kind of fact that a record may hold."""
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            kind = (
                node.get("properties", {}).get("kind", {}) if isinstance(node.get("properties"), dict) else {}
            )
            found.update([kind["const"]] if "const" in kind else kind.get("enum", ()))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(RECORD.get("$defs", {}).get("fact", RECORD))
    return found - set(EVENT["properties"]["kind"]["enum"])


CODES: dict[str, set[str]] = {
    "kind": set(EVENT["properties"]["kind"]["enum"]),
    "status": set(orjson.loads(contract("transitions.v1.json"))["statuses"]),
    "priority": {"1", "2", "3", "4"},
    "role": set(ROLES),
    "colour": set(COLOURS),
    "returned": choices("returned", "reason"),
    "not_viable": choices("not_viable", "reason"),
    "visited": choices("visited", "outcome"),
    "withdrawn": choices("withdrawn", "reason"),
    "answered": choices("answered", "by"),
    "for_whom": set(EVENT["$defs"]["forWhom"]["enum"]),
    "source": set(EVENT["$defs"]["source"]["enum"]),
    "fact": facts(),
    # What a phone says of its own work and photos: held to the app's types by its compiler.
    "custody": {"saved", "received", "accepted", "refused", "quarantined", "freed"},
    "photo": {"saved", "ready", "uploaded", "verified", "refused", "broken"},
    "assignment": set(REPORT["$defs"]["assignment"]["properties"]["status"]["enum"]),
}


@pytest.mark.parametrize("chapter", CODES)
def test_every_code_has_its_word_and_every_word_its_code(chapter: str) -> None:
    assert set(texts(chapter)) == CODES[chapter]
    assert all(text(chapter, code).strip() and told(chapter, code).strip() for code in CODES[chapter])


def test_no_chapter_is_without_its_codes() -> None:
    assert set(book()) == set(CODES)


def test_a_word_says_one_thing() -> None:
    for name, chapter in book().items():
        said = [entry["text"] for entry in chapter.values()]
        assert len(said) == len(set(said)), name


def test_every_kind_is_in_the_table_of_transitions_or_about_no_report() -> None:
    assert CODES["kind"] == {*KINDS, "incident_opened", "incident_closed", "leader_proposed"}


def test_what_is_not_in_the_book_is_a_dash() -> None:
    assert text("status", "no_such") == "—"


def test_the_semaforo_says_the_books_words() -> None:
    from zoneinfo import ZoneInfo

    zone, now = ZoneInfo("America/Mexico_City"), "2026-11-23T16:05:09.123Z"
    for status in ("not_viable", "withdrawn"):
        said = semaforo(now, zone, status, 3, None, None).words
        assert said == text("status", status)
