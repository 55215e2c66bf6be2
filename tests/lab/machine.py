"""Makes the guest a terminal whose first process is systemd: what it needs from outside, and how it is booted.

What happens in the guest is in machine.sh.
"""

import subprocess
import sys
from pathlib import Path

__all__ = ["PATIENCE_SECONDS", "boot_line", "pack_terminal"]

PATIENCE_SECONDS = 900
"""For the guest to be set up and booted; its processor is emulated."""

_BECOMES = (
    "b=/bin/busybox; $b mkdir /s;"
    " $b sed 's:^exec:$B mount -t proc proc /new/proc; $B chroot /new modprobe -a 9p 9pnet_virtio;"
    " $B mount -t 9p -o trans=virtio,version=9p2000.L,ro share /s; UNIT={unit}; . /s/tests/lab/machine.sh; exec:'"
    " /init > /i; exec $b sh /i"
)
"""The guest's own first steps, and in place of its last one, machine.sh."""


def boot_line(unit: str) -> str:
    """Return what is added to the kernel's command line so that the guest boots into a unit of deploy/systemd."""
    return f'rdinit=/bin/busybox -- sh -c "{_BECOMES.format(unit=unit)}"'


def pack_terminal(project: Path, out: Path, dsn: str) -> None:
    """Put into the folder of a case's output what the guest installs, and where its database is."""
    (out / "environment").write_text(f"KIOSK_DSN={dsn}\n")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    site = out / "site"
    building = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out / "wheel"), str(project)]
    subprocess.run([*pip, *building], check=True)
    wheel = next((out / "wheel").glob("*.whl"))
    # The guest's Python, which may be older than the one here.
    of_guest = ["--python-version", "3.11", "--only-binary", ":all:"]
    subprocess.run([*pip, "install", "--target", str(site), *of_guest, str(wheel)], check=True, stderr=subprocess.PIPE)
    subprocess.run(["tar", "-c", "-C", str(site), "-f", str(out / "terminal.tar"), "."], check=True)
