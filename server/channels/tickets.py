"""The code on a citizen's ticket: who has it may read what was answered, beside what anybody may.

Law TICKET-1: eight Crockford characters, 40 bits of an HMAC of the report's id under the installation's
secret. It is stored nowhere, and neither folio nor id leads to it. It is compared in constant time. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from server.cases.folio import ALPHABET

_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def code_of(secret: bytes, report: str) -> str:
    """``K7Q2-M9XT`` for a report's uuid."""
    digest = hmac.new(secret, b"ticket:" + report.encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:5])
    text = "".join(ALPHABET[(number >> shift) & 31] for shift in range(35, -1, -5))
    return f"{text[:4]}-{text[4:]}"


def is_code(secret: bytes, report: str, said: str) -> bool:
    """Whether ``said`` is the report's code: case, spaces and hyphens are nothing, O is 0, I and L are 1."""
    letters = re.sub(r"[\s\u2010-\u2015-]", "", said[:40]).upper().translate(_READ_AS)
    wanted = code_of(secret, report).replace("-", "")
    return hmac.compare_digest(wanted.encode(), letters.encode("utf-8", "replace"))
