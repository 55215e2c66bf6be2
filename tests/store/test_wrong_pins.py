"""Wrong PINs are counted by the database, for the whole shop, and a PIN that is guessed at is locked."""

import asyncio
import logging
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from core.domain.commands import AuthorizeReplacementSet, CreateReplacement, SetOperatorPin, VoidCardUnit
from core.domain.rejections import PinLocked, PinWrong
from core.domain.values import VoidReason
from core.identity.ids import AssemblyId, OperatorId, assembly_of_card, replacement_card_unit_id
from core.production.facts import ShopPolicy
from core.production.pins import hash_pin
from store import Accepted, Store
from tests.core.shop import ASSEMBLY, LEAD, MANAGER, OTHER_MANAGER, PIN, spec
from tests.support.floor import Floor

LIMIT = ShopPolicy().most_wrong_pins


@pytest.fixture
async def waiting(floor: Floor) -> AssemblyId:
    """A complete set that holds a replacement."""
    job = await floor.start(spec(n_up=1, rows=1))
    (card,) = await floor.cut(job)
    await floor.accept(
        VoidCardUnit(at=floor.now, operator_id=LEAD, station_id=None, card_unit_id=card, reason=VoidReason.LOST)
    )
    await floor.accept(CreateReplacement(at=floor.now, operator_id=LEAD, station_id=None, card_unit_id=card))
    newer = replacement_card_unit_id(card)
    await floor.inspect(newer)
    await floor.gather([newer], assembly_of_card(card))
    return assembly_of_card(card)


def authorize(floor: Floor, tray: AssemblyId, pin: str, manager: OperatorId = MANAGER) -> AuthorizeReplacementSet:
    """The manager's badge and a PIN, at a kiosk whose clock runs an hour fast."""
    return AuthorizeReplacementSet(
        at=floor.now + timedelta(hours=1),
        operator_id=manager,
        station_id=ASSEMBLY.station_id,
        assembly_id=tray,
        manager=manager,
        pin=pin,
    )


async def test_a_pin_is_locked_at_every_kiosk_whatever_their_clocks_say(
    floor: Floor, waiting: AssemblyId, database_dsn: str
) -> None:
    """Guesses at one kiosk count at the other; the right PIN is refused; another manager authorizes."""
    async with await Store.open(database_dsn) as other:
        for store in (floor.store, other, floor.store, other, floor.store)[:LIMIT]:
            assert isinstance(await store.run(authorize(floor, waiting, "0000")), PinWrong)
        for store in (floor.store, other):
            said = await store.run(authorize(floor, waiting, PIN))
            assert isinstance(said, PinLocked), said
        refused = await floor.store.refused_scans()
        newest_wrong = max(scan.recorded_at for scan in refused if isinstance(scan.rejection, PinWrong))
        assert timedelta() < said.until - newest_wrong <= timedelta(minutes=15)
        assert isinstance(await other.run(authorize(floor, waiting, PIN, OTHER_MANAGER)), Accepted)


async def test_a_wrong_pin_delivered_twice_counts_once(floor: Floor, waiting: AssemblyId) -> None:
    """And gets its first answer, also when the PIN is locked by then."""
    command_id = uuid4()
    for _ in range(LIMIT):
        assert isinstance(await floor.store.run(authorize(floor, waiting, "0000"), command_id=command_id), PinWrong)
    for _ in range(LIMIT - 1):
        assert isinstance(await floor.store.run(authorize(floor, waiting, "0000")), PinWrong)
    assert isinstance(await floor.store.run(authorize(floor, waiting, "0000")), PinLocked)
    again = await floor.store.run(authorize(floor, waiting, "0000"), command_id=command_id)
    assert isinstance(again, PinWrong)


async def test_kiosks_that_guess_at_once_get_at_most_one_guess_more_each(
    floor: Floor, waiting: AssemblyId, database_dsn: str
) -> None:
    """What is under way in the same moment is not counted yet; a person at a kiosk types one PIN at a time."""
    kiosks = 3
    stores = [await Store.open(database_dsn) for _ in range(kiosks)]

    async def guess(store: Store) -> list[object]:
        return [await store.run(authorize(floor, waiting, "0000")) for _ in range(LIMIT)]

    try:
        answers = await asyncio.gather(*map(guess, stores))
    finally:
        for store in stores:
            await store.close()
    kinds = Counter(type(answer) for said in answers for answer in said)
    assert kinds.keys() == {PinWrong, PinLocked}
    assert LIMIT <= kinds[PinWrong] <= LIMIT + kiosks - 1
    assert isinstance(await floor.store.run(authorize(floor, waiting, PIN)), PinLocked)


async def test_a_new_pin_begins_a_new_count(floor: Floor, waiting: AssemblyId) -> None:
    """By the database's clock as well."""
    for _ in range(LIMIT):
        await floor.store.run(authorize(floor, waiting, "0000"))
    await floor.accept(
        SetOperatorPin(
            at=floor.now, operator_id=MANAGER, station_id=None, badge=MANAGER, secret=hash_pin("8642", b"b" * 16)
        )
    )
    assert isinstance(await floor.store.run(authorize(floor, waiting, PIN)), PinWrong)
    assert isinstance(await floor.store.run(authorize(floor, waiting, "8642")), Accepted)


async def test_wrong_pins_of_long_ago_count_no_more(floor: Floor, waiting: AssemblyId, database_dsn: str) -> None:
    """Recorded longer ago than the shop locks a PIN for."""
    for _ in range(LIMIT):
        await floor.store.run(authorize(floor, waiting, "0000"))
    assert isinstance(await floor.store.run(authorize(floor, waiting, PIN)), PinLocked)
    with psycopg.connect(database_dsn, autocommit=True) as owner:
        owner.execute("UPDATE commands SET recorded_at = recorded_at - interval '15 minutes'")
    assert isinstance(await floor.store.run(authorize(floor, waiting, PIN)), Accepted)


async def test_no_pin_is_kept_or_logged(
    floor: Floor, waiting: AssemblyId, database_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a wrong one nor the right one, in no row of the log or of the answers."""
    caplog.set_level(logging.DEBUG)
    for pin in ("97531864", PIN):
        await floor.store.run(authorize(floor, waiting, pin))
    with psycopg.connect(database_dsn) as owner:
        for table in ("commands", "production_events"):
            rows = owner.execute(f"SELECT t::text FROM {table} t").fetchall()
            assert rows
            said = " ".join(row[0] for row in rows)
            assert "97531864" not in said
            assert b"97531864".hex() not in said
            assert f'"{PIN}"' not in said
    assert "97531864" not in caplog.text
