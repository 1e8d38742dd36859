"""An Apache CouchDB, or any server that speaks its HTTP API, behind the engine's interface."""

from sync.couchdb.connection import Connection
from sync.couchdb.database import CouchDatabase
from sync.couchdb.engine import CouchEngine, open_couchdb

__all__ = ["Connection", "CouchDatabase", "CouchEngine", "open_couchdb"]
