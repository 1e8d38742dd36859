"""What a TLS proxy says of the client, believed only with PROXY=1.

Law: of ``X-Forwarded-For`` only the last address is believed: the proxy in front wrote that one, whatever
stands before it came from the client, who would otherwise choose the key of the rate limits.
"""

from __future__ import annotations

import ipaddress

from starlette.types import ASGIApp, Receive, Scope, Send


class BehindProxy:
    """Takes scheme and client of each request from the proxy's headers; what is no address is passed over."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            client, scheme = _last(scope, b"x-forwarded-for"), _last(scope, b"x-forwarded-proto")
            scope = {
                **scope,
                "client": (client, 0) if _is_address(client) else scope.get("client"),
                "scheme": scheme if scheme in {"http", "https"} else scope["scheme"],
            }
        await self._app(scope, receive, send)


def _last(scope: Scope, name: bytes) -> str:
    """The last member of a header that may come in several lines (RFC 9110 §5.3); empty where absent."""
    lines = [value for given, value in scope["headers"] if given == name]
    return b",".join(lines).decode("latin-1").rpartition(",")[2].strip()


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
