"""Fills the demo's shop: people, stations, products, then the history, as fast as the database takes it.

Everything goes through `Store.run`, sheet by sheet at the same time, since the lives of two sheets
have nothing to do with each other.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from core.domain.commands import DefineProductSpec, DefineStation
from core.domain.rejections import Refusal
from kiosk.config.file import Config
from kiosk.demo.history import lane
from kiosk.demo.parts import MANAGER, MANAGER_PIN, cast
from kiosk.demo.story_book import TALES, Tale
from kiosk.demo_shop import demo_people, demo_products
from kiosk.simulation.errands import Request
from kiosk.simulation.office import set_up, set_up_commands
from store.store import Store

__all__ = ["is_loaded", "load_shop"]

_FRONT = 1
"""How many of the tales are told before the first screen."""

_HISTORY = timedelta(hours=10)


async def is_loaded(store: Store) -> bool:
    """Whether the shop was loaded before: the last order of the book is there."""
    return await store.job(TALES[-1].job_id) is not None


async def load_shop(
    stores: Sequence[Store], config: Config, now: datetime, when_playable: Callable[[], Awaitable[None]]
) -> tuple[Refusal, ...]:
    """Load the shop; ``when_playable`` is called once there is something to see and do.

    Returns what was refused, which nothing should be.
    """
    began = now - _HISTORY
    products = demo_products(began)
    specs = {spec.code: spec for spec in products}
    benches = cast(config)
    commands = (
        *(DefineProductSpec(at=began, operator_id=None, station_id=None, spec=spec) for spec in products),
        *(DefineStation(at=began, operator_id=None, station_id=None, station=bench.station) for bench in benches),
        *demo_people(began),
    )
    waves = set_up_commands(commands, ((MANAGER, MANAGER_PIN),), (secrets.token_bytes(16),), began)
    await set_up(stores[0], waves)

    async def begin(tale: Tale, store: Store) -> list[Refusal]:
        return await _run(store, tale.order(specs, now).commands(now + timedelta(hours=tale.placed)))

    def lanes(tales: Sequence[Tale]) -> list[tuple[Request, ...]]:
        return [
            lane(tale.job_id, specs[tale.spec_code], story, benches, now=now)
            for tale in tales
            for story in tale.stories
        ]

    refused: list[Refusal] = []
    is_playable = False
    for part in (TALES[:_FRONT], TALES[_FRONT:]):
        begun = await asyncio.gather(*(begin(tale, stores[place % len(stores)]) for place, tale in enumerate(part)))
        # The longest first, so that none is left to run alone at the end.
        told = sorted(lanes(part), key=len, reverse=True)
        done = await asyncio.gather(*(_run(stores[place % len(stores)], each) for place, each in enumerate(told)))
        refused += [refusal for each in (*begun, *done) for refusal in each]
        if not is_playable:
            await when_playable()
            is_playable = True
    return tuple(refused)


async def _run(store: Store, requests: Sequence[Request]) -> list[Refusal]:
    answers = [await store.run(request) for request in requests]
    return [answer for answer in answers if isinstance(answer, Refusal)]
