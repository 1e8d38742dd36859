"""What holds for every test: how long an example takes says something about the machine, not the code."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("manzana", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("manzana")
