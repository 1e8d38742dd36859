"""The Cloud API over HTTP: sending a message, fetching what a citizen sent.

Law: the token goes to the API's own address and to Meta's media hosts, nowhere else. An answer that refuses
is believed; where the connection broke after the request was begun nobody can tell whether it was taken.
(Cloud API: Messages; Media, retrieve a media URL and download media; Error codes.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from server.channels.carrying import NotTaken, Outgoing, TryLater, Unknown
from server.channels.whatsapp.wording import payload
from server.problems import Problem
from sync.errors import Unavailable

Json = dict[str, Any]

#: Seconds for one request; the reference promises none.
_PATIENCE = 20.0
#: Errors that pass: rates (4, 80007, 130429, 131048, 131056), service and maintenance (1, 2, 131000, 131016).
_PASSING = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 131048, 131056})
#: Where the API keeps media (Media reference: the URL is of lookaside.fbsbx.com).
_MEDIA_HOSTS = (".fbsbx.com", ".facebook.com", ".fbcdn.net", ".whatsapp.net")


class Cloud:
    """``base`` with its version (``https://graph.facebook.com/v23.0``); ``number``: the phone number's id."""

    def __init__(self, base: str, number: str, token: str, photo_bytes: int) -> None:
        self._base = base
        self._number = number
        self._most = photo_bytes
        self._headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx2.AsyncClient(timeout=_PATIENCE, follow_redirects=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def send(self, message: Outgoing) -> str | None:
        """Hand a message over; its ``wamid``. Raises ``NotTaken``, ``TryLater``, ``Unknown``."""
        body = payload(message)
        url = f"{self._base}/{self._number}/messages"
        try:
            answer = await self._http.post(url, json=body, headers=self._headers)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise TryLater(f"sin conexión: {error}") from None
        except httpx2.HTTPError as error:
            raise Unknown(f"la conexión se cortó: {type(error).__name__}") from None
        if answer.status_code == 200:
            try:
                return str(answer.json()["messages"][0]["id"])
            except (ValueError, KeyError, IndexError, TypeError):
                raise Unknown("la respuesta no se entendió") from None
        self._refused(answer)
        return None

    def _refused(self, answer: httpx2.Response) -> None:
        try:
            error = answer.json()["error"]
            code, why = int(error.get("code") or 0), str(error.get("message") or "")[:200]
        except (ValueError, KeyError, TypeError, AttributeError):
            code, why = 0, ""
        told = f"{answer.status_code} {code} {why}".strip()
        wait = answer.headers.get("retry-after", "")
        if code in _PASSING or answer.status_code in (429, 503):
            raise TryLater(told, float(wait) if wait.isdecimal() else None)
        if answer.status_code >= 500:
            # A server that failed halfway may have taken it; one that says so by a code of its own has not.
            raise Unknown(told)
        raise NotTaken(told)

    async def media(self, media: Mapping[str, Any]) -> bytes:
        """The bytes of a media object: its URL first, then they. Raises ``Unavailable`` for what may come
        later, ``photo_too_large`` and ``photo_type_unknown`` for what never will.
        """
        try:
            answer = await self._http.get(f"{self._base}/{media['id']}", headers=self._headers)
            if answer.status_code in (400, 404, 410):
                raise Problem("photo_type_unknown", f"media {answer.status_code}")
            answer.raise_for_status()
            told = answer.json()
            url, size = str(told["url"]), int(told.get("file_size") or 0)
            if size > self._most:
                raise Problem("photo_too_large")
            if not self._may_have_token(url):
                raise Problem("photo_type_unknown", "media elsewhere")
            return await self._download(url)
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable(f"media: {type(error).__name__}") from None

    async def _download(self, url: str) -> bytes:
        parts: list[bytes] = []
        size = 0
        async with self._http.stream("GET", url, headers=self._headers) as answer:
            answer.raise_for_status()
            async for part in answer.aiter_bytes():
                size += len(part)
                if size > self._most:
                    raise Problem("photo_too_large")
                parts.append(part)
        return b"".join(parts)

    def _may_have_token(self, url: str) -> bool:
        given, base = urlsplit(url), urlsplit(self._base)
        if (given.scheme, given.netloc) == (base.scheme, base.netloc):
            return True
        return given.scheme == "https" and (given.hostname or "").endswith(_MEDIA_HOSTS)
