"""Guesses are counted before they are judged, and nobody outside keeps a person out."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from server.accounts.lockouts import SPREAD, Lockouts
from server.context import Context
from server.problems import Problem
from tests.server.web.office.office import PASSWORD, enter, office

pytestmark = pytest.mark.anyio


async def tried(context: Context, password: str, network: str, browser: str | None = None) -> str:
    try:
        await context.enrolment.check_password("ana", password, network=network, browser=browser)
    except Problem as problem:
        return problem.code
    return "entered"


async def test_thirty_guesses_at_once_are_refused_as_thirty_in_line(context: Context) -> None:
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


async def test_a_known_browser_is_counted_too_and_a_forged_one_is_none(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await office(context, "ana", "admin")
    await office(context, "eva", "admin")
    await enter(http, "ana")
    (name,) = [name for name in http.cookies if name.startswith("manzana-conocido")]
    mine = http.cookies[name]
    wrong = {"usuario": "ana", "clave": "no es esta 1"}
    codes = [(await http.post("/gestion/entrar", data=wrong)).status_code for _ in range(5)]
    assert codes == [401, 401, 401, 401, 429]
    assert await tried(context, PASSWORD, "n-1") == "entered", "its failures are its own"
    # Another account's proof, or one made up, is nobody's.
    http.cookies.clear()
    await enter(http, "eva")
    (other,) = [name for name in http.cookies if name.startswith("manzana-conocido")]
    http.cookies.set(other, mine)
    await Lockouts(context.databases.accounts, context.clock).reserve("eva", "127.0.0.1")
    for _ in range(3):
        await http.post("/gestion/entrar", data={"usuario": "eva", "clave": "no es esta 1"})
    assert await tried(context, PASSWORD, "n-2") == "entered"


async def test_a_right_password_gives_a_spread_guesser_no_new_round(context: Context) -> None:
    lockouts = Lockouts(context.databases.accounts, context.clock)
    for n in range(SPREAD + 3):
        await lockouts.reserve("ana", f"n-{n}")
    await lockouts.reserve("ana", "office")
    await lockouts.clear("ana", "office")
    await lockouts.reserve("ana", "n-x")
    with pytest.raises(Problem, match="password_locked"):
        await lockouts.reserve("ana", "n-y")
