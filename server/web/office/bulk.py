"""*Acciones en lote*: one act on all the reports of a filter: what it will do said first, what it did after.

Law: the list is shown before it is confirmed, and one that has changed since is shown again; what is refused
is said with its reason, before and after. Only supervisors; each job is on record before it begins.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response
from starlette.routing import Route

from server.bulk.job import (
    ACTS,
    MOST,
    PART,
    Item,
    counted,
    digest_of,
    documents,
    items_of,
    results_of,
)
from server.bulk.judging import Refused, payload_for, said_of
from server.cases.authorization import table
from server.channels.acts import BY_NAME, Act, Missing
from server.clock import new_uuid7
from server.documents import reading
from server.documents.ids import is_uuid, key_of, report_id
from server.documents.shapes import BulkJob
from server.documents.words import texts
from server.instants import say
from server.municipality.world import scope_of as actor_of
from server.problems import Problem
from server.register.filters import Filter, FilterError, parse
from server.register.lists import rows_of_ids, seen_of
from server.web.office.frame import Page, page
from server.web.office.listing import PATH as LIST
from server.web.office.listing import chips
from server.web.office.looking import scope
from server.web.office.reference import Names, names

PATH = "/gestion/lotes"
NEW = f"{PATH}/nuevo"
#: Fields of each act's form; what else comes with it is the page's own.
FIELDS = {
    "asignar": ("a_quien", "texto"),
    "prioridad": ("prioridad", "texto"),
    "responder": ("medio", "texto"),
    "anotar": ("texto",),
    "clasificar": ("tipo",),
    "devolver": ("razon", "texto"),
    "iniciar": ("texto",),
}
#: Reports read together while a preview judges them.
_TOGETHER = 500
#: Refused reports named in a preview, of each reason.
_NAMED = 5


@dataclass(slots=True)
class Preview:
    """What an act would do: ``will`` reports, and of the others how many and which, by reason."""

    will: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    named: dict[str, list[str]] = field(default_factory=dict)


def _acts(view: Page) -> list[Act]:
    """The acts that this role may ever do on many reports."""
    kinds = table()["kinds"]
    found = [BY_NAME[name] for name in ACTS if view.account.role in kinds[BY_NAME[name].kind]]
    return [act for act in found if act.name != "clasificar" or view.account.role == "desk"]


def _wanted(pairs: list[tuple[str, str]]) -> Filter:
    """Raises ``form_invalid``."""
    try:
        return parse(pairs, also=("acto", "orden", "agrupar", "ver"))
    except FilterError as error:
        raise Problem("form_invalid", str(error)) from None


async def _items(view: Page, wanted: Filter) -> list[Item]:
    """The filter's reports, one more than may be acted on where there are more."""
    mine, now = scope(view), view.context.clock.now()
    found = await view.context.register.ask(
        lambda db, columns: seen_of(db, columns, wanted, mine, now, MOST + 1)
    )
    return [Item(*one) for one in found]


async def _show(
    view: Page, wanted: Filter, status: int = 200, *, missing: Missing | None = None, **more: Any
) -> Response:
    known = await names(view.context)
    acts = _acts(view)
    asked = view.form.get("acto") or view.request.query_params.get("acto", "")
    return view.show(
        "bulk_new.html",
        status,
        wanted=wanted,
        pairs=wanted.query(),
        filtro=urlencode(wanted.query()),
        chips=chips(wanted, known),
        acts=acts,
        act=next((act for act in acts if act.name == asked), None),
        form=view.form,
        known=known,
        texts=texts,
        missing=missing,
        own=view.form.get("own") or new_uuid7(view.context.clock),
        most=MOST,
        list=wanted.url(LIST),
        here=NEW,
        **{"preview": None, "count": len(await _items(view, wanted)), "changed": False, "digest": "", **more},
    )


@page("desk", "agency", supervisors=True)
async def new(view: Page) -> Response:
    """Which act: the filter of the URL, or the reports picked in a list by their folios."""
    return await _show(view, _wanted(view.request.query_params.multi_items()))


async def _judged(view: Page, act: Act, form: dict[str, str], items: list[Item]) -> Preview:
    """What the act would do to each now. Raises ``Missing`` where the form itself lacks something."""
    cases, reference = view.context.databases.cases, view.context.databases.reference
    actor, mine = actor_of(view.account, view.today), scope(view)
    preview = Preview()
    for start in range(0, len(items), _TOGETHER):
        part = items[start : start + _TOGETHER]
        reports = await cases.get_many([report_id(item.report) for item in part])
        types = await reference.get_many(sorted({f"type:{doc['type']}" for doc in reports.values()}))
        for item in part:
            held = reports.get(report_id(item.report))
            report = reading.report(held) if held else None
            stored = types.get(f"type:{report['type']}") if report else None
            kind = reading.petition_type(stored) if stored else None
            try:
                payload_for(act, form, actor, mine, item, report, kind)
                preview.will += 1
            except Refused as refused:
                preview.refused[refused.sentence] += 1
                named = preview.named.setdefault(refused.sentence, [])
                if report and len(named) < _NAMED:
                    named.append(report["folio"] or report["provisional_folio"])
    return preview


