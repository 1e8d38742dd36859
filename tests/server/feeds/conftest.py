"""The databases of delivery's tests, and the served municipality of the phones' tests."""

from tests.server.delivery.conftest import anyio_backend, databases
from tests.server.web.phones.conftest import phone, served

__all__ = ["anyio_backend", "databases", "phone", "served"]
