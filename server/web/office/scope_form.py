"""An account's scope on a form: chosen from what the municipality has, never typed as an id.

Law: nobody is given a block, a sector, an agency or a brigade that does not exist; what is wrong is said at
its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from server.accounts.documents import AccountDoc
from server.accounts.model import SUPERVISED, Account, check_account, is_slug
from server.documents.folding import folded
from server.documents.ground import Ground
from server.documents.ids import key_of
from server.web.office.frame import Page, Wrong
from server.web.office.places import blocks_of, delegations_of, sectors_of
from server.web.office.reference import Names, names

#: Options of a select: title of the group (empty for none), then value and words.
Groups = list[tuple[str, list[tuple[str, str]]]]

_NEEDED = {
    "sector_leader": ("sector", "Elija el cuartel."),
    "brigade": ("cuadrilla", "Elija la brigada. Si aún no existe, dela de alta en el catálogo."),
    "agency": ("dependencia", "Elija la dependencia."),
}


def agency_groups(known: Names, *, kept: str = "") -> Groups:
    """Agencies and, under each, its departments, as ``agency`` and ``agency/department``; retired ones only
    where they are what stands (``kept``).
    """
    found: Groups = []
    for key, doc in sorted(known.agencies.items(), key=lambda pair: str(pair[1].get("name"))):
        if not doc.get("active", True) and not kept.startswith(key):
            continue
        inner = [
            (f"{key}/{part['id']}", f"{doc['name']} · {part['name']}")
            for part in doc.get("departments") or ()
            if part.get("active", True) or kept == f"{key}/{part['id']}"
        ]
        found.append((str(doc["name"]), [(key, str(doc["name"])), *inner]))
    return found


def brigade_groups(known: Names, *, kept: str = "") -> Groups:
    """Brigades by agency, as ``agency/brigade``."""
    found: Groups = []
    for key, doc in sorted(known.agencies.items(), key=lambda pair: str(pair[1].get("name"))):
        inner = [
            (f"{key}/{part['id']}", str(part["name"]))
            for part in doc.get("brigades") or ()
            if (part.get("active", True) and doc.get("active", True)) or kept == f"{key}/{part['id']}"
        ]
        if inner:
            found.append((str(doc["name"]), inner))
    return found


async def choices(view: Page, account: Account | None) -> dict[str, Any]:
    """What the form's template needs: options, and what stands, under the fields' names."""
    known, sectors = await names(view.context), await sectors_of(view.context.databases)
    stands = {"dependencia": "", "cuadrilla": "", "sector": "", "manzanas": ""}
    if account is not None:
        stands["sector"] = account.sector or ""
        stands["dependencia"] = "/".join(filter(None, (account.agency, account.department)))
        if account.brigade:
            stands["cuadrilla"] = f"{account.agency or _home(known, account.brigade)}/{account.brigade}"
        blocks = await blocks_of(view.context.databases, account.blocks)
        stands["manzanas"] = ", ".join(str(blocks.get(key, {}).get("name") or key) for key in account.blocks)
    return {
        "stands": stands,
        "sectors": [("", sorted(sectors.items(), key=lambda pair: pair[1]))],
        "delegations": [("", [(name, name) for name in await _delegations(view, account)])],
        "agencies": agency_groups(known, kept=stands["dependencia"]),
        "brigades": brigade_groups(known, kept=stands["cuadrilla"]),
    }


async def _delegations(view: Page, account: Account | None) -> list[str]:
    """The delegaciones that the municipality's sectors lie in, and the one that stands."""
    stands = [account.delegation] if account is not None and account.delegation else []
    return sorted({*stands, *await delegations_of(view.context.databases)})


def _home(known: Names, brigade: str) -> str:
    """The agency that has a brigade."""
    return next(
        (key for key, doc in known.agencies.items()
         if any(part["id"] == brigade for part in doc.get("brigades") or ())), "",
    )  # fmt: skip


def _chosen(name: str, given: str, groups: Groups, *, whole: bool = False) -> tuple[str | None, str | None]:
    """The two halves of a chosen value, or the ``whole``. Raises ``Wrong`` for one that is not offered."""
    if not given:
        return None, None
    if given not in {key for _, options in groups for key, _ in options}:
        raise Wrong(name, "Elija de la lista.")
    if whole:
        return given, None
    first, _, second = given.partition("/")
    return first, second or None


