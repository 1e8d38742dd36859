"""``manzana serve``: the whole service in one process, or one of its parts."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import click
import uvicorn

from server.clock import Clock
from server.context import Context, open_context
from server.intake.running.lock import IntakeRunning
from server.operations import logs, tls
from server.operations.housekeeping import housekeeping
from server.operations.intake import running_intake
from server.operations.loop import run_in_loop, settle
from server.settings import Settings, read, without_password
from server.web.app import make_app
from server.web.connection import connections
from server.web.proxy import BehindProxy
from sync.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the service answers; ``authority`` is the LAN certificate authority's file."""

    url: str
    authority: Path | None = None


def bind(settings: Settings) -> socket.socket:
    """A listening socket. A busy port or a foreign address gives one clear sentence (``ClickException``)."""
    host = settings.host
    try:
        found = socket.getaddrinfo(host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise click.ClickException(f"HOST={host} is no address of this machine ({error.strerror}).") from None
    family, kind, protocol, _, address = found[0]
    sock = socket.socket(family, kind, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
        sock.listen(2048)
    except OSError as error:
        sock.close()
        advice = {
            errno.EADDRINUSE: "another service is running there. Set PORT to another number.",
            errno.EACCES: "ports below 1024 are the system's. Set PORT to a higher number.",
            errno.EADDRNOTAVAIL: "that is no address of this machine. Set HOST to one that is.",
        }.get(error.errno or 0, f"{error.strerror}. Set HOST and PORT to others.")
        raise click.ClickException(f"Cannot listen on {host}:{settings.port}: {advice}") from None
    sock.setblocking(False)
    return sock


async def run(
    settings: Settings,
    *,
    on_ready: Callable[[Context, Listening], Awaitable[None]] | None = None,
    demo_key: str = "",
    clock: Clock | None = None,
) -> None:
    """Serve until a signal ends it. ``on_ready`` is awaited once the port is bound and the data are open;
    ``clock`` replaces the system's.
    """
    async with AsyncExitStack() as stack:
        sock = None
        if settings.intake != "only":
            sock = bind(settings)
            stack.callback(sock.close)
        context = await stack.enter_async_context(open_context(settings, clock=clock))
        context.demo_key = demo_key
        if settings.intake != "apart":
            await stack.enter_async_context(running_intake(context))
        if sock is None:
            settle()
            await _until_signal()
            return
        await context.pen.start()
        await context.bulk.start()
        await context.register.start()
        await stack.enter_async_context(housekeeping(context))
        certificate = tls.certificate(settings.data_dir / "tls") if settings.lan else None
        context.authority = certificate.authority if certificate else None
        app = make_app(context)
        for worker in (context.keeping.worker, context.notices.worker, context.sending.worker):
            worker.start()
        config = uvicorn.Config(
            BehindProxy(app) if settings.proxy else app,
            http=connections(lambda code: context.metrics.refusals.labels(code).inc()),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            ssl_certfile=certificate.chain if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=10,
        )
        if on_ready is not None:
            port = sock.getsockname()[1]
            every = settings.host in {"0.0.0.0", "::"}
            host = tls.lan_address() if settings.lan and every else settings.host
            scheme = "https" if certificate else "http"
            url = settings.origin or f"{scheme}://{host}:{port}"
            await on_ready(context, Listening(url, certificate.authority if certificate else None))
        settle()
        await uvicorn.Server(config).serve(sockets=[sock])


async def _until_signal() -> None:
    """Wait for the signal that ends the process."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()


async def _announce(context: Context, listening: Listening) -> None:
    click.echo(f"Manzana: {listening.url}")
    if listening.authority:
        click.echo(f"Certificate authority for the phones: {listening.authority}")


@click.command()
@click.option("--data-dir", type=click.Path(path_type=Path), help="Folder of the data (DATA_DIR).")
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (PORT).")
@click.option("--couchdb-url", help="A CouchDB instead of the embedded engine (COUCHDB_URL).")
@click.option("--intake", "only", is_flag=True, help="Run the intake alone, without serving.")
@click.option("--no-intake", "apart", is_flag=True, help="Serve without the intake: another process runs it.")
@click.option(
    "--lan", is_flag=True, default=None, help="TLS on the local network, with an authority of its own."
)
@click.option(
    "--proxy", is_flag=True, default=None, help="Behind a TLS proxy: trust its X-Forwarded-* headers."
)
def command(
    data_dir: Path | None,
    host: str | None,
    port: int | None,
    couchdb_url: str | None,
    only: bool,
    apart: bool,
    lan: bool | None,
    proxy: bool | None,
) -> None:
    """Serve the app, the sync gateway, the pages and the intake."""
    if only and apart:
        raise click.UsageError("--intake and --no-intake exclude each other.")
    settings = read(
        data_dir=data_dir,
        host=host,
        port=port,
        couchdb_url=couchdb_url,
        lan=lan,
        proxy=proxy,
        intake="only" if only else "apart" if apart else None,
    )
    logs.configure(settings.log_level)
    try:
        run_in_loop(run(settings, on_ready=_announce))
    except IntakeRunning as error:
        raise click.ClickException(f"A service is running on these data already: {error}.") from None
    except Unavailable as error:
        place = settings.couchdb_url and f"COUCHDB_URL={without_password(settings.couchdb_url)}"
        raise click.ClickException(f"{place or settings.data_dir}: {error.reason}") from None
