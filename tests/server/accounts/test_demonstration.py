"""A demonstration's accounts are given out on this machine, or with the printed key, and otherwise do not
exist.
"""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest

from server.accounts.demonstration import Offered, mark_demonstration
from server.context import Context
from server.web.app import make_app
from tests.device import Pen
from tests.server.conftest import add_account, proof_over

pytestmark = pytest.mark.anyio


def client(context: Context, peer: str, url: str = "http://127.0.0.1:8000") -> httpx2.AsyncClient:
    # Names that are answered: what is not told to them is not left to the Host header's judge alone.
    context.settings = replace(context.settings, hosts=("192.168.1.2", "rebound.example"))
    transport = httpx2.ASGITransport(app=make_app(context), client=(peer, 5000))
    return httpx2.AsyncClient(transport=transport, base_url=url)


@pytest.fixture
async def town(context: Context) -> Context:
    await add_account(context, "rosa", "block_leader")
    await add_account(context, "marta", "desk")
    await add_account(context, "secreta", "brigade", brigade="b")
    listed: list[Offered] = [
        {"account": "rosa", "note": "Manzana 1"},
        {"account": "marta", "note": "", "password": "abierta"},
    ]
    await mark_demonstration(context.databases.accounts, listed)
    return context


async def test_one_tap_enrols_on_this_machine(town: Context) -> None:
    async with client(town, "127.0.0.1") as http:
        accounts = (await http.get("/api/demo")).json()["accounts"]
        assert [row["account"] for row in accounts] == ["rosa", "marta"]
        code = (await http.post("/api/demo/code", json={"account": "rosa"})).json()["code"]
        pen = Pen("rosa", "block_leader")
        body = {"code": code, "app": "0.1.0", **await proof_over(http, pen)}
        assert (await http.post("/api/enrol", json=body)).status_code == 201
        for account in ("marta", "secreta", "nadie"):
            refused = await http.post("/api/demo/code", json={"account": account})
            assert refused.json()["error"] == "account_unknown"


@pytest.mark.parametrize(
    ("peer", "url"),
    [
        ("192.168.1.7", "http://192.168.1.2:8000"),
        ("192.168.1.7", "http://127.0.0.1:8000"),
        ("127.0.0.1", "http://rebound.example"),
        ("::ffff:10.0.0.1", "http://localhost"),
    ],
)
async def test_from_elsewhere_it_does_not_exist(town: Context, peer: str, url: str) -> None:
    async with client(town, peer, url) as http:
        assert (await http.get("/api/demo")).json()["error"] == "demo_only"
        assert (await http.post("/api/demo/code", json={"account": "rosa"})).json()["error"] == "demo_only"


async def test_behind_a_proxy_loopback_means_nothing(town: Context) -> None:
    town.settings = replace(town.settings, proxy=True)
    async with client(town, "127.0.0.1") as http:
        assert (await http.get("/api/demo")).json()["error"] == "demo_only"


async def test_the_printed_key_opens_it_on_the_network(town: Context) -> None:
    town.demo_key = "cuatro-nopales"
    async with client(town, "192.168.1.7") as http:
        assert (await http.get("/api/demo?key=cuatro-nopales")).status_code == 200
        assert (await http.get("/api/demo?key=otra")).status_code == 404
        assert (await http.get("/api/demo?key=ñ")).status_code == 404
        made = await http.post("/api/demo/code", json={"account": "rosa", "key": "cuatro-nopales"})
        assert made.status_code == 201


async def test_a_real_municipality_has_no_such_door(context: Context) -> None:
    await add_account(context, "rosa", "block_leader")
    async with client(context, "127.0.0.1") as http:
        assert (await http.get("/api/demo")).status_code == 404
        assert (await http.post("/api/demo/code", json={"account": "rosa"})).status_code == 404
