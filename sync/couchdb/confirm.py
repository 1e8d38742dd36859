"""What to do about 202: the server took a write without a quorum of its nodes.

Law: a 202 is not success. The revision is read back and given again (``new_edits=false``, which changes
nothing where it is already) until the server answers 201. Source: CouchDB's documentation, "Cluster: Theory",
status 202.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from sync import jsontext
from sync.couchdb.connection import Connection, Content, Params, doc_path
from sync.errors import NotFound, Unavailable

#: Seconds before each read-back; in all about six seconds, in which a restarting node is usually there again.
PAUSES = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 2.0)


async def confirm(connection: Connection, path: str, written: Sequence[tuple[str, str]]) -> None:
    """Returns when every (id, revision) of ``written`` was accepted by a quorum. Raises ``Unavailable``."""
    for seconds in PAUSES:
        await asyncio.sleep(seconds)
        docs = await _read_back(connection, path, written)
        if len(docs) < len(written):
            continue
        body = b'{"new_edits":false,"docs":[' + b",".join(docs) + b"]}"
        response = await connection.send("POST", f"{path}/_bulk_docs", content=body, safe=True)
        if response.status_code == 201:
            return
    raise Unavailable(f"{connection.url} accepted a write, but not enough of its nodes have it (202)")


async def _read_back(connection: Connection, path: str, written: Sequence[tuple[str, str]]) -> list[bytes]:
    asked = jsontext.dumps({"docs": [{"id": doc_id, "rev": rev} for doc_id, rev in written]})
    try:
        found = await connection.json(
            "POST", f"{path}/_bulk_get", params={"revs": True, "attachments": True}, content=asked, safe=True
        )
    except NotFound:
        return []
    rows = [row for result in found["results"] for row in result["docs"]]
    return [jsontext.dumps(row["ok"]) for row in rows if "ok" in row]


async def written(
    connection: Connection,
    path: str,
    method: str,
    doc_id: str,
    *,
    below: str = "",
    params: Params | None = None,
    content: Content | None = None,
    headers: Mapping[str, str] | None = None,
    known: str | None = None,
) -> str:
    """One document's write, confirmed. Gives the new revision, ``known`` beforehand if not a new edit.

    ``path`` is the database's, ``below`` goes after the document's.
    """
    where = f"{path}/{doc_path(doc_id)}{below}"
    response = await connection.send(method, where, params=params, content=content, headers=headers)
    value = jsontext.loads(response.content)
    # express-pouchdb answers what is not a new edit with the (empty) list of its bulk write's errors.
    rev: str | None = known if value == [] else value.get("rev") if isinstance(value, dict) else None
    if rev is None:
        raise Unavailable(f"{connection.url} does not say whether it stored {doc_id}")
    if response.status_code == 202:
        await confirm(connection, path, [(doc_id, rev)])
    return rev
