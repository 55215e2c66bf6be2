"""How long the embedded server takes from nothing, and from a folder that is there."""

import shutil
import tempfile
import time
from pathlib import Path

from bench.report import Report, at_most
from store.embedded import ensure_server, wait_until_stopped


def measure(report: Report, rounds: int) -> None:
    """Start a server from nothing and once more from its data, several times."""
    report.heading("Embedded server")
    cold: list[float] = []
    warm: list[float] = []
    joined: list[float] = []
    for _ in range(rounds):
        base = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
        base.chmod(0o711)
        folder = base / "postgres"
        try:
            cold.append(_start_and_stop(folder))
            warm.append(_start_and_stop(folder))
            with ensure_server(folder):
                begun = time.perf_counter()
                ensure_server(folder).close()
                joined.append(time.perf_counter() - begun)
        finally:
            wait_until_stopped(folder)
            shutil.rmtree(base, ignore_errors=True)
    report.figure("from nothing to the first answer", cold, "s", at_most(1.5))
    report.figure("from its data to the first answer", warm, "s")
    report.figure("joined while it runs", joined, "s")


def _start_and_stop(folder: Path) -> float:
    begun = time.perf_counter()
    server = ensure_server(folder)
    seconds = time.perf_counter() - begun
    server.close()
    wait_until_stopped(folder)
    return seconds
