"""Photos given out: derivatives to who may see them, originals to the auditor, each of these on record.

Law: a photo one may not see and one that does not exist give the same answer.
"""

from __future__ import annotations

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from server.documents.ids import SHA256, blob_id
from server.evidence.access import may_see
from server.evidence.blob import blob as read_blob
from server.evidence.blobstore import derivative
from server.evidence.examination import WIDTHS
from server.problems import Problem
from server.web.browsing import current_account
from server.web.state import Request


async def photo(request: Request) -> Response:
    context = request.state["context"]
    account = await current_account(request)
    sha256, size = request.path_params["sha256"], request.path_params["size"]
    if not SHA256.match(sha256) or size not in {"original", *map(str, WIDTHS)}:
        raise Problem("not_found")
    docs = await context.databases.evidence.get_many([blob_id(sha256)])
    blob = next(map(read_blob, docs.values()), None)
    hint = request.query_params.get("report")
    today = await context.today()
    if (
        blob is None
        or "redacted_at" in blob
        or not await may_see(context.databases, account, blob, today, hint)
    ):
        raise Problem("photo_not_visible")
    if size == "original":
        if account.role != "auditor":
            raise Problem("photo_not_visible", "originals are the auditor's")
        await context.audit.record(account.id, "original_photo", blob_id(sha256))
        name, media_type = sha256, blob["type"]
    elif blob["verdict"] == "ok":
        name, media_type = derivative(sha256, int(size)), "image/jpeg"
    else:
        raise Problem("photo_not_visible", f"the photo's verdict is {blob['verdict']}")
    length = await context.blobs.size(name)
    if length is None:
        raise Problem("photo_not_visible", "the blob is missing")
    headers = {
        # A right may end before any copy does: what is kept for days without signal the app keeps itself,
        # where it can take it away.
        "Cache-Control": "no-store",
        "Content-Length": str(length),
        # An original is shown to nobody's browser as a page, whatever it may hold.
        "Content-Disposition": "attachment" if size == "original" else "inline",
    }
    if request.method == "HEAD":
        return Response(headers=headers, media_type=media_type)
    return StreamingResponse(context.blobs.read(name), headers=headers, media_type=media_type)


ROUTES = [Route("/sync/evidence/{sha256}/{size}", photo, methods=["GET"])]
