"""Documents of reports: each for who may read the report, whole, and on record where a person is in them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import httpx2
import pytest

from server.papers.acta import check
from server.papers.enclosed import enclosed
from server.papers.proof import thumbprint
from server.web.app import make_app
from tests.server.evidence.pictures import picture
from tests.server.web.office.test_reports import Town, as_, reports, town

pytestmark = pytest.mark.anyio
__all__ = ["town"]

needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext on PATH")


def said(data: bytes, folder: Path) -> str:
    """What the document's pages say, in one line."""
    (folder / "a.pdf").write_bytes(data)
    command = ["pdftotext", "-layout", str(folder / "a.pdf"), "-"]
    found = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()
    return " ".join(found.split())


@needs_pdftotext
async def test_an_order_says_what_the_report_says(town: Town, tmp_path: Path) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        page = await person.get(f"/gestion/asuntos/{made['lamp']}")
        assert f'href="/gestion/asuntos/{made["lamp"]}/orden.pdf"' in page
        answer = await person.http.get(f"/gestion/asuntos/{made['lamp']}/orden.pdf")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "no-store"
        again = await person.http.get(f"/gestion/asuntos/{made['lamp']}/orden.pdf")
        assert answer.content == again.content
        text = said(answer.content, tmp_path)
        for part in (
            "VP-000001",
            "zafiro",
            "Manzana 1",
            "Dirección de alumbrado",
            "lunes 30 de noviembre de 2026",
        ):
            assert part in text, part
        assert "Amatista" not in text
        assert not [line for line in await town.context.audit.newest() if line["what"].startswith("printed")]


@needs_pdftotext
async def test_a_persons_data_are_printed_on_record_only(town: Town, tmp_path: Path) -> None:
    made = await reports(town)
    path = f"/gestion/asuntos/{made['lamp']}/orden.pdf?persona_datos=si"
    async with as_(town, "mar") as person:
        text = said((await person.http.get(path)).content, tmp_path)
        assert "Amatista Cuarzo" in text
        assert "477 999 8877" in text
    (line,) = await town.context.audit.newest(1)
    assert (line["account"], line["what"], line["subject"]) == (
        "mar",
        "printed_person",
        f"report:{made['lamp']}",
    )
    async with as_(town, "irma") as person:
        assert (await person.http.get(path)).status_code == 403
        assert (await person.http.get("/gestion/ordenes.pdf?persona_datos=si")).status_code == 403


@needs_pdftotext
async def test_orders_of_a_filter_are_one_file_of_what_its_reader_may_read(
    town: Town, tmp_path: Path
) -> None:
    await reports(town)
    async with as_(town, "mesa2") as person:
        assert "/gestion/ordenes.pdf?estado=captured" in await person.get("/gestion/asuntos?estado=captured")
        answer = await person.http.get("/gestion/ordenes.pdf?estado=captured")
        text = said(answer.content, tmp_path)
        assert [folio in text for folio in ("VP-000001", "VP-000002", "VP-000003", "VP-000004")] == [
            True, True, False, True,
        ]  # fmt: skip
        (line,) = await town.context.audit.newest(1)
        assert (line["what"], line["subject"]) == ("printed", "orders:3")
        assert (await person.http.get("/gestion/ordenes.pdf?folio=VP-999999")).status_code == 404
        assert (await person.http.get("/gestion/ordenes.pdf?tipe=x")).status_code == 422
    async with as_(town, "eva") as person:
        text = said((await person.http.get("/gestion/ordenes.pdf")).content, tmp_path)
        assert "VP-000003" in text
        assert "VP-000001" not in text
        assert "Lucía" not in text, "who complained is nobody's to read"


@needs_pdftotext
async def test_a_ticket_has_the_code_and_of_what_is_reserved_nothing(town: Town, tmp_path: Path) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        page = await person.get(f"/gestion/asuntos/{made['lamp']}")
        code = re.search(r'class="code">([0-9A-Z-]{9})<', page)
        assert code
        text = said((await person.http.get(f"/gestion/asuntos/{made['lamp']}/boleto.pdf")).content, tmp_path)
        assert code[1] in text
        assert "VP-000001" in text
        assert "zafiro" not in text
    async with as_(town, "eva") as person:
        text = said((await person.http.get(f"/gestion/asuntos/{made['crime']}/boleto.pdf")).content, tmp_path)
        assert "denuncia" not in text
        assert "seguridad" not in text
        assert "clave" not in text


async def finished(town: Town) -> str:
    report = (await reports(town))["hole"]
    async with as_(town, "sol") as person:
        files = {"foto": ("b.jpg", picture(seed=2), "image/jpeg")}
        early = await person.http.get(f"/gestion/asuntos/{report}/acta.pdf")
        assert early.status_code == 409
        assert (await person.act(report, "anotar", texto="Falta avisar")).status_code == 303
        done = await person.act(report, "terminar", texto="Se tapó con mezcla", files=files)
        assert done.status_code == 303
    await town.context.examination.settled()
    await town.grown()
    return report


