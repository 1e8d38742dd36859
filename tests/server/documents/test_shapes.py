"""The shapes are what the schemas say: none is edited, none is behind."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any, NotRequired, get_args, get_origin, get_type_hints

import orjson
import pytest

from server.documents import shapes

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = {
    path.name: orjson.loads(path.read_bytes())
    for path in sorted((ROOT / "schemas").glob("*.json"))
    if b'"$schema"' in path.read_bytes()
}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("shapes_script", ROOT / "scripts" / "shapes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shape_of(script: ModuleType, schema: dict[str, Any]) -> Any:
    title = schema["title"]
    return getattr(shapes, script.NAMES.get(title, title))


def members(shape: Any) -> tuple[set[str], set[str]]:
    """The members of a shape, and those that are always there."""
    hints = get_type_hints(shape, include_extras=True)
    return set(hints), {name for name, hint in hints.items() if get_origin(hint) is not NotRequired}


def test_nobody_forgot_to_make_them_anew(script: ModuleType) -> None:
    made = script.shapes()
    assert script.SHAPES.read_text() == made, "run .venv/bin/python scripts/shapes.py"


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_document_has_the_members_of_its_schema(name: str, script: ModuleType) -> None:
    # Asked of the schemas themselves, not of what the script makes of them for the generator.
    schema = SCHEMAS[name]
    found, certain = members(shape_of(script, schema))
    assert found == set(schema["properties"])
    assert certain == set(schema["required"])


def test_every_kind_of_event_has_its_payload() -> None:
    event = SCHEMAS["event.v1.json"]
    assert set(get_args(shapes.Kind)) == set(event["properties"]["kind"]["enum"])
    everything: set[str] = set()
    for branch in event["oneOf"]:
        kind = branch["properties"]["kind"]["const"]
        own = event["$defs"][branch["properties"]["payload"]["$ref"].removeprefix("#/$defs/")]
        name = re.sub(r"(?:^|_)(.)", lambda found: found[1].upper(), kind)
        found, certain = members(getattr(shapes, name))
        assert found == set(own["properties"]), kind
        assert certain == set(own.get("required", ())), kind
        everything |= found
    # Redaction takes any member out of an event that was admitted.
    assert members(shapes.Payload) == (everything, set())


def test_a_record_holds_its_event_whole() -> None:
    assert get_args(get_type_hints(shapes.Record, include_extras=True)["event"]) == (shapes.Event,)
