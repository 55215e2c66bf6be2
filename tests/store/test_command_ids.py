"""Ids of commands grow with the time, so that their index is written at its end."""

from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from store.command_ids import CHANCE_BYTES, command_id, new_command_id

_MOMENTS = st.integers(min_value=0, max_value=2**48 - 1)
_CHANCE = st.binary(min_size=CHANCE_BYTES, max_size=CHANCE_BYTES)


@given(st.tuples(_MOMENTS, _CHANCE), st.tuples(_MOMENTS, _CHANCE))
def test_the_id_of_a_later_millisecond_stands_behind_that_of_an_earlier_one(
    one: tuple[int, bytes], other: tuple[int, bytes]
) -> None:
    """Whatever chance says; Postgres compares ids byte by byte."""
    earlier, later = sorted([one, other])
    if earlier[0] < later[0]:
        assert command_id(*earlier).bytes < command_id(*later).bytes


@given(_MOMENTS, _CHANCE)
def test_an_id_says_its_moment_and_its_kind(milliseconds: int, chance: bytes) -> None:
    """As other programs read it: version 7 of RFC 9562."""
    made = command_id(milliseconds, chance)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == milliseconds


@given(_MOMENTS)
def test_ids_of_one_millisecond_differ_by_chance(milliseconds: int) -> None:
    """Each of the 74 bits that say nothing else."""
    none, every = command_id(milliseconds, bytes(CHANCE_BYTES)), command_id(milliseconds, b"\xff" * CHANCE_BYTES)
    assert (none.int ^ every.int).bit_count() == 74


def test_new_ids_are_all_different() -> None:
    """A kiosk makes them by the thousand within a day, and several within a millisecond."""
    assert len({new_command_id() for _ in range(10_000)}) == 10_000
