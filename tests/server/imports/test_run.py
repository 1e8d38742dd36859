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
from server.imports.columns import parse
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
    await run.import_areas(context.databases, {"block": path}, columns, Findings(), make_sectors=2)
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
    for expected in (45, 0):
        findings = Findings(tmp_path / "errors.csv")
        with findings:
            written = await run.import_reports(
                town.databases, path, columns, findings, step, source="viejo", now=town.clock.now()
            )
        assert written.added == expected
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
