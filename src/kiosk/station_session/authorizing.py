"""A manager at an assembly station lets a set with replacements be packed: badge, then PIN, three attempts."""

import asyncio
import contextlib

from core.domain.commands import AuthorizeReplacementSet
from core.domain.readings import BadgeRead
from core.domain.rejections import PinLocked, PinNotSet, PinWrong
from core.identity.ids import OperatorId
from core.production.pins import MAX_PIN_DIGITS
from core.projections import AssemblyRow
from kiosk.printable import shown
from kiosk.snapshots.dialogs import PinView
from kiosk.station_session.asking import OFFLINE_SECONDS
from kiosk.station_session.work import Desk, Surroundings
from kiosk.wording.people import WRONG_PIN
from kiosk.wording.spoken import short_card
from store.errors import StoreUnavailable

_MOST_WRONG_PINS = 3


class Authorizing:
    """One station's question for a manager's PIN; it is open from a badge until it is answered or left."""

    def __init__(self, around: Surroundings, desk: Desk) -> None:
        """Begin with nobody asked."""
        self._around = around
        self._desk = desk
        self._manager: BadgeRead | None = None
        self._row: AssemblyRow | None = None
        self._wrong_pins = 0

    def forget(self) -> None:
        """Leave the set as it is: the manager is gone."""
        self._manager = None

    async def begin(self, manager: BadgeRead, row: AssemblyRow | None) -> None:
        """Ask a manager whose badge was scanned for the PIN, for the set of ``row``, unless none is taken."""
        if not manager.has_pin:
            self._desk.refuse(PinNotSet(operator_id=manager.operator_id), name=manager.operator_id)
            return
        locked = await self._lock_of(manager.operator_id)
        if locked is not None:
            self._desk.refuse(locked, name=manager.operator_id)
            return
        self._manager, self._row, self._wrong_pins = manager, row, 0
        self._ask()

    async def _lock_of(self, person: OperatorId) -> PinLocked | None:
        # Without an answer the PIN is asked for; what becomes of it is said as of everything that waits.
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(OFFLINE_SECONDS):
                return await self._around.store.pin_lock(person)
        return None

    def _ask(self, problem: str = "") -> None:
        if self._manager is None or self._row is None:
            return
        cards = ", ".join(short_card(card) for card in self._row.replacements)
        self._desk.ask(
            PinView(
                title="AUTHORIZE SET",
                lines=(
                    f"Set {self._row.sheet_id} holds replacements: {cards}.",
                    f"{shown(self._manager.name, 40)}: enter your PIN.",
                ),
                problem=problem,
                longest=MAX_PIN_DIGITS,
                person=self._manager.operator_id,
                serial=self._desk.next_serial(),
            )
        )

    async def pin_given(self, pin: str | None) -> None:
        """Authorize the set, or leave it as it is where no PIN was given."""
        manager, row = self._manager, self._row
        self._manager = None
        if pin is None or manager is None or row is None:
            return
        asked = await self._desk.run_quietly(
            AuthorizeReplacementSet(
                at=self._desk.now(),
                operator_id=manager.operator_id,
                station_id=self._around.station.station_id,
                assembly_id=row.assembly_id,
                manager=OperatorId(manager.operator_id),
                pin=pin,
            )
        )
        self._desk.tell(asked, name=row.assembly_id)
        if isinstance(asked.answer, PinWrong):
            self._wrong_pins += 1
            if self._wrong_pins < _MOST_WRONG_PINS:
                self._manager = manager
                self._ask("That is not your PIN.")
            else:
                # Nobody is asked any more: what is typed now would be taken for a scan.
                self._desk.amend(WRONG_PIN, "To try again, scan the badge first")
