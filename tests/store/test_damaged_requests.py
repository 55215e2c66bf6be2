"""What can be made out of a kept request that the disk damaged: enough for people, and nothing that is made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.commands import RecordQAResult
from store.damaged_requests import evidence, remains_in, remains_of
from store.held_requests import encoded
from tests.core.shop import INSPECTOR, OPERATOR, START
from tests.store.spool_goldens import CARD, HELD

SCAN = encoded(HELD[0])
VERDICT = next(encoded(each) for each in HELD if isinstance(each, RecordQAResult))


def test_what_was_scanned_by_whom_and_when_is_made_out_of_a_text_with_a_hole() -> None:
    """A letter of the station is another, and a brace is gone: what stands beside it is legible still."""
    for said in (SCAN, SCAN.replace(b"PRESS-1", b"PR\xffSS-1"), SCAN.rstrip(b"}"), SCAN[2:]):
        remains = remains_of(said)
        assert (remains.what, remains.operator_id, remains.at) == ("J1044-S001", OPERATOR, HELD[0].at)


def test_a_verdict_names_its_card_and_inspector() -> None:
    """Of a command the unit that it is about stands for what was scanned."""
    remains = remains_of(VERDICT)
    assert (remains.what, remains.operator_id) == (CARD, INSPECTOR)


def test_what_is_torn_off_is_not_made_up() -> None:
    """Given the beginning only, then nobody and no time is named."""
    remains = remains_of(SCAN[: SCAN.index(b"station")])
    assert (remains.what, remains.operator_id, remains.at) == ("J1044-S001", None, None)


@pytest.mark.parametrize("said", [b"", b"{", b'{"scan":', b"\x00\xff{\x80", b'{"a":1}'])
def test_nothing_is_made_out_of_nothing(said: bytes) -> None:
    """Brackets are no code of this shop."""
    assert remains_of(said).what == ""


def test_what_another_version_wrote_is_known_by_its_ids() -> None:
    """Under whatever name its label stands."""
    assert remains_of(b'{"who":"OP-41","card":"J1044-S001-01"}').what == "J1044-S001-01"


def test_the_list_keeps_who_it_was_and_all_that_was_said() -> None:
    """What was damaged leaves the terminal's disk with that: it is the only evidence."""
    damaged = SCAN.replace(b"PRESS-1", b"PR\x1bSS-1")
    assert "PR\\\\x1bSS-1" in evidence(damaged)
    assert remains_in("J1044-S001", evidence(damaged)).operator_id == OPERATOR
    assert remains_in("J1044-S001", evidence(damaged)).what == "J1044-S001"


def test_what_an_earlier_program_listed_is_made_out_as_well() -> None:
    """It gave the text itself, cut after 256 characters."""
    assert remains_in(SCAN.decode()[:255] + "…", "").what == "J1044-S001"


@given(said=st.binary(max_size=200))
def test_no_damage_is_an_error(said: bytes) -> None:
    """Whatever the disk made of it."""
    assert isinstance(remains_of(said).what, str)
    assert remains_in(remains_of(said).what, evidence(said)) is not None


@given(place=st.integers(0, len(SCAN) - 1), letter=st.integers(0, 255))
def test_no_one_letter_hides_all_of_a_scan(place: int, letter: int) -> None:
    """One byte of it is another: what was scanned, who scanned it or when is still told."""
    remains = remains_of(SCAN[:place] + bytes([letter]) + SCAN[place + 1 :])
    assert remains.what or remains.operator_id or remains.at == START


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_no_calendar_has_is_none(at: str) -> None:
    """Given damage that makes a moment before or after all time, then none is told: nobody could read the list."""
    assert remains_of(f'{{"text":"J1044-S001","at":"{at}"}}'.encode()).at is None
