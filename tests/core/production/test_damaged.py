"""Scans that were not read whole: they mean nothing, whatever could be read of them."""

import pytest

from core.domain.rejections import DamagedCode, FaultReason
from core.production.damaged import MAX_READ_LENGTH, DamagedScan
from core.production.decisions import decide
from core.production.facts import Facts
from core.production.holding import decide_alone, to_be_settled
from core.production.requests import facts_needed, needs
from tests.core.line import Line
from tests.core.shop import OPERATOR, QA, START, refused


def damaged(read: str, **said: object) -> DamagedScan:
    """A scan of which only so much came."""
    told = {"reason": FaultReason.UNFINISHED, "detail": "", "unkept": 0, **said}
    return DamagedScan(read=read, station=QA, operator_id=OPERATOR, at=START, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize("read", ["J1044-S001-01", "CMD-RESET", "OP-42", "", "\x1b[2J"])
def test_a_damaged_scan_is_refused_whatever_was_read_of_it(line: Line, read: str) -> None:
    """Also what looks like a whole code: nobody knows what is missing, and nothing need be looked at to refuse it."""
    scan = damaged(read, detail="F5 (key 63)", unkept=3)
    before = dict(line.streams)
    found = refused(line.run(scan), DamagedCode)
    assert (found.read, found.reason, found.detail, found.unkept) == (read, scan.reason, scan.detail, 3)
    assert line.streams == before
    assert needs(scan, {}) == frozenset()
    assert facts_needed(scan) is None


def test_of_a_scanner_gone_mad_no_more_is_kept_than_a_code_needs() -> None:
    """What a jammed key sends for minutes is cut, and says that it was."""
    found = refused(decide(damaged("7" * 100_000, detail="9" * 1_000), {}, Facts()), DamagedCode)
    assert len(found.read) == len(found.detail) == MAX_READ_LENGTH
    assert found.read.endswith("…")


def test_a_damaged_scan_is_refused_without_the_database_as_with_it() -> None:
    """Its refusal is certain, and leaves nothing for anybody to deal with."""
    scan = damaged("J1044-S0")
    assert decide_alone(scan, {}) == decide(scan, {}, Facts())
    assert to_be_settled(scan, refused(decide(scan, {}, Facts()), DamagedCode)) is None
