"""What a citizen's document says wrongly, put right beside it: the original is what was signed, and stays.

Law: the event's id covers the hash of the original content, so nobody edits that; what was put right shows
instead, everywhere, with what it was before, until an erasure takes both.
"""

from __future__ import annotations

from typing import Any

from server.clock import Clock
from server.documents.ids import key_of
from server.instants import say
from server.persons.telephones import digits_of
from server.problems import Problem
from server.store.databases import Databases
from sync.errors import Conflict

Json = Any

_HEAD = "citizen:"
#: Earlier contents that are kept, the newest first.
MOST = 50


def rectified_id(citizen: str) -> str:
    return "rectified:" + citizen.removeprefix(_HEAD)


def citizen_id(name: str) -> str:
    """The citizen document that a document of ``citizens`` is about: itself, or the one it puts right."""
    return _HEAD + key_of(name)


def shown(citizen: Json, rectified: Json | None) -> Json:
    """The content that holds: empty where the law had it erased."""
    original = citizen.get("content") or {}
    if not original or rectified is None:
        return original
    return rectified.get("content") or original


async def contents(databases: Databases, citizens: list[str]) -> dict[str, Json]:
    """What each of these documents says now, by id; erased ones are empty, those not there are left out."""
    wanted = list(dict.fromkeys(citizens))
    found = await databases.citizens.get_many([*wanted, *map(rectified_id, wanted)]) if wanted else {}
    return {key: shown(found[key], found.get(rectified_id(key))) for key in wanted if key in found}


async def rectify(
    databases: Databases,
    clock: Clock,
    by: str,
    citizen: str,
    content: Json,
    *,
    reason: str,
    notice: str | None,
    seen: str,
) -> None:
    """Put a document's content right; ``notice``: one that the person was shown now; ``seen``: the revision
    of the rectification that stood, empty for none.

    Raises ``not_found`` for a document that is erased or not there, ``edit_conflict`` where another came
    between.
    """
    name = rectified_id(citizen)
    found = await databases.citizens.get_many([citizen, name])
    original, before = found.get(citizen), found.get(name)
    if original is None or not original.get("content"):
        raise Problem("not_found", "the document is erased or not there")
    if (before or {}).get("_rev", "") != seen:
        raise Problem("edit_conflict", "somebody else put it right meanwhile")
    at = say(clock.now())
    doc: Json = {
        "_id": name,
        "schema": "rectified.v1",
        "citizen": citizen,
        "content": content,
        "notice": notice or (before or original).get("notice"),
        "consented_at": at if notice else (before or original).get("consented_at"),
        "at": at,
        "by": by,
        "reason": reason,
        "earlier": [],
    }
    if before is not None:
        was = {member: before[member] for member in ("content", "notice", "at", "by", "reason")}
        doc |= {"_rev": before["_rev"], "earlier": [was, *before["earlier"]][:MOST]}
    try:
        await databases.citizens.put(doc)
    except Conflict:
        raise Problem("edit_conflict", "somebody else put it right meanwhile") from None


def read_content(name: str, phone: str, email: str, address: str) -> tuple[Json, dict[str, str]]:
    """A content from a form's fields, and what is wrong with them (es-MX). Pure."""
    wrong: dict[str, str] = {}
    if phone and len(digits_of(phone) or "") != 10:
        wrong["telefono"] = "El teléfono debe tener diez dígitos."
    if email and ("@" not in email or any(sign.isspace() for sign in email)):
        wrong["correo"] = "El correo no está bien escrito."
    given = {"name": name, "phone": phone[:40], "email": email, "address": address}
    content = {member: said for member, said in given.items() if said}
    if not content:
        wrong["nombre"] = "Quedaría sin datos. Para borrarlos se hace una cancelación."
    return content, wrong
