"""What a filter means, said a second time: by reading every report, without index, column or SQL."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from datetime import date, timedelta
from typing import Any

from server.cases.semaforo import semaforo
from server.instants import parse, say
from server.register.filters import NAMES, ONLY, Days, Filter
from server.register.scope import Scope
from tests.server.register.town import AGENCIES, CHANNELS, FLAGS, NOW, STATUSES, TYPES, ZONE

Json = dict[str, Any]
OPEN = {"captured", "in_progress", "reopened"}


def _plain(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return re.findall(r"\w+", "".join(sign for sign in decomposed if not unicodedata.combining(sign)))


def _says(text: str, wanted: str) -> bool:
    have = _plain(text)
    return all(any(word.startswith(part) for word in have) for part in _plain(wanted))


def _day(instant: str | None) -> str | None:
    return parse(instant).astimezone(ZONE).date().isoformat() if instant else None


def colour(report: Json) -> str:
    if report["status"] not in OPEN:
        return "closed"
    names = ("status", "priority", "amber_at", "due_at", "finished_at")
    return semaforo(say(NOW), ZONE, **{name: report[name] for name in names}).colour


def readable(report: Json, scope: Scope) -> bool:
    if scope.everything:
        return scope.confidential or not report["confidential"]
    return scope.agency is not None and scope.agency in agencies(report)


def agencies(report: Json) -> set[str]:
    return {entry["agency"] for entry in report["assignments"]} | ({report["agency"]} - {None})


def in_agencies(reports: list[Json]) -> dict[str, int]:
    """Reports by agency as their lists have them: one that several have counts for each."""
    return dict(Counter(agency for report in reports for agency in agencies(report) or {""}))


def means(report: Json, wanted: Filter, people: dict[str, Json]) -> bool:
    place, assigned = report["place"], [e["at"] for e in report["timeline"] if e["kind"] == "assigned"]
    person = people.get(report["citizen"] or "", {}).get("content", {})
    said = " ".join(str(part) for part in (report["text"], place.get("street"), place.get("colonia")) if part)
    own = {
        "status": report["status"],
        "channel": report["channel"],
        "type": report["type"],
        "family": report["family"],
        "department": report["department"],
        "colonia": place.get("colonia"),
        "sector": place.get("sector"),
        "block": place.get("block"),
        "holder": report["taken_by"][-1]["account"] if report["taken_by"] else None,
        "priority": str(report["priority"]),
        "colour": colour(report),
        "delegation": None,
    }
    many = {
        "agency": agencies(report),
        "flag": set(report["flags"]),
        "user": {e["actor"] for e in report["timeline"]},
        "brigade": {e["brigade"] for e in report["assignments"]},
        "folio": {report["folio"], report["provisional_folio"], *report["aliases"]},
    }
    days = {
        "captured": _day(report["captured_at"]),
        "due": _day(report["due_at"]),
        "finished": _day(report["finished_at"]),
        "reassigned": _day(max(assigned)) if len(assigned) > 1 else None,
    }
    yes = {
        "open": report["status"] in OPEN,
        "closed": report["status"] not in OPEN,
        "reassigned": len(assigned) > 1,
        "reopened": any(e["kind"] == "reopened" for e in report["timeline"]),
        "flagged": bool(report["flags"]),
        "unclassified": report["agency"] is None and report["status"] in OPEN,
        "duplicate": bool(report["duplicate_of"] or report["duplicates"]),
        "unanswered": report["answered_at"] is None,
        "not_solved": bool(report["verified"]) and not report["verified"]["solved"],
        "verified": bool(report["verified"]),
        "confidential": report["confidential"],
        "danger": report["danger"],
        "placeless": place.get("lat") is None and place.get("block") is None,
        "person": report["citizen"] is not None,
        "unheld": not report["taken_by"] and report["status"] in OPEN,
        "no_brigade": not any(e["brigade"] for e in report["assignments"]) and report["status"] in OPEN,
    }
    for name in NAMES:
        value = getattr(wanted, name)
        if not value:
            continue
        if isinstance(value, Days):
            day = days[name]
            if day is None or not (value.first or "") <= day <= (value.last or "9"):
                return False
        elif name in own:
            if own[name] not in value:
                return False
        elif name in many:
            if not many[name] & set(value):
                return False
        elif name == "only":
            if not all(yes[ONLY[word]] for word in value):
                return False
        elif name == "words":
            if not _says(said, value):
                return False
        elif name == "street":
            if not _says(place.get("street", ""), value):
                return False
        elif name == "person":
            if not _says(person.get("name", ""), value):
                return False
        elif re.sub(r"\D", "", person.get("phone", ""))[-10:] != re.sub(r"\D", "", value)[-10:]:
            return False
    return True


def any_filter(rng: random.Random) -> Filter:
    """A filter of one to four members, each of one to three values."""
    choices: dict[str, list[Any]] = {
        "status": list(STATUSES),
        "colour": ["emergency", "red", "amber", "green", "none", "closed"],
        "channel": list(CHANNELS),
        "type": list(TYPES),
        "family": list(TYPES.values()),
        "agency": [a for a in AGENCIES if a],
        "department": ["norte", "sur"],
        "brigade": ["luz-1", "bache-1"],
        "colonia": ["centro", "obregon", "nowhere"],
        "sector": ["norte", "sur"],
        "block": ["b1", "b7"],
        "priority": ["1", "2", "3", "4"],
        "holder": ["mesa", "olga"],
        "user": ["mesa", "norma", "nobody"],
        "flag": list(FLAGS),
        "only": list(ONLY),
        "folio": ["VP-000007", "VP-000012", "OLD-3", "ABCD00005"],
    }
    members: dict[str, Any] = {}
    for name in rng.sample(
        [*choices, "captured", "due", "finished", "reassigned", "words", "street", "person", "phone"],
        rng.choice([1, 1, 2, 3, 4]),
    ):
        if name in choices:
            members[name] = tuple(
                rng.sample(choices[name], min(len(choices[name]), rng.choice([1, 1, 2, 3])))
            )
        elif name == "words":
            members[name] = rng.choice(["lampara", "LÁMPARA fund", "nino", "agua sucia", "juarez"])
        elif name == "street":
            members[name] = rng.choice(["juarez", "mayo", "nunez", "balboa ñ"])
        elif name == "person":
            members[name] = rng.choice(["amatista", "nunez", "luz peña", "lop"])
        elif name == "phone":
            members[name] = rng.choice(["4771234567", "+52 477 765 4321", "045 477 111 2223"])
        else:
            first = date(2026, 11, 23) - timedelta(days=rng.randrange(300))
            last = first + timedelta(days=rng.randrange(120))
            members[name] = Days(
                *rng.choice(
                    [
                        (first.isoformat(), last.isoformat()),
                        (first.isoformat(), None),
                        (None, last.isoformat()),
                    ]
                )
            )
    return Filter(**members)
