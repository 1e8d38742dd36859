"""Guesses are counted before they are judged, and nobody outside keeps a person out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from server.accounts.lockouts import SPREAD, Lockouts
from server.clock import SystemClock
from server.commands.account import command
from server.context import Context, open_engine
from server.problems import Problem
from server.settings import Settings
from server.store.databases import Databases
from tests.server.conftest import SetClock
from tests.server.web.office.office import PASSWORD, enter, office

pytestmark = pytest.mark.anyio


async def tried(context: Context, password: str, network: str, browser: str | None = None) -> str:
    try:
        await context.enrolment.check_password("ana", password, network=network, browser=browser)
    except Problem as problem:
        return problem.code
    return "entered"


async def test_guess_1_thirty_guesses_at_once_are_refused_as_thirty_in_line(context: Context) -> None:
    await office(context, "ana", "admin")
    found = await asyncio.gather(*(tried(context, f"no es esta {n}", "n-1") for n in range(30)))
    assert (found.count("password_wrong"), found.count("password_locked")) == (4, 26)


async def test_two_processes_count_together(context: Context) -> None:
    pair = [Lockouts(context.databases.accounts, context.clock) for _ in range(2)]

    async def reserved(lockouts: Lockouts) -> bool:
        try:
            await lockouts.reserve("ana", "n-1")
        except Problem:
            return False
        return True

    assert sum(await asyncio.gather(*(reserved(pair[n % 2]) for n in range(20)))) == 4


async def test_a_guesser_elsewhere_does_not_lock_the_office_out(context: Context) -> None:
    await office(context, "ana", "admin")
    for _ in range(6):
        await tried(context, "no es esta 1", "n-1")
    assert await tried(context, PASSWORD, "n-1") == "password_locked"
    assert await tried(context, PASSWORD, "n-2") == "entered"


async def test_many_networks_are_held_and_a_known_browser_still_enters(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await office(context, "ana", "admin")
    await enter(http, "ana")
    # What an attacker with an address for each try has done.
    for n in range(SPREAD + 4):
        await Lockouts(context.databases.accounts, context.clock).reserve("ana", f"n-{n}")
    assert await tried(context, PASSWORD, "another") == "password_locked"
    await enter(http, "ana")
    http.cookies.clear()
    answer = await http.post("/gestion/entrar", data={"usuario": "ana", "clave": PASSWORD})
    assert answer.status_code == 429
    await Lockouts(context.databases.accounts, context.clock).lift()
    await enter(http, "ana")


async def test_a_known_browser_is_counted_too(context: Context, http: httpx2.AsyncClient) -> None:
    await office(context, "ana", "admin")
    await enter(http, "ana")
    wrong = {"usuario": "ana", "clave": "no es esta 1"}
    codes = [(await http.post("/gestion/entrar", data=wrong)).status_code for _ in range(5)]
    assert codes == [401, 401, 401, 401, 429]
    assert await tried(context, PASSWORD, "n-1") == "entered", "its failures are its own"


async def shut(context: Context, account: str) -> None:
    """Whoever enters as this account from anywhere but a known browser has to wait."""
    for n in range(SPREAD + 4):
        await Lockouts(context.databases.accounts, context.clock).reserve(account, f"n-{n}")


async def knocked(http: httpx2.AsyncClient, account: str, cookie: tuple[str, str], **form: str) -> int:
    """The status for the right password, sent by a browser that holds this cookie alone."""
    http.cookies.clear()
    http.cookies.set(*cookie)
    data = {"usuario": account, "clave": PASSWORD, **form}
    return (await http.post("/gestion/entrar", data=data)).status_code


async def known_cookie(http: httpx2.AsyncClient, account: str) -> tuple[str, str]:
    http.cookies.clear()
    await enter(http, account)
    (name,) = [name for name in http.cookies if name.startswith("manzana-conocido")]
    return name, http.cookies[name]


async def test_only_a_cookie_that_was_given_to_this_account_makes_a_browser_known(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await office(context, "ana", "admin")
    await office(context, "eva", "admin")
    mine, eva = await known_cookie(http, "ana"), await known_cookie(http, "eva")
    browser, until, proof = mine[1].split(".")
    await shut(context, "ana")
    forged = {
        "another account's": eva[1],
        "another browser's": f"{'0' * 32}.{until}.{proof}",
        "a longer one": f"{browser}.{int(until) + 1}.{proof}",
        "no proof": f"{browser}.{until}.",
        "no signature": f"{browser}.{until}.{'0' * 64}",
        "words": "x",
        "of before": f"{browser}.{proof}",
    }
    for what, value in forged.items():
        assert await knocked(http, "ana", (mine[0], value)) == 429, what
    assert await knocked(http, "ana", mine) == 303


async def test_a_browser_is_forgotten_by_the_server_after_its_time(
    context: Context, http: httpx2.AsyncClient, clock: SetClock
) -> None:
    await office(context, "ana", "admin")
    cookie = await known_cookie(http, "ana")
    for days, status in ((179, 303), (2, 429)):
        clock.advance(days=days)
        await Lockouts(context.databases.accounts, context.clock).lift()
        await shut(context, "ana")
        assert await knocked(http, "ana", cookie) == status, days


async def test_a_new_password_makes_every_browser_a_stranger(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await office(context, "ana", "admin")
    cookie = await known_cookie(http, "ana")
    account = context.directory.account("ana")
    assert account
    await context.enrolment.set_password(account, "otro nopal 2027 !")
    await shut(context, "ana")
    assert await knocked(http, "ana", cookie, clave="otro nopal 2027 !") == 429


def test_an_operator_ends_every_wait(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")

    async def waits(tries: int) -> bool:
        async with await open_engine(settings) as engine:
            lockouts = Lockouts((await Databases.open(engine)).accounts, SystemClock())
            for _ in range(tries):
                await lockouts.reserve("ana", "n-1")
            try:
                await lockouts.check("ana", "n-1")
            except Problem:
                return True
            return False

    assert asyncio.run(waits(4))
    done = CliRunner().invoke(command, ["unlock", "--data-dir", str(settings.data_dir)])
    assert (done.exit_code, done.output) == (0, "Nobody waits any more after wrong passwords.\n")
    assert not asyncio.run(waits(0))


async def test_a_right_password_gives_a_spread_guesser_no_new_round(context: Context) -> None:
    lockouts = Lockouts(context.databases.accounts, context.clock)
    for n in range(SPREAD + 3):
        await lockouts.reserve("ana", f"n-{n}")
    await lockouts.reserve("ana", "office")
    await lockouts.clear("ana", "office")
    await lockouts.reserve("ana", "n-x")
    with pytest.raises(Problem, match="password_locked"):
        await lockouts.reserve("ana", "n-y")
