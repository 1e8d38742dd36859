"""Every member of every kind has its decision: erased on demand, or kept, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from server.cases.personal import ERASABLE, KEPT, KEPT_WORDS

Json = Any

SCHEMAS = Path(__file__).parents[3] / "schemas"
SCHEMA: Json = json.loads((SCHEMAS / "event.v1.json").read_text())
#: What a pattern of free text forbids, and nothing more.
FREE = "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$"
#: Members of the event itself with words in them, and what becomes of each.
OWN_WORDS = {"app": "the app's version, written by no person"}


def payloads() -> dict[str, Json]:
    """The payload's schema of each kind."""
    found = {}
    for branch in SCHEMA["oneOf"]:
        payload = branch["properties"]["payload"]
        found[branch["properties"]["kind"]["const"]] = SCHEMA["$defs"][payload["$ref"].rpartition("/")[2]]
    return found


def holds_words(schema: Any) -> bool:
    """Whether a value of this schema can be text a person wrote, anywhere within."""
    if isinstance(schema, list):
        return any(holds_words(part) for part in schema)
    if not isinstance(schema, dict):
        return False
    if "$ref" in schema:
        return holds_words(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    if schema.get("type") == "string" and not {"const", "enum"} & schema.keys():
        return bool(schema.get("pattern", FREE) == FREE)
    parts = [schema.get(name) for name in ("items", "additionalProperties", "anyOf", "oneOf", "allOf")]
    return holds_words([*parts, *schema.get("properties", {}).values()])


def test_every_member_of_every_kind_is_decided() -> None:
    members = {member for payload in payloads().values() for member in payload["properties"]}
    decided = [ERASABLE, KEPT, KEPT_WORDS.keys()]
    assert members | {"photos", "position"} == set().union(*decided)
    assert sum(map(len, decided)) == len(members) + 2, "each in one table"


def test_whatever_holds_words_can_be_erased_or_says_why_not() -> None:
    wordy = {
        (kind, member)
        for kind, payload in payloads().items()
        for member, schema in payload["properties"].items()
        if holds_words(schema)
    }
    assert {member for _, member in wordy} - KEPT_WORDS.keys() <= ERASABLE
    assert wordy >= {("finished", "materials"), ("captured", "answers")}, "words within are found"
    own = {name for name, schema in SCHEMA["properties"].items() if holds_words(schema)}
    assert own - {"position", "photos", "payload"} == OWN_WORDS.keys()


def test_whoever_asks_may_ask_for_each() -> None:
    request = json.loads((SCHEMAS / "request.v1.json").read_text())
    assert set(request["$defs"]["redactEvent"]["properties"]["members"]["items"]["enum"]) == ERASABLE
