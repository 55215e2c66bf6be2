"""How long the rules' properties are searched: briefly always, for long on request.

``KIOSK_HYPOTHESIS=thorough pytest tests/core`` searches for minutes instead of seconds.
"""

import os

from hypothesis import HealthCheck, settings

# The same examples on every machine, so that a red run can be looked at by whoever reads of it.
_BRIEF = settings(
    derandomize=True,
    database=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_THOROUGH = settings(_BRIEF, derandomize=False, max_examples=800)

_IS_THOROUGH = os.environ.get("KIOSK_HYPOTHESIS") == "thorough"

searched = _THOROUGH if _IS_THOROUGH else _BRIEF
"""The decorator above each ``given``."""

MOST_DEEDS = 60 if _IS_THOROUGH else 25
"""How long a history of a whole shop may be."""
