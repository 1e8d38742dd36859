"""What a request is asked in: the open parts of this installation, typed.

Law: ``Edge`` puts it into every request's state; a route reads it there and nowhere else.
"""

from __future__ import annotations

from typing import TypedDict

from starlette import requests

from server.context import Context


class RequestState(TypedDict):
    """``request_id``: 16 hex digits, in the log line and in an unexpected error's."""

    context: Context
    request_id: str


Request = requests.Request[RequestState]
