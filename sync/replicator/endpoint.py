"""The two ends of a replication as a request names them: a database here, or a URL.

Law: what is wrong in a request is found before anything is begun. Credentials are used and never shown.
Source: CouchDB's API reference, "Replication document" and "/_replicate".
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from sync.couchdb import Connection, CouchEngine
from sync.errors import BadRequest
from sync.interface import Database, Engine


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``url`` is the server's (None: here), ``name`` the database's there."""

    name: str
    url: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def shown(self) -> str:
        """For tasks and logs: without credentials."""
        if self.url is None:
            return self.name
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}/{self.name}/"


def parse_endpoint(value: Any, role: str) -> Endpoint:
    """``value``: a name, a URL, or ``{"url", "headers", "auth"}``. Raises ``BadRequest`` naming ``role``."""
    if isinstance(value, str):
        return _of(value, (), role)
    if not isinstance(value, dict) or not isinstance(value.get("url"), str):
        raise BadRequest(f"`{role}` must be a database name, a URL, or an object with a `url`")
    headers = value.get("headers", {})
    if not isinstance(headers, dict) or not all(isinstance(text, str) for text in headers.values()):
        raise BadRequest(f"`headers` of `{role}` must be an object of strings")
    pairs = [(name.lower(), text) for name, text in headers.items()]
    auth = value.get("auth", {})
    basic = auth.get("basic") if isinstance(auth, dict) else None
    if isinstance(basic, dict):
        name, password = basic.get("username"), basic.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise BadRequest(f"`auth.basic` of `{role}` needs a username and a password")
        token = base64.b64encode(f"{name}:{password}".encode()).decode()
        pairs.append(("authorization", f"Basic {token}"))
    elif auth:
        raise BadRequest(f"`auth` of `{role}`: only `basic` is supported")
    return _of(value["url"], tuple(pairs), role)


def _of(text: str, headers: tuple[tuple[str, str], ...], role: str) -> Endpoint:
    if "://" not in text:
        if not text:
            raise BadRequest(f"`{role}` must not be empty")
        return Endpoint(text)
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise BadRequest(f"`{role}` is no valid URL") from error
    base, _, name = parts.path.rstrip("/").rpartition("/")
    if parts.scheme not in ("http", "https") or not parts.netloc or not name or parts.query or parts.fragment:
        raise BadRequest(f"`{role}` must be a URL such as https://host:5984/database")
    return Endpoint(unquote(name), urlunsplit((parts.scheme, parts.netloc, base, "", "")), headers)


@asynccontextmanager
async def opened(endpoint: Endpoint, here: Engine, *, create: bool = False) -> AsyncIterator[Database]:
    """The database, made first if ``create`` and absent. Raises the engine's errors."""
    if endpoint.url is None:
        yield await (here.ensure(endpoint.name) if create else here.open(endpoint.name))
        return
    async with CouchEngine(Connection(endpoint.url, headers=dict(endpoint.headers))) as engine:
        yield await (engine.ensure(endpoint.name) if create else engine.open(endpoint.name))
