"""A whole shop of stations that work through the same door as real kiosks.

`kiosk simulate` runs it for load, with every invariant checked at the end; the demo runs it beside
the station that a person plays. Planning (`sights`, `errands`, `planning`) is pure; `floor` and
`workers` drive it against a store; `audit` reads the log and says whether all is as it must be.
"""

from kiosk.simulation.running import run_simulation

__all__ = ["run_simulation"]
