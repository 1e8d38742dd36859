"""A place is said in the padrón's names; what the padrón no longer knows keeps its id."""

from __future__ import annotations

from typing import Any

import pytest

from server.context import Context
from server.web.office.places import named_places

pytestmark = pytest.mark.anyio


async def test_places_are_said_in_names(context: Context) -> None:
    registry = context.databases.registry
    await registry.put({"_id": "colonia:centro", "name": "Centro"})
    await registry.put({"_id": "block:m-069", "name": "Manzana 69"})
    reports: Any = [
        {"place": {"street": "Juárez 3", "reference": "portón azul", "colonia": "centro", "block": "m-069"}},
        {"place": {"colonia": "gone", "block": "m-001"}},
        {"place": {}},
    ]
    assert await named_places(context.databases, reports) == [
        "Juárez 3, Col. Centro, Manzana 69",
        "Col. gone, m-001",
        "—",
    ]
    whole = await named_places(context.databases, reports[:1], ("street", "between", "reference"))
    assert whole == ["Juárez 3, portón azul, Col. Centro, Manzana 69"]
    assert await named_places(context.databases, []) == []
