"""Over a real socket: who stops half-way is ended, whoever keeps coming is not, however slow."""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import orjson
import pytest
import uvicorn

from server.settings import Settings
from server.web.connection import Connection, Pace, connections
from tests.server.conftest import SetClock
from tests.server.evidence.pictures import picture
from tests.server.serving import Served, serve
from tests.server.web.phones.test_tus import OFFSET, creation, session

#: Seconds: short where the end is what is tested, beyond any test where it must not come.
SHORT, NEVER = 0.2, 600.0


@pytest.fixture
def served_at(settings: Settings, clock: SetClock) -> Iterator[Callable[[Pace], Served]]:
    open_blocks = []

    def start(pace: Pace) -> Served:
        block = serve(settings, clock=clock, pace=pace)
        open_blocks.append(block)
        return block.__enter__()

    yield start
    for block in open_blocks:
        block.__exit__(None, None, None)


def speak(served: Served, *said: bytes) -> socket.socket:
    place = urlsplit(served.url)
    assert place.hostname is not None
    line = socket.create_connection((place.hostname, place.port or 0), timeout=30)
    for piece in said:
        line.sendall(piece)
    return line


def heard(line: socket.socket) -> bytes:
    """All until the other side ends it."""
    parts = []
    try:
        while piece := line.recv(65_536):
            parts.append(piece)
    except ConnectionResetError:
        pass  # What was still on its way to a side that had closed.
    line.close()
    return b"".join(parts)


