"""Whatever is asked, the answer is CouchDB's kind of answer and never a 500."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.embedded import open_engine
from sync.http import create_app
from sync.http.app import DATABASE, NOT_HERE_DATABASE, SERVER
from tests.sync.http.client import client_of

WORDS = st.sampled_from(
    [
        *["db", "a", "x", "_design", "_local", "_design/x", "..", ".", "", "%00", "_replicator", "ñ", "a/b"],
        *["_session", "_up", "1-" + "a" * 32, *SERVER, *DATABASE, *NOT_HERE_DATABASE],
    ]
)
SEGMENTS = st.lists(WORDS | st.text(max_size=6), max_size=4)

NAMES = st.sampled_from(
    [
        *[
            "rev",
            "revs",
            "revs_info",
            "open_revs",
            "atts_since",
            "attachments",
            "conflicts",
            "latest",
            "new_edits",
        ],
        *["since", "limit", "skip", "feed", "filter", "heartbeat", "timeout", "style", "include_docs", "key"],
        *[
            "descending",
            "startkey",
            "endkey",
            "keys",
            "count",
            "batch",
            "seq_interval",
            "doc_ids",
            "local_seq",
        ],
        *["inclusive_end", "deleted_conflicts"],
    ]
)
# Feeds must end by themselves here, so their silence is short.
VALUES = st.sampled_from(
    [
        *[
            "",
            "true",
            "false",
            "0",
            "1",
            "-1",
            "99999999999999999999",
            "x",
            "null",
            "[]",
            "{}",
            '"a"',
            '["1-a"]',
        ],
        *[
            "now",
            "all",
            "all_docs",
            "_doc_ids",
            "_selector",
            "_design",
            "normal",
            "1-" + "a" * 32,
            "[1]",
            "1e999",
        ],
    ]
)

REVS = st.sampled_from(["1-" + "a" * 32, "2-b", "x", "", 1, None])
MEMBERS = st.sampled_from(
    [
        *[
            "_id",
            "_rev",
            "_revisions",
            "_attachments",
            "_deleted",
            "_local_seq",
            "_foo",
            "docs",
            "keys",
            "doc_ids",
        ],
        *[
            "selector",
            "id",
            "rev",
            "new_edits",
            "a",
            "name",
            "password",
            "source",
            "target",
            "continuous",
            "cancel",
        ],
        *["data", "stub", "follows", "content_type", "start", "ids", "digest", "encoding", "length"],
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | REVS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(MEMBERS | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=10,
)
BODIES = st.one_of(
    st.binary(max_size=60),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(
        st.sampled_from(["docs", "keys", "doc_ids", "a"]), st.lists(JSON, max_size=3), max_size=2
    ).map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=40).map(lambda raw: b"--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b" + raw),
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(["application/json", "text/plain", "multipart/related; boundary=b"]),
        "accept": st.sampled_from(["application/json", "multipart/mixed", "multipart/related", "*/*"]),
        "accept-encoding": st.sampled_from(["gzip", "identity", "gzip;q=0", "br"]),
        "content-encoding": st.sampled_from(["gzip", "identity", "br"]),
        "if-match": st.sampled_from(["1-a", '"1-a"', ""]),
        "if-none-match": st.sampled_from(["*", '"x"']),
        "range": st.sampled_from(["bytes=0-1", "bytes=-1", "bytes=9-", "x"]),
        "content-md5": st.sampled_from(["x", "AAAAAAAAAAAAAAAAAAAAAA=="]),
        "authorization": st.sampled_from(["Basic x", "Bearer y"]),
        "cookie": st.sampled_from(["AuthSession=x", "AuthSession", "=;="]),
    },
)
REQUESTS = st.tuples(
    st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "COPY"]),
    SEGMENTS,
    st.dictionaries(NAMES, VALUES, max_size=4),
    BODIES,
    HEADERS,
)


async def answers(requests: list[Any], folder: Path) -> list[tuple[Any, httpx2.Response]]:
    found = []
    async with await open_engine(folder) as engine:
        db = await engine.create("db")
        await db.put({"_id": "a", "_attachments": {"x": {"data": "aGVsbG8="}}})
        app = create_app(engine)
        async with client_of(app) as client:
            for method, segments, query, body, headers in requests:
                query.pop("feed", None) if query.get("feed") == "continuous" else None
                path = "/" + "/".join(quote(segment, safe="%") for segment in segments)
                request = client.build_request(
                    method, httpx2.URL("http://test" + path, params=query), content=body
                )
                request.headers.update(headers)
                found.append(((method, path, query, body, headers), await client.send(request)))
        await app.shutdown()
    return found


#: Each example is a server of its own and up to 25 requests.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(REQUESTS, min_size=5, max_size=25))
def test_no_request_is_answered_with_500(requests: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for request, answer in asyncio.run(answers(requests, Path(folder) / "data")):
            assert answer.status_code not in (500,), (request, answer.text)
            if answer.status_code >= 400 and request[0] != "HEAD":
                shape = answer.json()
                assert set(shape) >= {"error", "reason"}, request
                assert isinstance(shape["error"], str), request
                assert isinstance(shape["reason"], str), request
