"""CouchDB's HTTP API over any engine."""

from sync.http.app import App, create_app
from sync.http.context import Limits

__all__ = ["App", "Limits", "create_app"]