def refusal_of(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head
    return int(head.split()[1]), orjson.loads(body)["error"]


@pytest.mark.parametrize(
    "said",
    [
        b"GET /healthz HT",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Half: ",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost",
    ],
    ids=["line", "header", "second"],
)
def test_half_a_head_is_ended(served_at: Callable[[Pace], Served], said: bytes) -> None:
    answer = heard(speak(served_at(Pace(head_seconds=SHORT)), said))
    assert refusal_of(answer[answer.rindex(b"HTTP/1.1 ") :]) == (408, "request_slow")


def test_who_connects_and_says_nothing_is_ended_without_a_word(
    served_at: Callable[[Pace], Served],
) -> None:
    served = served_at(Pace(head_seconds=SHORT))
    assert heard(speak(served)) == b""
    assert heard(speak(served, b"\r\n\r\n")) == b""


def test_line_ends_between_requests_keep_nothing_open(served_at: Callable[[Pace], Served]) -> None:
    line = speak(served_at(Pace(head_seconds=SHORT)), b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    said = b""
    while b'"ok"' not in said:
        said += line.recv(65_536)
    line.sendall(b"\r\n")
    assert heard(line) == b""


@pytest.mark.parametrize("framing", [b"Content-Length: 5000", b"Transfer-Encoding: chunked"])
def test_half_a_body_is_ended_before_anybody_is_known(
    served_at: Callable[[Pace], Served], framing: bytes
) -> None:
    said = b"POST /api/enrol HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n\r\n5\r\n{"
    answer = heard(speak(served_at(Pace(body_seconds=SHORT)), said))
    assert refusal_of(answer) == (408, "request_slow")


def test_an_answer_under_way_is_not_mixed_with_a_refusal(served_at: Callable[[Pace], Served]) -> None:
    """Answered before its body came: the rest is waited for, but not for ever."""
    said = b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\nx"
    answer = heard(speak(served_at(Pace(body_seconds=SHORT)), said))
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "said",
    [
        [b"GET /", b"x" * 5_000, b" HTTP/1.1\r\n\r\n"],
        [b"GET / HTTP/1.1\r\n", *[b"X-A: %b\r\n" % (b"x" * 200)] * 30, b"\r\n"],
        [b"GET / HTTP/1.1\r\nX-A: ", *[b"x" * 1_000] * 6],
        [b"POST /api/enrol HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: ", *[b"x" * 1_000] * 6],
    ],
    ids=["target", "many", "endless", "trailer"],
)
def test_a_head_has_a_size(served_at: Callable[[Pace], Served], said: list[bytes]) -> None:
    answer = heard(speak(served_at(Pace(NEVER, 4_096, body_seconds=NEVER)), b"".join(said)))
    assert refusal_of(answer) == (431, "headers_too_large")


def test_all_unfinished_heads_together_have_a_size(served_at: Callable[[Pace], Served]) -> None:
    served = served_at(Pace(NEVER, 4_096, 10_000, NEVER))
    half = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"x" * 3_000
    lines = [speak(served, half) for _ in range(4)]
    # One of them is over; it says so by itself. Whole heads are served all the same.
    over, _, _ = select.select(lines, [], [], 30)
    assert [refusal_of(heard(line)) for line in over] == [(431, "headers_too_large")]
    for line in set(lines) - set(over):
        line.sendall(b"\r\nConnection: close\r\n\r\n")
        assert b'"ok"' in heard(line)


def test_what_is_no_http_is_refused_in_the_one_shape(served_at: Callable[[Pace], Served]) -> None:
    assert refusal_of(heard(speak(served_at(Pace()), b"\x16\x03\x01\x02\x00\r\n"))) == (400, "bad_request")


def test_a_stalled_photo_lets_its_upload_go_and_keeps_what_came(
    served_at: Callable[[Pace], Served],
) -> None:
    served = served_at(Pace(body_seconds=SHORT))
    _, headers = served.run(session(served.context))
    data = picture()

    def ask(method: str, path: str, extra: dict[str, str], body: bytes = b"", length: int = 0) -> bytes:
        fields = {"Host": "localhost", **headers, **extra, "Content-Length": str(length or len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        said = f"{method} {path} HTTP/1.1\r\nConnection: close\r\n{head}\r\n"
        return heard(speak(served, said.encode() + body))

    made = ask("POST", "/sync/evidence", creation(data))
    place = next(line for line in made.split(b"\r\n") if line.lower().startswith(b"location:"))
    path = place.split(b" ")[1].decode()
    stalled = ask("PATCH", path, {**OFFSET, "Upload-Offset": "0"}, data[:3_000], len(data))
    assert refusal_of(stalled) == (408, "request_slow")
    told = ask("HEAD", path, {})
    assert b"upload-offset: 3000" in told.lower()
    rest = ask("PATCH", path, {**OFFSET, "Upload-Offset": "3000"}, data[3_000:])
    assert rest.startswith(b"HTTP/1.1 204 ")


class Line(asyncio.Transport):
    """A connection's other side, written down."""

    def __init__(self) -> None:
        super().__init__()
        self.said = b""
        self.closed = self.paused = False

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("127.0.0.1", 1) if name in ("sockname", "peername") else default

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.said += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class Loop:
    """A loop whose time passes when it is told to."""

    def __init__(self, real: asyncio.AbstractEventLoop) -> None:
        self._real = real
        self.now = 0.0
        self._calls: list[tuple[float, asyncio.TimerHandle, Callable[[], None]]] = []

    def create_task(self, work: object, **named: object) -> object:
        return self._real.create_task(work, **named)  # type: ignore[arg-type]

    def call_later(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(self.now + seconds, act, (), self._real)
        self._calls.append((self.now + seconds, handle, act))
        return handle

    def call_at(self, *_: object) -> None: ...

    def pass_(self, seconds: float) -> None:
        self.now += seconds
        due = [call for call in self._calls if call[0] <= self.now]
        self._calls = [call for call in self._calls if call[0] > self.now]
        for _, handle, act in due:
            if not handle.cancelled():
                act()


@pytest.mark.anyio
async def test_a_slow_line_is_never_ended_and_a_pause_of_this_side_is_not_the_clients() -> None:
    async def app(scope: object, receive: Callable[[], object], send: object) -> None:
        await asyncio.Event().wait()

    loop = Loop(asyncio.get_running_loop())
    config = uvicorn.Config(app, http=connections(), lifespan="off", log_config=None)
    config.load()
    state = uvicorn.server.ServerState()
    made = connections()(config=config, server_state=state, app_state={}, _loop=loop)  # type: ignore[call-arg]
    assert isinstance(made, Connection)
    line = Line()
    made.connection_made(line)
    made.data_received(b"PATCH /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n")
    # An hour at 20 bytes a second.
    for _ in range(720):
        loop.pass_(5)
        made.data_received(b"x" * 100)
    assert not line.is_closing()
    # This side does not read for ten minutes.
    made.data_received(b"x" * 70_000)
    assert line.paused
    loop.pass_(600)
    loop.pass_(600)
    assert not line.is_closing()
    made.flow.resume_reading()
    loop.pass_(61)
    loop.pass_(61)
    assert line.is_closing()
    assert refusal_of(line.said) == (408, "request_slow")
    for task in state.tasks:
        task.cancel()
    await asyncio.gather(*state.tasks, return_exceptions=True)
