"""A large town's areas, imported and served: ``python -m tests.bench.areas [--blocks 25000]``.

Law: the import and the service run as an operator runs them, in processes of their own; memory is the most
each
ever held (VmHWM). What a phone receives is what the gateway sends it, compressed.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

import httpx2
import orjson

from server.context import open_context
from server.settings import Settings
from tests.bench import town
from tests.bench.running import ROOT, serving

Json = dict[str, Any]

#: West and south of the town; degrees of a block of 100 m with its street.
LON, LAT = -106.42, 31.60
STEP = 0.00106
#: What blocks take of that: the rest is street.
SHARE = 0.86
#: Corners of the municipality's outline, each half a metre off its line.
OUTLINE = 8_000


def block(column: int, row: int, vertices: int, chance: random.Random) -> list[list[float]]:
    """A block as surveyors draw it: four bent sides, each corner rounded, ``vertices`` points at six
    decimals.
    """
    side = STEP * SHARE
    ring = []
    for n in range(vertices):
        turn = 2 * math.pi * n / vertices
        # A square with rounded corners (a superellipse), and a hand that shakes by half a metre.
        x, y = math.cos(turn), math.sin(turn)
        bulge = (abs(x) ** 8 + abs(y) ** 8) ** (-1 / 8) * side / 2
        ring.append([bulge * x + chance.uniform(-5e-6, 5e-6), bulge * y + chance.uniform(-5e-6, 5e-6)])
    west, south = LON + column * STEP, LAT + row * STEP
    points = [[round(west + x, 6), round(south + y, 6)] for x, y in ring]
    return [*points, points[0]]


def write(file: IO[str], features: Any) -> None:
    file.write('{"type":"FeatureCollection","features":[\n')
    for number, (properties, ring) in enumerate(features):
        shape = {"type": "Polygon", "coordinates": [ring]}
        line = orjson.dumps({"type": "Feature", "properties": properties, "geometry": shape}).decode()
        file.write(("," if number else "") + line + "\n")
    file.write("]}\n")


def rectangle(column: int, row: int, wide: int, high: int, vertices: int = 200) -> list[list[float]]:
    """A piece of the grid with a border of many points."""
    corners = [(column, row), (column + wide, row), (column + wide, row + high), (column, row + high)]
    ring = []
    for (x, y), (z, w) in zip(corners, [*corners[1:], corners[0]], strict=True):
        for n in range(vertices // 4):
            part = n * 4 / vertices
            shake = 0.005 * math.sin(n * 7)
            point = (x + (z - x) * part - 0.5 + shake, y + (w - y) * part - 0.5 - shake)
            ring.append([round(LON + point[0] * STEP, 6), round(LAT + point[1] * STEP, 6)])
    return [*ring, ring[0]]


def make(folder: Path, blocks: int, sector: int, vertices: int) -> dict[str, Path]:
    """Files of blocks, of sectors of ``sector`` × ``sector`` blocks, of colonias of a quarter of these."""
    width = math.ceil(math.sqrt(blocks))
    chance = random.Random(7)
    files = {kind: folder / f"{kind}.geojson" for kind in ("outline", "block", "sector", "colonia")}
    with files["outline"].open("w") as file:
        write(file, [({"id": "x"}, rectangle(-5, -5, width + 10, width + 10, OUTLINE))])
    with files["block"].open("w") as file:
        cells = ((n % width, n // width) for n in range(blocks))
        write(
            file,
            (({"id": f"0803700{n:06d}"}, block(*cell, vertices, chance)) for n, cell in enumerate(cells)),
        )
    for kind, size in (("sector", sector), ("colonia", sector // 2)):
        places = [(x, y) for y in range(0, width, size) for x in range(0, width, size)]
        with files[kind].open("w") as file:
            write(
                file,
                (
                    ({"id": f"{kind}-{n}"}, rectangle(*at, min(size, width), min(size, width)))
                    for n, at in enumerate(places)
                ),
            )
    return files


def manzana(folder: Path, *words: str) -> tuple[float, float]:
    """Run a command; gives its seconds and the megabytes it held at most."""
    environment = {**os.environ, "DATA_DIR": str(folder)}
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "server", *words],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert child.stderr is not None
    said = child.stderr.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(said)
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def held(pid: int, what: str) -> float:
    """Megabytes of a process: ``VmHWM`` the most it ever held, ``VmRSS`` now."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024


