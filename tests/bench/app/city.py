"""The real service with 5,000 documents in two mailboxes, and the same engine as a CouchDB beside it.

Law: both ways of pulling read the same documents from the same process. ``/couch/`` is the engine's CouchDB
API, ``/bench/`` the page that runs PouchDB and the app's own pull; everything else is the service as it is.
Prints ``ready <url> <facts as JSON>`` and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
import os
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from server.accounts.demonstration import mark_demonstration
from server.clock import new_uuid7
from server.commands.serve import bind
from server.context import Context, open_context
from server.demo.municipality import make_municipality
from server.instants import say
from server.operations.intake import running_intake
from server.settings import Settings
from server.web.app import make_app
from sync.http import create_app
from sync.interface import AllDocsQuery

Json = dict[str, Any]

ROOT = Path(__file__).parents[3]
SEED = 7
#: The size of the documents of the first sync, as the project's aims state it.
BYTES = 600


async def fill(context: Context, count: int) -> Json:
    """A small town through intake; then ``count`` lean documents for one leader, whole for three others."""
    made = make_municipality(SEED, datetime.now(UTC), everyday=24)
    databases = context.databases
    for database, documents in (
        (databases.reference, made.reference),
        (databases.registry, made.registry),
        (databases.accounts, made.accounts),
        (databases.citizens, made.citizens),
        (databases.inbox, made.inbox),
    ):
        await database.bulk_docs(documents)
    await mark_demonstration(databases.accounts, made.offered)
    await context.directory.refresh()
    roles = {doc["_id"].removeprefix("account:"): doc.get("role") for doc in made.accounts}
    by_role = {roles[one["account"]]: one["account"] for one in reversed(made.offered)}
    async with running_intake(context):
        sample = await _a_report(context, by_role["sector_leader"])
    lean, whole = by_role["block_leader"], by_role["sector_leader"]
    await _deliver(context, lean, [_lean(context, n) for n in range(count)])
    reports = [_whole(context, sample, n) for n in range(count)]
    brigade, officer = by_role["brigade"], by_role["civil_protection"]
    orders = [{**doc, "assignments": [{"brigade": brigade, "status": "assigned"}]} for doc in reports]
    for account, documents in ((whole, reports), (brigade, orders), (officer, reports)):
        await _deliver(context, account, documents)
    generation = context.directory.account(lean)
    assert generation is not None
    return {
        "lean": lean,
        "whole": whole,
        "brigade": brigade,
        "officer": officer,
        "mailbox": databases.mailbox_name(lean, generation.generation),
        "count": count,
    }


async def _a_report(context: Context, account: str) -> Json:
    """A delivered, open report of a mailbox, once intake has come that far."""
    while True:
        found = context.directory.account(account)
        assert found is not None
        mailbox = await context.databases.mailbox(account, found.generation)
        reports_only = AllDocsQuery(startkey="report:", endkey="report:~", include_docs=True)
        page = await mailbox.all_docs(reports_only)
        reports = [json.loads(row.doc) for row in page.rows if row.doc]
        full = [doc for doc in reports if doc.get("view") == "full" and len(doc.get("timeline", [])) >= 2]
        if full:
            return max(full, key=lambda doc: len(doc["timeline"]))
        await asyncio.sleep(0.2)


async def _deliver(context: Context, account: str, documents: list[Json]) -> None:
    found = context.directory.account(account)
    assert found is not None
    mailbox = await context.databases.mailbox(account, found.generation)
    for start in range(0, len(documents), 1000):
        rows = await mailbox.bulk_docs(documents[start : start + 1000])
        assert all(row.ok for row in rows)


STREETS = "Morelos Juárez Reforma Hidalgo Zaragoza Allende Jardín Aldama Rosales".split()  # noqa: SIM905
WORDS = (  # noqa: SIM905
    "fuga agua banqueta poste lámpara escuela esquina mercado noche ruido árbol raíz bache lluvia drenaje"
).split()


def _lean(context: Context, number: int) -> Json:
    doc: Json = {
        "_id": f"report:{new_uuid7(context.clock)}",
        "schema": "report.v1",
        "view": "card",
        "version": number + 1,
        "folio": f"HMO-{number:06d}",
        "type": "lampara-apagada",
        "family": "lamp",
        "status": "captured",
        "priority": 3,
        "place": {"lat": 29.07 + number / 1e5, "lon": -110.95, "street": f"{STREETS[number % 9]} {number}"},
        "supports": 0,
        "due_at": "2026-12-01T07:00:00.000Z",
        "amber_at": "2026-11-29T07:00:00.000Z",
        "captured_at": "2026-11-22T16:00:00.000Z",
        "text": "",
    }
    chance = random.Random(number)
    while len(json.dumps(doc, ensure_ascii=False).encode()) < BYTES:
        doc["text"] += chance.choice(WORDS) + " "
    return doc


def _whole(context: Context, sample: Json, number: int) -> Json:
    chance = random.Random(number)
    captured = datetime.now(UTC) - timedelta(minutes=chance.randrange(60 * 24 * 60))
    text = " ".join(chance.choice(WORDS) for _ in range(12))
    timeline = [
        {**entry, "payload": {**entry.get("payload", {}), "text": text}} for entry in sample["timeline"]
    ]
    return {
        **{name: value for name, value in sample.items() if name != "_rev"},
        "_id": f"report:{new_uuid7(context.clock)}",
        "version": number + 1,
        "folio": f"HMO-{number:06d}",
        "status": chance.choice(["captured", "in_progress", "captured", "finished"]),
        "priority": chance.choice([2, 3, 3, 4]),
        "captured_at": say(captured),
        "due_at": say(captured + timedelta(days=20)),
        "amber_at": say(captured + timedelta(days=15)),
        "text": text,
        "place": {**sample["place"], "street": f"{chance.choice(STREETS)} {number}"},
        "timeline": timeline,
    }


class Town:
    """The service, with the benchmark's page and the CouchDB API beside it."""

    def __init__(self, app: ASGIApp, couch: ASGIApp, page: Path) -> None:
        self._app, self._couch, self._page = app, couch, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if path.startswith("/couch/"):
            raw = scope["raw_path"].removeprefix(b"/couch")
            await self._couch({**scope, "path": unquote(raw.decode()), "raw_path": raw}, receive, send)
        elif path.startswith("/bench/"):
            await self._file(path.removeprefix("/bench/") or "index.html", send)
        else:
            await self._app(scope, receive, send)

    async def _file(self, name: str, send: Send) -> None:
        file = (self._page / name).resolve()
        found = file.is_relative_to(self._page) and file.is_file()
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
        await send({"type": "http.response.body", "body": file.read_bytes() if found else b""})


async def main(folder: Path, page: Path, count: int) -> None:
    settings = Settings(data_dir=folder, app_dir=ROOT / "pwa" / "dist", port=0)
    async with open_context(settings) as context:
        facts = await fill(context, count)
        couch = create_app(context.engine)
        sock = bind(settings)
        town = Town(make_app(context), couch, page.resolve())
        config = uvicorn.Config(town, lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        # Without an intake from here on: it would rightly take away what it has not delivered itself.
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        print(f"ready http://127.0.0.1:{sock.getsockname()[1]} {json.dumps(facts)}", flush=True)
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = True
        await serving


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
