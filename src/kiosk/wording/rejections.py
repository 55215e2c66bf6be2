"""Every refusal in words: the one exhaustive way from a `Rejection` to what an operator reads.

Called by the station session (verdict band and stop), by the command line, and by the scan log.
"""

from typing import Final

from core.domain import rejections as refused
from core.domain.rejections import Rejection
from kiosk.wording.gathering import speak_of_gathering, speak_of_packing
from kiosk.wording.office import speak_of_office
from kiosk.wording.people import speak_of_people
from kiosk.wording.spoken import Spoken, Words
from kiosk.wording.stations import speak_of_stations
from kiosk.wording.units import speak_of_units

__all__ = ["STOPPING", "spoken"]

STOPPING: Final = frozenset(
    kind.__name__
    for kind in (
        refused.WrongSet,
        refused.PositionTaken,
        refused.NotExpectedInSet,
        refused.NotPassedQA,
        refused.SetIncomplete,
        refused.RefusedCardsInSet,
        refused.NeedsAuthorization,
        refused.WrongJobForPack,
        refused.CardVoided,
        refused.SheetGone,
    )
)
"""The kinds of refusal that may be told as a STOP; `spoken` says of each whether it is one."""


def spoken(rejection: Rejection, words: Words | None = None) -> Spoken:
    """Return the refusal in an operator's words; `words` knows the shop's stations and codes."""
    known = words or Words()
    match rejection:
        case (
            refused.UnknownBarcode()
            | refused.DamagedCode()
            | refused.NotLoggedOn()
            | refused.UnknownOperator()
            | refused.NotPermitted()
            | refused.PinNotSet()
            | refused.PinWrong()
            | refused.PinLocked()
        ):
            return speak_of_people(rejection, known)
        case (
            refused.WrongSet()
            | refused.DuplicateCard()
            | refused.PositionTaken()
            | refused.VoidCardInTray()
            | refused.VoidCardLeftInTray()
            | refused.RefusedCardInTray()
            | refused.RefusedCardsInSet()
            | refused.NotExpectedInSet()
            | refused.NotPassedQA()
            | refused.TrayElsewhere()
            | refused.ScannedSince()
            | refused.NotGathered()
            | refused.SetIncomplete()
            | refused.NeedsAuthorization()
            | refused.NothingToAuthorize()
            | refused.AuthorizerGathered()
            | refused.SetClosed()
            | refused.NotOverdue()
        ):
            return speak_of_gathering(rejection, known)
        case (
            refused.NoPackOpen()
            | refused.ScanTheSet()
            | refused.PackExists()
            | refused.PackNotOpen()
            | refused.PackNotSealed()
            | refused.PackEmpty()
            | refused.PackAlreadyNested()
            | refused.HeldInside()
            | refused.WrongJobForPack()
            | refused.WrongPackKind()
        ):
            return speak_of_packing(rejection, known)
        case refused.IgnoredUnderStop() | refused.NothingToClear() | refused.NothingToSettle():
            return speak_of_stations(rejection)
        case (
            refused.InvalidDefinition()
            | refused.UnknownSpec()
            | refused.UnknownStation()
            | refused.UnknownOrder()
            | refused.UnknownOrderLine()
            | refused.LineCovered()
            | refused.OrderOnFloor()
            | refused.OrderExists()
            | refused.OrderNotOpen()
            | refused.PromiseInPast()
            | refused.PromiseTooFar()
            | refused.UnknownJob()
            | refused.JobExists()
            | refused.WrongJobState()
            | refused.JobNotDone()
            | refused.OrderNotDone()
            | refused.NothingChanged()
            | refused.NotCorrectable()
            | refused.NothingToUndo()
        ):
            return speak_of_office(rejection, known)
        case _:
            # What is left are the refusals about units; a new one that is in no room fails to type-check here.
            return speak_of_units(rejection, known)
