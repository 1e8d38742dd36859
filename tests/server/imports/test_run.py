"""Files into real databases: dry runs write nothing, second runs change nothing, intake takes the reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box, mapping

from server.commands.init import create, settings_document
from server.console import importing as session
from server.console.importing import take_in
from server.context import Context
from server.delivery.audit import check
from server.imports import run
from server.imports.columns import MappingError, parse
from server.imports.findings import Findings
from server.intake.running.intake import Intake
from sync.interface import AllDocsQuery

Json = dict[str, Any]
pytestmark = pytest.mark.anyio


def step(_: int) -> None:
    pass


@pytest.fixture
async def town(context: Context, tmp_path: Path) -> Context:
    await create(context, settings_document("Prueba", "Sonora", "America/Hermosillo", "PR", ""))
    features = [
        {
            "type": "Feature",
            "properties": {"clave": f"M-{i}"},
            "geometry": mapping(box(-111 + i * 0.002, 29, -110.999 + i * 0.002, 29.001)),
        }
        for i in range(4)
    ]
    path = tmp_path / "blocks.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    columns = {"block": parse("block", ["block.id=clave"])}
    await run.import_areas(
        context.databases, {"block": path}, columns, Findings(), choices=run.AreaChoices(2)
    )
    return context


def table(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text)
    return path


async def counts(context: Context) -> dict[str, int]:
    databases = context.databases
    names = ("inbox", "registry", "accounts", "reference", "cases")
    return {name: (await getattr(databases, name).info()).doc_count for name in names}


async def test_areas_make_a_municipality(town: Context) -> None:
    settings: Any = await town.reference_settings()
    assert settings["outline"]["type"] == "Polygon"
    assert settings["center"]["lat"] == pytest.approx(29, abs=0.02)
    block = await town.databases.registry.get("block:m-0")
    assert block["sector"] in ("s-1", "s-2")


async def test_dry_run_writes_nothing(town: Context, tmp_path: Path) -> None:
    before = await counts(town)
    path = table(tmp_path, "name,role,blocks\nAna Ruiz,jefa de manzana,m-1\n")
    written = await run.import_table(
        town.databases, "account", path, parse("account"), Findings(), step, dry=True
    )
    assert written.added == 1
    assert await counts(town) == before


async def test_second_run_changes_nothing(town: Context, tmp_path: Path) -> None:
    path = table(tmp_path, "name,role,blocks\nAna Ruiz,jefa de manzana,m-1\nx,rey,\n")
    for expected in ((1, 0, 0), (0, 0, 1)):
        findings = Findings()
        written = await run.import_table(town.databases, "account", path, parse("account"), findings, step)
        assert (written.added, written.changed, written.same) == expected
        assert [(finding.row, finding.column) for finding in findings.first] == [(3, "role")]


async def test_an_import_keeps_password_and_generation(town: Context, tmp_path: Path) -> None:
    path = table(tmp_path, "id,name,role\nmesa,Mesa,mesa\n")
    await run.import_table(town.databases, "account", path, parse("account"), Findings(), step)
    doc = await town.databases.accounts.get("account:mesa")
    await town.databases.accounts.put({**doc, "password": "hash", "generation": 4})
    table(tmp_path, "id,name,role\nmesa,Mesa Uno,mesa\n")
    await run.import_table(town.databases, "account", path, parse("account"), Findings(), step)
    doc = await town.databases.accounts.get("account:mesa")
    assert (doc["name"], doc["password"], doc["generation"]) == ("Mesa Uno", "hash", 4)


async def test_leaders_stand_in_their_blocks(town: Context, tmp_path: Path) -> None:
    path = table(tmp_path, "name,role,blocks\nAna Ruiz,jefa de manzana,m-1\n")
    await run.import_table(town.databases, "account", path, parse("account"), Findings(), step)
    path = table(tmp_path, "name,account,blocks\nAna Ruiz,ana.ruiz,m-1\n,,m-2\n")
    await run.import_table(town.databases, "leader", path, parse("leader"), Findings(), step)
    assert (await town.databases.registry.get("block:m-1"))["leader"] == "ana.ruiz"
    assert (await town.databases.registry.get("block:m-2"))["leader"] is None
    assert "geometry" in await town.databases.registry.get("block:m-1")


async def test_rules_replace_rules_and_keep_words(town: Context, tmp_path: Path) -> None:
    words = (await town.databases.reference.get("rules"))["words"]
    path = table(tmp_path, "type,agency\nbache,obra-publica\nnada,obra-publica\n")
    findings = Findings()
    await run.import_rules(town.databases, path, parse("rule"), findings, step, version="1")
    doc = await town.databases.reference.get("rules")
    assert doc["rules"] == [{"agency": "obra-publica", "type": "bache"}]
    assert doc["words"] == words
    assert findings.count == 1


@pytest.mark.parametrize("bulk_from", [1, 10_000])
async def test_reports_pass_through_intake_once(
    town: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bulk_from: int
) -> None:
    monkeypatch.setattr(session, "BULK_FROM", bulk_from)
    path = table(tmp_path, "name,role,blocks\nAna Ruiz,jefa de manzana,m-1\n")
    await run.import_table(town.databases, "account", path, parse("account"), Findings(), step)
    rows = [
        f"{n},2026-10-{1 + n % 28:02d},29.0005,-110.9975,Bache {n},{'2026-11-01' if n % 2 else ''}"
        for n in range(30)
    ]
    path = table(tmp_path, "folio,date,lat,lon,text,closed\n" + "\n".join(rows) + "\nx,ayer,0,0,,\n")
    columns = parse("report", sets=["report.type=bache", "report.channel=web"])
    for expected in (True, False):
        findings = Findings(tmp_path / "errors.csv")
        with findings:
            written = await run.import_reports(
                town.databases, path, columns, findings, step, source="viejo", now=town.clock.now()
            )
        assert (written.added, written.same) == ((30, 0) if expected else (0, 30)), "rows, not events"
        assert findings.count == 1
        await take_in(town)
    assert "is no date" in (tmp_path / "errors.csv").read_text()
    page = await town.databases.cases.all_docs(
        AllDocsQuery(startkey="report:", endkey="report:\uffff", include_docs=True)
    )
    reports = [json.loads(row.doc or b"{}") for row in page.rows]
    assert len(reports) == 30
    assert sorted(report["status"] for report in reports) == ["captured"] * 15 + ["finished"] * 15
    assert len({report["folio"] for report in reports}) == 30
    assert {alias for report in reports for alias in report["aliases"]} == {str(n) for n in range(30)}
    assert {report["place"]["block"] for report in reports} == {"m-1"}
    mailbox = await town.databases.open_mailbox("ana.ruiz", 1)
    held = await mailbox.all_docs(AllDocsQuery(startkey="report:", endkey="report:\uffff"))
    assert len(held.rows) == 30
    assert await check(town.databases, town.directory, town.clock) == []


async def test_a_run_cut_short_is_told_and_completed_by_the_next(
    town: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(session, "BULK_FROM", 1)
    path = table(tmp_path, "name,role,blocks\nAna Ruiz,jefa de manzana,m-1\n")
    await run.import_table(town.databases, "account", path, parse("account"), Findings(), step)
    path = table(tmp_path, "folio,date,lat,lon\n1,2026-10-01,29.0005,-110.9975\n")
    columns = parse("report", sets=["report.type=bache"])
    await run.import_reports(
        town.databases, path, columns, Findings(), step, source="viejo", now=town.clock.now()
    )

    class Cut(BaseException):
        pass

    async def cut(self: Intake, told: Any = None) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(Intake, "fill_mailboxes", cut)
        with pytest.raises(Cut):
            await take_in(town)
    assert "run before" not in capsys.readouterr().err
    assert await check(town.databases, town.directory, town.clock) != []
    await take_in(town)
    assert "Reports of the run before into mailboxes" in capsys.readouterr().err
    assert await check(town.databases, town.directory, town.clock) == []


async def reports(
    town: Context, folder: Path, rows: str, *, source: str | None = "viejo", dry: bool = False
) -> tuple[Any, Findings]:
    path = table(folder, "folio,date,text,status,closed,duplicate_of\n" + rows)
    findings = Findings()
    columns = parse("report", sets=["report.type=bache"])
    now = town.clock.now()
    written = await run.import_reports(
        town.databases, path, columns, findings, step, source=source, now=now, dry=dry
    )
    return written, findings


async def test_a_corrected_file_adds_what_came_and_names_what_differs(town: Context, tmp_path: Path) -> None:
    await reports(town, tmp_path, "1,2026-10-01,uno,,,\n2,2026-10-01,dos,,,\n3,2026-10-01,tres,atendido,,\n")
    rows = "1,2026-10-01,uno,,2026-10-09,\n2,2026-10-02,dos,,,\n"
    rows += "3,2026-10-01,otro,no viable,,\n4,2026-10-01,x,,,\n"
    for dry in (True, False):
        written, findings = await reports(town, tmp_path, rows, dry=dry)
        assert (written.added, written.changed, written.same, written.differ) == (1, 1, 0, 2)
        assert [(f.row, f.column) for f in findings.first] == [(3, "date"), (4, "status")]
    written, findings = await reports(town, tmp_path, "1,2026-10-01,otra cosa,,2026-10-09,\n")
    assert [(f.row, f.column) for f in findings.first] == [(2, "text")]
    await take_in(town)
    page = await town.databases.cases.all_docs(
        AllDocsQuery(startkey="report:", endkey="report:\uffff", include_docs=True)
    )
    found = [json.loads(row.doc or b"{}") for row in page.rows]
    statuses = {doc["aliases"][0]: doc["status"] for doc in found}
    assert statuses == {"1": "finished", "2": "captured", "3": "finished", "4": "captured"}


async def test_a_file_with_a_new_name_is_no_new_system(town: Context, tmp_path: Path) -> None:
    await reports(town, tmp_path, "1,2026-10-01,uno,,,\n2,2026-10-01,dos,,,\n")
    with pytest.raises(MappingError, match="--source 'viejo'"):
        await reports(town, tmp_path, "1,2026-10-01,uno,,,\n2,2026-10-05,dos,,,\n", source=None)
    written, _ = await reports(town, tmp_path, "7,2026-10-01,uno,,,\n", source=None)
    assert written.added == 1


async def test_old_statuses_reach_the_reports(town: Context, tmp_path: Path) -> None:
    rows = (
        "5,2026-10-01,gemelo,duplicado,,4\n1,2026-10-01,a,en proceso,,\n2,2026-10-01,b,turnado,,\n"
        "3,2026-10-01,c,improcedente,2026-10-03,\n4,2026-10-01,d,pendiente,,\n6,2026-10-01,e,cancelado,,\n"
        "7,2026-10-01,f,reabierto,2026-10-03,\n"
    )
    written, findings = await reports(town, tmp_path, rows)
    assert (written.added, findings.count) == (7, 0)
    await take_in(town)
    page = await town.databases.cases.all_docs(
        AllDocsQuery(startkey="report:", endkey="report:\uffff", include_docs=True)
    )
    found = {doc["aliases"][0]: doc for doc in (json.loads(row.doc or b"{}") for row in page.rows)}
    assert {key: doc["status"] for key, doc in sorted(found.items())} == {
        "1": "in_progress",
        "2": "in_progress",
        "3": "not_viable",
        "4": "captured",
        "5": "duplicate",
        "6": "withdrawn",
        "7": "reopened",
    }
    assert found["5"]["duplicate_of"] == found["4"]["_id"].removeprefix("report:")
    assert all(doc["folio"] for doc in found.values())
    assert [doc["flags"] for doc in found.values() if doc["flags"]] == []
    assert await check(town.databases, town.directory, town.clock) == []


async def test_a_file_that_is_broken_writes_nothing(town: Context, tmp_path: Path) -> None:
    before = await counts(town)
    rows = "".join(f"{n},2026-10-01,uno,,,\n" for n in range(1200)) + "x,03/25/2026,uno,,,\n"
    with pytest.raises(MappingError, match="--dates month"):
        await reports(town, tmp_path, rows)
    assert await counts(town) == before


async def test_a_leader_who_moves_leaves_the_block(town: Context, tmp_path: Path) -> None:
    for block, other in (("m-1", "m-2"), ("m-2", "m-1")):
        path = table(tmp_path, f"name,phone,blocks\nAna Ruiz,6621234567,{block}\n")
        await run.import_table(town.databases, "leader", path, parse("leader"), Findings(), step)
        assert (await town.databases.registry.get(f"block:{block}"))["leader"] == "ana-ruiz"
        assert (await town.databases.registry.get(f"block:{other}")).get("leader") is None


async def test_a_person_of_two_rows_has_both_blocks_and_namesakes_are_asked_about(
    town: Context, tmp_path: Path
) -> None:
    text = "name,phone,blocks\nAna Ruiz,6621234567,m-1\nAna Ruiz,6621234567,m-2\nLuz Gil,,m-0\nLuz Gil,,m-3\n"
    findings = Findings()
    await run.import_table(town.databases, "leader", table(tmp_path, text), parse("leader"), findings, step)
    assert (await town.databases.registry.get("leader:ana-ruiz"))["blocks"] == ["m-1", "m-2"]
    assert [(f.row, f.column) for f in findings.first] == [(5, "id")]


async def test_agencies_departments_and_channels_come_from_a_file(town: Context, tmp_path: Path) -> None:
    text = (
        "dependencia,area\nInstituto de la Juventud,Becas\nInstituto de la Juventud,Deporte\n"
        "Dirección de Alumbrado Público,Zona Norte\n"
    )
    columns = parse("agency", ["agency.name=dependencia", "agency.department=area"])
    for expected in (1, 0):
        written = await run.import_table(
            town.databases, "agency", table(tmp_path, text), columns, Findings(), step
        )
        assert written.added == expected
    doc = await town.databases.reference.get("agency:instituto-de-la-juventud")
    assert [d["name"] for d in doc["departments"]] == ["Becas", "Deporte"]
    assert doc["short"] == "Juventud"
    path = table(tmp_path, "name,family,agency,department\nBeca,question,Instituto de la Juventud,becas\n")
    findings = Findings()
    await run.import_table(town.databases, "type", path, parse("type"), findings, step)
    assert findings.first == []
    assert (await town.databases.reference.get("type:beca"))["department"] == "becas"
    path = table(tmp_path, "id,active\ninstituto-de-la-juventud,no\n")
    await run.import_table(town.databases, "agency", path, parse("agency"), findings, step)
    assert "petition types beca" in findings.first[0].problem
    path = table(tmp_path, "name,active\nKiosco,si\nVentanilla única,no\n")
    await run.import_table(town.databases, "channel", path, parse("channel"), Findings(), step)
    assert (await town.databases.reference.get("channel:kiosco"))["active"] is True


async def test_types_that_become_one_id_are_refused_by_name(town: Context, tmp_path: Path) -> None:
    path = table(
        tmp_path, "name,family,agency\nBacheo 1,question,obra-publica\nBacheo (1),question,obra-publica\n"
    )
    findings = Findings()
    await run.import_table(town.databases, "type", path, parse("type"), findings, step)
    assert [(f.row, f.column) for f in findings.first] == [(3, "id")]
    assert "'Bacheo 1'" in findings.first[0].problem
