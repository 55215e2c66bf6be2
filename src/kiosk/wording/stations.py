"""Refusals about a station that is stopped. Called by `kiosk.wording.rejections`."""

from typing import TypeAlias, assert_never

from core.domain.rejections import IgnoredUnderStop, NothingToClear, NothingToSettle
from kiosk.printable import shown
from kiosk.wording.spoken import Spoken, attention, stop

__all__ = ["StationRejection", "forgotten_stop", "speak_of_stations"]

StationRejection: TypeAlias = IgnoredUnderStop | NothingToClear | NothingToSettle


def forgotten_stop(refusal: str) -> Spoken:
    """A stop whose refusal this version of the program cannot read any more: it stands, and a lead must look."""
    return stop(
        "STOPPED",
        f"This station was stopped before it was started anew ({shown(refusal, 40)}).",
        "Put the unit that was scanned last in the RED box",
        then="Call a lead with F8",
        facts=(),
    )


def speak_of_stations(rejection: StationRejection) -> Spoken:
    """A refusal about a stop in an operator's words."""
    match rejection:
        case IgnoredUnderStop():
            return attention(
                "STATION IS STOPPED",
                "This came while the station was stopped; it was not counted.",
                "Clear the stop, then scan it again",
                big="STOPPED",
            )
        case NothingToClear():
            return attention(
                "CLEARED BEFORE",
                f"The stop at {rejection.at_station} was cleared before.",
                "Go on",
                big="GO ON",
            )
        case NothingToSettle():
            return attention(
                "SETTLED BEFORE",
                f"Somebody dealt with this at {rejection.at_station} before.",
                "Go on",
                big="GO ON",
            )
        case _:
            assert_never(rejection)
