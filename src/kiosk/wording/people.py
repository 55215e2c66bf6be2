"""Refusals about codes and people: unknown barcodes, badges, roles, PINs. Called by `kiosk.wording.rejections`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias, assert_never

from core.domain.rejections import (
    BarcodeProblem,
    DamagedCode,
    FaultReason,
    NotLoggedOn,
    NotPermitted,
    PinLocked,
    PinNotSet,
    PinWrong,
    UnknownBarcode,
    UnknownOperator,
)
from core.domain.values import OperatorRole
from kiosk.printable import counted, shown
from kiosk.scanner.verdicts import cure_of, what_happened
from kiosk.wording.spoken import Spoken, Words, attention, listed, with_article

__all__ = ["PeopleRejection", "speak_of_people"]

PeopleRejection: TypeAlias = (
    UnknownBarcode | DamagedCode | NotLoggedOn | UnknownOperator | NotPermitted | PinNotSet | PinWrong | PinLocked
)

WRONG_PIN = "PIN"
"""What is read at 2 m of a PIN that was not the right one."""

_CODE_FAULTS: Mapping[BarcodeProblem, tuple[str, str]] = MappingProxyType(
    {
        BarcodeProblem.EMPTY: ("The scanner sent nothing.", "Scan the code again"),
        BarcodeProblem.TOO_LONG: ("This code is too long for this shop:", "Scan the code on our own label"),
        BarcodeProblem.UNPRINTABLE: ("This code was damaged on its way:", "Scan the code again"),
        BarcodeProblem.MALFORMED: ("This looks like one of our codes but is not complete:", "Scan the code again"),
        BarcodeProblem.FOREIGN: ("This is no code of this shop:", "Scan the code on our own label"),
        BarcodeProblem.UNKNOWN_CONTROL: ("This wall card says something the kiosk does not know:", "Use another card"),
    }
)


_WHY_NOT_READ: Mapping[FaultReason, str] = MappingProxyType(
    {
        FaultReason.DROPPED: "The kiosk was too busy to read it whole. ",
        FaultReason.BROKEN_KEYS: "A part of it was lost. ",
        FaultReason.INTERRUPTED: "It ran into the code before it. ",
        FaultReason.STARTED_MID_CODE: "Its beginning was not heard. ",
        FaultReason.UNPLUGGED: "The scanner was unplugged meanwhile. ",
        FaultReason.TOO_LONG: "It is too long for a code. ",
        FaultReason.MIXED: "Typed and scanned keys ran together. ",
    }
)
"""Why a scan is to be made again, in front of the cure; where that says what is wrong itself, nothing."""


def speak_of_people(rejection: PeopleRejection, words: Words) -> Spoken:
    """A refusal about a code or a person in an operator's words."""
    match rejection:
        case UnknownBarcode():
            what, cure = _CODE_FAULTS[rejection.problem]
            text = "" if rejection.problem is BarcodeProblem.EMPTY else f' "{shown(rejection.text, 40)}".'
            return attention("UNKNOWN CODE", what + text, cure)
        case DamagedCode():
            read = f': "{shown(rejection.read, 40)}"' if rejection.read else ""
            before = f" {counted(rejection.unkept, 'scan')} before it went the same way." if rejection.unkept else ""
            return attention(
                "SCAN AGAIN",
                f"Not read whole{read}; {what_happened(rejection.reason, shown(rejection.detail, 40))}.{before}",
                f"{_WHY_NOT_READ.get(rejection.reason, '')}{cure_of(rejection.reason)}",
            )
        case NotLoggedOn():
            return attention(
                "NOT LOGGED ON",
                f"Nobody is logged on at {rejection.station_id}.",
                "Scan your badge first",
                big="BADGE",
            )
        case UnknownOperator():
            return attention(
                "UNKNOWN BADGE",
                f"No person has the badge {rejection.operator_id}.",
                "Use your own badge, or ask a lead for one",
                big="BADGE",
            )
        case NotPermitted(operator_id=str(person), needed=needed) if set(needed) == set(OperatorRole):
            return attention(
                "BADGE WITHDRAWN",
                f"The badge {person} is withdrawn.",
                "Give it to a lead; use your own badge",
                big="BADGE",
            )
        case NotPermitted():
            who = (
                f"{rejection.operator_id} is not allowed to do this."
                if rejection.operator_id
                else "It is not said who does this."
            )
            needed = listed(rejection.needed, last="or")
            one = with_article(needed)
            return attention(f"ONLY {one.upper()}", f"{who} It needs {one}.", "Call one with F8", big="F8")
        case PinNotSet():
            return attention(
                "NO PIN YET",
                f"{rejection.operator_id} has no PIN yet.",
                f"In the office: kiosk operator pin {rejection.operator_id}",
                big="NO PIN",
            )
        case PinWrong():
            return attention(
                "WRONG PIN", f"This is not the PIN of {rejection.operator_id}.", "Type it again", big=WRONG_PIN
            )
        case PinLocked(operator_id=person):
            return attention(
                "PIN LOCKED",
                f"{rejection.wrong_pins} wrong PINs were given for {person}: none is taken "
                f"before {words.date_and_clock(rejection.until)}, not the right one either.",
                f"Call another manager, or: kiosk operator pin {person}",
                big="PIN LOCKED",
            )
        case _:
            assert_never(rejection)
