"""*Meses*: closing an agency's month, and the paper of what was closed.

Law: a closed month is shown as it was frozen; what came after is told beside it and never inside.
"""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from server.cases.deadlines import month_of
from server.documents.shapes import MonthCloseNames
from server.exports.formats import xlsx_file
from server.instants import say
from server.months.closes import Closes, closed, find, is_month, month_before
from server.months.draws import find_draw, publish
from server.months.sheets import COLUMNS, figures, late_words, letter, month_paper, rows, zone_of
from server.papers.saying import local, month_words
from server.papers.typeset import pdf
from server.problems import Problem
from server.web.office.frame import Page, page
from server.web.office.printing import aside, sent
from server.web.office.reference import Names, names

HERE = "/gestion/meses"
#: Months on the first page.
_SHOWN = 6
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Who closes months and publishes seeds: of the desk, its supervisors. An agency does not close on itself.
CLOSERS = ("desk", "admin")


def may_close(view: Page) -> bool:
    account = view.account
    return account.role in CLOSERS and (account.role != "desk" or account.supervisor)


def this_month(view: Page) -> str:
    """By the clock that holds back while the system's is doubted."""
    return month_of(say(view.context.certain.now()), view.zone)


def agencies_of(view: Page, known: Names) -> list[str]:
    """The agencies whose months the reader may see."""
    if view.account.role == "agency":
        return [view.account.agency] if view.account.agency else []
    return list(known.agencies)


def asked(view: Page, known: Names) -> tuple[str, str]:
    """Month and agency of the path. Raises ``not_found``, also for another agency's."""
    month, agency = view.request.path_params["month"], view.request.path_params["agency"]
    if not is_month(month) or agency not in agencies_of(view, known):
        raise Problem("not_found")
    return month, agency


@page("desk", "agency", "auditor", "admin")
async def months(view: Page) -> Response:
    known, office = await names(view.context), view.context.databases.office
    month = this_month(view)
    listed = []
    for _ in range(_SHOWN):
        done = set(await closed(office, month))
        listed.append((month, await find_draw(office, month), done))
        month = month_before(month)
    return view.show(
        "months.html",
        known=known,
        agencies=agencies_of(view, known),
        listed=listed,
        present=this_month(view),
        words=month_words,
        may_close=may_close(view),
    )


@page(*CLOSERS, supervisors=True)
async def seed(view: Page) -> Response:
    month = view.request.path_params["month"]
    if not is_month(month):
        raise Problem("not_found")
    await publish(
        view.context.databases.office,
        month,
        secrets.token_hex(32),
        say(view.context.clock.now()),
        view.account.id,
        early=month >= this_month(view),
    )
    await view.context.audit.record(view.account.id, "seed_published", f"draw:{month}")
    return view.go(HERE)


@page("desk", "agency", "auditor", "admin")
async def one(view: Page) -> Response:
    known = await names(view.context)
    month, agency = asked(view, known)
    close = await find(view.context.databases.office, month, agency)
    closes = Closes(view.context.databases, view.context.register, view.zone)
    return view.show(
        "month.html",
        known=known,
        month=month,
        agency=agency,
        words=month_words(month),
        close=close,
        over=month < this_month(view),
        figures=figures(close["figures"]) if close else [],
        late=late_words(close) if close else "",
        after=await closes.after(month, agency) if close else 0,
        draw=await find_draw(view.context.databases.office, month),
        may_close=may_close(view),
        here=f"{HERE}/{month}/{agency}",
    )


@page(*CLOSERS, supervisors=True)
async def close(view: Page) -> Response:
    known = await names(view.context)
    month, agency = asked(view, known)
    called: MonthCloseNames = {
        "municipality": view.municipality,
        "timezone": view.zone.key,
        "agency": known.agency(agency),
        "by": known.account(view.account.id),
        "types": {key: known.type(key) for key in known.types},
        "colonias": dict(known.colonias),
    }
    closes = Closes(view.context.databases, view.context.register, view.zone)
    _, made = await closes.close(month, agency, view.context.certain.now(), view.account.id, called)
    if made:
        await view.context.audit.record(view.account.id, "month_closed", f"close:{month}:{agency}")
    return view.go(f"{HERE}/{month}/{agency}")


@page("desk", "agency", "auditor", "admin")
async def paper(view: Page) -> Response:
    known = await names(view.context)
    month, agency = asked(view, known)
    office, kind = view.context.databases.office, view.request.path_params["paper"]
    close = await find(office, month, agency)
    if close is None or kind not in ("cierre.pdf", "oficio.pdf", "cierre.xlsx"):
        raise Problem("not_found")
    name, at = f"{kind.partition('.')[0]}-{month}-{agency}", local(close["closed_at"], zone_of(close))
    if kind == "cierre.pdf":
        return sent(await aside(pdf, "month", month_paper(close), at), name)
    if kind == "oficio.pdf":
        return sent(await aside(pdf, "letter", letter(close), at), name)
    with tempfile.NamedTemporaryFile(prefix="manzana-", suffix=".xlsx", delete=False) as file:
        path = Path(file.name)
    await aside(xlsx_file, path, f"Cierre {month}", COLUMNS, rows(close))
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"', "Cache-Control": "no-store"}
    gone = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type=_XLSX, headers=headers, background=gone)


ROUTES = [
    Route(HERE, months, methods=["GET"]),
    Route(HERE + "/{month}/semilla", seed, methods=["POST"]),
    Route(HERE + "/{month}/{agency}", one, methods=["GET"]),
    Route(HERE + "/{month}/{agency}/cerrar", close, methods=["POST"]),
    Route(HERE + "/{month}/{agency}/{paper}", paper, methods=["GET"]),
]
