"""A person in the register: what a citizen document says, and the digits a telephone is found by.

Law: ten digits are one number, however they were written: with 044, 045, +52 or +52 1 before them
(Plan Técnico Fundamental de Numeración, in force since 2019-08-03). Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

import phonenumbers

from server.documents.shapes import Citizen


@dataclass(frozen=True, slots=True)
class Person:
    """``digits``: the ten digits of a Mexican number, or what ``phone`` has of them."""

    citizen: str
    name: str | None
    phone: str | None
    digits: str | None
    email: str | None
    address: str | None


def digits_of(phone: str | None) -> str | None:
    """The digits by which a telephone is found; None where there are none."""
    digits = "".join(sign for sign in phone or "" if sign in "0123456789")
    for old in ("044", "045", "01"):
        # What was dialled before the number until 2019.
        if digits.startswith(old) and len(digits) == 10 + len(old):
            digits = digits[len(old) :]
    if len(digits) == 13 and digits.startswith("521"):
        digits = digits[3:]
    try:
        number = phonenumbers.parse(digits if len(digits) == 10 else "+" + digits, "MX")
        if number.country_code == 52:
            digits = str(number.national_number)
    except phonenumbers.NumberParseException:
        pass
    return digits or None


def person_of(doc: Citizen) -> Person | None:
    """The person of a ``citizen.v1``; None for one without content (redacted)."""
    content = doc.get("content")
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
