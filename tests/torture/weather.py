"""What befalls the machines, the line and the server; told by the plan, done for real, counted."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tests.support.bare_servers import Server
from tests.support.proxy import ServerLine
from tests.torture.orders import KioskOrders, Weather, say
from tests.torture.plan import Fault, PlannedFault

_LATENCY = 0.15


class StormyLine(ServerLine):
    """A line that can also be slow, and break in the middle of an answer."""

    def __init__(self, server_dsn: str) -> None:
        """Lead to the server of this connection string, fair at first."""
        super().__init__(server_dsn)
        self.latency = 0.0
        self.halves = 0

    def halve_an_answer(self) -> None:
        """Give half of the next answer to whoever waits for it, and then reset every connection."""
        self.halves += 1

    async def carry_on(self, said: bytes, sink: asyncio.StreamWriter, *, is_answer: bool) -> None:
        """Hand on what was said, late, or only half of it."""
        if self.latency:
            await asyncio.sleep(self.latency)
        if is_answer and self.halves:
            self.halves -= 1
            sink.write(said[: len(said) // 2])
            await sink.drain()
            self.cut()
            return
        await super().carry_on(said, sink, is_answer=is_answer)


@dataclass
class Machine:
    """One kiosk's machine: its process, started again whenever it ends early."""

    orders: KioskOrders
    weather: Weather = field(default_factory=Weather)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the kiosk's process."""
        self.tell()
        folder = Path(self.orders.folder)
        told = folder / "orders.json"
        told.write_bytes(msgspec.json.encode(self.orders))
        with (folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.torture.kiosk", told], stdout=output, stderr=output
            )

    def tell(self) -> None:
        """Let the machine know its weather."""
        say(self.orders.weather, msgspec.json.encode(self.weather))

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal, if it lives."""
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, number)

    def tend(self) -> bool:
        """Start the process again if it ended before its work was done; say whether the work is done."""
        if self.process is not None and self.process.poll() is None:
            return False
        if self.orders.done.exists():
            return True
        self.start()
        return False

    def end(self) -> None:
        """End the process, whatever it does."""
        if self.process is not None:
            self.signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()


@dataclass
class Storm:
    """Does the planned faults one after the other and counts them."""

    machines: list[Machine]
    line: StormyLine
    server: Server
    done: Counter[Fault] = field(default_factory=Counter[Fault])
    _ends: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _at_the_server: asyncio.Task[None] | None = None

    async def rage(self, faults: tuple[PlannedFault, ...]) -> None:
        """Let one fault follow the other, each lasting as long as planned, until cancelled."""
        for planned in faults:
            await asyncio.sleep(planned.after)
            await self._befall(planned)
            self.done[planned.fault] += 1

    async def calm(self) -> None:
        """Take everything back that still lasts."""
        for task in tuple(self._ends):
            task.cancel()
        await asyncio.gather(*self._ends, return_exceptions=True)
        self.line.latency, self.line.halves = 0.0, 0
        self.line.come_alive()
        if self._at_the_server is not None:
            # Begun before the calm: a server that is killed only after it was looked at stays dead.
            await self._at_the_server
        self.server.freeze(frozen=False)
        if not self.server.is_running:
            await asyncio.to_thread(self.server.start)
        for machine in self.machines:
            machine.signal(signal.SIGCONT)
            machine.weather = Weather()
            machine.tell()

    async def _befall(self, planned: PlannedFault) -> None:
        machine = self.machines[planned.kiosk - 1]
        match planned.fault:
            case Fault.KIOSK_KILLED:
                machine.signal(signal.SIGKILL)
            case Fault.KIOSK_FROZEN:
                machine.signal(signal.SIGSTOP)
                self._later(planned.seconds, lambda: machine.signal(signal.SIGCONT))
            case Fault.SERVER_KILLED:
                if self.server.is_running:
                    self.server.freeze(frozen=False)
                    await self._whole(self.server.kill)
                    await asyncio.sleep(planned.seconds / 2)
                    await self._whole(self.server.start)
            case Fault.SERVER_FROZEN:
                self.server.freeze(frozen=True)
                await asyncio.sleep(planned.seconds)
                self.server.freeze(frozen=False)
            case Fault.LINE_CUT:
                self.line.cut()
            case Fault.LINE_DEAD:
                self.line.go_dead()
                await asyncio.sleep(planned.seconds)
                self.line.come_alive()
            case Fault.ANSWERS_LOST:
                self.line.lose_answers()
                await asyncio.sleep(min(planned.seconds, 0.5))
                self.line.cut()
                self.line.come_alive()
            case Fault.ANSWER_HALVED:
                self.line.halve_an_answer()
            case Fault.LINE_SLOW:
                self.line.latency = _LATENCY
                self._later(planned.seconds, self._fair)
            case Fault.DISK_FULL:
                machine.weather.disk_full = True
                machine.tell()
                self._later(planned.seconds, lambda: self._disk_has_room(machine))
            case Fault.CLOCK_MOVED:
                machine.weather.clock += planned.amount
                machine.tell()

    async def _whole(self, work: Callable[[], None]) -> None:
        """Do something at the server that goes on although this is cancelled: the calm waits for it."""
        self._at_the_server = asyncio.create_task(asyncio.to_thread(work))
        await asyncio.shield(self._at_the_server)

    def _fair(self) -> None:
        self.line.latency = 0.0

    @staticmethod
    def _disk_has_room(machine: Machine) -> None:
        machine.weather.disk_full = False
        machine.tell()

    def _later(self, seconds: float, end: Callable[[], None]) -> None:
        async def ending() -> None:
            try:
                await asyncio.sleep(seconds)
            finally:
                end()

        task = asyncio.create_task(ending())
        self._ends.add(task)
        task.add_done_callback(self._ends.discard)
