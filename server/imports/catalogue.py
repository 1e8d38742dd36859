"""Rows of a catalogue, of routing rules, of a padrón and of accounts, as documents.

Law: each function takes one row under our names and gives one document or refuses the row with its column; a
document it gives is valid by its schema. What a row leaves empty keeps the value the document already has.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from server.accounts.documents import AccountDoc
from server.accounts.model import check_account
from server.cases.validation import reasons
from server.catalogue import defaults
from server.documents import reading
from server.documents.ids import key_of
from server.documents.shapes import Agency, Leader, Option, PetitionType, Question, Rule, Term
from server.imports.dates import Order
from server.imports.findings import RowRefused
from server.imports.known import Known
from server.imports.values import boolean, day, integer, phone, slug, slugs, text, to_slug

#: A row of a table under our names.
Row = Mapping[str, Any]

TYPE_MEMBERS = frozenset(
    {
        "id", "name", "family", "pictogram", "agency", "department", "questions", "days", "working_days",
        "amber_days", "priority", "urgent", "confidential", "closing_photo", "closing_position",
        "closing_codes", "words", "duplicate_radius", "active",
    }
)  # fmt: skip
RULE_MEMBERS = frozenset({"type", "family", "area", "agency", "department", "brigade"})
LEADER_MEMBERS = frozenset({"id", "name", "phone", "blocks", "sector", "status", "from", "until", "account"})
ACCOUNT_MEMBERS = frozenset(
    {
        "id", "name", "role", "phone", "blocks", "sector", "agency", "department", "brigade", "from", "until",
        "active",
    }
)  # fmt: skip

#: What a petition type is when its row says no more.
_PLAIN: dict[str, Any] = {
    "questions": [], "days": 10, "working_days": True, "amber_days": 2, "priority": 3, "urgent": False,
    "confidential": False, "closing": {"done": True, "photo": False, "position": False}, "words": [],
    "duplicate_radius": 30, "active": True,
}  # fmt: skip
_FAMILIES = frozenset(family["id"] for family in defaults.families())
#: Roles as municipalities write them, besides our own names.
_ROLES = {
    "jefe-de-manzana": "block_leader", "jefa-de-manzana": "block_leader", "jefe-de-cuartel": "sector_leader",
    "jefa-de-cuartel": "sector_leader", "jefe-de-sector": "sector_leader", "jefa-de-sector": "sector_leader",
    "brigada": "brigade", "cuadrilla": "brigade", "proteccion-civil": "civil_protection", "mesa": "desk",
    "mesa-de-atencion": "desk", "dependencia": "agency", "auditoria": "auditor", "administracion": "admin",
}  # fmt: skip
_STATUS = {"activo": "active", "activa": "active", "pendiente": "pending", "vacante": "vacant"}


def _need(row: Row, *members: str) -> None:
    for member in members:
        if member not in row:
            raise RowRefused(member, None, "is missing")


def _checked(schema: str, doc: dict[str, Any]) -> Any:
    found = reasons(schema, doc)
    if found:
        where, _, why = found[0].partition(": ")
        raise RowRefused(where.strip("/").split("/")[0] or "row", None, why)
    return doc


def petition_type(row: Row, known: Known) -> PetitionType:
    """``type:<id>``; its id is the name's slug where the row has none."""
    _need(row, "name")
    type_id = slug("id", row.get("id", row["name"]))
    doc: dict[str, Any] = {**_PLAIN, **known.types.get(type_id, {})}
    doc |= {
        "_id": f"type:{type_id}",
        "schema": "type.v1",
        "name": text("name", row["name"], 200, lines=False),
    }
    if "family" in row:
        doc["family"] = slug("family", row["family"])
    if doc.get("family") not in _FAMILIES:
        raise RowRefused("family", row.get("family"), f"must be one of {', '.join(sorted(_FAMILIES))}")
    doc["pictogram"] = slug("pictogram", row.get("pictogram", doc.get("pictogram", doc["family"])))
    if "agency" in row or "agency" not in doc:
        _need(row, "agency")
        before = doc.get("agency")
        doc["agency"] = key_of(known.agency("agency", row["agency"])["_id"])
        if doc["agency"] != before:
            doc.pop("department", None)
    agency = known.agency("agency", doc["agency"])
    if "department" in row:
        doc["department"] = known.department("department", agency, row["department"])
    for member, least, most in (("days", 0, 3650), ("amber_days", 0, 3650), ("priority", 1, 4)):
        if member in row:
            doc[member] = integer(member, row[member], least, most)
    if "days" in row and "amber_days" not in row:
        doc["amber_days"] = min(doc["amber_days"], max(0, doc["days"] - 1))
    for member in ("working_days", "urgent", "confidential", "active"):
        if member in row:
            doc[member] = boolean(member, row[member])
    if "duplicate_radius" in row:
        doc["duplicate_radius"] = integer("duplicate_radius", row["duplicate_radius"], 0, 5000)
    if "words" in row:
        doc["words"] = [
            text("words", word, 200, lines=False) for word in re.split(r"[,;|]", row["words"]) if word.strip()
        ]
    if "questions" in row:
        doc["questions"] = questions(row["questions"])
    closing = dict(doc["closing"])
    for member in ("photo", "position"):
        if f"closing_{member}" in row:
            closing[member] = boolean(f"closing_{member}", row[f"closing_{member}"])
    if "closing_codes" in row:
        closing["codes"] = _options("closing_codes", row["closing_codes"])
    doc["closing"] = closing
    return reading.petition_type(_checked("type.v1", doc))


