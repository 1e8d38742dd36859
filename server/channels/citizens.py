"""Citizen documents that a page or a channel makes: personal data apart, under an id that covers it.

Law: without the notice having been given there is no document. Pure: the salt and the moment are passed in.
"""

from __future__ import annotations

from server.cases.canonical import citizen_hash
from server.documents.shapes import Citizen, CitizenContent


def citizen(content: CitizenContent, salt: str, notice: str, at: str, uuid: str) -> Citizen:
    """A ``citizen.v1``. ``salt``: 32 hex digits; ``at``: when consent was given, an instant; ``uuid``: 7."""
    return {
        "_id": f"citizen:{uuid}:{citizen_hash(content, salt)}",
        "schema": "citizen.v1",
        "content": content,
        "salt": salt,
        "notice": notice,
        "consented_at": at,
    }
