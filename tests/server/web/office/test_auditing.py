"""Who looked: held events and exact positions are read on record."""

from __future__ import annotations

import httpx2
import pytest

from server.context import Context
from tests.server.web.office.office import enter, office

pytestmark = pytest.mark.anyio


async def test_looking_at_a_held_event_is_on_record(context: Context, desk: httpx2.AsyncClient) -> None:
    receipt = {
        "_id": "018f0000-0000-7000-8000-000000000001",
        "event": {"kind": "noted", "payload": {"text": "<i>"}},
    }
    await context.databases.inbox.put(receipt)
    await context.databases.cases.put(
        {
            "_id": "quarantine:e1",
            "event": "event:a:e1",
            "code": "signature_wrong",
            "message": "No se pudo.",
            "reason": "why",
            "at": "2026-11-20T10:00:00.000Z",
            "actor": "rosa",
            "device": "rosa~x",
            "receipt": receipt["_id"],
        }
    )
    assert "No se pudo." in (await desk.get("/gestion/cuarentena")).text
    text = (await desk.get("/gestion/cuarentena/e1")).text
    assert "&lt;i&gt;" in text
    lines = await context.audit.newest()
    assert [(line["account"], line["what"]) for line in lines] == [("marta", "held_event")]


async def test_exact_positions_are_the_auditors_and_each_look_is_on_record(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await office(context, "irma", "auditor")
    report = "018f0000-0000-7000-8000-000000000001"
    event = {
        "kind": "finished",
        "actor": "c-1",
        "occurred_at": "2026-11-20T10:00:00.000Z",
        "position": {"source": "gps", "lat": 29.0731, "lon": -110.9559, "accuracy": 7},
    }
    judged = {"verdict": "far", "distance": 310}
    await context.databases.cases.put(
        {"_id": f"record:{report}:x", "admission": 1, "event": event, "position": judged}
    )
    context.settings.data_dir.mkdir(parents=True, exist_ok=True)
    (context.settings.data_dir / "folios.ledger").write_text(f"12 {report}\n", encoding="ascii")
    await enter(http, "irma")
    text = (await http.get("/gestion/auditoria/posiciones?reporte=SJ-000012")).text
    assert "29.0731, -110.9559" in text
    # In the auditor's words, not in the record's.
    for said, unsaid in (("Se terminó", "finished"), ("Lejos del lugar", "far<")):
        assert said in text
        assert unsaid not in text
    assert [line["subject"] for line in await context.audit.newest()] == [f"report:{report}"]
    assert "a los 180 días" in text
    assert "borrada por antigüedad" not in text
    name = f"record:{report}:x"
    faded = {**event, "role": "brigade", "position": {"source": "gps"}}
    await context.databases.cases.put({**await context.databases.cases.get(name), "event": faded})
    text = (await http.get("/gestion/auditoria/posiciones?reporte=SJ-000012")).text
    assert "borrada por antigüedad" in text
    assert "Lejos del lugar" in text, "what it was judged to be stays"
    assert (await http.get("/gestion/auditoria/posiciones?reporte=SJ-000013")).status_code == 404
    assert "Vio posiciones exactas" in (await http.get("/gestion/auditoria")).text
