"""What holds for every test: how long an example takes says something about the machine, not the code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from server.accounts import passwords
from tests import seconds

settings.register_profile("manzana", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("manzana")


def pytest_configure(config: pytest.Config) -> None:
    seconds.register(config)


@pytest.fixture(scope="session")
def real_hasher() -> PasswordHasher:
    """The service's own, with what a password costs there."""
    return passwords._hasher


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords(real_hasher: PasswordHasher) -> Iterator[None]:
    """The same algorithm at its least cost: a quarter of a second of processor time for each password asked
    would be a good part of the suite. What it costs in the service is held by ``test_secrets``.
    """
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield
    passwords._hasher = real_hasher
