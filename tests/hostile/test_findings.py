"""What the search found, kept: each input once broke a rule and must never again."""

import pytest

from core.domain.events import EVENT_TYPES
from store.codec import decode_event
from store.errors import LogDamaged

DEEP = b'{"assembly_id":' + b"[" * 100_000


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_a_payload_that_is_nested_without_end_is_damage(event_type: str) -> None:
    """Not a fault of the program: `kiosk db verify` names the stream and goes on."""
    with pytest.raises(LogDamaged):
        decode_event(event_type, 1, DEEP)
