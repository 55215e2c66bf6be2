"""What a lead decides about one card: rework and remake, asked first and then done; and which keys that leaves.

Deciding needs a lead's badge, which the core asks for.
"""

from dataclasses import replace

from core.domain.commands import CreateReplacement, SendToRework, VoidCardUnit
from core.domain.values import CardUnitStatus, OperationType, ProductSpec, UnitKind, VoidReason
from core.identity.ids import CardUnitId, OperationCode, assembly_of_card
from core.production.routes import steps_for
from core.projections import CardUnitRow
from kiosk.roles.lead import CARD_FOOTER
from kiosk.snapshots.dialogs import ChoiceView, QuestionView
from kiosk.snapshots.keys import FooterView, Intent
from kiosk.station_session.work import Desk, Surroundings
from kiosk.wording.spoken import short_card

_MAKE = "make"
_MOST_CHOICES = 9
"""Each is a digit key."""


def card_footer(card: CardUnitRow | None) -> FooterView:
    """Return the keys of a card; those that its state does not allow are off."""
    failed = card is not None and card.status is CardUnitStatus.QA_FAILED
    ended = card is None or _is_beyond_remake(card)
    allowed = {Intent.REWORK: failed, Intent.REMAKE: not ended}
    return FooterView(keys=tuple(replace(key, enabled=allowed.get(key.intent, True)) for key in CARD_FOOTER.keys))


def _is_beyond_remake(card: CardUnitRow) -> bool:
    return card.status is CardUnitStatus.PACKED or card.replaced_by is not None


class CardDecisions:
    """The question that is open about a card, and what its answer does."""

    def __init__(self, around: Surroundings, desk: Desk) -> None:
        """Begin with nothing asked."""
        self._around = around
        self._desk = desk
        self._asked: Intent | None = None
        self._card_id: CardUnitId | None = None

    def forget(self) -> None:
        """Take back what was asked: the lead looks elsewhere."""
        self._asked = self._card_id = None
        self._desk.ask(None)

    def ask_rework(self, card: CardUnitRow, spec: ProductSpec) -> None:
        """Ask to which operation a card on hold goes back."""
        if card.status is not CardUnitStatus.QA_FAILED:
            self._desk.attention("NOT ON HOLD", "Only a card that failed QA goes to rework.")
            return
        steps = [step for step in steps_for(spec.route, UnitKind.CARD) if step.work is not OperationType.GATE]
        self._ask(
            Intent.REWORK,
            card,
            "Back to which operation? What comes after it is done again.",
            tuple(
                ChoiceView(key=str(place), label=step.operation, value=step.operation)
                for place, step in enumerate(steps[:_MOST_CHOICES], start=1)
            ),
        )

    def ask_remake(self, card: CardUnitRow) -> None:
        """Ask why a card leaves production, or, where it has left, whether its replacement is to be made."""
        if _is_beyond_remake(card):
            self._desk.attention("TOO LATE", f"{card.card_unit_id} is packed or has a replacement.")
        elif card.status is CardUnitStatus.VOIDED:
            choices = (ChoiceView(key="Enter", label="Make it", value=_MAKE),)
            self._ask(Intent.REMAKE, card, "Make its replacement now.", choices)
        else:
            choices = (
                ChoiceView(key="1", label="Lost", value=VoidReason.LOST),
                ChoiceView(key="2", label="Damaged", value=VoidReason.DAMAGED),
                ChoiceView(key="3", label="Failed QA", value=VoidReason.QA_FAILED),
                ChoiceView(key="4", label="Misprint", value=VoidReason.MISPRINT),
            )
            self._ask(Intent.REMAKE, card, "It leaves production for good. Why?", choices)

    def _ask(self, what: Intent, card: CardUnitRow, line: str, choices: tuple[ChoiceView, ...]) -> None:
        self._asked, self._card_id = what, card.card_unit_id
        self._desk.ask(
            QuestionView(
                title=f"{what.name} {card.card_unit_id}",
                lines=(line,),
                choices=choices,
                serial=self._desk.next_serial(),
            )
        )

    async def answered(self, value: str) -> None:
        """Send the card that was asked about to rework, or void it and make its replacement."""
        asked, card_id = self._asked, self._card_id
        self._asked = self._card_id = None
        if not value or card_id is None:
            return
        if asked is Intent.REWORK:
            await self._rework(card_id, OperationCode(value))
        elif value == _MAKE:
            await self._replace(card_id)
        elif await self._void(card_id, VoidReason(value)) and await self._replace(card_id):
            await self._call_out_of_tray(card_id)
        self._desk.wake()

    async def _rework(self, card_id: CardUnitId, back_to: OperationCode) -> bool:
        return await self._desk.do(
            SendToRework(
                at=self._desk.now(),
                operator_id=self._desk.operator_id,
                station_id=self._around.station.station_id,
                card_unit_id=card_id,
                back_to=back_to,
                reason="decided by a lead",
            ),
            name=card_id,
        )

    async def _void(self, card_id: CardUnitId, reason: VoidReason) -> bool:
        return await self._desk.do(
            VoidCardUnit(
                at=self._desk.now(),
                operator_id=self._desk.operator_id,
                station_id=self._around.station.station_id,
                card_unit_id=card_id,
                reason=reason,
                note="",
            ),
            name=card_id,
        )

    async def _call_out_of_tray(self, card_id: CardUnitId) -> None:
        """Say of a card that was voided in its tray that the paper lies there still."""
        row = await self._desk.look_up(lambda: self._around.store.assembly(assembly_of_card(card_id)))
        if row is not None and card_id in row.void_in_tray:
            self._desk.attention(
                f"VOID, AND IN ITS TRAY AT {row.last_station_id}",
                "Have it taken out and scanned there.",
                big=f"OUT {short_card(card_id)}",
                stays=True,
            )

    async def _replace(self, card_id: CardUnitId) -> bool:
        return await self._desk.do(
            CreateReplacement(
                at=self._desk.now(),
                operator_id=self._desk.operator_id,
                station_id=self._around.station.station_id,
                card_unit_id=card_id,
            ),
            name=card_id,
        )
