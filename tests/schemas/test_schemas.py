"""Every schema is valid, keeps to the agreed subset, accepts its examples and means the same everywhere."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from server.cases.validation import reasons
from tests.tables import SCHEMAS

Json = dict[str, Any]

LOADED: dict[str, Json] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path(SCHEMAS).glob("*.json"))
}
SCHEMA_FILES = {name: loaded for name, loaded in LOADED.items() if "$schema" in loaded}
#: Keywords every validator and generator in use agrees on; whatever is not here is refused.
SUBSET = {
    "$schema", "$id", "$ref", "$defs", "title", "description", "examples", "type", "enum", "const",
    "required", "properties", "additionalProperties", "propertyNames", "minProperties", "maxProperties",
    "items", "minItems", "maxItems", "uniqueItems", "minimum", "maximum", "minLength", "maxLength",
    "pattern", "anyOf", "oneOf", "allOf", "if", "then", "else", "not",
}  # fmt: skip
_MAPS = {"properties", "$defs"}
_DATA = {"const", "enum", "examples", "required", "type"}


def _schemas(node: Any) -> Iterator[Json]:
    """Every subschema, itself first."""
    if isinstance(node, list):
        for inner in node:
            yield from _schemas(inner)
    if not isinstance(node, dict):
        return
    yield node
    for keyword, value in node.items():
        if keyword in _MAPS:
            for inner in value.values():
                yield from _schemas(inner)
        elif keyword not in _DATA:
            yield from _schemas(value)


@pytest.mark.parametrize("name", SCHEMA_FILES)
def test_a_schema_is_valid_and_named(name: str) -> None:
    schema = SCHEMA_FILES[name]
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:manzana:{name}"
    assert schema["title"]
    assert schema["description"]


@pytest.mark.parametrize("name", SCHEMA_FILES)
def test_a_schema_keeps_to_the_subset(name: str) -> None:
    used = {keyword for schema in _schemas(SCHEMA_FILES[name]) for keyword in schema}
    assert used <= SUBSET


@pytest.mark.parametrize("name", SCHEMA_FILES)
def test_a_schema_stands_alone(name: str) -> None:
    schema = SCHEMA_FILES[name]
    wanted = {inner["$ref"] for inner in _schemas(schema) if "$ref" in inner}
    defined = {f"#/$defs/{definition}" for definition in schema.get("$defs", {})}
    assert wanted == defined, "a reference without definition, or a definition nobody uses"


def test_what_several_schemas_define_is_the_same_in_each() -> None:
    seen: dict[str, tuple[str, Json]] = {}
    for name, schema in SCHEMA_FILES.items():
        for definition, body in schema.get("$defs", {}).items():
            first, wanted = seen.setdefault(definition, (name, body))
            assert body == wanted, f"{definition} differs between {first} and {name}"


def test_no_pattern_means_other_things_elsewhere() -> None:
    r"""``\d``, ``\w`` and ``\s`` are ASCII in one validator and Unicode in another."""
    for name, schema in SCHEMA_FILES.items():
        for inner in _schemas(schema):
            pattern = inner.get("pattern", "")
            assert not any(short in pattern for short in ("\\d", "\\w", "\\b", "(?")), f"{name}: {pattern}"
            if pattern:
                assert pattern.startswith("^"), f"{name}: {pattern} is not anchored"
                assert pattern.endswith("$"), f"{name}: {pattern} is not anchored"


EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{number}")
    for name, schema in SCHEMA_FILES.items()
    for number, example in enumerate(schema.get("examples", ()))
]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_is_accepted(name: str, example: Json) -> None:
    assert reasons(name, example) == []


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_with_an_unknown_member_is_not(name: str, example: Json) -> None:
    assert reasons(name, {**copy.deepcopy(example), "unknown_member": 1})


@pytest.mark.parametrize(
    ("name", "example", "member"),
    [
        pytest.param(name, example, member, id=f"{name}-{member}")
        for name, schema in SCHEMA_FILES.items()
        for example in schema.get("examples", ())[:1]
        for member in schema["required"]
    ],
)
def test_an_example_without_a_required_member_is_not(name: str, example: Json, member: str) -> None:
    broken = {key: value for key, value in example.items() if key != member}
    assert reasons(name, broken)


def test_every_schema_but_the_report_s_has_an_example() -> None:
    """The report's examples are the folds of the shared histories."""
    assert {name for name, schema in SCHEMA_FILES.items() if not schema.get("examples")} == {"report.v1"}


def test_every_kind_of_event_has_an_example_and_a_payload() -> None:
    event = SCHEMA_FILES["event.v1"]
    kinds = event["properties"]["kind"]["enum"]
    assert [example["kind"] for example in event["examples"]] == kinds
    assert [branch["properties"]["kind"]["const"] for branch in event["oneOf"]] == kinds
    assert set(kinds) <= set(event["$defs"])


def test_every_file_is_a_schema_or_said_to_be_data() -> None:
    readme = (SCHEMAS / "README.md").read_text(encoding="utf-8")
    for name in LOADED.keys() - SCHEMA_FILES.keys():
        assert f"`{name}.json`" in readme
