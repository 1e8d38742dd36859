"""``python -m sync``: a data folder served as a CouchDB.

Law: without an administrator nobody is asked who they are, so only this machine may connect.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import socket
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import uvicorn

from sync.embedded import open_engine
from sync.errors import EngineError
from sync.http import App, create_app

#: Seconds that open requests have when the server is told to stop.
GRACE = 2


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. Gives the exit status; 2 for arguments that cannot be followed."""
    options = _parser().parse_args(arguments)
    admin: tuple[str, str] | None = options.admin
    if admin is None and not is_loopback(options.host):
        print(f"{options.host} is not loopback: give --admin NAME:PASSWORD to serve it.", file=sys.stderr)
        return 2
    try:
        listener = bind(options.host, options.port)
    except OSError as error:
        print(f"Cannot listen on {options.host} port {options.port}: {error.strerror}.", file=sys.stderr)
        return 2
    try:
        with listener, asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(serve(options.data, listener, admin))
    except EngineError as error:
        print(error.reason, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot use {options.data}: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sync", description="Serve a data folder as a CouchDB.")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="the data folder, made if absent"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=5984, help="the port (default: 5984; 0: any free one)")
    parser.add_argument(
        "--admin", metavar="NAME:PASSWORD", type=_admin, help="the one account; needed beyond loopback"
    )
    return parser


def _admin(text: str) -> tuple[str, str]:
    name, colon, password = text.partition(":")
    if not name or not colon or not password:
        raise argparse.ArgumentTypeError("NAME:PASSWORD is needed, neither empty")
    return name, password


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address. A name counts only if it is ``localhost``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ``OSError``."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it exists; None is the standard loop."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


def configuration(app: App, *, grace: int = GRACE) -> uvicorn.Config:
    """How the app is served; ``grace`` as ``GRACE``."""
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        # Feeds have no end of their own.
        timeout_graceful_shutdown=grace,
    )


async def serve(folder: Path, listener: socket.socket, admin: tuple[str, str] | None) -> None:
    """Serve ``folder`` on ``listener`` until SIGINT or SIGTERM; then end open requests and close all."""
    async with await open_engine(folder) as engine:
        app = create_app(engine, admin=admin, uuid=_server_uuid(folder))
        host, port = listener.getsockname()[:2]
        print(f"http://{f'[{host}]' if ':' in host else host}:{port}/", flush=True)
        await uvicorn.Server(configuration(app)).serve(sockets=[listener])


def _server_uuid(folder: Path) -> str:
    """The name by which other servers' replicators know this one: made once, kept in the data folder."""
    file = folder / "server-uuid"
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        fresh = uuid.uuid4().hex
        file.write_text(fresh + "\n")
        return fresh


if __name__ == "__main__":
    sys.exit(main())
