"""Run in the guest: reads scans while something is busy, and counts what became of them.

    late_reader.py CODE COUNT SECONDS [hog | stall]

COUNT scans, or SECONDS after the scanner was ready, end it. `hog`: the main thread computes without a pause,
as a busy screen would. `stall`: the callback sleeps on the reader's own thread, which it must never do, so
that the kernel surely drops events. Every code that is delivered must be CODE.
"""

import queue
import sys
import time

from kiosk.scanner.hotplug import Scanners
from kiosk.scanner.messages import ScannerMessage, ScannerState, ScannerStateChanged, ScanRead
from kiosk.scanner.selection import ScannerSelection

_PATIENCE_S = 120
"""For the scanner to be ready; a guest on a busy machine is slow."""


def say(line: str) -> None:
    """Write one line at once: the lab waits for it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Print READY, then one line that counts right, refused and wrong codes; 1 when any was wrong."""
    code, count, seconds, *how = sys.argv[1:]
    messages: queue.SimpleQueue[ScannerMessage] = queue.SimpleQueue()

    def deliver(message: ScannerMessage) -> None:
        messages.put(message)
        if "stall" in how:
            time.sleep(0.05)

    scanners = Scanners(ScannerSelection(), deliver)
    scanners.start()
    right = refused = 0
    wrong: list[str] = []
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and right + refused + len(wrong) < int(count):
        try:
            message = messages.get(block="hog" not in how, timeout=0.2)
        except queue.Empty:
            for _ in range(20_000):
                pass
            continue
        match message:
            case ScannerStateChanged(state=ScannerState.READY):
                until = time.monotonic() + float(seconds)
                say("READY")
            case ScanRead(text=text) if text == code:
                right += 1
            case ScanRead(text=text):
                wrong.append(text)
            case ScannerStateChanged():
                pass
            case _:
                refused += 1
    ended = scanners.stop()
    say(f"RESULT right {right} refused {refused} wrong {len(wrong)} {wrong} stopped {ended}")
    return 1 if wrong or not ended else 0


if __name__ == "__main__":
    sys.exit(main())
