"""What an office prints, asked of the pages as a browser would: one order, two hundred in a file, an acta.

    python -m tests.bench.papers [--rounds 15]

Reports are the tests' own, written as intake leaves them, each with a photo (320 and 1280 pixels) and blocks
around it; the acta's events are really signed. Milliseconds with everything: rights, reading, sketch, QR,
typesetting, the answer's bytes; no network. Median and 95th percentile.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import orjson

from server.context import open_context
from server.evidence.blobstore import derivative
from server.papers.acta import acta, check
from server.settings import Settings
from server.web.app import make_app
from tests.server.evidence.pictures import picture, sha256
from tests.server.intake.municipality import DLAT, DLON, LAT, LON, found, square
from tests.server.papers.samples import package
from tests.server.register.town import make
from tests.server.web.office.office import enter, office

#: Orders of the large file, as many as one may have.
ORDERS = 200
_COLUMNS = 40


async def furnish(context: Any) -> None:
    """A town of 1,600 blocks and 200 reports with a photo each."""
    await found(context.databases)
    blocks = []
    for number in range(_COLUMNS * _COLUMNS):
        row, column = divmod(number, _COLUMNS)
        geometry = square(LON - 0.02 + column * DLON, LAT - 0.02 + row * DLAT, DLON * 0.83, DLAT * 0.83)
        blocks.append({"_id": f"block:x{number}", "name": f"Manzana {number}", "geometry": geometry})
    await context.databases.registry.bulk_docs(blocks)
    reports, citizens = make(7, ORDERS)
    for number, report in enumerate(reports):
        original = picture(size=(64, 48), seed=number)
        name = sha256(original)
        await context.blobs.put(derivative(name, 320), picture(size=(320, 240), seed=number))
        await context.blobs.put(derivative(name, 1280), picture(size=(1280, 960), seed=number))
        report |= {"type": "lampara", "confidential": False, "text": "Lleva tres noches apagada. " * 6}
        report["place"] |= {"lat": 21.12, "lon": -101.68 + number / 10_000, "source": "gps"}
        report["evidence"] = [
            {"sha256": name, "origin": "camera", "event": "c", "at": report["captured_at"], "verdict": "ok"}
        ]
    await context.databases.citizens.bulk_docs(citizens)
    await context.databases.cases.bulk_docs(reports)
    await context.register.catch_up()


async def timed(what: str, rounds: int, work: Callable[[], Awaitable[int]], aim: str) -> None:
    await work()
    took, size = [], 0
    for _ in range(rounds):
        began = time.perf_counter()
        size = await work()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    p95 = took[min(len(took) - 1, int(len(took) * 0.95))]
    print(
        f"| {what} | {statistics.median(took):.0f} | {p95:.0f} | {aim} | {size / 1000:,.0f} KB |", flush=True
    )


async def run(folder: Path, rounds: int) -> None:
    settings = Settings(data_dir=folder / "data", app_dir=folder / "dist")
    async with open_context(settings) as context:
        await furnish(context)
        await context.directory.refresh()
        await office(context, "ofelia", "desk")
        transport = httpx2.ASGITransport(app=make_app(context), client=("127.0.0.1", 50_000))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
            await enter(http, "ofelia")
            rows = (await context.databases.cases.all_docs()).rows
            one = next(row.id for row in rows if row.id.startswith("report:")).removeprefix("report:")

            async def get(path: str) -> int:
                answer = await http.get(path)
                assert answer.status_code == 200, answer.text[:300]
                return len(answer.content)

            print("| what | median ms | p95 ms | aim | size |\n|---|---:|---:|---:|---:|")
            await timed("an order", rounds, lambda: get(f"/gestion/asuntos/{one}/orden.pdf"), "50")
            await timed("a ticket", rounds, lambda: get(f"/gestion/asuntos/{one}/boleto.pdf"), "50")
            await timed(
                "200 orders in a file", max(3, rounds // 3), lambda: get("/gestion/ordenes.pdf"), "3000"
            )
        made, photos = package()
        data = acta(made, photos)

        async def print_acta() -> int:
            return len(acta(orjson.loads(orjson.dumps(made)), photos))

        async def verify() -> int:
            assert check(data).page
            return len(data)

        await timed("an acta, typeset", rounds, print_acta, "–")
        await timed("an acta, verified", rounds, verify, "–")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        asyncio.run(run(Path(folder), given.rounds))


if __name__ == "__main__":
    main()
