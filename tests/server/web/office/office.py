"""People of an office in a test: how they enter, what they send, and what every page must have."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import httpx2

from server.accounts.passwords import hash_password
from server.context import Context
from tests.server.conftest import add_account

PASSWORD = "nopal azul 2026 !"


async def office(context: Context, account: str, role: str, **members: Any) -> None:
    await add_account(context, account, role, password=await hash_password(PASSWORD), **members)


async def enter(http: httpx2.AsyncClient, account: str) -> None:
    answer = await http.post("/gestion/entrar", data={"usuario": account, "clave": PASSWORD})
    assert answer.status_code == 303, answer.text


async def token(http: httpx2.AsyncClient) -> str:
    text = (await http.get("/gestion/")).text
    found = re.search(r'name="token" value="([0-9a-f]+)"', text)
    assert found
    return found[1]


async def post(http: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
    return await http.post(path, data={"token": await token(http), **fields})


async def seed(context: Context) -> None:
    """Two blocks of a sector, one led by Rosa."""
    await context.databases.reference.put(
        {
            "_id": "settings",
            "municipality": "San Jacinto",
            "timezone": "America/Mexico_City",
            "folio_prefix": "SJ",
        }
    )
    await add_account(context, "rosa", "block_leader", sector="s-1", blocks=["m-1", "m-2"])
    for number in ("1", "2", "10"):
        await context.databases.registry.put(
            {"_id": f"block:m-{number}", "name": f"Manzana {number}", "sector": "s-1", "leader": "rosa"}
        )
    await context.databases.registry.put({"_id": "sector:s-1", "name": "Sector 1"})
    await context.databases.registry.put(
        {
            "_id": "leader:rosa",
            "schema": "leader.v1",
            "name": "Rosa",
            "blocks": ["m-1", "m-2"],
            "sector": "s-1",
            "status": "active",
            "term": None,
            "account": "rosa",
        }
    )


class Outline(HTMLParser):
    """Every control has its label, every page a language, a heading and a title."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: set[str] = set()
        self.controls: list[str] = []
        self.tags: list[str] = []
        self.lang = ""
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag == "html":
            self.lang = given.get("lang") or ""
        if tag == "script":
            self.scripts.append(given.get("src") or "?")
        if tag == "label":
            self.labels.add(given.get("for") or "")
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden":
            self.controls.append(given.get("id") or "?")
        assert "style" not in given, "inline styles do not pass the policy"
        assert not any(name.startswith("on") for name in given)

    @classmethod
    def check(cls, text: str) -> None:
        page = cls()
        page.feed(text)
        assert page.lang == "es-MX"
        assert page.tags.count("h1") == 1
        assert "title" in page.tags
        # One script, a file of ours: no page needs it, and none has code of its own.
        assert page.scripts in ([], ["/gestion/teclas.js"])
        assert set(page.controls) <= page.labels
