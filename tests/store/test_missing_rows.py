"""Rows that somebody took away or put in behind the product's back hold nobody up.

A missing one comes back with the next thing that happens to its unit; one that no event made goes when there is one.
"""

from dataclasses import replace

import psycopg
import pytest

from core.domain.streams import AggregateType
from core.identity.ids import card_unit_id, sheet_id
from store import Accepted
from store.connecting import ConnectionSettings
from store.pool import Lane
from store.read_models.tables import READ_MODELS
from tests.core.shop import CUTTER, PRESS, spec
from tests.support.floor import Floor


async def test_a_move_brings_back_a_row_that_was_taken_away(
    floor: Floor, database_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a sheet without its row, when it is scanned, then its row is there: a job is completed by what rows say."""
    job = await floor.start(spec(), sets=2)
    sheet = sheet_id(job, 2)
    with psycopg.connect(database_dsn, autocommit=True) as owner:
        owner.execute("DELETE FROM rm_sheets WHERE sheet_id = %s", (sheet,))
    for _ in range(2):
        assert isinstance(await floor.scan(PRESS, sheet), Accepted)
    assert [row.sheet_id for row in await floor.store.sheets_of(job)] == [sheet_id(job, 1), sheet]
    assert (await floor.store.verify()).is_sound
    assert [record.message for record in caplog.records if record.name == "store.commands"] == [
        "a row of rm_sheets was missing, and is written anew"
    ]


async def test_a_row_that_is_written_anew_late_takes_the_place_of_no_newer_one(floor: Floor, database_dsn: str) -> None:
    """Another kiosk may have moved the unit on, and mended its row, before this one comes to it."""
    job = await floor.start(spec(), sets=1)
    sheet = sheet_id(job, 1)
    await floor.scan(PRESS, sheet)
    model = READ_MODELS[AggregateType.SHEET]
    (newest,) = await floor.store.sheets_of(job)
    older = replace(newest, version=newest.version - 1, product_name="as it was")
    lane = Lane(ConnectionSettings(dsn=database_dsn, role=None))
    try:
        await lane.run(model.mend(), model.values(older))
    finally:
        await lane.close()
    assert await floor.store.sheets_of(job) == (newest,)


async def test_a_row_that_no_event_made_does_not_keep_a_sheet_from_being_cut(
    floor: Floor, database_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a row of a card that was never made, when its sheet is cut, then it is cut, and the row is the card's."""
    job = await floor.start(spec(), sets=2)
    second = sheet_id(job, 2)
    card, *_ = await floor.cut(job, 1)
    with psycopg.connect(database_dsn, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO rm_card_units SELECT (jsonb_populate_record(c, jsonb_build_object("
            "'card_unit_id', %s::text))).* FROM rm_card_units c WHERE card_unit_id = %s",
            (card_unit_id(second, 3), card),
        )
    for station in (PRESS, PRESS, CUTTER):
        assert isinstance(await floor.scan(station, second), Accepted)
    assert (await floor.store.verify()).is_sound
    assert [record.message for record in caplog.records if record.name == "store.commands"] == [
        "rows of rm_card_units that no event had made are taken away: 1"
    ]
