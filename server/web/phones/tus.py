"""tus 1.0 at ``/sync/evidence``: core, creation, checksum, termination (https://tus.io/protocols/resumable-upload).

Law: every answer of the protocol carries ``Tus-Resumable``; a revoked device may still deliver its photos.
"""

from __future__ import annotations

import base64
import binascii

from starlette.responses import Response
from starlette.routing import Route

from server.accounts.sessions import Session
from server.context import Context
from server.documents.ids import EVENT_ID, SHA256
from server.evidence.spool import Upload
from server.evidence.uploads import TYPES
from server.problems import Problem
from server.web.authentication import authenticate
from server.web.bodies import refusal
from server.web.state import Request

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,termination"
ALGORITHMS = {"sha1": 20, "sha256": 32}
PATH = "/sync/evidence"


def _answer(status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(
        status_code=status, headers={"Tus-Resumable": VERSION, "Cache-Control": "no-store", **(headers or {})}
    )


def _refuse(problem: Problem) -> Response:
    problem.headers = {"Tus-Resumable": VERSION, **problem.headers}
    if problem.code == "tus_version":
        problem.headers["Tus-Version"] = VERSION
    return refusal(problem)


def metadata(header: str) -> dict[str, str]:
    """``Upload-Metadata``: comma-separated pairs of key and base64 value. Raises ``upload_metadata``."""
    values: dict[str, str] = {}
    for pair in header.split(","):
        key, _, coded = pair.strip().partition(" ")
        try:
            values[key] = base64.b64decode(coded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Problem("upload_metadata", f"{key}: {error}") from None
    return values


def _number(request: Request, header: str, code: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise Problem(code, f"{header} must be a whole number")
    return int(text)


def _checksum(request: Request) -> tuple[str, bytes] | None:
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    algorithm, _, coded = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise Problem("upload_checksum_algorithm")
    try:
        digest = base64.b64decode(coded.strip(), validate=True)
    except binascii.Error as error:
        raise Problem("upload_checksum_algorithm", str(error)) from None
    if len(digest) != ALGORITHMS[algorithm]:
        raise Problem("upload_checksum_algorithm", "the digest has another length")
    return algorithm, digest


async def _session(request: Request) -> tuple[Session, str]:
    if request.headers.get("tus-resumable") != VERSION:
        raise Problem("tus_version")
    session = await authenticate(request, "deliver")
    if session.device is None:
        raise Problem("role_not_allowed", "photos come from enrolled devices")
    return session, session.device


async def collection(request: Request) -> Response:
    try:
        if request.method == "OPTIONS":
            context = request.state["context"]
            return _answer(
                204,
                {
                    "Tus-Version": VERSION,
                    "Tus-Extension": EXTENSIONS,
                    "Tus-Max-Size": str(context.settings.photo_bytes),
                    "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
                },
            )
        return await _create(request)
    except Problem as problem:
        return _refuse(problem)


async def _create(request: Request) -> Response:
    context = request.state["context"]
    session, device = await _session(request)
    length = _number(request, "Upload-Length", "upload_length")
    if length == 0:
        raise Problem("upload_length", "an empty file is no photo")
    if length > context.settings.photo_bytes:
        raise Problem("photo_too_large", f"at most {context.settings.photo_bytes} bytes")
    values = metadata(request.headers.get("upload-metadata", ""))
    sha256, kind, event = values.get("sha256", ""), values.get("type", ""), values.get("event", "")
    if not SHA256.match(sha256) or not EVENT_ID.match(event):
        raise Problem("upload_metadata")
    if kind not in TYPES:
        raise Problem("photo_type_unknown", f"type must be one of {', '.join(TYPES)}")
    known = await context.uploads.delivered(sha256, device)
    upload = await context.uploads.create(session.account, device, sha256, kind, event, length)
    location = {"Location": f"{PATH}/{upload.id}"}
    if known is not None and known == length:
        # The same device delivered these bytes before and lost the answer; here it names its event anew.
        await context.uploads.settle(upload)
        return _answer(200, {**location, "Upload-Offset": str(known)})
    return _answer(201, location)


async def item(request: Request) -> Response:
    method = request.method
    if method == "POST":
        # For clients behind proxies that know neither PATCH nor DELETE (tus core, X-HTTP-Method-Override).
        method = request.headers.get("x-http-method-override", "").upper()
    try:
        context = request.state["context"]
        _, device = await _session(request)
        upload = await context.uploads.find(request.path_params["upload"], device)
        if method == "HEAD":
            offset = await context.uploads.offset(upload)
            return _answer(200, {"Upload-Offset": str(offset), "Upload-Length": str(upload.length)})
        if method == "PATCH":
            return await _patch(request, context, upload)
        if method == "DELETE":
            await context.uploads.discard(upload)
            return _answer(204)
        raise Problem("method_not_allowed")
    except Problem as problem:
        return _refuse(problem)


async def _patch(request: Request, context: Context, upload: Upload) -> Response:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/offset+octet-stream":
        raise Problem("unsupported_media", "PATCH takes application/offset+octet-stream")
    offset = _number(request, "Upload-Offset", "upload_offset")
    new = await context.uploads.append(upload, offset, request.stream(), _checksum(request))
    return _answer(204, {"Upload-Offset": str(new)})


ROUTES = [
    Route(PATH, collection, methods=["POST", "OPTIONS"]),
    Route(PATH + "/{upload}", item, methods=["HEAD", "PATCH", "DELETE", "POST"]),
]
