"""``_find``: a selector asked of every document, without an index.

Law: an answer never holds more documents than were asked for; the others pass by in pages. They come in the
order of their ids, or sorted by fields that all of them have. A request is checked before the first is read.
Source: CouchDB's API reference, "/{db}/_find"; its errors are Mango's (``mango_error``).
"""

from __future__ import annotations

import base64
import binascii
import heapq
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from sync import jsontext
from sync.errors import BadRequest
from sync.http.context import Context
from sync.http.query import json_object, require_json_type
from sync.http.reply import Reply
from sync.http.request import Request
from sync.interface import AllDocsQuery, Database
from sync.selector import Predicate, collation_key, compile_selector, path_of

Json = dict[str, Any]

#: CouchDB's default ``limit``, and what it says where no index serves.
LIMIT = 25
WARNING = "No matching index found, create an index to optimize query time."

#: Documents read from the engine at once.
PAGE = 500

_KEYS = frozenset(
    {
        "selector", "limit", "skip", "sort", "fields", "bookmark", "conflicts", "execution_stats",
        "use_index", "r", "stable", "update", "stale", "partition", "allow_fallback",
    }
)  # fmt: skip


class InvalidFind(BadRequest):
    """A request that Mango refuses; ``word`` is its error."""

    def __init__(self, word: str, reason: str) -> None:
        super().__init__(reason)
        self.word = word

    def as_json(self) -> dict[str, str]:
        return {"error": self.word, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Find:
    """``sort``: paths, all in one direction; none means by id. ``after`` is an id, ``skip`` counts rows."""

    wanted: Predicate
    rows: AllDocsQuery
    limit: int
    skip: int
    sort: tuple[list[str], ...]
    descending: bool
    fields: tuple[list[str], ...]
    stats: bool


async def find(context: Context, request: Request, db: Database) -> Reply:
    require_json_type(request)
    asked = parse_find(await json_object(request, context.limits.body))
    started = time.monotonic()
    seen = 0

    async def matching() -> AsyncIterator[Json]:
        nonlocal seen
        async for doc in _documents(db, asked.rows):
            seen += 1
            if asked.wanted(doc):
                yield doc

    docs = await (_sorted if asked.sort else _by_id)(matching(), asked)
    bookmark = _bookmark(asked, docs)
    lines = [jsontext.dumps(_shown(doc, asked.fields)) for doc in docs]
    tail: Json = {"bookmark": bookmark}
    if asked.stats:
        tail["execution_stats"] = {
            "total_keys_examined": seen,
            "total_docs_examined": seen,
            "total_quorum_docs_examined": 0,
            "results_returned": len(docs),
            "execution_time_ms": round((time.monotonic() - started) * 1000, 3),
        }
    tail["warning"] = WARNING
    return Reply(b'{"docs":[\n' + b",\n".join(lines) + b"\n],\n" + orjson.dumps(tail)[1:] + b"\n")


def parse_find(body: Json) -> Find:
    """Raises ``InvalidFind`` or ``BadRequest``."""
    for name in body:
        if name not in _KEYS:
            raise InvalidFind("invalid_key", f"Invalid key {name} for this request.")
    if "selector" not in body:
        raise InvalidFind("missing_required_key", "Missing required key: selector")
    selector = body["selector"]
    if not isinstance(selector, dict):
        raise InvalidFind("invalid_selector_json", "Selector must be a JSON object")
    try:
        wanted = compile_selector(selector)
    except BadRequest as error:
        raise InvalidFind("invalid_operator", error.reason) from error
    sort, descending = _sort(body.get("sort", []))
    skip, limit = _count(body, "skip", 0), _count(body, "limit", LIMIT)
    rows = replace(_bounds(selector), include_docs=True, conflicts=body.get("conflicts") is True)
    if descending and not sort:
        rows = replace(rows, startkey=rows.endkey, endkey=rows.startkey, descending=True)
    mark = _read_bookmark(body.get("bookmark"))
    if isinstance(mark, int) and sort:
        skip += mark
    elif isinstance(mark, str) and not sort:
        rows = replace(rows, startkey=mark)
        wanted = _after(wanted, mark)
    elif mark is not None:
        raise InvalidFind("invalid_bookmark", "The bookmark is of another query")
    stats = body.get("execution_stats") is True
    return Find(wanted, rows, limit, skip, sort, descending, _fields(body.get("fields", [])), stats)


def _after(wanted: Predicate, doc_id: str) -> Predicate:
    return lambda doc: doc["_id"] != doc_id and wanted(doc)


def _count(body: Json, name: str, default: int) -> int:
    value = body.get(name, default)
    if type(value) is not int or value < 0:
        raise InvalidFind(
            "invalid_non_neg_integer", f"{value!r} is not an integer greater than or equal to zero"
        )
    return value


def _sort(value: Any) -> tuple[tuple[list[str], ...], bool]:
    """The paths (none where the order is that of the ids) and whether they descend."""
    if not isinstance(value, list):
        raise InvalidFind("invalid_sort_json", "Sort must be an array of sort specs")
    names: list[str] = []
    ways: set[str] = set()
    for one in value:
        pair = [*one.items()] if isinstance(one, dict) else [(one, "asc")]
        if len(pair) != 1 or not isinstance(pair[0][0], str) or pair[0][1] not in ("asc", "desc"):
            raise InvalidFind("invalid_sort_field", f"Invalid sort field: {one!r}")
        names.append(pair[0][0])
        ways.add(pair[0][1])
    if len(ways) > 1:
        raise InvalidFind("unsupported_mixed_sort", "Sorts currently only support a single direction.")
    paths = () if names in ([], ["_id"]) else tuple(path_of(name) for name in names)
    return paths, ways == {"desc"}


def _fields(value: Any) -> tuple[list[str], ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise InvalidFind("invalid_fields", "Fields must be an array of strings")
    return tuple(path_of(name) for name in value)


def _bounds(selector: Mapping[str, Any]) -> AllDocsQuery:
    """The ids that a condition on ``_id`` leaves possible: what lies beyond need not be read."""
    condition = selector.get("_id")
    if isinstance(condition, str):
        return AllDocsQuery(startkey=condition, endkey=condition)
    if not isinstance(condition, Mapping):
        return AllDocsQuery()
    low = [condition[name] for name in ("$gt", "$gte", "$eq") if isinstance(condition.get(name), str)]
    high = [condition[name] for name in ("$lt", "$lte", "$eq") if isinstance(condition.get(name), str)]
    return AllDocsQuery(startkey=max(low, default=None), endkey=min(high, default=None))


async def _documents(db: Database, query: AllDocsQuery) -> AsyncIterator[Json]:
    """Every document within the bounds, page by page, design documents apart."""
    query = replace(query, limit=PAGE)
    while True:
        page = await db.all_docs(query)
        for row in page.rows:
            if row.doc is not None and not row.id.startswith("_design/"):
                yield jsontext.loads(row.doc)
        if len(page.rows) < PAGE:
            return
        query = replace(query, startkey=page.rows[-1].id, skip=1)


async def _by_id(docs: AsyncIterator[Json], asked: Find) -> list[Json]:
    found: list[Json] = []
    left = asked.skip
    if asked.limit == 0:
        return found
    async for doc in docs:
        if left:
            left -= 1
            continue
        found.append(doc)
        if len(found) == asked.limit:
            break
    return found


async def _sorted(docs: AsyncIterator[Json], asked: Find) -> list[Json]:
    """As an index on the fields would give them: a document that lacks one is not in it."""
    most = asked.skip + asked.limit
    best: list[tuple[Any, Json]] = []
    pick = heapq.nlargest if asked.descending else heapq.nsmallest

    def key(pair: tuple[Any, Json]) -> Any:
        return pair[0]

    async for doc in docs:
        values = [_at(doc, path) for path in asked.sort]
        if _NONE in values:
            continue
        best.append((([collation_key(value) for value in values], doc["_id"]), doc))
        if len(best) > 2 * most + PAGE:
            best = pick(most, best, key=key)
    return [doc for _, doc in pick(most, best, key=key)[asked.skip :]]


_NONE: Any = object()


def _at(doc: Any, path: list[str]) -> Any:
    for step in path:
        if not isinstance(doc, dict) or step not in doc:
            return _NONE
        doc = doc[step]
    return doc


def _shown(doc: Json, fields: tuple[list[str], ...]) -> Json:
    """The fields asked for, where they stand in the document; all of it when none is named."""
    if not fields:
        return doc
    out: Json = {}
    for path in fields:
        value = _at(doc, path)
        if value is _NONE:
            continue
        place = out
        for step in path[:-1]:
            place = place.setdefault(step, {})
        place[path[-1]] = value
    return out


def _bookmark(asked: Find, docs: list[Json]) -> str:
    if not docs:
        return "nil"
    mark = asked.skip + len(docs) if asked.sort else docs[-1]["_id"]
    return base64.urlsafe_b64encode(orjson.dumps([mark])).decode()


def _read_bookmark(value: Any) -> str | int | None:
    """Where the page before ended: an id, or a count of rows."""
    if value in (None, "", "nil"):
        return None
    try:
        mark = orjson.loads(base64.urlsafe_b64decode(value))
    except (binascii.Error, ValueError, TypeError):
        mark = None
    if not isinstance(mark, list) or len(mark) != 1 or type(mark[0]) not in (str, int) or mark[0] == -1:
        raise InvalidFind("invalid_bookmark", f"Invalid bookmark value: {value!r}")
    found: str | int = mark[0]
    return found