def questions(written: str) -> list[Question]:
    """Short questions from one cell: ``¿Cuántas?: número; ¿Cómo está?: bien | mal; ¿Peligro?: sí/no``."""
    found: list[Question] = []
    for part in filter(None, (part.strip() for part in written.split(";"))):
        asked, colon, kind = part.rpartition(":")
        if not colon:
            raise RowRefused(
                "questions", part, "write each as  question: kind  and separate them by semicolons"
            )
        question: Question = {
            "id": to_slug(asked)[:40].strip("-") or f"p{len(found) + 1}",
            "text": text("questions", asked, 200),
            "kind": "choice",
        }
        plain = to_slug(kind)
        if plain in ("numero", "number"):
            question["kind"] = "number"
        elif plain in ("si-no", "boolean"):
            question["kind"] = "boolean"
        elif plain in ("texto", "text"):
            question["kind"] = "text"
        else:
            question["options"] = _options("questions", kind)
        found.append(question)
    if len({question["id"] for question in found}) < len(found):
        raise RowRefused("questions", written, "asks the same question twice")
    return found


def _options(column: str, written: str) -> list[Option]:
    texts = [part.strip() for part in written.split("|") if part.strip()]
    options: list[Option] = [
        {"value": slug(column, part), "text": text(column, part, 200, lines=False)} for part in texts
    ]
    if len({option["value"] for option in options}) < len(options) or not options:
        raise RowRefused(column, written, "needs different answers, separated by bars")
    return options


def rule(row: Row, known: Known) -> Rule:
    """One routing rule; rules keep the file's order, and the first that matches wins."""
    _need(row, "agency")
    agency = known.agency("agency", row["agency"])
    found: Rule = {"agency": key_of(agency["_id"])}
    if "type" in row:
        found["type"] = known.type("type", row["type"])
    if "family" in row:
        found["family"] = slug("family", row["family"])
        if found["family"] not in _FAMILIES:
            raise RowRefused("family", row["family"], "is no family")
    if "area" in row:
        kind, colon, key = str(row["area"]).partition(":")
        name = f"{slug('area', kind)}:{slug('area', key)}" if colon else slug("area", kind)
        found["area"] = known.area("area", name)
    if "department" in row:
        found["department"] = known.department("department", agency, row["department"])
    if "brigade" in row:
        found["brigade"] = slug("brigade", row["brigade"])
        if found["brigade"] not in {brigade["id"] for brigade in agency["brigades"]}:
            raise RowRefused("brigade", row["brigade"], "is no brigade of that agency")
    return found


