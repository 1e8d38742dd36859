"""Telephones as people write them, and the digits by which one is found.

Law: ten digits are one number, however they were written: with 044, 045, +52 or +52 1 before them
(Plan Técnico Fundamental de Numeración, in force since 2019-08-03). Pure.
"""

from __future__ import annotations

import phonenumbers


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


def stored(phone: str) -> str | None:
    """``+52`` and ten digits; None for what is no Mexican number."""
    digits = digits_of(phone)
    return f"+52{digits}" if digits is not None and len(digits) == 10 else None


def said(phone: str) -> str:
    """A telephone as it is read out: ``477 123 0987``."""
    digits = digits_of(phone) or ""
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}" if len(digits) == 10 else phone
