"""The demo's adviser: what could be scanned next at the station that somebody plays.

`advice` is pure, over what the station sees and has open; `adviser` feeds it from the store whenever
something changed, and is handed to `kiosk.running.kiosk_app`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.domain.values import OperationType, StationDefinition, StationRole
from core.identity.ids import AssemblyId, OperatorId, job_of, parse_card_unit_id
from core.production.scan import Awaited, NumberAwaited, SerialAwaited
from kiosk.demo.parts import MANAGER, MANAGER_PIN, Part
from kiosk.simulation.errands import number_of, serial_of
from kiosk.simulation.eyes import Floor, look, tray_of
from kiosk.simulation.sights import Sight, TraySeen, UnitSeen
from kiosk.snapshots.frame import ConnectionState, NextScanView
from kiosk.snapshots.work import QaView
from kiosk.station_session.inputs import Scanned
from kiosk.station_session.packing_work import PackingWork
from kiosk.station_session.session import StationSession
from store.errors import StoreError
from store.store import Store

__all__ = ["AtHand", "advice", "adviser", "suggest_next_scan"]

_OFFLINE: Final = NextScanView(code="AS THE BAND SAYS", why="the database is away")
"""What stands there while nobody can look around the shop; a line that went away would move the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHand:
    """What the station has open; ``in_hand`` is the unit that it works on.

    ``now`` is the station's time, and ``guard_seconds`` how soon after its check-in the same code is an accident to it;
    ``codes_taken`` are those of the card under inspection; ``wanted`` is what the band of a packing station asks for.
    """

    operator_id: OperatorId | None = None
    now: datetime | None = None
    guard_seconds: float = 0.0
    is_stopped: bool = False
    is_asked: bool = False
    is_offline: bool = False
    open_assembly: AssemblyId | None = None
    codes_taken: int = 0
    wanted: NextScanView | None = None
    in_hand: str | None = None
    awaited: Awaited | None = None


def advice(
    station: StationDefinition,
    badge: OperatorId,
    at_hand: AtHand,
    sight: Sight,
    *,
    tray: TraySeen | None = None,
    n_up: int = 0,
) -> NextScanView | None:
    """Return what to scan (or press) next, None while there is nothing to do.

    ``tray`` is the set that lies open at an assembly station, ``n_up`` the size of the sheet of a card
    that waits for its number.
    """
    if at_hand.is_stopped:
        return NextScanView(code="CMD-RESET", why="the RESET card clears the stop")
    if at_hand.operator_id is None:
        return NextScanView(code=badge, why="your badge: type it and press Enter")
    if at_hand.is_asked:
        return None
    if at_hand.is_offline:
        return _OFFLINE
    match at_hand.awaited:
        case NumberAwaited(card_unit_id=card):
            return NextScanView(code=str(number_of(card, n_up)), why="the number on this card")
        case SerialAwaited(card_unit_id=card):
            return NextScanView(code=serial_of(card), why="the serial of the insert")
        case None:
            pass
    match station.role:
        case StationRole.ASSEMBLY:
            return _at_assembly(sight, tray)
        case StationRole.PACKING:
            return at_hand.wanted
        case StationRole.QA:
            return _at_qa(sight, at_hand)
        case StationRole.LEAD:
            return _for_leads(sight)
        case _:
            return _at_work(sight, at_hand)


def _at_work(sight: Sight, at_hand: AtHand) -> NextScanView | None:
    for unit in sight.at_station:
        asked_for = _asked_for(unit)
        if _is_guarded(unit, at_hand):
            return NextScanView(code="NOTHING YET", why=f"{_doing(unit)} takes a moment")
        why = f"scan it, then {asked_for}" if asked_for else f"{_doing(unit)} done: scan it again"
        return NextScanView(code=unit.unit_id, why=why)
    for unit in sight.ready:
        asked_for = _asked_for(unit)
        why = f"most urgent: scan it, then {asked_for}" if asked_for else f"most urgent for {_doing(unit)}"
        return NextScanView(code=unit.unit_id, why=why)
    return None


def _is_guarded(unit: UnitSeen, at_hand: AtHand) -> bool:
    """Whether its code would be refused as one that came twice: whoever follows a hint at once is to be right."""
    if unit.since is None or at_hand.now is None:
        return False
    return abs((at_hand.now - unit.since).total_seconds()) < at_hand.guard_seconds


def _asked_for(unit: UnitSeen) -> str:
    """What a unit's station asks for when it is scanned; nothing where a rework left it on the card."""
    if unit.work is OperationType.NUMBER and unit.number is None:
        return "its number"
    if unit.work is OperationType.MEMORABILIA and unit.serial is None:
        return "the insert's serial"
    return ""


