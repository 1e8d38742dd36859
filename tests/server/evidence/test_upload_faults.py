"""Killed at any step, or met by another request at any step, an upload is delivered with its bytes or not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from server.context import Context
from server.evidence.lifecycle import Event, State, Step, steps
from server.evidence.spool import Upload
from server.evidence.uploads import Uploads
from tests.server.evidence.pictures import picture, sha256
from tests.server.web.phones.test_tus import EVENT, OFFSET, creation, session, verdict

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
STEPS = steps(State.FULL, Event.FINISH)


class Killed(BaseException):
    """No handler of the service catches it."""


def folder(context: Context) -> Path:
    return context.settings.data_dir / "evidence" / "uploads"


def begin_again(context: Context) -> None:
    """What a new process has: the files and the databases."""
    context.uploads = Uploads(
        folder(context), context.databases.evidence, context.blobs, context.examination, context.clock
    )


def at(wanted: Step, before: bool, act: Callable[[], Awaitable[None]], patch: pytest.MonkeyPatch) -> None:
    """Do ``act`` once, before or after the first ``wanted`` step."""
    real, todo = Uploads._apply, [act]

    async def apply(self: Uploads, step: Step, upload: Upload) -> None:
        mine = step is wanted and bool(todo)
        if mine and before:
            await todo.pop()()
        await real(self, step, upload)
        if mine and not before:
            await todo.pop()()

    patch.setattr(Uploads, "_apply", apply)


async def kill() -> None:
    raise Killed


async def deliveries(context: Context, data: bytes) -> list[Json]:
    name = f"blob:{sha256(data)}"
    doc = (await context.databases.evidence.get_many([name])).get(name)
    return list(doc["deliveries"]) if doc else []


async def whole(context: Context, data: bytes) -> bool:
    return await context.blobs.size(sha256(data)) == len(data)


async def begun(http: httpx2.AsyncClient, headers: Json, data: bytes) -> str:
    made = await http.post("/sync/evidence", headers={**headers, **creation(data)})
    return str(made.headers["location"])


async def patch_all(http: httpx2.AsyncClient, headers: Json, place: str, data: bytes) -> httpx2.Response:
    return await http.patch(place, content=data, headers={**headers, **OFFSET, "Upload-Offset": "0"})


@pytest.mark.parametrize("way", ["start", "head"])
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("step", STEPS)
async def test_a_kill_at_any_step_is_made_good(
    context: Context,
    http: httpx2.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    step: Step,
    before: bool,
    way: str,
) -> None:
    _, headers = await session(context)
    data = picture()
    place = await begun(http, headers, data)
    with monkeypatch.context() as patch:
        at(step, before, kill, patch)
        with pytest.raises(Killed):
            await patch_all(http, headers, place, data)
    if await deliveries(context, data):
        assert await whole(context, data)
    begin_again(context)
    if way == "start":
        await context.uploads.recover()
    else:
        head = await http.head(place, headers=headers)
        assert (head.status_code, head.headers["upload-offset"]) == (200, str(len(data)))
    assert [entry["event"] for entry in await deliveries(context, data)] == [EVENT]
    assert (await verdict(context, data))["verdict"] == "ok"
    assert await whole(context, data)


@pytest.mark.parametrize("method", ["DELETE", "HEAD", "PATCH"])
@pytest.mark.parametrize("step", STEPS)
async def test_another_request_at_any_step_delivers_nothing_without_bytes(
    context: Context, http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, step: Step, method: str
) -> None:
    _, headers = await session(context)
    data = picture()
    place = await begun(http, headers, data)
    met: list[httpx2.Response] = []

    async def other() -> None:
        extra = {**OFFSET, "Upload-Offset": str(len(data))} if method == "PATCH" else {}
        met.append(await http.request(method, place, headers={**headers, **extra}))
        if method != "DELETE" and met[0].is_success:
            # Who is told that all is there is told the truth.
            assert await deliveries(context, data)
            assert await whole(context, data)

    at(step, True, other, monkeypatch)
    assert (await patch_all(http, headers, place, data)).status_code == 204
    assert met[0].status_code in (200, 204, 423)
    assert len(await deliveries(context, data)) == 1
    assert await whole(context, data)


@pytest.mark.parametrize("known", [True, False])
async def test_an_upload_ended_beside_its_last_piece_delivers_nothing_to_who_only_knows_the_hash(
    context: Context, http: httpx2.AsyncClient, known: bool
) -> None:
    data = picture()
    if known:
        _, owner = await session(context, "luis")
        await patch_all(http, owner, await begun(http, owner, data), data)
        await context.examination.settled()
    _, headers = await session(context)
    place = await begun(http, headers, data)
    ended: list[int] = []

    async def junk() -> AsyncIterator[bytes]:
        yield b"x" * 10
        ended.append((await http.delete(place, headers=headers)).status_code)
        yield b"x" * (len(data) - 10)

    answer = await http.patch(place, content=junk(), headers={**headers, **OFFSET, "Upload-Offset": "0"})
    assert ended == [423]
    assert answer.status_code == 460 or answer.json()["error"] == "photo_hash_wrong"
    assert len(await deliveries(context, data)) == int(known)


async def test_an_upload_whose_bytes_are_lost_begins_again(
    context: Context, http: httpx2.AsyncClient
) -> None:
    _, headers = await session(context)
    data = picture()
    place = await begun(http, headers, data)
    next(folder(context).glob("*.part")).unlink()
    assert (await http.head(place, headers=headers)).headers["upload-offset"] == "0"
    assert not await deliveries(context, data)
    assert (await patch_all(http, headers, place, data)).status_code == 204
    assert (await verdict(context, data))["verdict"] == "ok"


async def test_what_an_earlier_version_left_between_move_and_document_is_finished(
    context: Context, http: httpx2.AsyncClient
) -> None:
    _, headers = await session(context)
    data = picture()
    await begun(http, headers, data)
    facts = next(folder(context).glob("*.json"))
    old = orjson.loads(facts.read_bytes())
    del old["said"]
    facts.write_bytes(orjson.dumps(old))
    await context.blobs.put(sha256(data), data)
    facts.with_suffix(".part").unlink()
    assert await context.uploads.recover() == 1
    assert (await verdict(context, data))["verdict"] == "ok"


async def test_deliveries_without_bytes_are_taken_back_and_stop_no_other_photo(
    context: Context, http: httpx2.AsyncClient
) -> None:
    _, headers = await session(context)
    data, never = picture(), "ab" * 32
    doc = {"_id": f"blob:{never}", "schema": "blob.v1", "sha256": never, "bytes": 9, "type": "image/jpeg"}
    named = [{"device": "rosa:x", "event": EVENT}]
    await context.databases.evidence.put(
        {**doc, "received_at": "2026-11-23T16:05:09.123Z", "verdict": "pending", "deliveries": named}
    )
    context.examination.submit(never)
    await patch_all(http, headers, await begun(http, headers, data), data)
    assert (await verdict(context, data))["verdict"] == "ok"
    assert (await context.databases.evidence.get(f"blob:{never}"))["deliveries"] == []
    assert all(worker.working() and not worker.failures for worker in context.examination.workers)


async def test_a_photo_that_cannot_be_judged_is_put_aside_and_tried_again(
    context: Context, http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, headers = await session(context)
    bad, good = picture(size=(900, 500)), picture()
    real = context.blobs.put

    async def full(name: str, data: bytes) -> None:
        if name.startswith(sha256(bad)):
            raise OSError(28, "No space left on device")
        await real(name, data)

    with monkeypatch.context() as patch:
        patch.setattr(context.blobs, "put", full)
        for data in (bad, good):
            await patch_all(http, headers, await begun(http, headers, data), data)
        assert (await verdict(context, bad))["verdict"] == "pending"
        assert (await verdict(context, good))["verdict"] == "ok"
    assert context.examination.aside[sha256(bad)].kind == "disk_full"
    assert "No space left" in context.examination.aside[sha256(bad)].reason
    assert "manzana_photos_aside 1.0" in (await http.get("/metrics")).text
    assert (await http.get("/healthz")).status_code == 200
    context.examination.retry()
    assert (await verdict(context, bad))["verdict"] == "ok"
    assert not context.examination.aside
