"""Query parameters and JSON bodies, checked as CouchDB checks them.

Law: a parameter that is understood but malformed is a 400 that names it; one that is not known is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync import jsontext
from sync.errors import BadRequest, UnsupportedMedia
from sync.http.request import Request

Query = Mapping[str, str]
Json = dict[str, Any]


class QueryParseError(BadRequest):
    error = "query_parse_error"


def flag(query: Query, name: str, default: bool = False) -> bool:
    """A boolean of a query over rows: CouchDB refuses there what is neither, in whatever case."""
    value = query.get(name)
    if value is None:
        return default
    if value.lower() == "true":
        return True
    if value.lower() == "false":
        return False
    raise QueryParseError(f'Invalid boolean parameter {name}: "{value}"')


def said(query: Query, name: str) -> bool:
    """A flag of a document or a feed: on for ``true`` alone; CouchDB passes over anything else."""
    return query.get(name) == "true"


def whole(query: Query, name: str) -> int | None:
    """A whole number of zero or more; None when absent."""
    value = query.get(name)
    if value is None:
        return None
    try:
        number = int(value)
    except ValueError as error:
        raise QueryParseError(f'Invalid value for integer: "{value}"') from error
    if number < 0:
        raise QueryParseError(f'Invalid value for positive integer: "{value}"')
    return min(number, 2**53)


def from_json(query: Query, name: str) -> Any:
    """A parameter that is itself JSON; None when absent."""
    value = query.get(name)
    return None if value is None else parse_json(value.encode("utf-8", "surrogatepass"))


def parse_json(body: bytes) -> Any:
    """Raises ``BadRequest`` for what is not JSON or could not be kept exactly."""
    return jsontext.loads(body)


def require_json_type(request: Request) -> None:
    """CouchDB's guard on POST: a web page cannot send this type elsewhere without being asked first."""
    if request.media_type != "application/json":
        raise UnsupportedMedia("Content-Type must be application/json")


async def json_object(request: Request, limit: int) -> Json:
    """The body as a JSON object. Raises ``BadRequest``, ``TooLarge``."""
    value = parse_json(await request.body(limit))
    if not isinstance(value, dict):
        raise BadRequest("Request body must be a JSON object")
    return value


def strings(value: Any, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRequest(f"`{what}` must be an array of strings.")
    return tuple(value)
