"""What the played screens need: stations that are at work on a real store."""

from tests.kiosk.station_session.conftest import open_station

__all__ = ["open_station"]
