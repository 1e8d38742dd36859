"""A name that nobody gave the service opens nothing and shapes nothing."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from server.context import Context
from server.operations.tls import lan_address
from server.settings import SettingError, read
from server.web.app import make_app
from server.web.hosts import asked_name
from tests.server.accounts.test_enrolment import enrolled
from tests.server.conftest import add_account
from tests.server.serving import Served
from tests.server.web.office.office import enter, office, post

pytestmark = pytest.mark.anyio

PATHS = ("/", "/gestion/entrar", "/api/problems", "/sync/mailbox/_changes", "/metrics", "/nada")


async def asked(context: Context, path: str, name: str, **settings: Any) -> httpx2.Response:
    context.settings = replace(context.settings, **settings)
    transport = httpx2.ASGITransport(app=make_app(context), client=("127.0.0.1", 5000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.get(path, headers={"Host": name})


async def is_answered(context: Context, name: str, **settings: Any) -> bool:
    answer = await asked(context, "/api/problems", name, **settings)
    assert answer.status_code in (200, 421), answer.text
    if answer.status_code == 421:
        assert answer.json()["error"] == "host_unknown"
    return answer.status_code == 200


@pytest.mark.parametrize("path", PATHS)
async def test_an_unknown_name_is_refused_whatever_it_asks_for(context: Context, path: str) -> None:
    answer = await asked(context, path, "malo.example", origin="https://manzana.example")
    assert (answer.status_code, answer.json()["error"]) == (421, "host_unknown")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert 'manzana_refusals_total{code="host_unknown"} 1.0' in context.metrics.text().decode()


async def test_a_probe_may_ask_for_health_by_any_name(context: Context) -> None:
    assert (await asked(context, "/healthz", "10.1.2.3:8000")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "127.9.9.9", "[::1]", "[::1]:8000"]
)
async def test_loopback_is_always_known(context: Context, host: str) -> None:
    assert await is_answered(context, host, origin="https://manzana.example")


@pytest.mark.parametrize(
    "host",
    [
        "", "malo.example", "localhost.malo.example", "manzana.example.malo.example", "xmanzana.example",
        "manzana.example@malo.example", "malo.example:80#manzana.example", "manzana.example:80:80",
        "manzana.example/", "manzana.example, malo.example", "manzana.example.", "[::2]", "0.0.0.0", "[::]",
        "127.0.0.1.malo.example", "2130706433", "manzana.example:port", "[manzana.example]",
    ],
)  # fmt: skip
async def test_what_only_resembles_a_known_name_is_unknown(context: Context, host: str) -> None:
    known = {"origin": "https://manzana.example", "host": "0.0.0.0"}
    assert await is_answered(context, "Manzana.Example:8443", **known)
    assert not await is_answered(context, host, **known)


async def test_without_origin_only_what_the_settings_name_is_known(context: Context) -> None:
    here, machine = lan_address(), socket.gethostname().lower()
    for host in ("192.168.77.7", "manzana.local", f"{machine}.local"):
        assert not await is_answered(context, host), host
    assert await is_answered(context, "192.168.77.7:8000", host="192.168.77.7")
    assert await is_answered(context, "manzana.local", hosts=("manzana.local",), host="0.0.0.0")
    assert not await is_answered(context, "192.168.77.7")
    for host in (here, machine, f"{machine.removesuffix('.local')}.local"):
        assert await is_answered(context, host, lan=True), host
    assert not await is_answered(context, "192.168.77.7")


async def test_a_name_said_twice_or_not_at_all_is_none() -> None:
    def headers(*hosts: bytes) -> dict[str, Any]:
        return {"headers": [(b"accept", b"*/*"), *((b"host", host) for host in hosts)]}

    assert asked_name(headers(b"manzana.example:443")) == "manzana.example"
    assert asked_name(headers()) is None
    assert asked_name(headers(b"manzana.example", b"malo.example")) is None
    assert asked_name(headers("mañzana.example".encode())) is None


def test_over_a_real_connection_too(served: Served) -> None:
    with httpx2.Client(base_url=served.url) as client:
        assert client.get("/api/problems").status_code == 200
        assert client.get("/api/problems", headers={"Host": "malo.example"}).status_code == 421
        forwarded = client.get("/api/problems", headers={"X-Forwarded-Host": "malo.example"})
        assert forwarded.status_code == 200


async def test_links_and_qr_codes_are_never_to_an_unknown_name(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await add_account(context, "norma", "sector_leader", sector="s-1")
    await add_account(context, "rosa", "block_leader", sector="s-1")
    _, token = await enrolled(context, http, "norma")
    evil = {"Host": "malo.example", "Authorization": f"Bearer {token}"}
    assert (await http.post("/api/codes", json={"account": "rosa"}, headers=evil)).status_code == 421
    assert context.directory.documents("code")[-1].get("account") == "norma", "no code was given"
    good = {"Authorization": f"Bearer {token}", "X-Forwarded-Host": "malo.example"}
    given = (await http.post("/api/codes", json={"account": "rosa"}, headers=good)).json()
    assert given["url"] == f"http://127.0.0.1:8000/#enrol={given['code']}"
    await office(context, "marta", "desk")
    await enter(http, "marta")
    sheet = await post(http, "/gestion/cuentas/rosa/codigo")
    assert "http://127.0.0.1:8000" in sheet.text
    assert "malo.example" not in sheet.text


def test_hosts_are_names_without_ports() -> None:
    assert read({"HOSTS": " manzana.local, 192.168.1.7,2001:db8::1,"}).hosts == (
        "manzana.local",
        "192.168.1.7",
        "2001:db8::1",
    )
    assert read({}).hosts == ()
    for text in ("http://manzana.local", "manzana.local:8000", "*", "a b"):
        with pytest.raises(SettingError, match="HOSTS"):
            read({"HOSTS": text})
