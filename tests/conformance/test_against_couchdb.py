"""The same requests to a real CouchDB and to ``python -m sync``: the same status, the same shape and words.

Law: what is not compared is named here: revision hashes, sequences, random ids and file sizes (``mask``), the
text of a ``reason``, and headers other than those in ``HEADERS``. A request on which they differ on purpose
stands in ``DIFFERENT`` with both statuses, so that a difference that goes, or another that comes, is noticed.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from tests.conformance.asked import DIFFERENT, SAME, Ask
from tests.conformance.standalone import NAME, PASSWORD, standalone

pytestmark = pytest.mark.couchdb

#: Members of an answer that are a server's own.
LEFT = ("last_seq", "pending", "offset", "bookmark")

#: Compared by being there (``etag``, ``location``) or by their value (content types without parameters).
HEADERS = ("content-type", "location", "content-range", "etag")


class Server:
    def __init__(self, url: str, name: str) -> None:
        self.client = httpx2.Client(base_url=url, timeout=60)
        self.name = name
        self.revs: dict[str, str] = {}

    def ask(self, asked: Ask) -> tuple[int, Any, dict[str, str]]:
        method, path, content, headers = (*asked, None, {})[:4] if len(asked) < 4 else asked
        path = path[1:] if path.startswith("//") else f"/{self.name}{path}"
        path = re.sub(r"\{(\w+)\}", lambda found: self.revs[found[1]], path)
        if isinstance(content, str):
            content = re.sub(r"<(\w+)>", lambda found: self.revs[found[1]], content).encode()
        sent = {"accept": "application/json", "content-type": "application/json", **(headers or {})}
        sent = {
            key: re.sub(r"\{(\w+)\}", lambda found: self.revs[found[1]], one) for key, one in sent.items()
        }
        answer = self.client.request(method, path, content=content, headers=sent)
        try:
            value = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            value = answer.content.hex()
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, dict) and row.get("ok") and "rev" in row:
                self.revs[row["id"]] = row["rev"]
        return answer.status_code, value, dict(answer.headers)


def mask(value: Any, name: str) -> Any:
    """What may differ between two servers, taken out."""
    if isinstance(value, dict):
        if "error" in value and "reason" in value:
            return {"error": value["error"]}
        if "db_name" in value:
            # Its sizes, sequences and what only one of them tells.
            return {key: value[key] for key in ("doc_count", "doc_del_count", "compact_running", "props")}
        kept = {key: mask(one, name) for key, one in value.items() if key not in LEFT}
        return {key: "SEQ" if key in ("seq", "update_seq") and one else one for key, one in kept.items()}
    if isinstance(value, list):
        return [mask(one, name) for one in value]
    if isinstance(value, str):
        value = re.sub(r"\b(\d+)-[0-9a-f]{32}\b", r"\1-REV", value)
        return re.sub(r"\b[0-9a-f]{32}\b", "HEX", value).replace(name, "NAME")
    return value


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    url = os.environ.get("COUCHDB_URL")
    if not url:
        pytest.skip("COUCHDB_URL names no CouchDB")
    name = f"test-{uuid.uuid4()}-same"
    with standalone(tmp_path / "data") as own:
        servers = (
            Server(own.rstrip("/").replace("//", f"//{NAME}:{PASSWORD}@"), name),
            Server(url.rstrip("/"), name),
        )
        # One shard, as everything of ours is in one: else its order is another each time.
        servers[1].client.put(f"/{name}?q=1").raise_for_status()
        servers[0].client.put(f"/{name}").raise_for_status()
        try:
            yield servers
        finally:
            servers[1].client.delete(f"/{name}")
            for server in servers:
                server.client.close()


@pytest.mark.parametrize("topic", SAME)
def test_the_same_answers(both: tuple[Server, Server], topic: str) -> None:
    wrong = []
    for asked in SAME[topic]:
        ours, theirs = (server.ask(asked) for server in both)
        name = both[0].name
        found = [(ours[0], mask(ours[1], name)), (theirs[0], mask(theirs[1], name))]
        if found[0] != found[1]:
            wrong.append(f"{asked}\n  ours    {found[0]}\n  CouchDB {found[1]}")
        for header in HEADERS:
            mine, other = ours[2].get(header), theirs[2].get(header)
            # CouchDB has more ETags: of document readings with options, of feeds, of _local documents.
            same = (
                mine is None or other is not None or asked[0] != "GET"
                if header == "etag"
                else (
                    (mine is None) == (other is None)
                    if header == "location"
                    else (mine or "").partition(";")[0] == (other or "").partition(";")[0]
                )
            )
            if not same:
                wrong.append(f"{asked} {header}: ours {mine}, CouchDB {other}")
    assert not wrong, "\n".join(wrong)


def test_where_they_differ_on_purpose(both: tuple[Server, Server]) -> None:
    for server in both:
        assert server.ask(("PUT", "/a", "{}"))[0] == 201
    wrong = []
    for asked, ours, theirs, why in DIFFERENT:
        found = [server.ask(asked)[0] for server in both]
        if found != [ours, theirs]:
            wrong.append(f"{asked[:2]}: {found}, not {[ours, theirs]}: {why}")
    assert not wrong, "\n".join(wrong)
