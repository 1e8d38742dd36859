"""Processes of one data folder hear of each other's commits without waiting for the next look at the file."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from sync.embedded import bell, open_engine, waiting
from sync.embedded.bell import Bell
from sync.interface import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
def never_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a ring can wake anybody."""
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 3600.0)


async def wait_and_write(here: Database, there: Database) -> bool:
    since = (await here.info()).update_seq
    waits = asyncio.create_task(here.wait_for_change(since, 30))
    for _ in range(3):
        await asyncio.sleep(0)
    await there.put({"_id": "aviso"})
    return await waits


@pytest.mark.usefixtures("never_looks")
@pytest.mark.parametrize("inside", ["", "una carpeta de nombre muy largo/" * 4])
async def test_another_engine_of_the_folder_wakes(tmp_path: Path, inside: str) -> None:
    folder = tmp_path / inside
    async with await open_engine(folder) as one, await open_engine(folder) as other:
        here = await one.create("buzon")
        assert await wait_and_write(here, await other.open("buzon"))
    assert os.listdir(folder / bell.FOLDER) == []


@pytest.mark.usefixtures("never_looks")
async def test_a_killed_neighbour_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / bell.FOLDER).mkdir()
    left = tmp_path / bell.FOLDER / "4711-muerto"
    monkeypatch.chdir(left.parent)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as gone:
        gone.bind(left.name)
    async with await open_engine(tmp_path) as one, await open_engine(tmp_path) as other:
        here = await one.create("buzon")
        assert await wait_and_write(here, await other.open("buzon"))
        await here.put({"_id": "otro"})
        assert not left.exists()


async def test_a_neighbour_that_does_not_listen_holds_nobody_up(tmp_path: Path) -> None:
    mine, heard = Bell(tmp_path, lambda: None), asyncio.Event()
    theirs = Bell(tmp_path, heard.set)
    for _ in range(5_000):
        mine.ring()
    await asyncio.wait_for(heard.wait(), 30)
    mine.close()
    theirs.close()


async def test_without_such_sockets_the_looks_remain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("not here")

    with monkeypatch.context() as patch:
        patch.setattr(socket, "socket", refuse)
        one = await open_engine(tmp_path)
        other = await open_engine(tmp_path)
    async with one, other:
        here = await one.create("buzon")
        assert await wait_and_write(here, await other.open("buzon"))
