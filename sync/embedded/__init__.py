"""The embedded engine: CouchDB's documents on one SQLite file, in this process."""

from sync.embedded.engine import EmbeddedEngine, open_engine, restore_engine

__all__ = ["EmbeddedEngine", "open_engine", "restore_engine"]
