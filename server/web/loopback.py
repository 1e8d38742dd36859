"""Whether a request comes from this machine.

Law: both the address it comes from and the name it asks for must be loopback.
"""

from __future__ import annotations

from server.web.hosts import is_loopback_name
from server.web.state import Request


def is_loopback(request: Request) -> bool:
    """From this machine and asked by a loopback name: a page elsewhere cannot reach it by DNS rebinding."""
    name = request.url.hostname or ""
    return is_loopback_name(name) and request.client is not None and is_loopback_name(request.client.host)
