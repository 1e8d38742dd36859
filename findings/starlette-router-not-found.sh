#!/usr/bin/env bash
# A Starlette `Router` is an ASGI application of its own, and `HTTPException` the way its routes refuse. But what it says of a
# path it does not have depends on who calls: under an application it raises HTTPException(404), alone it answers
# a plain text. A handler wrapped around the router, which turns exceptions into JSON, never hears of the second.
# Expected: the same refusal either way.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check starlette==1.10.0
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio

import starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.routing import Route, Router

print("starlette", starlette.__version__)
router = Router([Route("/reportes", lambda request: PlainTextResponse("sí"))])


async def asked(**more):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": "/nada", "root_path": "", "headers": [], "query_string": b"", **more}
    try:
        await router(scope, receive, send)
    except HTTPException as error:
        return f"raised HTTPException {error.status_code}"
    return f"answered {sent[0]['status']} {sent[1]['body']!r}"


alone = asyncio.run(asked())
under = asyncio.run(asked(app=object()))
print(f"without scope['app']: {alone}")
print(f"with scope['app']: {under}")
assert (alone, under) == ("answered 404 b'Not Found'", "raised HTTPException 404"), "it behaves otherwise now"
PYTHON
# Seen: without scope['app']: answered 404 b'Not Found'; with it: raised HTTPException 404