def leader(row: Row, known: Known) -> Leader:
    """``leader:<id>`` of the padrón. A row without a name is a vacancy."""
    _need(row, "blocks")
    if "name" not in row and ("phone" in row or "account" in row):
        raise RowRefused("name", None, "is missing, though the row has a telephone or an account")
    blocks = [known.block("blocks", block) for block in slugs("blocks", row["blocks"])]
    if not blocks:
        raise RowRefused("blocks", row["blocks"], "names no block")
    status = to_slug(row.get("status", "active" if "name" in row else "vacant"))
    status = _STATUS.get(status, status)
    if status != "vacant":
        _need(row, "name")
    key = slug("id", row.get("id") or row.get("account") or row.get("name") or f"vacante.{blocks[0]}")
    doc: dict[str, Any] = {
        "_id": f"leader:{key}",
        "schema": "leader.v1",
        "name": text("name", row.get("name", "Vacante"), 200, lines=False),
        "blocks": blocks,
        "sector": slug("sector", row["sector"]) if "sector" in row else known.blocks[blocks[0]].get("sector"),
        "status": status,
        "term": _term(row, known.order),
        "account": slug("account", row["account"]) if "account" in row else None,
    }
    if "phone" in row:
        doc["phone"] = phone("phone", row["phone"])
    if doc["account"] is not None and doc["account"] not in known.accounts:
        raise RowRefused("account", row["account"], "is no account: import the accounts first")
    return reading.leader(_checked("leader.v1", doc))


def account(row: Row, known: Known) -> AccountDoc:
    """``account:<id>``; passwords are never imported."""
    _need(row, "name", "role")
    key = slug("id", row["id"] if "id" in row else row["name"].replace(" ", "."))
    role = to_slug(row["role"])
    role = _ROLES.get(role, role.replace("-", "_"))
    before = known.accounts.get(key)
    doc: dict[str, Any] = {
        "_id": f"account:{key}",
        "schema": "account.v1",
        "name": text("name", row["name"], 120, lines=False),
        "role": role,
        "active": boolean("active", row.get("active", "si")),
        "term": _term(row, known.order),
        "generation": before.get("generation", 1) if before else 1,
    }
    if "phone" in row:
        doc["phone"] = phone("phone", row["phone"])
    if "blocks" in row:
        doc["blocks"] = [known.block("blocks", block) for block in slugs("blocks", row["blocks"])]
        doc.setdefault("sector", known.blocks[doc["blocks"][0]].get("sector") if doc["blocks"] else None)
    if "sector" in row:
        doc["sector"] = slug("sector", row["sector"])
        if doc["sector"] not in known.sectors:
            raise RowRefused("sector", row["sector"], "is no sector of this municipality")
    if "agency" in row:
        agency = known.agency("agency", row["agency"])
        doc["agency"] = key_of(agency["_id"])
        if "department" in row:
            doc["department"] = known.department("department", agency, row["department"])
    if "brigade" in row:
        doc["brigade"] = slug("brigade", row["brigade"])
    why = check_account({**(before or {}), **doc})
    if why is not None:
        raise RowRefused("role", row["role"], why)
    made: AccountDoc = _checked("account.v1", doc)
    return made


def _term(row: Row, order: Order) -> Term | None:
    if "from" not in row and "until" not in row:
        return None
    _need(row, "from")
    until = day("until", row["until"], order) if "until" in row else None
    return {"from": day("from", row["from"], order), "until": until}


def brigades_named(accounts: Iterable[AccountDoc], known: Known) -> list[Agency]:
    """The agencies that gain a brigade because an account or a rule belongs to it."""
    changed: dict[str, Agency] = {}
    for doc in accounts:
        agency = known.agencies.get(doc.get("agency") or "")
        brigade_id = doc.get("brigade")
        if not brigade_id or agency is None:
            continue
        if brigade_id not in {brigade["id"] for brigade in agency["brigades"]}:
            agency["brigades"] = [*agency["brigades"], {"id": brigade_id, "name": doc["name"]}]
            changed[agency["_id"]] = agency
    return list(changed.values())
