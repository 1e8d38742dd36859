"""The notation of ``schemas/cases/fold.json`` (see ``schemas/README.md``) made into records."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from server.documents.shapes import Record
from server.instants import say
from tests.tables import table

Json = dict[str, Any]

START = datetime(2026, 11, 22, 16, tzinfo=UTC)
_CARRIED = ("routing", "triage", "deadlines", "classification", "month")


def uuid(n: int, family: int) -> str:
    return f"0192f3a0-{family:04x}-7000-8000-{n:012x}"


def report_id(n: int) -> str:
    return uuid(n, 1)


def event_id(n: int) -> str:
    return f"event:{report_id(1)}:{uuid(n, 2)}"


def moment(minutes: Any) -> str:
    return say(START + timedelta(minutes=minutes))


def expand(value: Any) -> Any:
    """The value with ``@n``, ``#n`` and ``T+n`` replaced by what they stand for."""
    if isinstance(value, dict):
        return {member: expand(inner) for member, inner in value.items()}
    if isinstance(value, list):
        return [expand(inner) for inner in value]
    if isinstance(value, str):
        if match := re.fullmatch(r"@(\d+)", value):
            return event_id(int(match[1]))
        if match := re.fullmatch(r"#(\d+)", value):
            return report_id(int(match[1]))
        if match := re.fullmatch(r"T([+-][\d.]+)", value):
            return moment(float(match[1]))
    return value


def _event(short: Json, earlier: list[int], person: Json) -> Json:
    n = short["n"]
    return {
        "_id": event_id(n),
        "schema": "event.v1",
        "kind": short["kind"],
        "actor": person["account"],
        "role": person["role"],
        "device": f"{person['account']}~3f2b8c1e-9d54-4c06-8a37-5b1f0e6d7c21",
        "device_seq": n,
        "prev": None,
        "based_on": [event_id(seen) for seen in short.get("saw", earlier)],
        "occurred_at": moment(short.get("at", n)),
        "position": short.get("position", {"source": "none"}),
        "payload": expand(short.get("payload", {})),
        "photos": [
            {"sha256": letter * 64, "origin": "camera", "bytes": 1000, "type": "image/jpeg"}
            for letter in short.get("photos", ())
        ],
        "app": "0.1.0",
        "privacy_notice": None,
        "sig": "A" * 86,
    }


def records(given: Json, cast: Json | None = None) -> list[Record]:
    """The ``record.v1`` documents of a history, in the order it is written."""
    people = cast or table("fold")["cast"]
    found: list[Record] = []
    earlier: list[int] = []
    for short in given["records"]:
        n = short["n"]
        record: Any = {
            "schema": "record.v1",
            "report": report_id(1),
            "admission": short.get("admitted", n),
            "received_at": expand(short.get("received", f"T+{n}")),
            "effective_at": moment(short.get("at", n)),
            "late": short.get("late", False),
            "flags": short.get("flags", []),
            **{member: expand(short[member]) for member in _CARRIED if member in short},
        }
        if "judged" in short:
            record["position"] = short["judged"]
        if "fact" in short:
            record["_id"] = f"record:{report_id(1)}:fact:{short['fact']['kind']}:{n}"
            record["fact"] = expand(short["fact"])
        else:
            person = people[short["by"]]
            record["_id"] = f"record:{report_id(1)}:{uuid(n, 2)}"
            record["event"] = _event(short, earlier, person)
            record.update(account=person["account"], role=person["role"], scope=person["scope"])
            earlier = [*earlier, n] if n not in earlier else earlier
        found.append(record)
    return found


def mismatch(expect: Any, found: Any, path: str = "") -> str | None:
    """Where ``expect`` does not match ``found``, by the README's rule; None where it does."""
    if isinstance(expect, dict) and isinstance(found, dict):
        for member, inner in expect.items():
            if wrong := mismatch(inner, found.get(member), f"{path}/{member}"):
                return wrong
        return None
    if isinstance(expect, list) and isinstance(found, list):
        if len(expect) != len(found):
            return f"{path}: {len(found)} items, not {len(expect)}: {found}"
        for index, inner in enumerate(expect):
            if wrong := mismatch(inner, found[index], f"{path}/{index}"):
                return wrong
        return None
    same = type(expect) is type(found) and expect == found
    return None if same else f"{path}: {found!r}, not {expect!r}"
