"""CouchDB's JSON answers as the interface's rows, and queries as its parameters. Pure."""

from __future__ import annotations

from typing import Any

from sync import jsontext
from sync.interface import (
    AllDocsQuery,
    AttachmentMeta,
    BulkGetRow,
    BulkRow,
    ChangePage,
    ChangeRow,
    ChangesQuery,
    DatabaseInfo,
    DocOptions,
    DocPage,
    DocRow,
    JsonBytes,
)

Json = dict[str, Any]
Params = dict[str, str | int | bool]


def doc_params(options: DocOptions) -> Params:
    params: Params = {
        name: True
        for name in (
            "revs", "revs_info", "conflicts", "deleted_conflicts", "latest", "local_seq", "attachments",
            "att_encoding_info",
        )
        if getattr(options, name)
    }  # fmt: skip
    if options.rev is not None:
        params["rev"] = options.rev
    if options.atts_since is not None:
        params["atts_since"] = jsontext.dumps(options.atts_since).decode()
    return params


def all_docs_params(query: AllDocsQuery) -> Params:
    params: Params = {
        name: True
        for name in ("descending", "include_docs", "conflicts", "attachments")
        if getattr(query, name)
    }
    if query.startkey is not None:
        params["startkey"] = jsontext.dumps(query.startkey).decode()
    if query.endkey is not None:
        params["endkey"] = jsontext.dumps(query.endkey).decode()
    if not query.inclusive_end:
        params["inclusive_end"] = False
    if query.limit is not None:
        params["limit"] = query.limit
    if query.skip:
        params["skip"] = query.skip
    return params


def changes_request(query: ChangesQuery) -> tuple[Params, JsonBytes | None]:
    """Parameters, and the body that a filter needs."""
    params: Params = {
        name: True
        for name in ("descending", "include_docs", "conflicts", "attachments", "att_encoding_info")
        if getattr(query, name)
    }
    params["since"] = query.since
    if query.limit is not None:
        params["limit"] = query.limit
    if query.all_leaves:
        params["style"] = "all_docs"
    if query.doc_ids is not None:
        params["filter"] = "_doc_ids"
        return params, jsontext.dumps({"doc_ids": list(query.doc_ids)})
    if query.selector is not None:
        params["filter"] = "_selector"
        return params, jsontext.dumps({"selector": query.selector})
    if query.design_only:
        params["filter"] = "_design"
    return params, None


def database_info(value: Json, name: str, url: str) -> DatabaseInfo:
    """``url`` stands in for the identity that CouchDB's databases lack."""
    sizes = value.get("sizes", {})
    born = str(value.get("instance_start_time", "0"))
    return DatabaseInfo(
        name=name,
        doc_count=value["doc_count"],
        doc_del_count=value.get("doc_del_count", 0),
        update_seq=str(value["update_seq"]),
        purge_seq=str(value.get("purge_seq", "0")),
        size_file=sizes.get("file") or 0,
        size_external=sizes.get("external") or 0,
        size_active=sizes.get("active") or 0,
        instance_start_time=born,
        uuid=value.get("uuid") or f"{url}#{born}",
    )


def bulk_row(value: Json) -> BulkRow:
    if "error" in value:
        return BulkRow(value.get("id", ""), value.get("rev"), value["error"], value.get("reason") or "")
    return BulkRow(value["id"], value["rev"])


def bulk_get_row(doc_id: str, value: Json) -> BulkGetRow:
    if "ok" in value:
        doc = value["ok"]
        return BulkGetRow(doc_id, doc.get("_rev"), jsontext.dumps(doc))
    error = value.get("error", value)
    rev = error.get("rev")
    return BulkGetRow(
        doc_id,
        None if rev == "undefined" else rev,
        None,
        error.get("error", "not_found"),
        error.get("reason", "missing"),
    )


def open_revs_row(doc_id: str, value: Json) -> BulkGetRow:
    if "ok" in value:
        return bulk_get_row(doc_id, value)
    return BulkGetRow(doc_id, value.get("missing"), None, "not_found", "missing")


def doc_page(value: Json) -> DocPage:
    rows = [_doc_row(row) for row in value["rows"]]
    total = value.get("total_rows")
    return DocPage(len(rows) if total is None else total, value.get("offset"), rows)


def _doc_row(row: Json) -> DocRow:
    if "error" in row or "value" not in row:
        return DocRow(row.get("key") or row.get("id", ""), None, error=row.get("error", "not_found"))
    doc = row.get("doc")
    return DocRow(
        row["id"],
        row["value"]["rev"],
        bool(row["value"].get("deleted")),
        doc=None if doc is None else jsontext.dumps(doc),
    )


def change_page(value: Json) -> ChangePage:
    rows = [
        ChangeRow(
            str(row["seq"]),
            row["id"],
            tuple(change["rev"] for change in row["changes"]),
            bool(row.get("deleted")),
            jsontext.dumps(row["doc"]) if row.get("doc") is not None else None,
        )
        for row in value["results"]
    ]
    # Servers other than CouchDB leave ``pending`` out; nothing is known then.
    return ChangePage(rows, str(value["last_seq"]), value.get("pending") or 0)


def attachment_meta(name: str, stub: Json) -> AttachmentMeta:
    return AttachmentMeta(
        name,
        stub.get("content_type", "application/octet-stream"),
        stub["digest"],
        stub["length"],
        stub.get("revpos", 0),
        stub.get("encoding"),
        stub.get("encoded_length"),
    )
