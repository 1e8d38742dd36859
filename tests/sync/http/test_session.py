"""Credentials: Basic, cookies, their end, and nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie

import httpx2
import pytest

from sync.embedded import EmbeddedEngine
from sync.http import create_app
from sync.http.session import LIFETIME
from tests.sync.http.client import client_of

pytestmark = pytest.mark.anyio

ADMIN = ("ana", "contraseña: larga")


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(engine: EmbeddedEngine, clock: Clock) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(create_app(engine, admin=ADMIN, now=clock)) as client:
        yield client


def basic(name: str, password: str) -> httpx2.BasicAuth:
    return httpx2.BasicAuth(name.encode(), password.encode())


async def test_without_credentials_only_the_door_is_open(client: httpx2.AsyncClient) -> None:
    for path in ("/", "/_up", "/_session"):
        assert (await client.get(path)).status_code == 200
    for path in ("/_all_dbs", "/db", "/db/a", "/_active_tasks", "/_node", "/_nobody"):
        answer = await client.get(path)
        assert answer.status_code == 401
        assert answer.json()["error"] == "unauthorized"
        assert answer.headers["www-authenticate"].startswith("Basic")
    assert (await client.put("/db")).status_code == 401


async def test_basic(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/_all_dbs", auth=basic(*ADMIN))).status_code == 200
    for name, password in [("ana", "otra"), ("eva", ADMIN[1]), ("", ""), ("ana", "")]:
        assert (await client.get("/_all_dbs", auth=basic(name, password))).status_code == 401


@pytest.mark.parametrize("value", ["Basic", "Basic !!!", "Basic YW5h", "Bearer x", "Basic /w==", "x"])
async def test_malformed_credentials(client: httpx2.AsyncClient, value: str) -> None:
    assert (await client.get("/_all_dbs", headers={"authorization": value})).status_code == 401


@pytest.mark.parametrize("kind", ["form", "json"])
async def test_a_session_by_cookie(client: httpx2.AsyncClient, kind: str) -> None:
    login = {"name": ADMIN[0], "password": ADMIN[1]}
    answer = await client.post("/_session", **({"data": login} if kind == "form" else {"json": login}))  # type: ignore[arg-type]
    assert answer.json() == {"ok": True, "name": "ana", "roles": ["_admin"]}
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=Strict" in answer.headers["set-cookie"]
    assert (await client.get("/_all_dbs")).status_code == 200
    assert (await client.get("/_session")).json()["info"]["authenticated"] == "cookie"
    await client.delete("/_session")
    assert (await client.get("/_all_dbs")).status_code == 401


async def test_a_session_ends_by_itself_unless_renewed(client: httpx2.AsyncClient, clock: Clock) -> None:
    await client.post("/_session", data={"name": ADMIN[0], "password": ADMIN[1]})
    clock.now += LIFETIME - 1
    assert (await client.get("/_session")).json()["userCtx"]["name"] == "ana"
    clock.now += LIFETIME - 1
    assert (await client.get("/_all_dbs")).status_code == 200
    clock.now += 1
    assert (await client.get("/_all_dbs")).status_code == 401


async def test_a_cookie_says_its_end_as_an_instant_too(client: httpx2.AsyncClient, clock: Clock) -> None:
    """nano keeps a cookie by Expires alone; without it a login goes well and the next request is nobody's."""
    answer = await client.post("/_session", data={"name": ADMIN[0], "password": ADMIN[1]})
    said = SimpleCookie(answer.headers["set-cookie"])["AuthSession"]
    assert parsedate_to_datetime(said["expires"]).timestamp() == int(clock.now + LIFETIME)
    assert said["max-age"] == str(LIFETIME)
    ended = SimpleCookie((await client.delete("/_session")).headers["set-cookie"])["AuthSession"]
    assert parsedate_to_datetime(ended["expires"]).timestamp() == 0


async def test_a_forged_cookie_is_nobody(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/_session", data={"name": ADMIN[0], "password": ADMIN[1]})
    token = answer.headers["set-cookie"].split(";")[0].partition("=")[2]
    client.cookies.clear()
    for forged in (token[:-3], token[:-3] + "AAA", "x", "", "====", "YW5hOjYwMDA6eA"):
        status = (await client.get("/_all_dbs", headers={"cookie": f"AuthSession={forged}"})).status_code
        assert status in (400, 401), forged
    assert (await client.get("/_all_dbs", headers={"cookie": f"AuthSession={token}"})).status_code == 200


@pytest.mark.parametrize("body", [{"name": "ana"}, {"name": 1, "password": "x"}, [], "x"])
async def test_a_login_that_is_none(client: httpx2.AsyncClient, body: object) -> None:
    assert (await client.post("/_session", json=body)).status_code == 400


async def test_a_wrong_login(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/_session", data={"name": "ana", "password": "otra"})
    assert answer.status_code == 401
    assert answer.json()["reason"] == "Name or password is incorrect."


async def test_another_servers_cookie_does_not_pass(
    engine: EmbeddedEngine, client: httpx2.AsyncClient
) -> None:
    async with client_of(create_app(engine, admin=ADMIN)) as other:
        answer = await other.post("/_session", data={"name": ADMIN[0], "password": ADMIN[1]})
    cookie = answer.headers["set-cookie"].split(";")[0]
    assert (await client.get("/_all_dbs", headers={"cookie": cookie})).status_code == 401
