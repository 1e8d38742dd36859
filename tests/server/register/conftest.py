"""A register over the embedded engine, with the databases it follows."""

from tests.server.delivery.conftest import anyio_backend, databases

__all__ = ["anyio_backend", "databases"]