async def test_an_acta_is_checked_with_the_published_key_alone(town: Town) -> None:
    report = await finished(town)
    async with as_(town, "sol") as person:
        assert f"/gestion/asuntos/{report}/acta.pdf" in await person.get(f"/gestion/asuntos/{report}")
        answer = await person.http.get(f"/gestion/asuntos/{report}/acta.pdf")
        assert answer.content == (await person.http.get(f"/gestion/asuntos/{report}/acta.pdf")).content
    found = check(answer.content)
    assert found.page is True, found.findings.faults
    assert not found.findings.faults
    kinds = {step["event"]["kind"]: step for step in found.package["events"]}
    assert {kind: found.findings.states[step["event"]["_id"]] for kind, step in kinds.items()} == {
        "captured": "whole", "noted": "withheld", "finished": "whole",
    }  # fmt: skip
    assert len(found.package["photos"]) == 1
    assert found.package["photos"][0]["shown"]
    assert all(b"Falta avisar" not in part for part in enclosed(answer.content))
    (line,) = await town.context.audit.newest(1)
    assert (line["account"], line["what"]) == ("sol", "printed_act")
    transport = httpx2.ASGITransport(app=make_app(town.context), client=("127.0.0.1", 50_000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as anybody:
        keys = (await anybody.get("/documentos/llaves.json")).json()["keys"]
    assert [key["kid"] for key in keys] == [found.package["house"]["kid"]]
    assert all(thumbprint(key) == key["kid"] and "d" not in key for key in keys)


async def test_where_a_worker_stood_travels_for_the_auditor_alone(town: Town) -> None:
    made = await reports(town)
    here = {
        "source": "gps",
        "lat": 21.12055,
        "lon": -101.6796,
        "accuracy": 7,
        "taken_at": "2026-11-23T16:05:00.000Z",
    }
    crew = await town.pen("luz1")
    await town.push(crew.event("finished", made["lamp"], {"done": "Foco nuevo"}, position=here))
    await town.grown()
    for account, state in (("mar", "withheld"), ("irma", "whole")):
        async with as_(town, account) as person:
            data = (await person.http.get(f"/gestion/asuntos/{made['lamp']}/acta.pdf")).content
        found = check(data)
        assert not found.findings.faults, found.findings.faults
        (step,) = [one for one in found.package["events"] if one["event"]["kind"] == "finished"]
        assert found.findings.states[step["event"]["_id"]] == state
        assert any(b"21.12055" in part for part in enclosed(data)) == (account == "irma")
    lines = {(line["account"], line["what"]) for line in await town.context.audit.newest()}
    assert lines == {("mar", "printed_act"), ("irma", "exact_position")}


async def test_of_a_complaint_nobody_is_told_who_complained(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "eva") as person:
        assert (await person.act(made["crime"], "terminar", texto="Se investigó")).status_code == 303
        data = (await person.http.get(f"/gestion/asuntos/{made['crime']}/acta.pdf")).content
    found = check(data)
    assert not found.findings.faults, found.findings.faults
    assert all(b"lucia" not in part.lower() for part in enclosed(data))


async def test_what_was_erased_stays_erased_and_is_said_to_be(town: Town) -> None:
    report = await finished(town)
    (captured,) = [e for e in (await town.stored(report))["timeline"] if e["kind"] == "captured"]
    from server.intake.writing.erasure import erase_event

    await erase_event(town.databases, captured["event"], ["text"], "2026-11-23T16:05:09.123Z")
    async with as_(town, "irma") as person:
        data = (await person.http.get(f"/gestion/asuntos/{report}/acta.pdf")).content
    found = check(data)
    assert found.findings.states[captured["event"]] == "withheld", "its signature holds over what it was"
    assert all(b"jade" not in part for part in enclosed(data))


@needs_pdftotext
async def test_civil_protection_tells_what_it_did(town: Town, tmp_path: Path) -> None:
    report = await town.capture("lucia", "inundacion", text="El agua entró", lat=21.1204, lon=-101.6796)
    await town.grown()
    async with as_(town, "mesa2") as person:
        assert (await person.http.get(f"/gestion/asuntos/{report}/informe.pdf")).status_code == 409
        pc = await town.pen("pc")
        await town.push(pc.event("taken", report, {}))
        payload = {"measures": ["Evacuación"], "resources": ["Bomba"], "people": 11, "shelter": "DIF"}
        await town.push(pc.event("action_recorded", report, payload))
        await town.grown()
        assert "informe.pdf" in await person.get(f"/gestion/asuntos/{report}")
        text = said((await person.http.get(f"/gestion/asuntos/{report}/informe.pdf")).content, tmp_path)
    for part in ("Evacuación", "Bomba", "11", "DIF", "Alguien lo tomó", "Emergencia"):
        assert part in text, part


async def test_what_an_old_system_brought_is_said_to_be_unsigned(town: Town) -> None:
    made = await reports(town)
    crew = await town.pen("luz1")
    event = crew.event("finished", made["lamp"], {"done": "Foco nuevo"})
    del event["sig"]
    await town.push(event, trusted="import")
    await town.grown()
    async with as_(town, "mar") as person:
        data = (await person.http.get(f"/gestion/asuntos/{made['lamp']}/acta.pdf")).content
    found = check(data)
    assert not found.findings.faults, found.findings.faults
    assert found.page is True
    (step,) = [one for one in found.package["events"] if one["event"]["kind"] == "finished"]
    assert (found.findings.states[event["_id"]], step["withheld"]) == ("unsigned", [])
