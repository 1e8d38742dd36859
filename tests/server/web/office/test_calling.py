"""The list of calls names nobody; who is called is on record; a call is one, sent however often."""

from __future__ import annotations

import html
import json
import re

import jsonschema_rs
import pytest

from server.documents.contracts import contract
from tests.device import citizen_document
from tests.server.intake.municipality import inside
from tests.server.web.office.test_reports import Town, as_, town

pytestmark = pytest.mark.anyio
__all__ = ["town"]


async def late(town: Town) -> list[str]:
    """Two lamps of one telephone, written in two ways, and one of nobody; all past their promised day."""
    made = []
    for phone in ("477 999 8877", "+52 1 477 999 8877", None):
        citizen = None
        if phone:
            doc = citizen_document(town.clock.now(), name="Amatista Cuarzo", phone=phone)
            await town.databases.citizens.put(doc)
            citizen = doc["_id"]
        more = {"citizen": citizen} if citizen else {}
        made.append(await town.capture("lucia", "lampara", text="zafiro", **more, **inside(1)))
    await town.grown()
    town.clock.advance(days=10)
    return made


async def test_a_call_is_owed_made_and_over(town: Town) -> None:
    made = await late(town)
    async with as_(town, "mesa2") as person:
        page = await person.get("/gestion/llamadas")
        assert "1 persona por llamar, 1 ya debían" in page
        assert {made[0], made[1]} <= set(re.findall(r'href="/gestion/asuntos/([0-9a-f-]{36})"', page))
        assert made[2] not in page
        assert "Amatista" not in page
        # With its spaces, as it would be shown: ids and tokens hold any four digits by chance.
        assert "999 8877" not in page
        link = re.search(r'href="(/gestion/llamadas/[0-9a-f-]{36})"', page)
        assert link
        page = await person.get(link[1])
        assert "Amatista Cuarzo" in page
        assert [line["what"] for line in await town.context.audit.newest()] == ["citizen"]
        fields = dict(re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', page))
        # The way out of the frame has a token of the same value.
        assert len([name for name in fields if name.startswith("own-")]) == 2
        form = {**fields, "resultado": "reached", "medio": "phone"}
        assert (await person.http.post(link[1], data=form)).status_code == 422, "what was said is missing"
        for _ in range(2):
            sent = await person.http.post(link[1], data={**form, "texto": "Se le dijo que va el lunes"})
            assert sent.status_code == 303
        assert "No se le debe una llamada a nadie" in await person.get("/gestion/llamadas")
        over = await person.http.get(link[1])
        assert over.status_code == 409
        assert "ya no hay que llamarle" in html.unescape(over.text)
    rows = await town.databases.office.all_docs()
    docs = [await town.databases.office.get(row.id) for row in rows.rows if row.id.startswith("contact:")]
    assert sorted(doc["report"] for doc in docs) == sorted(made[:2]), "one call about both"
    valid = jsonschema_rs.validator_for(json.loads(contract("contact.v1.json")))
    assert all(valid.is_valid(doc) for doc in docs)


async def test_an_agency_is_owed_its_own_calls(town: Town) -> None:
    await late(town)
    async with as_(town, "sol") as person:
        assert "No se le debe una llamada a nadie" in await person.get("/gestion/llamadas")
    async with as_(town, "mar") as person:
        assert "1 persona por llamar" in await person.get("/gestion/llamadas")


async def test_a_surveys_answer_is_a_call_too(town: Town) -> None:
    made = await late(town)
    attempts = [
        {"at": f"2026-12-0{day}T15:00:00.000Z", "by": "mesa2", "outcome": "answered"} for day in (1, 2)
    ]
    for report, attempt in zip(made[:2], attempts, strict=True):
        await town.databases.office.put(
            {
                "_id": f"survey:2026-11:alumbrado:{report}",
                "schema": "survey.v1",
                "month": "2026-11",
                "agency": "alumbrado",
                "report": report,
                "folio": "VP-1",
                "attempts": [attempt],
                "answer": {"solved": True, "told": True, "rating": 5},
            }
        )
        async with as_(town, "mesa2") as person:
            page = await person.get("/gestion/llamadas")
    assert "No se le debe una llamada a nadie" in page
