"""What the played screens need: stations that are at work on a real store."""

from tests.kiosk.station_session.conftest import open_station, terminal

__all__ = ["open_station", "terminal"]
