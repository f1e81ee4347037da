"""For all tests: hypothesis judges what is true, not how fast this machine was at the moment."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("zooscope", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zooscope")
