"""Refusals about a station that is stopped. Called by `kiosk.wording.rejections`."""

from typing import TypeAlias, assert_never

from core.domain.rejections import IgnoredUnderStop, NothingToClear
from kiosk.wording.spoken import Spoken, attention

__all__ = ["StationRejection", "speak_of_stations"]

StationRejection: TypeAlias = IgnoredUnderStop | NothingToClear


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
        case _:
            assert_never(rejection)
