"""What a mailbox holds besides reports: its owner, blocks, the padrón, colleagues, incidents, troubles.

Law: as for reports: every document is made from the truth alone, and only what the role needs goes in.
A leader's telephone is for the sector leader, not for the neighbours. Pure: values in, decisions out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from server.accounts.model import Account
from server.cases.scope import Scope
from server.documents.ground import Ground
from server.documents.shapes import Incident, Leader, MunicipalSettings
from server.documents.trouble import Trouble

#: Members of a refusal or quarantine document that the desk reads.
_TROUBLE = ("event", "kind", "code", "message", "reason", "at", "actor", "device")
_INCIDENT = ("_id", "schema", "name", "opened_at", "opened_by", "closed_at", "reports", "text", "types")
_LEADER = ("_id", "schema", "name", "phone", "blocks", "status", "term", "account")

#: Colleagues to whom work can be assigned.
_ASSIGNABLE = frozenset({"brigade", "civil_protection", "agency"})


def profile(account: Account, scope: Scope, settings: MunicipalSettings) -> dict[str, Any]:
    """``profile``: the owner as the municipality knows it."""
    term = {"from": account.term_from, "until": account.term_until}
    return {
        "_id": "profile",
        "account": account.id,
        "name": account.name,
        # Their own number, so that who agrees to be called need not type it.
        **({"phone": account.phone} if account.phone else {}),
        "role": account.role,
        "blocks": scope["blocks"] if scope["in_office"] else [],
        "sector": scope["sector"],
        "agency": scope["agency"],
        "brigade": scope["brigade"],
        "term": term if any(term.values()) else None,
        "municipality": settings.get("municipality"),
    }


def sectors_of(scope: Scope, blocks: Mapping[str, Ground]) -> set[str]:
    """The sectors whose blocks an account's map shows: a leader's own."""
    if not scope["in_office"]:
        return set()
    sector = scope.get("sector")
    if scope["role"] == "sector_leader":
        return {sector} if sector else set()
    if scope["role"] != "block_leader":
        return set()
    found = {blocks[block].get("sector") for block in scope["blocks"] if block in blocks}
    return {name for name in (*found, sector) if name}


def held_paper(shown: int, total: int) -> dict[str, Any]:
    """``held``: that a mailbox over its cap holds ``shown`` of the ``total`` reports its owner may see."""
    return {"_id": "held", "shown": shown, "total": total}


def block_paper(
    block: str, doc: Ground, geometry: Any, leader: Account | None, *, with_phone: bool
) -> dict[str, Any]:
    """``block:<id>`` with its leader's name; the telephone only for the sector leader.

    ``geometry`` is its drawing (``drawings``).
    """
    shown: dict[str, str] | None = None
    if leader is not None:
        shown = {"account": leader.id, "name": leader.name}
        if with_phone and leader.phone:
            shown["phone"] = leader.phone
    return {
        "_id": f"block:{block}",
        "name": doc.get("name"),
        "sector": doc.get("sector"),
        "colonia": doc.get("colonia"),
        "leader": shown,
        "vacant": leader is None,
        "geometry": geometry,
    }


def leader_paper(doc: Leader) -> dict[str, Any]:
    """``leader:<id>``: an entry of the padrón."""
    return _some(doc, _LEADER)


def _some(doc: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: doc[name] for name in names if name in doc}


def colleague_paper(account: Account) -> dict[str, Any]:
    """``colleague:<account>``: whom one can assign work to."""
    return {
        "_id": f"colleague:{account.id}",
        "name": account.name,
        "role": account.role,
        "agency": account.agency,
        "brigade": account.brigade,
    }


def is_assignable(scope: Scope) -> bool:
    return scope["role"] in _ASSIGNABLE and bool(scope["in_office"])


def incident_paper(doc: Incident) -> dict[str, Any]:
    return _some(doc, _INCIDENT)


def trouble_paper(doc: Trouble) -> dict[str, Any]:
    """``refusal:…`` and ``quarantine:…`` as the desk lists them."""
    return {"_id": doc["_id"], **{name: doc.get(name) for name in _TROUBLE}}
