"""Whether a document has the form its schema gives it.

Law: validation answers, it never changes what it looks at; every refusal says where and why. What a schema
cannot say (a day that exists, an actor that owns the device) is said here, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import jsonschema_rs
import orjson

from server.cases.canonical import CanonicalError, citizen_hash
from server.documents.contracts import contract
from server.documents.ids import subject_of

#: An event is text: 64 KB are some ten full notes. Photos travel apart.
EVENT_BYTES = 65_536
_REASONS = 5  # enough for a developer; a hostile document could have thousands


class Refusal(ValueError):
    """``code`` is of the catalogue of refusals, ``reason`` is for the developer."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


@cache
def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = orjson.loads(contract(f"{name}.json"))
    return schema


@cache
def _validator(name: str, definition: str | None = None) -> jsonschema_rs.Draft202012Validator:
    schema = _schema(name)
    if definition is not None:
        schema = {"$schema": schema["$schema"], "$ref": f"#/$defs/{definition}", "$defs": schema["$defs"]}
    # What failed may be personal or hostile: reasons say where and which rule, never the value.
    return jsonschema_rs.Draft202012Validator(schema, mask="the value")


def _errors(name: str, document: object, definition: str | None = None, below: str = "") -> Iterator[str]:
    for error in _validator(name, definition).iter_errors(document):
        if list(error.schema_path)[-1:] != ["oneOf"]:  # it only says that no branch fits, never why
            path = below + "".join(f"/{part}" for part in error.instance_path)
            yield f"{path or '/'}: {error.message[:300]}"


def reasons(name: str, document: object) -> list[str]:
    """Why ``document`` is not of schema ``name`` (``type.v1``), at most five reasons; [] where it is."""
    if _validator(name).is_valid(document):
        return []
    found: list[str] = []
    for reason in _errors(name, document):
        found.append(reason)
        if len(found) == _REASONS:
            break
    return found


def validate_event(event: object, size: int | None = None, *, trusted: bool = False) -> None:
    """Raise ``Refusal`` where ``event`` is no ``event.v1``; a ``trusted`` one (an import's) may lack ``sig``.

    ``size``: the length of its compact JSON in bytes, where the caller has it.

    Codes: ``event_invalid``, ``event_too_large``. Signature, rights and order of events are judged elsewhere.
    """
    if not isinstance(event, dict):
        raise Refusal("event_invalid", "an event is a JSON object")
    if not _validator("event.v1").is_valid(event):
        raise Refusal("event_invalid", "; ".join(_event_reasons(event)))
    if (len(orjson.dumps(event)) if size is None else size) > EVENT_BYTES:
        raise Refusal("event_too_large", f"more than {EVENT_BYTES} bytes")
    if "sig" not in event and not trusted:
        raise Refusal("event_invalid", "/sig: is required")
    if event["device"].rpartition("~")[0] != event["actor"]:
        raise Refusal("event_invalid", "/device: is not a device of the actor")
    for path, value in _instants(event):
        _exists(path, value)
    payload = event["payload"]
    if event["kind"] == "evidence_added" and subject_of(payload["of"]) != subject_of(event["_id"]):
        raise Refusal("event_invalid", "/payload/of: is an event of another report")


def _event_reasons(event: dict[str, Any]) -> list[str]:
    """The envelope's errors, and the payload's by the rules of its kind: a oneOf alone explains nothing."""
    found: list[str] = []
    kind = event.get("kind")
    if isinstance(kind, str) and kind in _schema("event.v1")["$defs"] and "payload" in event:
        found.extend(_errors("event.v1", event["payload"], kind, "/payload"))
    found.extend(_errors("event.v1", event))
    return found[:_REASONS] or ["/payload: does not fit the kind"]


def _instants(event: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "/occurred_at", event["occurred_at"]
    if "taken_at" in event["position"]:
        yield "/position/taken_at", event["position"]["taken_at"]
    if "return_on" in event["payload"]:
        yield "/payload/return_on", event["payload"]["return_on"]


def _exists(path: str, text: str) -> None:
    """A pattern allows February 30th; the calendar does not."""
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal("event_invalid", f"{path}: {text} is not a day that exists") from error


def validate_citizen(document: object) -> None:
    """Raise ``Refusal`` (``citizen_invalid``) where it is no ``citizen.v1`` or its id does not cover it."""
    found = reasons("citizen.v1", document)
    if found:
        raise Refusal("citizen_invalid", "; ".join(found))
    assert isinstance(document, dict)
    try:
        digest = citizen_hash(document["content"], document["salt"])
    except CanonicalError as error:
        raise Refusal("citizen_invalid", str(error)) from error
    if document["_id"].rpartition(":")[2] != digest:
        raise Refusal("citizen_invalid", "/_id: does not cover the content and its salt")