async def phones(settings: Settings, wanted: int, blocks: int) -> list[town.Phone]:
    """Accounts of block leaders, evenly over the town, and their phones."""
    found = [f"0803700{n:06d}" for n in range(0, blocks, max(1, blocks // wanted))][:wanted]
    async with open_context(settings) as context:
        accounts = [
            {
                "_id": f"account:l{n}", "schema": "account.v1", "name": f"L {n}", "role": "block_leader",
                "blocks": [key], "active": True, "generation": 1, "term": None,
            }
            for n, key in enumerate(found)
        ]  # fmt: skip
        await context.databases.accounts.bulk_docs(accounts)
        await context.directory.refresh()
        return [await town.phone(context, f"l{n}", "block_leader") for n in range(3)]


def pulled(base: str, token: str, feed: str) -> tuple[int, int, list[Json]]:
    """Bytes of a first pull plain and as gzip sends them, and its documents."""
    docs: list[Json] = []
    plain, since = b"", "0"
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    with httpx2.Client(base_url=base, headers=headers, timeout=60) as client:
        while True:
            answer = client.get(f"/sync/{feed}/_changes", params={"since": since, "limit": "1000"})
            answer.raise_for_status()
            body = answer.json()
            plain += answer.content
            docs += [row["doc"] for row in body["results"] if row.get("doc")]
            if not body["results"] or body["last_seq"] == since:
                return len(plain), len(gzip.compress(plain, 6)), docs
            since = body["last_seq"]


async def serve(settings: Settings, token: str) -> None:
    async with serving(settings) as (base, (pid,)):
        deadline = time.monotonic() + 300
        while True:
            plain, packed, docs = await asyncio.to_thread(pulled, base, token, "mailbox")
            blocks = [doc for doc in docs if doc["_id"].startswith("block:")]
            if blocks or time.monotonic() > deadline:
                break
            await asyncio.sleep(1)
        print(f"serve: at most {held(pid, 'VmHWM'):.0f} MB, now {held(pid, 'VmRSS'):.0f} MB")
        print(
            f"a leader's mailbox: {len(blocks)} blocks, {plain / 1000:.0f} KB, {packed / 1000:.0f} KB gzipped"
        )
        plain, packed, docs = await asyncio.to_thread(pulled, base, token, "reference")
        settings_bytes = next(len(gzip.compress(orjson.dumps(d))) for d in docs if d["_id"] == "settings")
        print(f"reference {plain / 1000:.0f} KB, {packed / 1000:.0f} KB gzipped; settings {settings_bytes} B")


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=25_000)
    parser.add_argument("--sector", type=int, default=32, help="blocks along a sector's side")
    parser.add_argument("--vertices", type=int, default=40)
    parser.add_argument("--leaders", type=int, default=300)
    chosen = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files = make(folder, chosen.blocks, chosen.sector, chosen.vertices)
        size = sum(path.stat().st_size for path in files.values()) / 1e6
        data = folder / "data"
        where = (
            "init",
            "--municipality",
            "Ciudad Grande",
            "--state",
            "Chihuahua",
            "--timezone",
            "America/Ciudad_Juarez",
        )
        areas = [word for kind, path in files.items() for word in ("--areas", f"{kind}={path}")]
        seconds, most = manzana(data, *where, *areas)
        print(f"import: {chosen.blocks} blocks, {size:.0f} MB: {seconds:.1f} s, at most {most:.0f} MB")
        settings = Settings(data_dir=data, port=0)
        found = asyncio.run(phones(settings, chosen.leaders, chosen.blocks))
        for when in ("filling the mailboxes", "started again"):
            print(f"-- {when}")
            asyncio.run(serve(settings, found[len(found) // 2].token))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(sys.argv[1:])
