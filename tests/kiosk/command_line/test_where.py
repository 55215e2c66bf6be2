"""`kiosk where` in words."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

from core.domain.commands import ReportHeldScan
from core.domain.rejections import SheetGone
from core.domain.values import CardUnitStatus, SheetStatus
from core.identity.ids import CommandId, SheetId, StationId
from core.projections import fold_card_unit
from kiosk.cli.where import described
from kiosk.wording.spoken import Words
from store import Store
from store.codec import encode_rejection
from store.commands import Accepted
from tests.core.projections.lives import CardLife
from tests.kiosk.command_line.conftest import Run


def test_a_card_that_only_waits_for_its_set_is_ready_for_assembly() -> None:
    """No operation of its route is left, and still the line says for what it waits."""
    row = fold_card_unit(CardLife().events)
    assert row is not None
    passed = replace(row, status=CardUnitStatus.QA_PASSED, ready="ASSEMBLE", ready_operations="")
    _, answers = described(passed, Words())
    assert dict(answers)["ready for"] == "assembly"
    _, answers = described(row, Words())
    assert dict(answers)["ready for"] == "NUMBER-A at numbering"


def test_a_kept_scan_that_was_refused_is_told_of_its_unit(shop: Run, database_dsn: str) -> None:
    """Given a sheet whose kept scan was refused, when it is asked for, then why, and where that is settled, is said."""
    sheet, station = SheetId("J1044-S001"), StationId("CUT-1")
    now = datetime.now(UTC)
    refusal = SheetGone(sheet_id=sheet, status=SheetStatus.CUT, n_up=18)
    report = ReportHeldScan(
        at=now,
        operator_id=None,
        station_id=station,
        at_station=station,
        held=CommandId("held"),
        kind="Scan",
        scanned="j1044-s001",
        scanned_at=now,
        refusal=type(refusal).__name__,
        reason=encode_rejection(refusal).decode(),
        in_tray=None,
    )

    async def reported() -> None:
        async with await Store.open(database_dsn) as store:
            assert isinstance(await store.run(report), Accepted)

    asyncio.run(reported())
    (line,) = [line for line in shop("where", "j1044-s001")[1].splitlines() if "kept scan" in line]
    assert f"It is settled with F7 at {station}." in line
    (kept,) = json.loads(shop("where", "J1044-S001", "--json")[1])["kept_and_refused"]
    assert kept["refusal"] == "SheetGone"
    assert "kept scan" not in shop("where", "J1044-S002")[1]


def test_what_the_cut_has_not_made_yet_is_told_so(shop: Run) -> None:
    """Its label may be printed ahead; a place that the sheet does not have is unknown."""
    for command in ("where", "history"):
        for label in ("j1044-s001-set", "J1044-S001-07"):
            code, _, err = shop(command, label)
            assert (code, "not cut yet" in err) == (1, True)
        code, _, err = shop(command, "J1044-S001-99")
        assert (code, "There is no card J1044-S001-99" in err) == (1, True)
