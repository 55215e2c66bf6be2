"""The Postgres that is measured: an embedded one with its real flushes, or with slower ones."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from store.embedded import EmbeddedServer, ensure_server, wait_until_stopped

SETTINGS = {"max_connections": "400", "shared_buffers": "256MB", "max_wal_size": "4GB", "autovacuum_naptime": "10min"}
"""Nothing that makes a commit cheaper: only no checkpoint and no vacuum in the middle of a round."""


class NoCompilerError(Exception):
    """The slow flush has to be compiled, and there is nothing to compile it with."""


@contextmanager
def measured_server(flush_milliseconds: float | None = None) -> Generator[EmbeddedServer]:
    """A fresh server, removed at the end; `flush_milliseconds` are added to every flush."""
    base = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    base.chmod(0o711)
    folder = base / "postgres"
    try:
        environment: dict[str, str] = {}
        if flush_milliseconds is not None:
            environment = {
                "LD_PRELOAD": str(_compile_shim(base)),
                "BENCH_FLUSH_MICROSECONDS": str(round(flush_milliseconds * 1000)),
            }
        with ensure_server(folder, settings=SETTINGS, environment=environment) as server:
            yield server
    finally:
        wait_until_stopped(folder)
        shutil.rmtree(base, ignore_errors=True)


def _compile_shim(base: Path) -> Path:
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NoCompilerError("The slow flush needs a C compiler (cc, gcc or clang), and there is none.")
    shim = base / "slow_flush.so"
    source = Path(__file__).with_name("slow_flush.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", shim, source, "-ldl"], check=True)
    shim.chmod(0o755)
    return shim
