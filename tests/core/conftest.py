"""An empty shop for every test, and how long properties are searched: briefly always, for long on request."""

import pytest
from hypothesis import HealthCheck, settings

from tests.core.line import Line

# The same examples on every machine, so that a red run can be looked at by whoever reads of it.
settings.register_profile(
    "core",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# KIOSK_HYPOTHESIS=thorough pytest tests/core/test_invariants.py
settings.register_profile(
    "thorough", parent=settings.get_profile("core"), derandomize=False, max_examples=800, stateful_step_count=60
)


@pytest.fixture
def line() -> Line:
    """A shop with people and stations in which nothing is made yet."""
    line = Line()
    line.furnish()
    return line
