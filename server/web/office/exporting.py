"""Any list as a file, with the filter of its URL.

Law: what leaves the house is on record before its first byte, with how many reports and whether persons were
in it; who may not see persons gets no such columns.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import apsw
import numpy as np
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from server.exports.columns import Titles, Value, columns_of, rows
from server.exports.formats import csv_lines, geojson_lines, xlsx_file
from server.problems import Problem
from server.register.choosing import chosen
from server.register.columns import Columns
from server.register.filters import Filter, FilterError, parse
from server.register.lists import keys_of
from server.register.scope import Scope
from server.web.office.frame import Page, page
from server.web.office.looking import scope
from server.web.office.reference import Names, names

HERE = "/gestion/exportar"
_OWN = ("formato", "persona_columnas", "orden")
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}
#: Roles that may take citizens' data out.
_PERSONS = frozenset({"desk", "auditor"})


def _places(db: apsw.Connection, held: Columns, wanted: Filter, mine: Scope, now: datetime) -> list[int]:
    """Where the reports of the filter are, newest first."""
    with held.lock:
        places = np.flatnonzero(chosen(db, held, wanted, mine, now))
        return [int(n) for n in places[np.argsort(keys_of(held, "newest")[places], kind="stable")]]


def _titles(known: Names) -> Titles:
    return Titles(
        types={key: known.type(key) for key in known.types},
        agencies={key: known.agency(key) for key in known.agencies},
        channels={key: known.channel(key) for key in known.channels},
        colonias=known.colonias,
        sectors=known.sectors,
    )


@page("desk", "agency", "auditor")
async def export(view: Page) -> Response:
    query = view.request.query_params
    form = query.get("formato", "")
    if form not in _TYPES:
        raise Problem("form_invalid", "formato must be csv, xlsx or geojson")
    try:
        wanted = parse(query.multi_items(), also=_OWN)
    except FilterError as error:
        raise Problem("form_invalid", str(error)) from None
    persons = query.get("persona_columnas") == "si"
    if persons and view.account.role not in _PERSONS:
        raise Problem("role_not_allowed", "citizens' columns are the desk's and the auditor's")
    mine, now = scope(view), view.context.clock.now()
    register, titles = view.context.register, _titles(await names(view.context))
    places = await register.ask(lambda db, held: _places(db, held, wanted, mine, now))
    what = "exported_persons" if persons else "exported"
    await view.context.audit.record(view.account.id, what, f"reports:{len(places)}")
    columns, zone = columns_of(persons=persons), view.zone
    headers = {
        "Content-Disposition": f'attachment; filename="reportes-{view.today}.{form}"',
        "Cache-Control": "no-store",
    }

    def made(db: apsw.Connection, held: Columns) -> Iterator[tuple[Value, ...]]:
        return rows(db, held, places, titles, zone, now, persons=persons)

    if form == "xlsx":
        with tempfile.NamedTemporaryFile(prefix="manzana-", suffix=".xlsx", delete=False) as file:
            path = Path(file.name)
        title = f"Reportes {view.today}"
        await register.ask(lambda db, held: xlsx_file(path, title, columns, made(db, held)))
        gone = BackgroundTask(path.unlink, missing_ok=True)
        return FileResponse(path, media_type=_TYPES[form], headers=headers, background=gone)
    lines = csv_lines if form == "csv" else geojson_lines
    pieces = await register.ask(lambda db, held: _pages(lines(columns, made(db, held))))
    return StreamingResponse(_sent(pieces), media_type=_TYPES[form], headers=headers)


def _pages(pieces: Iterator[bytes]) -> Path:
    """The pieces in a file of their own: no reading connection is held while a slow line takes them."""
    with tempfile.NamedTemporaryFile(prefix="manzana-", delete=False) as file:
        for piece in pieces:
            file.write(piece)
        return Path(file.name)


async def _sent(path: Path) -> AsyncIterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, 262_144):
                yield piece
    finally:
        await asyncio.to_thread(path.unlink, True)


ROUTES = [Route(HERE, export, methods=["GET"])]
