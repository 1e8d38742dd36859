"""A person in the register: what a citizen document says now, and by which digits it is found. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.persons.rectifying import shown
from server.persons.telephones import digits_of


@dataclass(frozen=True, slots=True)
class Person:
    """``digits``: the ten digits of a Mexican number, or what ``phone`` has of them."""

    citizen: str
    name: str | None
    phone: str | None
    digits: str | None
    email: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """A ``person.v1``: its documents, the digits of telephones besides, whom it was joined to."""

    number: int
    merged_into: int | None
    citizens: tuple[str, ...]
    phones: tuple[str, ...]


def group_of(doc: Mapping[str, Any]) -> Group:
    phones = [digits for phone in doc["phones"] if (digits := digits_of(phone))]
    citizens = tuple(entry["citizen"] for entry in doc["citizens"])
    return Group(doc["number"], doc["merged_into"], citizens, tuple(phones))


def person_of(doc: Mapping[str, Any], rectified: Mapping[str, Any] | None = None) -> Person | None:
    """The person of a ``citizen.v1`` and its ``rectified.v1``; None for one without content (redacted)."""
    content = shown(doc, rectified)
    if not content:
        return None
    phone = content.get("phone")
    return Person(
        citizen=doc["_id"],
        name=content.get("name"),
        phone=phone,
        digits=digits_of(phone),
        email=content.get("email"),
        address=content.get("address"),
    )
