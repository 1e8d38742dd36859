"""A part of the catalogue as a workbook, and a workbook taken in: seen first, then all of it or nothing.

Law: what comes out goes back in unchanged; nothing counts before somebody has seen what would change and says
yes to exactly that.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from pathlib import Path

import orjson
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from server.catalogue.fields import Fields, Refused, words_of
from server.catalogue.importing import Preview, columns, preview
from server.catalogue.kinds import Kind
from server.catalogue.state import State
from server.exports.columns import Column
from server.exports.formats import xlsx_file
from server.imports.columns import sound
from server.imports.findings import RowRefused
from server.imports.tables import Table, TableError
from server.instants import say
from server.problems import Problem
from server.web.browsing import check_form
from server.web.office.catalogue import kind_of, mine
from server.web.office.catalogue_history import PATH, changes
from server.web.office.frame import Page, page
from sync.errors import NotFound

#: Bytes and rows of a workbook of the catalogue.
_MOST_BYTES, _MOST_ROWS = 2_000_000, 5_000


@page("admin", "auditor", "agency")
async def export(view: Page) -> Response:
    kind, state = kind_of(view), await changes(view).state()
    listed = [Column(field.name, "text", field.label) for field in kind.fields]
    made = [
        tuple(words_of(field, fields.get(field.name, ""), state) for field in kind.fields)
        for fields in mine(view, kind, state).values()
    ]
    with tempfile.NamedTemporaryFile(prefix="manzana-", suffix=".xlsx", delete=False) as file:
        path = Path(file.name)
    await asyncio.to_thread(xlsx_file, path, kind.title, listed, made)
    gone = BackgroundTask(path.unlink, missing_ok=True)
    headers = {"Cache-Control": "no-store"}
    return FileResponse(path, filename=f"{kind.name}.xlsx", headers=headers, background=gone)


def _show(
    view: Page, kind: Kind, status: int = 200, wrong: str = "", seen: Preview | None = None, print_: str = ""
) -> Response:
    return view.show("catalogue_import.html", status, kind=kind, wrong=wrong, seen=seen, print=print_)


@page("admin")
async def form(view: Page) -> Response:
    return _show(view, kind_of(view))


@page("admin", own_form=True)
async def upload(view: Page) -> Response:
    """Read a workbook and show what it would change; nothing is changed."""
    kind, data = kind_of(view), await _file(view)
    if not data:
        return _show(view, kind, 422, "Elija un archivo.")
    try:
        read = await asyncio.to_thread(_rows, kind, data)
    except Refused as refused:
        return _show(view, kind, 422, " ".join(refused.wrong.values()))
    except TableError:
        return _show(
            view,
            kind,
            422,
            "El archivo no se puede leer como tabla. Guárdelo como .xlsx o CSV y pruebe de nuevo.",
        )
    office, name = view.context.databases.office, f"upload:{view.account.id}:{kind.name}"
    stored = (await office.get_many([name])).get(name, {})
    kept = [{"row": number, "fields": fields} for number, fields in read]
    doc = {"_id": name, "schema": "upload.v1", "at": say(view.context.clock.now()), "rows": kept}
    await office.put({**doc, **({"_rev": stored["_rev"]} if stored else {})})
    state = await changes(view).state()
    seen = preview(state, kind, read)
    return _show(view, kind, 422 if seen.wrong else 200, seen=seen, print_=_print(state, seen))


@page("admin")
async def apply(view: Page) -> Response:
    """Make what was seen stand."""
    kind = kind_of(view)
    office, name = view.context.databases.office, f"upload:{view.account.id}:{kind.name}"
    try:
        doc = await office.get(name)
    except NotFound:
        return _show(view, kind, 422, "Elija un archivo.")
    state = await changes(view).state()
    seen = preview(state, kind, [(entry["row"], entry["fields"]) for entry in doc["rows"]])
    if seen.wrong or view.form.get("huella") != _print(state, seen):
        return _show(
            view, kind, 409, "El catálogo cambió mientras tanto: revise de nuevo lo que cambiaría.", seen,
            _print(state, seen),
        )  # fmt: skip
    count = await changes(view).apply(state, seen.docs, view.account.id, "import")
    await office.delete(name, doc["_rev"])
    if count:
        await view.context.audit.record(view.account.id, "catalogue_imported", f"catalogue:{kind.name}")
    return view.go(f"{PATH}/historia")


def _print(state: State, seen: Preview) -> str:
    """A name for exactly these changes over exactly this state."""
    pairs = [(state.docs.get(doc["_id"]), doc) for doc in sorted(seen.docs, key=lambda doc: doc["_id"])]
    return hashlib.sha256(orjson.dumps(pairs, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _rows(kind: Kind, data: bytes) -> list[tuple[int, Fields]]:
    """The rows under our fields' names. Raises ``TableError`` and ``Refused``."""
    with tempfile.TemporaryDirectory(prefix="manzana-") as folder:
        path = Path(folder) / "archivo"
        path.write_bytes(data)
        ours = [said for field in kind.fields for said in (field.name, field.label)]
        table = Table(path, ours)
        names = columns(kind, filter(None, table.names))
        found: list[tuple[int, Fields]] = []
        for number, row in table:
            try:
                if isinstance(row, RowRefused):
                    raise row
                for column, cell in row.items():
                    sound(column, cell)
            except RowRefused:
                why = (
                    f"El renglón {number} no se puede leer: revise comillas, comas, acentos y errores (#N/A)."
                )
                raise Refused({"archivo": why}) from None
            if len(found) == _MOST_ROWS:
                raise Refused({"archivo": f"Son demasiados renglones: a lo más {_MOST_ROWS:,}."})
            found.append((number, {names[column]: str(cell)[:20_000] for column, cell in row.items()}))
        return found


async def _file(view: Page) -> bytes:
    length = view.request.headers.get("content-length", "")
    if not view.request.headers.get("content-type", "").startswith("multipart/form-data; boundary="):
        raise Problem("unsupported_media", "a multipart form is needed")
    if not length.isdecimal() or int(length) > _MOST_BYTES:
        raise Problem("too_large", f"at most {_MOST_BYTES} bytes, with Content-Length")
    try:
        async with view.request.form(max_files=1, max_fields=4) as fields:
            check_form(view.request, view.context.secret, view.session, fields.get("token"))
            file = fields.get("archivo")
            return await file.read() if isinstance(file, UploadFile) else b""
    except HTTPException as error:
        raise Problem("bad_request", error.detail) from None


ROUTES = [
    Route(PATH + "/{kind}/exportar", export, methods=["GET"]),
    Route(PATH + "/{kind}/importar", form, methods=["GET"]),
    Route(PATH + "/{kind}/importar", upload, methods=["POST"]),
    Route(PATH + "/{kind}/importar/aplicar", apply, methods=["POST"]),
]
