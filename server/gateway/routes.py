"""The gateway's routes.

Law: no URL a device uses holds an account's id: whose mailbox it is, the session says.
"""

from __future__ import annotations

from starlette.routing import Route

from server.gateway.checkin import checkin
from server.gateway.pull import pull_mailbox, pull_reference
from server.gateway.push import push

ROUTES = [
    Route("/sync/reference/_changes", pull_reference, methods=["GET"]),
    Route("/sync/mailbox/_changes", pull_mailbox, methods=["GET"]),
    Route("/sync/inbox/_bulk_docs", push, methods=["POST"]),
    Route("/sync/checkin", checkin, methods=["POST"]),
]
