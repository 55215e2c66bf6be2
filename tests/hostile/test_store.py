"""Hostile scans through a real store: each gets an answer, and the log grows by nothing that is not what it says."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings

from core.domain.commands import PlaceOrder, RegisterOperator
from core.domain.rejections import Refusal, UnknownBarcode
from core.domain.values import OperatorRole, OrderLine
from core.identity.ids import OperatorId, ProductionOrderId, SpecCode, sheet_id
from core.production.barcodes import read_barcode
from store import Accepted
from store.errors import UnstorableText
from tests.core.shop import INSPECTOR, OPERATOR, PRESS, QA, spec
from tests.hostile.texts import MEGABYTE, hostile
from tests.support.floor import Floor

_ONE_SHOP = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
"""All texts go into one shop, one after the other, as they would in life."""


@settings(max_examples=60, suppress_health_check=_ONE_SHOP)
@given(text=hostile)
async def test_every_scan_is_answered_and_only_codes_of_the_shop_do_anything(floor: Floor, text: str) -> None:
    """What is no code is refused, written down where it can be, and found again under its id."""
    before = (await floor.store.status()).events
    for station in (PRESS, QA):
        command = uuid4()
        try:
            answer = await floor.scan(station, text, by=INSPECTOR, command_id=command)
        except UnstorableText:
            pytest.fail("a scan that cannot be kept cannot be answered twice alike")
        if isinstance(read_barcode(text), UnknownBarcode):
            assert isinstance(answer, Refusal)
            assert (await floor.store.status()).events == before
            assert await floor.scan(station, text, by=INSPECTOR, command_id=command) == await floor.store.stored_answer(
                command
            )
        await floor.store.find(text)
        await floor.store.history(text)
    for scan in await floor.store.last_scans(PRESS.station_id, 3):
        assert scan.scanned is None or (scan.scanned.isprintable() and len(scan.scanned) <= 256)


@pytest.mark.parametrize(
    "text", [MEGABYTE, "J" * 2**20, "\0" * 2**20, "\ud800" * 2**18], ids=["mixed", "J", "0", "half"]
)
async def test_a_megabyte_is_refused_like_any_other_scan(floor: Floor, text: str) -> None:
    """And the next scan works."""
    job = await floor.start(spec())
    assert isinstance(await floor.scan(PRESS, text), Refusal)
    assert await floor.store.find(text) is None
    assert isinstance(await floor.scan(PRESS, sheet_id(job, 1)), Accepted)


@settings(max_examples=40, suppress_health_check=_ONE_SHOP)
@given(text=hostile)
async def test_every_name_is_kept_as_it_is_or_refused(floor: Floor, text: str) -> None:
    """Of people, customers and reasons: what comes back is what went in, or nothing went in."""
    floor.now += timedelta(seconds=1)
    badge = OperatorId(f"OP-{int(floor.now.timestamp()) % 10**9}")
    register = RegisterOperator(
        at=floor.now, operator_id=None, station_id=None, badge=badge, name=text, roles=(OperatorRole.OPERATOR,)
    )
    order = ProductionOrderId(f"PO2026-{int(floor.now.timestamp()) % 10**11:04d}")
    place = PlaceOrder(
        at=floor.now, operator_id=None, station_id=None, order_id=order, customer=text, priority=5,
        lines=(OrderLine(line=1, spec_code=SpecCode(text), sets=1),), promise_at=floor.now + timedelta(days=1),
    )  # fmt: skip
    try:
        if isinstance(await floor.run(register), Accepted):
            row = await floor.store.operator(badge)
            assert row is not None
            assert row.name == text
    except UnstorableText:
        assert await floor.store.operator(badge) is None
    try:
        answer = await floor.run(place)
        assert isinstance(answer, Accepted | Refusal)
    except UnstorableText:
        assert await floor.store.order(order) is None
    assert await floor.store.operator(OPERATOR) is not None