async def edited(view: Page, doc: AccountDoc) -> AccountDoc:
    """``doc`` with the form's fields. Raises ``Wrong``."""
    if not is_slug(key_of(doc["_id"])):
        raise Wrong("cuenta", "Use minúsculas, números, punto o guion, sin espacios.", "account_invalid")
    before = Account.from_doc(doc) if "_rev" in doc else None
    offered = await choices(view, before)
    changed: AccountDoc = {**doc, "name": view.field("nombre")}
    phone = view.field("telefono", 40, required=False)
    changed.pop("phone", None)
    if phone:
        if not re.fullmatch(r"[0-9+(). -]{7,40}", phone):
            raise Wrong("telefono", "Escriba sólo los números del teléfono.")
        changed["phone"] = phone
    role = str(doc["role"])
    sector, _ = _chosen("sector", view.field("sector", 64, required=False), offered["sectors"])
    agency, department = _chosen(
        "dependencia", view.field("dependencia", 200, required=False), offered["agencies"]
    )
    home, brigade = _chosen("cuadrilla", view.field("cuadrilla", 200, required=False), offered["brigades"])
    if agency and home and home != agency:
        raise Wrong("cuadrilla", "Esa brigada es de otra dependencia.")
    blocks, sector = await _blocks(view, view.field("manzanas", 4_000, required=False), sector)
    given = {"sector": sector, "cuadrilla": brigade, "dependencia": agency}
    if role in _NEEDED and not given[_NEEDED[role][0]]:
        raise Wrong(*_NEEDED[role])
    changed["sector"], changed["agency"], changed["department"] = sector, agency or home, department
    changed["brigade"], changed["blocks"] = brigade, blocks
    if role in SUPERVISED and view.account.role == "admin":
        changed["supervisor"] = view.field("supervisa", 2, required=False) == "si"
    if role == "desk" and view.account.role == "admin":
        delegation, _ = _chosen(
            "delegacion", view.field("delegacion", 200, required=False), offered["delegations"], whole=True
        )
        changed["delegation"] = delegation
    begin, end = view.date_field("desde"), view.date_field("hasta")
    if end and (begin or view.today) > end:
        raise Wrong("hasta", "El periodo termina antes de empezar.")
    changed["term"] = {"from": begin or view.today, "until": end} if begin or end else None
    if reason := check_account(changed):
        raise Wrong("", f"La cuenta no se puede guardar así: {reason}.", "account_invalid")
    return changed


async def _blocks(view: Page, said: str, sector: str | None) -> tuple[list[str], str | None]:
    """The blocks that names, numbers or ids mean, and their sector. Raises ``Wrong``."""
    if not said:
        return [], sector
    every = await blocks_of(view.context.databases)
    pieces = [piece.strip() for piece in re.split(r"[,;\n]+", said) if piece.strip()]
    pieces = [
        part
        for piece in pieces
        for part in (piece.split() if all(word in every for word in piece.split()) else [piece])
    ]
    found: list[str] = []
    for piece in pieces:
        key = _meant(piece, every, sector)
        if key not in found:
            found.append(key)
    homes = {every[key].get("sector") for key in found}
    if len(homes) > 1:
        raise Wrong("manzanas", "Esas manzanas son de cuarteles distintos.")
    home = next(iter(homes))
    if sector and home and home != sector:
        raise Wrong("manzanas", "Esas manzanas no son del cuartel elegido.")
    return found, sector or home


def _meant(said: str, every: Mapping[str, Ground], sector: str | None) -> str:
    """The one block that somebody means. Raises ``Wrong``."""
    if said in every:
        return said
    wanted = folded(said)
    same: Iterable[str] = [
        key
        for key, doc in every.items()
        if wanted
        in (folded(str(doc.get("name") or "")), folded(str(doc.get("name") or "")).removeprefix("manzana "))
    ]
    here = [key for key in same if sector and every[key].get("sector") == sector]
    meant = here or list(same)
    if not meant:
        raise Wrong("manzanas", f"No hay una manzana «{said[:60]}» en el padrón.")
    if len(meant) > 1:
        raise Wrong("manzanas", f"Hay varias manzanas «{said[:60]}»: elija también el cuartel.")
    return meant[0]
