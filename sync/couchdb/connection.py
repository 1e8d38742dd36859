"""HTTP to one CouchDB: requests, retries, and its refusals as the engine's errors.

Law: only what may be repeated is repeated: a request whose effect is the same twice (``safe``). Every other
failure of the line is ``Unavailable``, and the caller decides. Credentials never appear in an error.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import httpx2

from sync import jsontext
from sync.errors import (
    BadRequest,
    Conflict,
    DatabaseExists,
    DatabaseNotFound,
    EngineError,
    Forbidden,
    IllegalDatabaseName,
    IllegalDocumentId,
    NotFound,
    NotImplementedHere,
    PreconditionFailed,
    RangeNotSatisfiable,
    StorageFull,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnsupportedMedia,
)

#: Seconds. A busy cluster may take long for one batch; a host that is away shows at connecting.
TIMEOUT = httpx2.Timeout(120.0, connect=10.0)

#: Tries of a safe request before ``Unavailable``: the line's hiccups, not an outage.
TRIES = 3

_BY_WORD: dict[str, type[EngineError]] = {
    "illegal_database_name": IllegalDatabaseName,
    "illegal_docid": IllegalDocumentId,
    "file_exists": DatabaseExists,
}
_BY_STATUS: dict[int, type[EngineError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: BadRequest,
    409: Conflict,
    412: PreconditionFailed,
    413: TooLarge,
    415: UnsupportedMedia,
    416: RangeNotSatisfiable,
    501: NotImplementedHere,
    507: StorageFull,
}

Params = Mapping[str, str | int | bool]
Content = bytes | AsyncIterator[bytes]


def doc_path(doc_id: str) -> str:
    """A document's path: the slash after ``_design`` and ``_local`` stays, all others are escaped."""
    for kind in ("_design/", "_local/"):
        if doc_id.startswith(kind):
            return kind + quote(doc_id[len(kind) :], safe="")
    return quote(doc_id, safe="")


def error_of(status: int, body: bytes, where: str) -> EngineError:
    """The error a server's answer stands for; ``where`` names the server in what is no CouchDB's answer."""
    try:
        value = jsontext.loads(body)
    except BadRequest:
        value = None
    if not isinstance(value, dict) or "error" not in value:
        return Unavailable(f"{where} answered {status}, but not as a CouchDB does")
    word, reason = str(value["error"]), str(value.get("reason") or "")
    if status == 404 and reason in ("Database does not exist.", "no_db_file"):
        return DatabaseNotFound(reason)
    kind = _BY_WORD.get(word) or _BY_STATUS.get(status)
    if kind is not None:
        return kind(reason or word)
    return Unavailable(f"{where} answered {status} {word}: {reason}")


class Connection:
    """One server. ``url`` may carry credentials; ``headers`` go with every request."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        rand: Callable[[], float] = random.random,
    ) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError as error:
            raise BadRequest("The CouchDB URL has a port that is no number") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadRequest("A CouchDB URL begins with http:// or https:// and names a host")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        #: Without credentials, without a slash at the end; safe to show.
        self.url = f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{parts.path.rstrip('/')}"
        self._rand = rand
        auth = None
        if parts.username is not None:
            auth = httpx2.BasicAuth(unquote(parts.username), unquote(parts.password or ""))
        self._client = httpx2.AsyncClient(
            auth=auth,
            headers={"accept": "application/json", **(headers or {})},
            timeout=TIMEOUT,
            transport=transport,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=30),
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        content: Content | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool | None = None,
        timeout: float | None = None,
    ) -> httpx2.Response:
        """One request, answered with 2xx. Raises the engine's errors; ``safe`` requests are tried again."""
        if safe is None:
            safe = method in ("GET", "HEAD")
        tries = TRIES if safe and not isinstance(content, AsyncIterator) else 1
        sent = {"content-type": "application/json"} if isinstance(content, bytes) or method == "POST" else {}
        for left in range(tries - 1, -1, -1):
            try:
                response = await self._client.request(
                    method,
                    self._address(path, params),
                    content=content,
                    headers={**sent, **(headers or {})},
                    timeout=TIMEOUT if timeout is None else httpx2.Timeout(timeout, connect=10.0),
                )
            except httpx2.TransportError as error:
                failure: EngineError = Unavailable(f"{self.url} cannot be reached: {_said(error)}")
                if not left:
                    raise failure from error
            else:
                if response.is_success:
                    return response
                failure = error_of(response.status_code, response.content, self.url)
                if not left or not isinstance(failure, Unavailable):
                    raise failure
            await asyncio.sleep(0.2 * (tries - left) * (0.5 + self._rand()))
        raise AssertionError("the last try returns or raises")

    async def json(self, method: str, path: str, **request: Any) -> Any:
        """``send``, with the answer parsed. Raises ``Unavailable`` for an answer that is no JSON."""
        response = await self.send(method, path, **request)
        try:
            return jsontext.loads(response.content)
        except BadRequest as error:
            raise Unavailable(f"{self.url} does not answer as a CouchDB does") from error

    @asynccontextmanager
    async def stream(
        self, path: str, *, params: Params | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[httpx2.Response]:
        """A GET whose body is read by the caller. Raises as ``send`` does."""
        address = self._address(path, params)
        try:
            async with self._client.stream("GET", address, headers=dict(headers or {})) as response:
                if not response.is_success:
                    raise error_of(response.status_code, await response.aread(), self.url)
                yield response
        except httpx2.TransportError as error:
            raise Unavailable(f"{self.url} broke off: {_said(error)}") from error

    def _address(self, path: str, params: Params | None) -> str:
        address = f"{self.url}/{path}"
        if not params:
            return address
        words = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in params.items()
        }
        return f"{address}?{urlencode(words, quote_via=quote)}"


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
