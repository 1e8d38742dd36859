"""What waits for a person: quarantine, refusals, flagged and unclassified reports."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response
from starlette.routing import Route

from server.cases.transitions import FLAGS
from server.documents.ids import blob_id, is_uuid, key_of, subject_if_event, uuid_of
from server.documents.words import texts
from server.intake.chores import requests
from server.problems import Problem
from server.store.scan import scan
from server.web.office.flag_help import HELP
from server.web.office.frame import Page, page
from server.web.office.listing import counted_presets
from server.web.office.places import named_places
from sync.errors import DatabaseNotFound, NotFound
from sync.interface import Database

#: Rows shown on one page; the newest stand first.
_SHOWN = 200


async def kind(database: Database, prefix: str, limit: int) -> list[Any]:
    """Documents whose id begins with ``prefix:``, the newest ids first."""
    return [row.read() async for row in scan(database, f"{prefix}:", most=limit, backwards=True)]


async def desk_mailbox(view: Page) -> Database | None:
    """The mailbox of the desk account that asks, else of any: what waits is the same for all of them."""
    own = [view.account] if view.account.role == "desk" else []
    for account in [*own, *view.context.directory.accounts()]:
        if account.role == "desk" and account.active:
            try:
                return await view.context.databases.open_mailbox(account.id, account.generation)
            except DatabaseNotFound:
                continue
    return None


async def home(view: Page) -> Response:
    mailbox = await desk_mailbox(view)
    context = view.context
    return view.show(
        "home.html",
        waiting=len(await kind(mailbox, "report", _SHOWN + 1)) if mailbox else 0,
        quarantined=len(await kind(context.databases.cases, "quarantine", _SHOWN + 1)),
        refused=len(await kind(context.databases.cases, "refusal", _SHOWN + 1)),
        photos=len(context.examination.aside),
        proposals=sum(
            1
            for doc in await kind(context.databases.registry, "proposal", _SHOWN)
            if doc.get("status", "pending") == "pending"
        ),
        accounts=sum(1 for account in context.directory.accounts() if account.active),
        phones=sum(1 for device in context.directory.devices() if not device.revoked_at),
        most=_SHOWN,
        presets=await counted_presets(view) if view.account.role != "admin" else [],
    )


@page()
async def front(view: Page) -> Response:
    """The first page after entering, by role."""
    if view.account.role == "agency":
        return view.show("agency.html", presets=await counted_presets(view))
    return await home(view)


@page("desk", "admin", "auditor")
async def troubles(view: Page) -> Response:
    """Quarantine and refusals, each with its code and sentence."""
    cases = view.context.databases.cases
    return view.show(
        "troubles.html",
        quarantined=await kind(cases, "quarantine", _SHOWN),
        refused=await kind(cases, "refusal", _SHOWN),
        photos=await photos_aside(view),
        why_aside=_ASIDE,
        accounts={account.id: account.name for account in view.context.directory.accounts()},
        most=_SHOWN,
    )


#: What kept a photo from being judged, in words.
_ASIDE = {
    "disk_full": "El servidor no tiene espacio para revisarla.",
    "disk": "El servidor no pudo leerla o guardarla.",
    "database": "La base de datos no respondió.",
    "machine": "La revisión falló.",
}


async def photos_aside(view: Page) -> list[dict[str, Any]]:
    """Photos that came whole and could not be judged: ``{at, kind, reports}``, the latest tries first."""
    aside = dict(view.context.examination.aside)
    ids = [blob_id(sha256) for sha256 in aside]
    docs = await view.context.databases.evidence.get_many(ids)
    found: list[dict[str, Any]] = []
    for sha256, one in sorted(aside.items(), key=lambda item: item[1].at, reverse=True)[:_SHOWN]:
        doc = docs.get(blob_id(sha256)) or {}
        named = [subject_if_event(delivery["event"]) for delivery in doc.get("deliveries") or ()]
        reports = sorted({report for report in named if report is not None})
        found.append({"at": one.at, "kind": one.kind, "reports": reports})
    return found


@page("desk")
async def photos_again(view: Page) -> Response:
    """Judge anew what was put aside."""
    view.context.examination.retry()
    await view.context.audit.record(view.account.id, "photos_retried", "photos")
    return view.go("/gestion/cuarentena#fotos")


@page("desk", "auditor")
async def trouble(view: Page) -> Response:
    """One event that was not admitted, as it came. Looking is on record: it may name a citizen's matter."""
    wanted = view.request.path_params["event"]
    found = await view.context.databases.cases.get_many([f"quarantine:{wanted}", f"refusal:{wanted}"])
    if not found:
        raise Problem("not_found")
    doc = next(iter(found.values()))
    await view.context.audit.record(view.account.id, "held_event", doc["_id"])
    event: Any = None
    try:
        receipt = await view.context.databases.inbox.get(doc["receipt"])
        event = receipt.get("event")
    except (NotFound, KeyError):
        pass
    text = orjson.dumps(event, option=orjson.OPT_INDENT_2).decode() if event is not None else None
    known = view.context.directory.account(str(doc.get("actor") or ""))
    return view.show("trouble.html", doc=doc, text=text, who=known.name if known else None)


