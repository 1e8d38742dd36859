"""Mail and the operator's hook: what is taken, what is refused, what is tried again, what nobody can tell."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest

from server.channels.carrying import NotTaken, Outgoing, TryLater, Unknown
from server.channels.mailing import Hook, Mail

pytestmark = pytest.mark.anyio

MESSAGE = Outgoing(
    "out:0192f3a0-0001-7000-8000-000000000001:finished", "ana@example.org", "Su reporte está listo ñ."
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Post:
    """A mail server that speaks as much of RFC 5321 as it is asked; ``answers`` by command."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.mails: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        say(self.answers.get("HELLO", "220 hola"))
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ", 1)[0].upper()
            if verb == "DATA" and "DATA" not in self.answers:
                say("354 adelante")
                self.mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                if "END" in self.answers and self.answers["END"] == "cut":
                    break
                say(self.answers.get("END", "250 recibido"))
            else:
                say(self.answers.get(verb, "221 adiós" if verb == "QUIT" else "250 sí"))
        writer.close()


@asynccontextmanager
async def listening(serve: object) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)  # type: ignore[arg-type]
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def test_a_mail_says_what_a_message_says_and_bears_the_same_id_each_time() -> None:
    post = Post()
    async with listening(post.serve) as port:
        mail = Mail(f"smtp://127.0.0.1:{port}", "avisos@villa.example")
        first = await mail.send(MESSAGE)
        assert await mail.send(MESSAGE) == first
    text = post.mails[0]
    assert "To: ana@example.org" in text
    assert "Auto-Submitted: auto-generated" in text
    assert re.search(r"^Message-ID: <out\.[0-9a-f.-]+\.finished@villa\.example>", text, re.MULTILINE)
    assert "Su reporte est" in text


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"RCPT": "550 no existe"}, NotTaken),
        ({"RCPT": "451 luego"}, TryLater),
        ({"MAIL": "421 cerrado"}, TryLater),
        ({"END": "554 no"}, NotTaken),
        ({"END": "452 lleno"}, TryLater),
        ({"END": "cut"}, Unknown),
        ({"HELLO": "554 aquí no"}, NotTaken),
    ],
)
async def test_what_a_mail_server_says_is_believed(answers: dict[str, str], outcome: type[Exception]) -> None:
    async with listening(Post(**answers).serve) as port:
        with pytest.raises(outcome):
            await Mail(f"smtp://127.0.0.1:{port}", "avisos@villa.example").send(MESSAGE)


async def test_where_nobody_listens_it_is_tried_again() -> None:
    async with listening(Post().serve) as port:
        pass
    with pytest.raises(TryLater):
        await Mail(f"smtp://127.0.0.1:{port}", "avisos@villa.example").send(MESSAGE)
    hook = Hook(f"http://127.0.0.1:{port}")
    with pytest.raises(TryLater):
        await hook.send(MESSAGE)
    await hook.close()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(204, None), (400, NotTaken), (429, TryLater), (503, TryLater), (500, Unknown), (0, Unknown)],
)
async def test_the_hook_is_one_post(status: int, outcome: type[Exception] | None) -> None:
    bodies: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        assert length
        bodies.append(await reader.readexactly(int(length[1])))
        if status:
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        writer.close()

    async with listening(serve) as port:
        hook = Hook(f"http://127.0.0.1:{port}/sms")
        if outcome is None:
            assert await hook.send(MESSAGE) is None
        else:
            with pytest.raises(outcome):
                await hook.send(MESSAGE)
        await hook.close()
    assert orjson.loads(bodies[0]) == {
        "id": MESSAGE.id, "to": MESSAGE.to, "text": MESSAGE.text, "step": "",
    }  # fmt: skip
