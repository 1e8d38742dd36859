"""Makes ``server/documents/shapes.py``, the TypedDicts of every document kind, from ``schemas/*.json``.

Law: the schemas are the only source; a shape is never edited. datamodel-code-generator writes the classes of
one bundle in which every schema of a document stands once; what is decided here is names, and three things a
schema says in words a generator does not read:

- an event's ``payload`` may have any member of any kind's payload, none of them certain: redaction takes any
  out (``Payload``); what each kind demands when it comes in is the validator's, and its own shape's for who
  makes one
- the event in a record is ``event.v1`` verbatim
- what a schema leaves open (``{"type": "object"}``) is not ours to change: a ``Mapping``
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parent.parent
SHAPES = ROOT / "server" / "documents" / "shapes.py"
HEADER = '''"""The shapes of documents as types: made from ``schemas/*.json`` by
``scripts/shapes.py``, never edited.

Law: a member a schema demands is there, every other may be absent; validators, not these, hold what comes
from outside to it (``server/documents/reading.py`` says where a document becomes one of these).
"""
'''

#: Titles that say too little beside others: a schema stands alone, these classes do not.
NAMES = {
    "CaseEvent": "Event",
    "CaseRecord": "Record",
    "OfficeRequest": "Request",
    "Settings": "MunicipalSettings",
}
#: Defs that are called by their place in a record, where the bare word is another thing in the code.
DEFS = {
    "acknowledgementPhotoVerdict": "Verdict",
    "embeddedEvent": "Event",
    "eventKind": "Kind",
    "recordFact": "Fact",
    "redactEventMember": "Erasable",
    "requestWanted": "Wanted",
    "timelineEntryPosition": "JudgedPosition",
}
_COMBINING = ("anyOf", "oneOf", "allOf")


class Bundle:
    """Every schema's objects and closed lists of words under one name each."""

    def __init__(self) -> None:
        self.defs: Json = {}
        self._enums: dict[str, str] = {}

    def add(self, schema: Json) -> None:
        title: str = NAMES.get(schema["title"]) or schema["title"]
        if title == "Event":
            schema = _with_payload(schema)
            for kind, key in schema["$own"]:
                self._named(kind, schema["$defs"][key], schema["$defs"])
        self._named(title, schema, schema.get("$defs", {}))

    def know(self, local: Json) -> None:
        """The names of closed lists of words."""
        for key, part in local.items():
            if "enum" in part:
                self._enums.setdefault(json.dumps(sorted(part["enum"])), DEFS.get(key, _camel(key)))

    def _named(self, name: str, part: Json, local: Json) -> Json:
        """``part`` under a name of its own; the reference to it."""
        reference = {"$ref": f"#/$defs/{name}"}
        if name in self.defs and self.defs[name] is None:
            return reference  # being made, further up
        before = self.defs.get(name)
        self.defs[name] = None
        made: Json
        if "enum" in part:
            made = {"enum": part["enum"]}
        else:
            made = {"type": "object", "title": name, "properties": {}, "additionalProperties": False}
            made["required"] = [member for member in part.get("required", ()) if member in part["properties"]]
            if "description" in part:
                made["description"] = part["description"].replace("\\", "")
            for member, inner in part["properties"].items():
                made["properties"][member] = self._part(f"{name}{_camel(member)}", inner, local)
        if before is not None and before != made:
            raise SystemExit(f"two schemas mean different things by {name}")
        self.defs[name] = made
        return reference

    def _part(self, name: str, part: Json, local: Json) -> Json:
        if "$ref" in part:
            key = part["$ref"].removeprefix("#/$defs/")
            return self._part(DEFS.get(key, _camel(key)), local[key], local)
        if name == "Event":
            return {"$ref": "#/$defs/Event"}
        if "const" in part:
            return {"const": part["const"]}
        if "enum" in part:
            known = self._enums.setdefault(json.dumps(sorted(part["enum"])), DEFS.get(_lower(name), name))
            return self._named(known, part, local)
        for how in _COMBINING:
            if how in part and "properties" not in part:
                ways: list[Json] = []
                for one in (self._part(name, each, local) for each in part[how]):
                    ways += [one] if one not in ways else []
                if len([way for way in ways if way.get("type") != "null"]) > 1:
                    called = DEFS.get(_lower(name), name)
                    self.defs[called] = {"anyOf": ways}
                    return {"$ref": f"#/$defs/{called}"}
                return ways[0] if len(ways) == 1 else {"anyOf": ways}
        kind = part.get("type")
        if isinstance(kind, list):
            rest = {member: value for member, value in part.items() if member != "type"}
            return {"anyOf": [self._part(name, {**rest, "type": each}, local) for each in kind]}
        if kind == "object" and "properties" in part:
            return self._named(DEFS.get(_lower(name), name), part, local)
        if kind == "object" and isinstance(part.get("additionalProperties"), dict):
            values = self._part(f"{name}Value", part["additionalProperties"], local)
            return {"type": "object", "additionalProperties": values}
        if kind == "array":
            return {"type": "array", "items": self._part(_single(name), part.get("items", {}), local)}
        return {"type": kind} if kind else {}


def _with_payload(schema: Json) -> Json:
    """The event, its payload any member of any kind's; beside it every kind's payload by its own name."""
    local = dict(schema["$defs"])
    kinds = [branch["properties"] for branch in schema["oneOf"]]
    members: Json = {}
    for branch in kinds:
        own = local[branch["payload"]["$ref"].removeprefix("#/$defs/")]
        for member, part in own["properties"].items():
            ways = members.setdefault(member, [])
            if part not in ways:
                ways.append(part)
    anything = {member: _any_of(ways) for member, ways in members.items()}
    local["payload"] = {"type": "object", "properties": anything}
    properties = {**schema["properties"], "payload": {"$ref": "#/$defs/payload"}}
    made = {**schema, "$defs": local, "properties": properties}
    made["$own"] = [
        (_camel(b["kind"]["const"]), b["payload"]["$ref"].removeprefix("#/$defs/")) for b in kinds
    ]
    return made


def _any_of(ways: list[Json]) -> Json:
    """One of these: of several closed lists of words, their words together."""
    if len(ways) > 1 and all("enum" in way for way in ways):
        return {"enum": sorted({word for way in ways for word in way["enum"]})}
    return ways[0] if len(ways) == 1 else {"anyOf": ways}


def _camel(word: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[_\W]+", word))


def _lower(word: str) -> str:
    return word[:1].lower() + word[1:]


def _single(name: str) -> str:
    """One of a list: ``photos`` holds what is called photo."""
    return re.sub(r"(ie|[^s])s$", lambda found: "y" if found[1] == "ie" else found[1], name)


def bundle() -> Json:
    """One schema whose ``$defs`` are every document kind's; files without ``$schema`` are data."""
    found = Bundle()
    read = [json.loads(path.read_bytes()) for path in sorted((ROOT / "schemas").glob("*.json"))]
    schemas = [schema for schema in read if "$schema" in schema]
    # What a schema itself gives a name keeps it, whoever uses the same words first.
    for schema in schemas:
        found.know(schema.get("$defs", {}))
    for schema in schemas:
        found.add(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": found.defs}


def shapes() -> str:
    """The text of the module."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "bundle.json", Path(folder) / "shapes.py"
        source.write_text(json.dumps(bundle()))
        command = [
            sys.executable, "-m", "datamodel_code_generator", "--input", str(source), "--output", str(made),
            "--input-file-type", "jsonschema", "--output-model-type", "typing.TypedDict",
            "--target-python-version", "3.11", "--enum-field-as-literal", "all", "--no-use-closed-typed-dict",
            "--no-alias", "--use-title-as-name", "--use-schema-description", "--use-standard-collections",
            "--use-union-operator", "--disable-timestamp", "--formatters", "builtin",
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, text=True)
        text = made.read_text()
    text = text[text.index("from __future__") :].replace("dict[str, Any]", "Mapping[str, Any]")
    # A member that begins with an underscore is no field of a model, but a good one of a TypedDict.
    text = text.replace("    field_id:", "    _id:").replace("    field_rev:", "    _rev:")
    text = text.replace("Model: TypeAlias = Any\n", "")
    text = text.replace("from typing import", "from collections.abc import Mapping\nfrom typing import", 1)
    return _ruff("format", _ruff("check", HEADER + "\n" + text, "--fix", "--select", "I"))


def _ruff(verb: str, text: str, *options: str) -> str:
    command = [sys.executable, "-m", "ruff", verb, *options, "--stdin-filename", str(SHAPES), "-"]
    return subprocess.run(command, input=text, check=True, capture_output=True, text=True, cwd=ROOT).stdout


if __name__ == "__main__":
    SHAPES.write_text(shapes())
