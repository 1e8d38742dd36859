"""docs/documents.md tells every kind of event with its payload, every fact, every member of the schemas."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.schemas.test_schemas import SCHEMA_FILES
from tests.tables import SCHEMAS

PAGE = (Path(SCHEMAS).parent / "docs" / "documents.md").read_text(encoding="utf-8")
EVENT, RECORD, REPORT = (SCHEMA_FILES[name] for name in ("event.v1", "record.v1", "report.v1"))
ROWS = {row[0]: row[1] for row in re.findall(r"^\| ([a-z_, ]+) \| (.*) \|$", PAGE, re.MULTILINE)}


@pytest.mark.parametrize("kind", EVENT["properties"]["kind"]["enum"])
def test_every_kind_is_told_with_its_payload(kind: str) -> None:
    told = ROWS[kind]
    payload = EVENT["$defs"][kind]
    if kind == "amended":  # the row refers to the members of captured
        told += ROWS["captured"]
    for member in payload["properties"]:
        assert f"`{member}" in told, f"{kind} does not tell {member}"


def test_every_member_of_an_event_is_told() -> None:
    section = PAGE.split("## Event")[1].split("## Citizen")[0]
    for member in EVENT["properties"]:
        assert re.search(rf"^{re.escape(member)}\s", section, re.MULTILINE), member


def test_every_fact_is_told() -> None:
    told = {name.strip() for row in ROWS for name in row.split(",")}
    for definition in RECORD["properties"]["fact"]["anyOf"]:
        kind = RECORD["$defs"][definition["$ref"].rpartition("/")[2]]["properties"]["kind"]
        assert set(kind.get("enum", [kind.get("const")])) <= told


@pytest.mark.parametrize(
    ("schema", "heading", "end"),
    [("record.v1", "## Record", "## Report"), ("report.v1", "## Report", "## Mailbox")],
)
def test_every_member_of_records_and_reports_is_told(schema: str, heading: str, end: str) -> None:
    section = PAGE.split(heading)[1].split(end)[0]
    for member in SCHEMA_FILES[schema]["properties"].keys() - {"_rev", "schema", "_id"}:
        assert re.search(rf"\b{re.escape(member)}\b", section), f"{schema}: {member}"
