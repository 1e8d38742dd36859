"""A member of the desk who has entered the pages."""

from __future__ import annotations

import httpx2
import pytest

from server.context import Context
from tests.server.web.office.office import enter, office


@pytest.fixture
async def desk(context: Context, http: httpx2.AsyncClient) -> httpx2.AsyncClient:
    await office(context, "marta", "desk")
    await enter(http, "marta")
    return http