@page("desk", "agency", supervisors=True)
async def make(view: Page) -> Response:
    """The preview, and what is confirmed of it."""
    wanted = _wanted(parse_qsl(view.form.get("filtro", ""), max_num_fields=2_000))
    act = next((act for act in _acts(view) if act.name == view.form.get("acto")), None)
    if act is None:
        raise Problem("form_invalid", "acto is none that may be done to many")
    form = {name: view.form.get(name, "") for name in FIELDS[act.name]}
    items = await _items(view, wanted)
    if not items or len(items) > MOST:
        return await _show(view, wanted, 422, count=len(items))
    try:
        preview = await _judged(view, act, form, items)
    except Missing as missing:
        return await _show(view, wanted, 422, missing=missing, count=len(items))
    digest = digest_of(items)
    confirmed = view.form.get("paso") == "hacer"
    if not confirmed or view.form.get("lista") != digest or not preview.will:
        return await _show(
            view, wanted, 200 if not confirmed else 409, preview=preview, count=len(items), digest=digest,
            changed=confirmed and view.form.get("lista") != digest,
        )  # fmt: skip
    own = view.form.get("own", "")
    job = own if is_uuid(own) and own[14] == "7" else new_uuid7(view.context.clock)
    head, parts = documents(
        job,
        items,
        by=view.account.id,
        at=say(view.context.clock.now()),
        installation=await view.context.pen.installation(),
        act=next(name for name in ACTS if name == act.name),
        form=form,
        chosen=wanted.query(),
    )
    await view.context.audit.record(view.account.id, "bulk_started", head["_id"])
    await view.context.bulk.begin(head, parts)
    return view.go(f"{PATH}/{job}")


def _titled(head: BulkJob, known: Names) -> str:
    """What a job does, in words."""
    whom = {agency: doc["name"] for agency, doc in known.agencies.items()}
    for agency, doc in known.agencies.items():
        for brigade in doc.get("brigades") or ():
            whom[f"{agency}/{brigade['id']}"] = f"{brigade['name']} ({doc['name']})"
    return said_of(
        BY_NAME[head["act"]], head["form"], {**{key: known.type(key) for key in known.types}, **whom}
    )


@page("desk", "agency", "auditor", supervisors=True)
async def listing(view: Page) -> Response:
    """One's own jobs; the auditor sees all."""
    known = await names(view.context)
    heads = await view.context.bulk.newest()
    if view.account.role != "auditor":
        heads = [head for head in heads if head["by"] == view.account.id]
    return view.show(
        "bulks.html",
        jobs=[(head, key_of(head["_id"]), _titled(head, known)) for head in heads],
        known=known,
        states=STATES,
    )


STATES = {"running": "En marcha", "stopped": "Detenida", "done": "Terminada"}


async def _job(view: Page) -> BulkJob:
    """The job of the path, its maker's or for the auditor. Raises ``not_found``."""
    job = view.request.path_params["job"]
    head = await view.context.bulk.head(job) if is_uuid(job) else None
    if head is None or (head["by"] != view.account.id and view.account.role != "auditor"):
        raise Problem("not_found")
    return head


@page("desk", "agency", "auditor", supervisors=True)
async def one(view: Page) -> Response:
    """How far a job is, and what became of each report."""
    head = await _job(view)
    job = key_of(head["_id"])
    parts = await view.context.bulk.parts(job, head["parts"])
    number = view.request.query_params.get("parte", "1")
    shown = min(int(number), len(parts)) if number.isascii() and number.isdecimal() and int(number) else 1
    known, mine = await names(view.context), scope(view)
    items, results = items_of(parts[shown - 1]), results_of(parts[shown - 1])
    ids = [item.report for item in items]
    rows = await view.context.register.ask(lambda db, columns: rows_of_ids(db, columns, ids, mine))
    counts = counted(parts)
    return view.show(
        "bulk.html",
        head=head,
        job=job,
        title=_titled(head, known),
        who=known.account(head["by"]),
        state=STATES[head["state"]],
        counts=counts,
        percent=100 * counts.settled // head["found"],
        refresh=2 if head["state"] == "running" and await view.context.bulk.mine(head) else 0,
        here=await view.context.bulk.mine(head),
        rows=[(rows.get(item.report), result) for item, result in zip(items, results, strict=True)],
        known=known,
        shown=shown,
        first=(shown - 1) * PART + 1,
        pages=len(parts),
        own=head["by"] == view.account.id,
        list=_chosen(head).url(LIST),
    )


def _chosen(head: BulkJob) -> Filter:
    return parse([(name, value) for name, value in head["chosen"]])


@page("desk", "agency", supervisors=True)
async def change(view: Page) -> Response:
    """Stop a job, or go on here with one that another installation left."""
    head = await _job(view)
    job = key_of(head["_id"])
    match view.form.get("que"):
        case "detener":
            await view.context.audit.record(view.account.id, "bulk_stopped", head["_id"])
            await view.context.bulk.end(job)
        case "seguir":
            await view.context.audit.record(view.account.id, "bulk_started", head["_id"])
            await view.context.bulk.adopt(job)
        case _:
            raise Problem("form_invalid", "que must be detener or seguir")
    return view.go(f"{PATH}/{job}")


ROUTES = [
    Route(PATH, listing, methods=["GET"]),
    Route(NEW, new, methods=["GET"]),
    Route(NEW, make, methods=["POST"]),
    Route(PATH + "/{job}", one, methods=["GET"]),
    Route(PATH + "/{job}", change, methods=["POST"]),
]
