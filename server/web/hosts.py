"""By which names the service may be asked for.

Law: a name nobody gave it opens nothing: neither to a page elsewhere that has pointed its own name at this
machine (DNS rebinding), nor to a made-up Host that would shape a link or a QR code. ``/healthz`` is the
exception: probes ask by whatever address they find, and learn nothing else there.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from server.operations.tls import lan_names
from server.problems import Problem
from server.settings import Settings

#: A name or address and a port (RFC 9110 §7.2); an IPv6 address stands in brackets.
_HOST = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::[0-9]{1,5})?\Z")
_EVERY_ADDRESS = frozenset({"0.0.0.0", "::", ""})


def is_loopback_name(text: str) -> bool:
    """``localhost`` or a loopback address."""
    if text == "localhost":
        return True
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def known_names(settings: Settings) -> frozenset[str]:
    """Names and addresses besides loopback: ``ORIGIN``'s, those of ``HOSTS``, the address to listen on where
    one is named, and with ``LAN=1`` those of this machine.
    """
    names = {urlsplit(settings.origin).hostname or "", *settings.hosts, settings.host.lower()}
    if settings.lan:
        names |= lan_names()
    return frozenset(names - _EVERY_ADDRESS)


def asked_name(scope: Scope) -> str | None:
    """The name or address a request asks for, without its port; None where none is said, or not just one."""
    lines = [value for name, value in scope["headers"] if name == b"host"]
    found = _HOST.match(lines[0].decode("latin-1").lower()) if len(lines) == 1 else None
    return (found["six"] or found["name"]) if found else None


class KnownHosts:
    """Lets in who asks for one of ``names`` or for loopback. Raises ``host_unknown``."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != "/healthz":
            name = asked_name(scope)
            if name is None or not (name in self._names or is_loopback_name(name)):
                raise Problem("host_unknown")
        await self._app(scope, receive, send)
