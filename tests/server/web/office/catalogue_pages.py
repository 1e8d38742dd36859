"""The default catalogue, who may do what with it, and its forms as a browser would send them back."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx2

from server.catalogue import defaults
from server.context import Context
from tests.server.web.office.office import Outline, enter, office, seed

Json = dict[str, Any]

TYPE = "/gestion/catalogo/tipos/ver/bache"


async def furnish(context: Context) -> None:
    """The default catalogue, with one brigade and one rule."""
    await seed(context)
    docs = defaults.documents()
    docs["agency:obra-publica"]["brigades"] = [{"id": "bacheo-1", "name": "Bacheo 1"}]
    docs["rules"]["rules"] = [{"type": "bache", "agency": "obra-publica", "brigade": "bacheo-1"}]
    await context.databases.reference.bulk_docs(list(docs.values()))
    for account, role, members in (
        ("jefa", "admin", {}), ("irma", "auditor", {}), ("obras", "agency", {"agency": "obra-publica"}),
        ("mesa", "desk", {}),
    ):  # fmt: skip
        await office(context, account, role, **members)


async def as_(http: httpx2.AsyncClient, account: str) -> None:
    http.cookies.clear()
    await enter(http, account)


async def get(http: httpx2.AsyncClient, path: str) -> str:
    answer = await http.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    Outline.check(answer.text)
    return html.unescape(answer.text)


def values(page: str) -> dict[str, str]:
    """A form's fields as a browser would send them back."""
    form = re.search(r'<form method="post" action="/gestion/catalogo/[^"]*">.*?</form>', page, re.DOTALL)
    assert form
    found = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', form[0]))
    found |= dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', form[0], re.DOTALL))
    for name, inner in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner) or re.search(r'value="([^"]*)"', inner)
        found[name] = chosen[1] if chosen else ""
    return found


async def doc(context: Context, key: str) -> Json:
    return await context.databases.reference.get(key)