@page("desk", "admin", "auditor", looks="notices_seen")
async def flagged(view: Page) -> Response:
    """Reports that are unclassified or carry a flag for review."""
    mailbox = await desk_mailbox(view)
    found = await kind(mailbox, "report", _SHOWN) if mailbox else []
    if view.account.role not in ("desk", "auditor"):
        # The list is read in the desk's mailbox: an administrator reads no confidential report.
        found = [report for report in found if not report.get("confidential")]
    types = {
        key_of(doc["_id"]): doc["name"] for doc in await kind(view.context.databases.reference, "type", 2_000)
    }
    return view.show(
        "flagged.html",
        uuid_of=uuid_of,
        found=list(zip(found, await named_places(view.context.databases, found), strict=True)),
        types=types,
        statuses=texts("status"),
        flag_names={code: flag["text"] for code, flag in FLAGS.items()},
        helps=HELP,
        most=_SHOWN,
        mailbox=mailbox,
    )


@page("desk")
async def reviewed(view: Page) -> Response:
    """Somebody has looked at a report's flags: intake lowers them, and the record says who looked."""
    report = view.request.path_params["report"]
    flags = view.field("avisos", 2_000).split()
    if not is_uuid(report) or not set(flags) <= FLAGS.keys():
        raise Problem("form_invalid", "avisos must be flags of a report")
    context = view.context
    await requests.review(context.databases, context.clock, view.account.id, report, flags)
    return view.go("/gestion/avisos")


@page("desk")
async def judge_anew(view: Page) -> Response:
    """Have a held event judged again; with ``admitir`` it is let in, with ``rechazar`` it is let go."""
    event = view.request.path_params["event"]
    force, refuse = (view.form.get(name) == "1" for name in ("admitir", "rechazar"))
    context = view.context
    by = view.account.id
    if not await requests.retry(
        context.databases, context.clock, by, event, force=force and not refuse, refuse=refuse
    ):
        raise Problem("not_found")
    what = "held_event_refused" if refuse else "held_event_admitted" if force else "held_event_retried"
    await context.audit.record(view.account.id, what, f"event:{event}")
    return view.go("/gestion/cuarentena")


ROUTES = [
    Route("/gestion/", front, methods=["GET"]),
    Route("/gestion/avisos", flagged, methods=["GET"]),
    Route("/gestion/avisos/{report}", reviewed, methods=["POST"]),
    Route("/gestion/cuarentena", troubles, methods=["GET"]),
    Route("/gestion/cuarentena/fotos", photos_again, methods=["POST"]),
    Route("/gestion/cuarentena/{event}", trouble, methods=["GET"]),
    Route("/gestion/cuarentena/{event}", judge_anew, methods=["POST"]),
]
