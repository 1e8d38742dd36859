"""A stand-in for the WhatsApp Cloud API on a local port, after its public reference.

Law: it takes what the reference allows and refuses the rest with the reference's errors, so that a message
that passes here has the form that Meta asks for. ``next`` tells how the next messages are met: ``ok``,
``429``, ``500``, ``503``, ``window`` (131047), ``refuse``, ``cut`` (taken, and the connection closed without
an answer).
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import deque
from typing import Any

import orjson

Json = dict[str, Any]

TOKEN, NUMBER, VERSION = "prueba-de-acceso", "106540352242922", "v23.0"
_ERRORS = {
    "429": (429, 130429, "Rate limit hit"),
    "503": (503, 131016, "Service unavailable"),
    "500": (500, 0, ""),
    "window": (400, 131047, "Re-engagement message"),
    "refuse": (400, 131026, "Message undeliverable"),
    "form": (400, 100, "Invalid parameter"),
}


class StandIn:
    def __init__(self) -> None:
        self.sent: list[Json] = []
        self.next: deque[str] = deque()
        self.media: dict[str, bytes] = {}
        self.media_fails = 0
        self.told_size: int | None = None
        self.elsewhere = ""
        self.unauthorized = 0
        self._numbers = itertools.count(1)
        self._server: asyncio.Server | None = None
        self.url = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/{VERSION}"

    async def stop(self) -> None:
        assert self._server
        self._server.close()
        await self._server.wait_closed()

    def texts(self) -> list[str]:
        """What was said, by whatever kind of message."""
        return [_text(message) for message in self.sent]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
            body = await reader.readexactly(int(length[1])) if length else b""
            method, path, _ = head.split(" ", 2)
            answer = self._answer(method, path, head, body)
            if answer is not None:
                status, content, kind = answer
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
                    "Connection: close\r\n\r\n".encode()
                    + content
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, method: str, path: str, head: str, body: bytes) -> tuple[int, bytes, str] | None:
        if f"authorization: bearer {TOKEN}".lower() not in head.lower():
            self.unauthorized += 1
            return _error(401, 190, "Invalid OAuth access token")
        if method == "GET" and path.startswith("/bytes/"):
            return 200, self.media[path.removeprefix("/bytes/")], "application/octet-stream"
        if method == "GET":
            return self._media(path.rpartition("/")[2])
        if (method, path) != ("POST", f"/{VERSION}/{NUMBER}/messages"):
            return _error(404, 100, "Unsupported request")
        message = orjson.loads(body)
        how = self.next.popleft() if self.next else "ok"
        wrong = wrong_form(message)
        if wrong:
            return _error(*_ERRORS["form"][:2], wrong)
        if how not in ("ok", "cut"):
            return _error(*_ERRORS[how])
        self.sent.append(message)
        if how == "cut":
            return None
        wamid = f"wamid.HBgN{next(self._numbers):08}"
        contacts = [{"input": message["to"], "wa_id": message["to"]}]
        answer = {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": wamid}]}
        return 200, orjson.dumps(answer), "application/json"

    def _media(self, media: str) -> tuple[int, bytes, str]:
        if self.media_fails:
            self.media_fails -= 1
            return _error(500, 0, "")
        if media not in self.media:
            return _error(404, 100, "Object does not exist")
        base = self.url.rpartition("/")[0]
        size = len(self.media[media]) if self.told_size is None else self.told_size
        told = {
            "messaging_product": "whatsapp", "url": self.elsewhere or f"{base}/bytes/{media}",
            "mime_type": "image/jpeg", "sha256": "x", "file_size": size, "id": media,
        }  # fmt: skip
        return 200, orjson.dumps(told), "application/json"


def _error(status: int, code: int, text: str) -> tuple[int, bytes, str]:
    error = {"message": f"(#{code}) {text}", "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    return status, orjson.dumps({"error": error} if code else {}), "application/json"


def wrong_form(message: Json) -> str:
    """What the reference does not allow in this message; empty where all is well."""
    if message.get("messaging_product") != "whatsapp" or not re.fullmatch(r"\d{8,15}", message.get("to", "")):
        return "messaging_product, to"
    if len(message.get("biz_opaque_callback_data", "")) > 512:
        return "biz_opaque_callback_data"
    kind = message["type"]
    if kind == "text":
        return "" if 1 <= len(message["text"]["body"]) <= 4096 else "text.body"
    if kind == "template":
        return _wrong_template(message["template"])
    interactive = message["interactive"]
    if not 1 <= len(interactive["body"]["text"]) <= 1024:
        return "interactive.body"
    if interactive["type"] == "location_request_message":
        return "" if interactive["action"] == {"name": "send_location"} else "action"
    if interactive["type"] == "button":
        buttons = [button["reply"] for button in interactive["action"]["buttons"]]
        titles = {button["title"] for button in buttons}
        fits = all(1 <= len(one["title"]) <= 20 and 1 <= len(one["id"]) <= 256 for one in buttons)
        return "" if fits and 1 <= len(buttons) <= 3 and len(titles) == len(buttons) else "buttons"
    rows = [row for section in interactive["action"]["sections"] for row in section["rows"]]
    fits = all(
        1 <= len(row["title"]) <= 24 and 1 <= len(row["id"]) <= 200 and len(row.get("description", "")) <= 72
        for row in rows
    )
    unique = len({row["id"] for row in rows}) == len(rows)
    return (
        ""
        if fits and unique and 1 <= len(rows) <= 10 and len(interactive["action"]["button"]) <= 20
        else "list"
    )


def _wrong_template(template: Json) -> str:
    if not re.fullmatch(r"[a-z0-9_]+", template["name"]) or template["language"] != {"code": "es_MX"}:
        return "template"
    for part in template["components"]:
        for parameter in part["parameters"]:
            if part["type"] == "body" and re.search(r"[\n\t]|    ", parameter["text"]):
                return "parameters"
    return ""


def _text(message: Json) -> str:
    if message["type"] == "text":
        return str(message["text"]["body"])
    if message["type"] == "interactive":
        return str(message["interactive"]["body"]["text"])
    values = [
        one["text"]
        for part in message["template"]["components"]
        if part["type"] == "body"
        for one in part["parameters"]
    ]
    return f"{message['template']['name']}: {', '.join(values)}"
