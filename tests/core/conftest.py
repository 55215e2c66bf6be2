"""How long the properties of the core are searched: briefly always, for long on request."""

from hypothesis import HealthCheck, settings

# The same examples on every machine, so that a red run can be looked at by whoever reads of it.
settings.register_profile(
    "core",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# KIOSK_HYPOTHESIS=thorough pytest tests/core/test_invariants.py
settings.register_profile(
    "thorough", parent=settings.get_profile("core"), derandomize=False, max_examples=1500, stateful_step_count=80
)
