"""The desk delivers a courier file that somebody brought."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from server.courier.delivery import MOST_BYTES
from server.problems import Problem
from server.web.browsing import check_form
from server.web.office.frame import Page, Wrong, page


@page("desk", "admin")
async def form(view: Page) -> Response:
    return view.show("courier.html", done=None)


@page("desk", "admin", own_form=True, again=form)
async def upload(view: Page) -> Response:
    if not view.request.headers.get("content-type", "").startswith("multipart/form-data; boundary="):
        raise Problem("unsupported_media", "a multipart form is needed")
    length = view.request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MOST_BYTES + 10_000:
        raise Problem("too_large", f"at most {MOST_BYTES} bytes, with Content-Length")
    try:
        async with view.request.form(max_files=1, max_fields=4) as fields:
            check_form(view.request, view.context.secret, view.session, fields.get("token"))
            file = fields.get("archivo")
            if not isinstance(file, UploadFile):
                raise Wrong("archivo", "Elija el archivo que le entregaron.")
            data = await file.read()
    except HTTPException as error:
        raise Problem("bad_request", error.detail) from None
    done = await view.context.courier.deliver(view.session, data)
    await view.context.audit.record(view.account.id, "courier_delivered", f"events:{done.received}")
    return view.show("courier.html", done=done)


ROUTES = [
    Route("/gestion/correo", form, methods=["GET"]),
    Route("/gestion/correo", upload, methods=["POST"]),
]
