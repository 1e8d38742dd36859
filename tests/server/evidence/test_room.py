"""Uploads under way are bounded, and no device is kept out by what it left lying itself."""

from __future__ import annotations

from dataclasses import dataclass

import httpx2
import pytest

from server.context import Context
from server.evidence.room import Room, leaving
from server.evidence.uploads import Uploads
from server.problems import Problem
from tests.server.evidence.pictures import picture
from tests.server.web.phones.test_tus import creation, session

ROOM = Room(device_uploads=3, device_bytes=100, uploads=5, bytes=200)


@dataclass(frozen=True)
class Some:
    id: str
    device: str
    length: int
    created_at: str


def some(device: str, *lengths: int) -> list[Some]:
    return [Some(f"{device}{at}", device, length, f"2026-11-2{at}") for at, length in enumerate(lengths)]


def test_the_devices_own_oldest_give_way() -> None:
    begun = [*some("a", 10, 10, 10), *some("b", 5)]
    assert [one.id for one in leaving(begun, "a", 10, ROOM)] == ["a0"]
    assert [one.id for one in leaving(begun, "a", 85, ROOM)] == ["a0", "a1"]
    assert leaving(begun, "b", 10, ROOM) == []


@pytest.mark.parametrize("begun", [some("a", 10, 10) + some("b", 1, 1, 1), some("a", 100) + some("b", 95)])
def test_all_together_have_a_bound(begun: list[Some]) -> None:
    with pytest.raises(Problem) as refused:
        leaving(begun, "c", 10, ROOM)
    assert refused.value.code == "too_many_requests"


@pytest.mark.anyio
async def test_creations_for_nothing_are_bounded_and_the_newest_is_taken(
    context: Context, http: httpx2.AsyncClient
) -> None:
    folder = context.settings.data_dir / "evidence" / "uploads"
    room = Room(device_uploads=3, uploads=4)
    context.uploads = Uploads(
        folder, context.databases.evidence, context.blobs, context.examination, context.clock, room
    )
    _, headers = await session(context)
    data = picture()
    for _ in range(20):
        made = await http.post("/sync/evidence", headers={**headers, **creation(data)})
        assert made.status_code == 201
    assert await context.uploads.under_way() == 3
    assert (await http.head(made.headers["location"], headers=headers)).status_code == 200
    _, other = await session(context, "luis")
    assert (await http.post("/sync/evidence", headers={**other, **creation(data)})).status_code == 201
    _, third = await session(context, "ana")
    refused = await http.post("/sync/evidence", headers={**third, **creation(data)})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "600")
