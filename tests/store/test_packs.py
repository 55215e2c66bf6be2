"""Containers that go on while a job in them is held: what lies in them is looked at, and guarded."""

from collections.abc import Sequence
from typing import Any

import pytest

from core.domain.commands import Command, HoldJob, NestPack, OpenPack, SealPack, ShipPack
from core.domain.rejections import HeldInside
from core.identity.ids import JobId, PackId, assembly_of_card, box_id
from store import Accepted, Store
from tests.core.shop import LEAD, PACKING, spec
from tests.support.floor import Floor

CASE, PALLET = PackId("CS000001"), PackId("PL000001")


async def a_loaded_pallet(floor: Floor) -> Sequence[JobId]:
    """A sealed pallet with one case, in which lies a box of each of two jobs; their other sets are still made."""
    jobs = [await floor.start(spec(n_up=1, rows=1), sets=2, job=f"J100{n}", order=f"PO2026-000{n}") for n in (1, 2)]
    who: dict[str, Any] = {"at": floor.now, "operator_id": None, "station_id": PACKING.station_id}
    for pack in (CASE, PALLET):
        await floor.accept(OpenPack(**who, pack_id=pack))
    for job in jobs:
        (card,) = await floor.cut(job)
        await floor.inspect(card)
        await floor.gather([card], assembly_of_card(card))
        box = box_id(job, 1)
        await floor.scan(PACKING, box)
        await floor.scan(PACKING, assembly_of_card(card), open_pack=box)
        await floor.accept(SealPack(**who, pack_id=box))
        assert isinstance(await floor.scan(PACKING, box, open_pack=CASE), Accepted)
    await floor.accept(SealPack(**who, pack_id=CASE))
    assert isinstance(await floor.scan(PACKING, CASE, open_pack=PALLET), Accepted)
    await floor.accept(SealPack(**who, pack_id=PALLET))
    return jobs


async def test_a_pallet_is_not_shipped_when_a_job_on_it_is_held_in_the_same_moment(
    floor: Floor, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The jobs of all that lies there are guarded: the second look finds the hold and names the box."""
    _, held = await a_loaded_pallet(floor)
    hold = HoldJob(at=floor.now, operator_id=LEAD, station_id=None, job_id=held, reason="wrong foil")
    ship = ShipPack(
        at=floor.now,
        operator_id=None,
        station_id=PACKING.station_id,
        pack_id=PALLET,
        carrier="A carrier",
        tracking_reference="1Z",
    )
    async with await Store.open(database_dsn) as lead:
        write = floor.store._runner._write
        came_between: list[Command] = []

        async def slow_write(*arguments: object) -> Accepted:
            if not came_between:
                came_between.append(hold)
                assert isinstance(await lead.run(hold), Accepted)
            return await write(*arguments)  # pyright: ignore[reportArgumentType]

        monkeypatch.setattr(floor.store._runner, "_write", slow_write)
        answer = await floor.store.run(ship)
    assert isinstance(answer, HeldInside)
    assert (answer.pack_id, answer.job_id, answer.boxes) == (PALLET, held, (box_id(held, 1),))
    row = await floor.store.pack(PALLET)
    assert row is not None
    assert row.status == "SEALED"
    moved = NestPack(at=floor.now, operator_id=None, station_id=None, pack_id=CASE, into=PALLET)
    assert not isinstance(await floor.store.run(moved), Accepted)
