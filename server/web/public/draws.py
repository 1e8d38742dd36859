"""The draws of the perception survey, for whoever wants to repeat them: seeds, lists and the rule.

Law: a list holds folios and days and nothing else, and only of what a close has frozen. The page of all
months reads no close: these are large, and anybody may ask.
"""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from server.documents import reading
from server.months.closes import closed, find, is_month
from server.months.draws import published
from server.papers.saying import month_words
from server.problems import Problem
from server.store.scan import scan
from server.web.public.folio import page
from server.web.public.frame import show
from server.web.state import Request

PATH = "/sorteos/"
#: Months that the page lists.
_SHOWN = 24


async def draws(request: Request) -> Response:
    context = request.state["context"]
    office = context.databases.office
    found = []
    async for row in scan(office, "draw:", most=_SHOWN, backwards=True):
        draw = reading.draw(row.body)
        agencies = await closed(office, draw["month"])
        docs = await context.databases.reference.get_many([f"agency:{agency}" for agency in agencies])
        named = [(agency, docs.get(f"agency:{agency}", {}).get("name") or agency) for agency in agencies]
        found.append((month_words(draw["month"]), draw, named))
    return await show(context, "draws.html", found=found)


async def csv(request: Request) -> Response:
    office = request.state["context"].databases.office
    month, agency = request.path_params["month"], request.path_params["agency"]
    close = await find(office, month, agency) if is_month(month) else None
    if close is None:
        raise Problem("not_found")
    headers = {
        "Cache-Control": "public, max-age=3600",
        "Content-Disposition": f'attachment; filename="{month}.csv"',
    }
    return Response(published(close), media_type="text/csv; charset=utf-8", headers=headers)


ROUTES = [
    Route(PATH, page(draws), methods=["GET"]),
    Route(PATH + "{month}/{agency}.csv", page(csv), methods=["GET"]),
]
