"""The keys of this municipality's pens, for whoever checks a document without the server.

Law: public keys and nothing else; whose accounts have used them is not told.
"""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.papers.proof import thumbprint
from server.web.state import Request

PATH = "/documentos/llaves.json"


async def keys(request: Request) -> Response:
    """A JWK Set (RFC 7517 §5) whose ``kid`` is the RFC 7638 thumbprint in hex."""
    found = {}
    for device in request.state["context"].directory.devices():
        if device.doc and device.doc.get("pen"):
            kid = thumbprint(device.public_key)
            found[kid] = {name: device.public_key[name] for name in ("kty", "crv", "x", "y")} | {"kid": kid}
    return JSONResponse(
        {"keys": [found[kid] for kid in sorted(found)]}, headers={"Cache-Control": "no-cache"}
    )


ROUTES = [Route(PATH, keys, methods=["GET"])]
