"""The Cloud API's webhook: its verification, and what citizens wrote.

Law: 200 is said when every message of the payload is durable, and for a payload that came before. Nothing is
read before the signature over the raw body holds. Nothing is answered here: the conversation does, later.
"""

from __future__ import annotations

import hmac

import orjson
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server.channels.whatsapp.webhook import MOST, is_signed, read
from server.documents.depth import is_deeper
from server.problems import Problem
from server.web.bodies import read_body
from server.web.state import Request

PATH = "/api/whatsapp"


async def verify(request: Request) -> Response:
    """The challenge, for who knows the word that was agreed (Webhooks: verification requests)."""
    settings, asked = request.state["context"].settings, request.query_params
    word = asked.get("hub.verify_token", "")
    if (
        not settings.whatsapp_verify
        or asked.get("hub.mode") != "subscribe"
        or not hmac.compare_digest(settings.whatsapp_verify.encode(), word.encode("utf-8", "replace"))
    ):
        raise Problem("webhook_refused", "hub.mode or hub.verify_token")
    return PlainTextResponse(asked.get("hub.challenge", "")[:1_000])


async def take(request: Request) -> Response:
    """Keep what came; states of what was sent are noted. Raises ``webhook_refused``, ``too_large``."""
    context = request.state["context"]
    settings = context.settings
    body = await read_body(request, MOST)
    signature = request.headers.get("x-hub-signature-256", "")
    if not settings.whatsapp_secret or not is_signed(settings.whatsapp_secret, body, signature):
        raise Problem("webhook_refused", "X-Hub-Signature-256")
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem("bad_request", f"the body is not JSON: {error}") from None
    if not isinstance(payload, dict) or is_deeper(payload):
        raise Problem("bad_request", "no object, or nested too deep")
    came, became = read(payload, settings.whatsapp_number)
    for one in came:
        await context.talks.receive("whatsapp", one.sender, one.id, one.message, one.sent_at)
    for state in became:
        await context.sending.became(state.of, state.remote, state.state, state.why)
    return Response(status_code=200)


ROUTES = [
    Route(PATH, verify, methods=["GET"]),
    Route(PATH, take, methods=["POST"]),
]
