"""Running commands: one effect and one answer for each id, whatever happens in between."""

import pytest

from core.domain.events import AssemblyCompleted
from core.domain.rejections import UnknownBarcode
from core.identity.ids import assembly_of_card
from store import Accepted, Store
from tests.core.shop import PACKING, PRESS, spec
from tests.support.floor import Floor


@pytest.fixture
async def floor(store: Store) -> Floor:
    """A furnished shop."""
    return await Floor(store).furnish()


async def test_a_set_goes_from_the_press_into_a_box(floor: Floor) -> None:
    """One order is printed, cut, inspected, gathered and packed, and completes itself."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    assert len(cards) == 4
    for card in cards:
        await floor.inspect(card)
    tray = assembly_of_card(cards[0])
    last = await floor.gather(cards, tray)
    assert isinstance(last, Accepted)
    assert any(isinstance(event, AssemblyCompleted) for event in last.events)
    await floor.scan(PACKING, "J1044-BX001")
    packed = await floor.scan(PACKING, tray, open_pack="J1044-BX001")
    assert isinstance(packed, Accepted), packed
    await floor.store.sweep()
    row = await floor.store.job(job)
    assert row is not None
    assert row.status == "COMPLETED"
    order = await floor.store.order("PO2026-0117")
    assert order is not None
    assert order.status == "FULFILLED"
    found = await floor.store.verify()
    assert found.is_sound, found.differences
    assert found.rows > 10


async def test_a_refused_scan_is_kept_and_changes_nothing(floor: Floor) -> None:
    """The scan log names what was scanned, escaped; the log of events does not grow."""
    before = (await floor.store.status()).events
    answer = await floor.scan(PRESS, "\x1b[31m\x00[red]")
    assert isinstance(answer, UnknownBarcode)
    (kept,) = await floor.store.refused_scans()
    assert kept.rejection == answer
    assert kept.scanned == "\\x1b[31m\\x00[red]"
    assert (await floor.store.status()).events == before