def _doing(unit: UnitSeen) -> str:
    words = {OperationType.MEMORABILIA: "its insert", OperationType.CUT: "the cut"}
    return words.get(unit.work, unit.work.replace("_", " "))


def _at_qa(sight: Sight, at_hand: AtHand) -> NextScanView | None:
    if at_hand.codes_taken:
        return NextScanView(code="Enter", why="fails it with these codes; Backspace takes one back")
    if at_hand.in_hand is not None and parse_card_unit_id(at_hand.in_hand) is not None:
        return NextScanView(code="+", why="one key passes it; three digits and Enter fail it, such as 201")
    for unit in (*sight.at_station, *sight.ready):
        return NextScanView(code=unit.unit_id, why="the most urgent card for inspection")
    return None


def _at_assembly(sight: Sight, tray: TraySeen | None) -> NextScanView | None:
    if tray is not None and tray.waiting:
        return NextScanView(code=tray.waiting[0], why="it has passed and belongs in this tray")
    if tray is not None and tray.needs_authorization:
        return NextScanView(code=MANAGER, why=f"a manager's badge, PIN {MANAGER_PIN}: the set holds a replacement")
    for other in sight.trays:
        if other.waiting and (tray is None or other.assembly_id != tray.assembly_id):
            count = len(other.waiting)
            cards = "card waits" if count == 1 else "cards wait"
            return NextScanView(code=other.assembly_id, why=f"another tray: {count} {cards} for it")
    return None


def _for_leads(sight: Sight) -> NextScanView | None:
    for card in sight.failed:
        return NextScanView(code=card.card_unit_id, why="failed at QA, waits for you: rework or remake")
    for gate in sight.gates:
        return NextScanView(code=gate.unit_id, why="waits for approval")
    for ready in sight.sets:
        return NextScanView(code=ready.assembly_id, why="holds a replacement, waits for a manager")
    return None


# -- with a store ---------------------------------------------------------------


async def suggest_next_scan(
    store: Store, floor: Floor, station: StationDefinition, badge: OperatorId, at_hand: AtHand
) -> NextScanView | None:
    """Look around and advise; raises the store's errors."""
    if at_hand.is_offline:
        return advice(station, badge, at_hand, Sight())
    sight = await look(store, floor, station, limit=20)
    tray = None if at_hand.open_assembly is None else await tray_of(store, at_hand.open_assembly)
    n_up = 0
    if isinstance(at_hand.awaited, NumberAwaited):
        job = job_of(at_hand.awaited.card_unit_id)
        await floor.learn(store, (job,))
        n_up = floor.specs[job].n_up if job in floor.specs else 0
    return advice(station, badge, at_hand, sight, tray=tray, n_up=n_up)


def at_hand_of(session: StationSession, station: StationDefinition, guard_seconds: float) -> AtHand:
    """What a session has open, at a station that takes the same code again after so many seconds."""
    opened, shown = session.work.open(), session.snapshot()
    in_hand = session.work.unit_in_hand()
    lying = in_hand if station.role is StationRole.ASSEMBLY else None
    return AtHand(
        operator_id=session.operator_id,
        now=session.now(),
        guard_seconds=guard_seconds,
        is_stopped=shown.stop is not None,
        is_asked=shown.question is not None,
        is_offline=shown.header.connection is ConnectionState.OFFLINE,
        codes_taken=len(shown.work.entry.chips) if isinstance(shown.work, QaView) else 0,
        wanted=session.work.next_scan() if isinstance(session.work, PackingWork) else None,
        open_assembly=opened.assembly if lying is None else AssemblyId(lying),
        in_hand=in_hand,
        awaited=opened.awaited,
    )


def adviser(
    store: Store, station: StationDefinition, part: Part, *, guard_seconds: float
) -> Callable[[StationSession], AsyncIterator[NextScanView | None]]:
    """Return what `kiosk_app` takes as ``suggest``: it scans the part's badge once, then advises for ever.

    A stop that stands from the last time is cleared by hand first, as at any kiosk.
    """
    floor = Floor()

    async def suggest(session: StationSession) -> AsyncIterator[NextScanView | None]:
        is_logged_on = False
        async with asyncio.timeout(None):
            while True:
                await session.settled()
                if not is_logged_on and session.snapshot().stop is None:
                    session.put(Scanned(part.badge, session.now()))
                    is_logged_on = True
                    continue
                # Until the station itself says that it is offline what was advised last stands: it is asked for still.
                with contextlib.suppress(StoreError):
                    yield await suggest_next_scan(
                        store, floor, station, part.badge, at_hand_of(session, station, guard_seconds)
                    )
                await asyncio.sleep(0.3)

    return suggest
