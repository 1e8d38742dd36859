"""One CouchDB database over HTTP.

Law: a call that returns was stored by a quorum of the server's nodes (``confirm``); one that raises
``Unavailable`` may or may not have been, and may be repeated as its docstring in the interface says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal

from sync import jsontext
from sync.couchdb import wire
from sync.couchdb.attachments import Attachments
from sync.couchdb.confirm import PAUSES, confirm, written
from sync.couchdb.connection import Connection, doc_path
from sync.couchdb.gathering import Gathering
from sync.errors import BadRequest, Conflict, DatabaseNotFound, NotFound, Unavailable
from sync.interface import (
    AllDocsQuery,
    Attachment,
    BulkGetRequest,
    BulkGetRow,
    BulkRow,
    ChangePage,
    ChangesQuery,
    Database,
    DatabaseInfo,
    Doc,
    DocOptions,
    DocPage,
    JsonBytes,
    Missing,
)

Json = dict[str, Any]

#: CouchDB ends an idle longpoll after this many seconds whatever was asked.
MAX_LONGPOLL = 60.0


class CouchDatabase(Database):
    """``path`` is the database's name on the server, escaped for a URL."""

    def __init__(self, connection: Connection, name: str, path: str) -> None:
        self.name = name
        self.path = path
        self._connection = connection
        self._attachments = Attachments(connection, path)
        self._gathering = Gathering(self._bulk)

    def _doc(self, doc_id: str) -> str:
        return f"{self.path}/{doc_path(doc_id)}"

    async def _post(
        self, name: str, value: Any, params: wire.Params | None = None, *, safe: bool = True
    ) -> Any:
        content = value if isinstance(value, bytes) else jsontext.dumps(value)
        return await self._connection.json(
            "POST", f"{self.path}/{name}", params=params, content=content, safe=safe
        )

    async def check(self) -> None:
        """Raises ``DatabaseNotFound``, ``IllegalDatabaseName`` when there is no such database."""
        try:
            await self._connection.send("GET", self.path)
        except DatabaseNotFound:
            raise
        except NotFound as error:
            raise DatabaseNotFound from error

    async def readable(self) -> None:
        """Returns when the database can be read. Raises ``Unavailable``."""
        for seconds in PAUSES:
            await asyncio.sleep(seconds)
            try:
                return await self.check()
            except DatabaseNotFound:
                continue
        raise Unavailable(
            f"{self._connection.url} accepted the database {self.name}, but cannot read it (202)"
        )

    async def info(self) -> DatabaseInfo:
        value = await self._connection.json("GET", self.path)
        return wire.database_info(value, self.name, f"{self._connection.url}/{self.path}")

    # -- documents ---------------------------------------------------------------------------------

    async def get_raw(self, doc_id: str, options: DocOptions = DocOptions()) -> JsonBytes:
        if not doc_id:
            raise BadRequest("Document id must not be empty")
        response = await self._connection.send("GET", self._doc(doc_id), params=wire.doc_params(options))
        return response.content.rstrip(b"\r\n")

    async def get(self, doc_id: str, options: DocOptions = DocOptions()) -> Json:
        doc: Json = jsontext.loads(await self.get_raw(doc_id, options))
        return doc

    async def get_many(self, doc_ids: Sequence[str]) -> dict[str, Json]:
        if not doc_ids:
            return {}
        value = await self._post("_all_docs", {"keys": list(doc_ids)}, {"include_docs": True})
        return {row["id"]: row["doc"] for row in value["rows"] if row.get("doc") is not None}

    async def open_revs(
        self, doc_id: str, revs: Sequence[str] | Literal["all"], options: DocOptions = DocOptions()
    ) -> list[BulkGetRow]:
        asked = "all" if revs == "all" else jsontext.dumps(list(revs)).decode()
        params = {**wire.doc_params(options), "open_revs": asked}
        try:
            value = await self._connection.json("GET", self._doc(doc_id), params=params)
        except DatabaseNotFound:
            raise
        except NotFound:
            if revs == "all":
                raise
            value = [{"missing": rev} for rev in revs]
        return [wire.open_revs_row(doc_id, row) for row in value]

    async def put(self, doc: Doc | JsonBytes) -> str:
        value = jsontext.loads(doc) if isinstance(doc, bytes) else doc
        doc_id = value.get("_id") if isinstance(value, dict) else None
        if not isinstance(doc_id, str) or not doc_id:
            raise BadRequest("Document must be a JSON object with an `_id`")
        raw = doc if isinstance(doc, bytes) else jsontext.dumps(doc)
        return await written(self._connection, self.path, "PUT", doc_id, content=raw)

    async def delete(self, doc_id: str, rev: str) -> str:
        return await written(self._connection, self.path, "DELETE", doc_id, params={"rev": rev})

    async def bulk_docs(self, docs: Sequence[Doc | JsonBytes], *, new_edits: bool = True) -> list[BulkRow]:
        if not docs:
            return []
        raws = [doc if isinstance(doc, bytes) else jsontext.dumps(doc) for doc in docs]
        ids = [doc.get("_id") for doc in docs if isinstance(doc, dict)]
        named = [doc_id for doc_id in ids if isinstance(doc_id, str)]
        if new_edits and len(named) == len(docs):
            return await self._gathering.write(named, raws)
        return await self._bulk(raws, new_edits=new_edits)

    async def _bulk(self, raws: list[JsonBytes], *, new_edits: bool = True) -> list[BulkRow]:
        body = b'{"new_edits":%s,"docs":[' % (b"true" if new_edits else b"false") + b",".join(raws) + b"]}"
        for seconds in PAUSES:
            response = await self._connection.send(
                "POST", f"{self.path}/_bulk_docs", content=body, safe=not new_edits
            )
            rows = [wire.bulk_row(row) for row in jsontext.loads(response.content)]
            if response.status_code != 202:
                return rows
            if new_edits:
                written = [(row.id, row.rev) for row in rows if row.error is None and row.rev is not None]
                await confirm(self._connection, self.path, written)
                return rows
            await asyncio.sleep(seconds)
        raise Unavailable(
            f"{self._connection.url} accepted a write, but not enough of its nodes have it (202)"
        )

    async def bulk_get(
        self, requests: Sequence[BulkGetRequest], *, revs: bool = False, latest: bool = False,
        attachments: bool = False,
    ) -> list[list[BulkGetRow]]:  # fmt: skip
        if not requests:
            return []
        asked = []
        for request in requests:
            item: Json = {"id": request.id}
            if request.rev is not None:
                item["rev"] = request.rev
            if request.atts_since is not None:
                item["atts_since"] = list(request.atts_since)
            asked.append(item)
        flags = {"revs": revs, "latest": latest, "attachments": attachments}
        params: wire.Params = {name: True for name, value in flags.items() if value}
        value = await self._post("_bulk_get", {"docs": asked}, params)
        results = value["results"]
        if [result["id"] for result in results] != [request.id for request in requests]:
            results = _regrouped(requests, results)
        return [[wire.bulk_get_row(result["id"], row) for row in result["docs"]] for result in results]

    async def all_docs(self, query: AllDocsQuery = AllDocsQuery()) -> DocPage:
        return await self._rows("_all_docs", query)

    async def _rows(self, name: str, query: AllDocsQuery) -> DocPage:
        params = wire.all_docs_params(query)
        if query.keys is not None:
            return wire.doc_page(await self._post(name, {"keys": list(query.keys)}, params))
        return wire.doc_page(await self._connection.json("GET", f"{self.path}/{name}", params=params))

    # -- feeds -------------------------------------------------------------------------------------

    async def changes(self, query: ChangesQuery = ChangesQuery()) -> ChangePage:
        params, body = wire.changes_request(query)
        if body is not None:
            return wire.change_page(await self._post("_changes", body, params))
        return wire.change_page(await self._connection.json("GET", f"{self.path}/_changes", params=params))

    async def wait_for_change(self, since: str, timeout: float) -> bool:
        wait = min(timeout, MAX_LONGPOLL)
        params: wire.Params = {"feed": "longpoll", "since": since, "limit": 1, "timeout": int(wait * 1000)}
        clock = asyncio.get_running_loop().time
        started = clock()
        value = await self._connection.json("GET", f"{self.path}/_changes", params=params, timeout=wait + 30)
        if not value["results"] and clock() - started < wait - 0.5:
            await self.check()  # CouchDB ends a feed early when its database is deleted
        return bool(value["results"])

    # -- replication -------------------------------------------------------------------------------

    async def revs_diff(self, revs: Mapping[str, Sequence[str]]) -> dict[str, Missing]:
        if not revs:
            return {}
        value = await self._post("_revs_diff", {doc_id: list(asked) for doc_id, asked in revs.items()})
        return {
            doc_id: Missing(tuple(row["missing"]), tuple(row.get("possible_ancestors", ())))
            for doc_id, row in value.items()
        }

    async def get_local(self, local_id: str) -> Json:
        doc: Json = await self._connection.json("GET", self._doc(f"_local/{local_id}"))
        return doc

    async def put_local(self, local_id: str, doc: Doc) -> str:
        raw = jsontext.dumps({**doc, "_id": f"_local/{local_id}"})
        value = await self._connection.json("PUT", self._doc(f"_local/{local_id}"), content=raw)
        rev: str = value["rev"]
        return rev

    async def delete_local(self, local_id: str) -> None:
        rev = (await self.get_local(local_id))["_rev"]
        await self._connection.send("DELETE", self._doc(f"_local/{local_id}"), params={"rev": rev})

    async def local_docs(self, query: AllDocsQuery = AllDocsQuery()) -> DocPage:
        return await self._rows("_local_docs", query)

    # -- attachments -------------------------------------------------------------------------------

    async def get_attachment(
        self, doc_id: str, name: str, *, rev: str | None = None,
        start: int | None = None, end: int | None = None,
    ) -> Attachment:  # fmt: skip
        doc = await self.get(doc_id, DocOptions(rev=rev, att_encoding_info=True))
        return self._attachments.read(doc, name, start or 0, end)

    async def put_attachment(
        self, doc_id: str, name: str, content_type: str, chunks: AsyncIterator[bytes], *,
        rev: str | None = None, digest: str | None = None,
    ) -> str:  # fmt: skip
        try:
            return await self._attachments.put(doc_id, name, content_type, chunks, rev, digest)
        except Unavailable:
            # CouchDB refuses before the body has arrived and closes, so that its answer may be lost.
            if not await self._is_parent(doc_id, rev):
                raise Conflict from None
            raise

    async def _is_parent(self, doc_id: str, rev: str | None) -> bool:
        """Whether an edit of ``rev`` (None: a first one) could be stored now."""
        try:
            leaves = await self.open_revs(doc_id, "all")
        except NotFound:
            return rev is None
        if rev is None:
            return all(jsontext.loads(leaf.doc or b"{}").get("_deleted") for leaf in leaves)
        return any(leaf.rev == rev for leaf in leaves)

    async def delete_attachment(self, doc_id: str, name: str, rev: str) -> str:
        return await self._attachments.delete(doc_id, name, rev)

    async def put_multipart(
        self,
        doc: Json,
        attachments: AsyncIterator[tuple[str, AsyncIterator[bytes]]],
        *,
        new_edits: bool = True,
    ) -> str:
        return await self._attachments.put_multipart(doc, attachments, new_edits=new_edits)

    # -- housekeeping ------------------------------------------------------------------------------

    async def purge(self, revs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        value = await self._post("_purge", {doc_id: list(asked) for doc_id, asked in revs.items()})
        purged: dict[str, list[str]] = value["purged"]
        return {doc_id: gone for doc_id, gone in purged.items() if gone}

    async def compact(self) -> None:
        await self._connection.send("POST", f"{self.path}/_compact", content=b"{}")

    async def get_security(self) -> Json:
        value: Json = await self._connection.json("GET", f"{self.path}/_security")
        return value

    async def set_security(self, value: Json) -> None:
        await self._connection.send("PUT", f"{self.path}/_security", content=jsontext.dumps(value))

    async def get_revs_limit(self) -> int:
        return int(await self._connection.json("GET", f"{self.path}/_revs_limit"))

    async def set_revs_limit(self, limit: int) -> None:
        await self._connection.send("PUT", f"{self.path}/_revs_limit", content=str(limit).encode())


def _regrouped(requests: Sequence[BulkGetRequest], results: list[Json]) -> list[Json]:
    """Some servers give one result per document: its rows go to the requests that named them."""
    rows: dict[str, list[Json]] = {}
    for result in results:
        rows.setdefault(result["id"], []).extend(result["docs"])

    def of(request: BulkGetRequest) -> list[Json]:
        found = rows.get(request.id, [])
        if request.rev is None:
            return found
        mine = [
            row
            for row in found
            if request.rev == (row["ok"]["_rev"] if "ok" in row else row["error"].get("rev"))
        ]
        return mine or found

    return [{"id": request.id, "docs": of(request)} for request in requests]
