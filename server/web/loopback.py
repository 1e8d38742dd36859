"""Whether a request comes from this machine.

Law: both the address it comes from and the name it asks for must be loopback.
"""

from __future__ import annotations

import ipaddress

from server.web.state import Request


def is_loopback(request: Request) -> bool:
    """From this machine and asked by a loopback name: a page elsewhere cannot reach it by DNS rebinding."""
    name = request.url.hostname or ""
    if name != "localhost" and not _loopback_address(name):
        return False
    return request.client is not None and _loopback_address(request.client.host)


def _loopback_address(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False
