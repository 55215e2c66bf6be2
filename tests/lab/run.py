"""Plays scans into a real kernel and checks what the product makes of them.

    python tests/lab/run.py --guest PROGRAM --cache FOLDER [CASE...]

The program boots a guest machine with emulated USB scanners; no device of this machine is touched. Each file in
cases/ is an inject file of that program with more keys: `about`; `user`, `tty`, `pip` and `command` (run in the guest,
in the project's folder); `no_wait` (the command does not end by itself); `apt` (Debian packages of the guest) and
`image` (cases of one name share a guest with the same packages); `unit` (of deploy/systemd: the guest is set up as a
terminal, and systemd is its first process); `expect`: `exit`, `lines` (regular expressions that the output shows in
this order), `never` (that it never shows), and `files` (what it wrote: `has` and `lacks`). With `shop`, a list of
kiosk commands or modules of the tests, a database is set up on this machine for the kiosk in the guest; the output of
the commands in `after` goes to after.txt.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
sys.path.insert(0, str(PROJECT))

from tests.lab.machine import PATIENCE_SECONDS, boot_line, pack_terminal  # noqa: E402

PYTHON = "/opt/venv/bin/python"
"""Where the guest has its Python, with evdev."""


def say(line: str) -> None:
    """Write one line at once; a case takes half a minute."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def complaints(expect: dict[str, Any], exit_status: int, out: Path) -> Iterator[str]:
    """Yield what differs from the expectation."""
    text = (out / "command.log").read_text() if (out / "command.log").exists() else ""
    if exit_status != expect.get("exit", 0):
        yield f"exit status {exit_status}, not {expect.get('exit', 0)}"
    position = 0
    for pattern in expect.get("lines", []):
        found = re.compile(pattern, re.MULTILINE).search(text, position)
        if found is None:
            yield f"not seen in its place: {pattern}"
            break
        position = found.end()
    for pattern in expect.get("never", []):
        if found := re.search(pattern, text, re.MULTILINE):
            yield f"seen, and must not be: {found[0]}"
    for name, wanted in expect.get("files", {}).items():
        written = (out / name).read_text() if (out / name).exists() else ""
        if "has" in wanted and not re.search(wanted["has"], written):
            yield f"{name} lacks {wanted['has']}"
        if "lacks" in wanted and re.search(wanted["lacks"], written):
            yield f"{name} has {wanted['lacks']}"


@contextmanager
def database() -> Generator[str]:
    """Run a server for the guest and yield where it is, as this machine sees it."""
    from store.embedded import ensure_server
    from tests.support.servers import server_folder

    with server_folder() as folder, ensure_server(folder, tcp=True) as server:
        parts = dict(part.split("=", 1) for part in (server.tcp_dsn or "").split())
        password = Path(parts["passfile"]).read_text().strip().rpartition(":")[2]
        yield f"postgresql://{parts['user']}:{password}@127.0.0.1:{parts['port']}/{parts['dbname']}"


def kiosk(commands: list[str], dsn: str) -> str:
    """Run kiosk commands here, and modules of the tests; returns what they said, and stops at one that fails."""
    said = ""
    for command in commands:
        module = () if command.startswith("tests.") else ("kiosk",)
        ended = subprocess.run(
            [sys.executable, "-m", *module, *shlex.split(command)],
            capture_output=True,
            text=True,
            check=False,
            cwd=PROJECT,
            env={**os.environ, "KIOSK_DSN": dsn},
        )
        said += f"$ kiosk {command}\n{ended.stdout}{ended.stderr}\n"
        if ended.returncode:
            raise RuntimeError(said)
    return said


def play(case: Path, wanted: dict[str, Any], out: Path, *, guest: Path, cache: Path, dsn: str = "") -> tuple[int, str]:
    """Boot the guest and play the case; returns its exit status and the last words of its program."""
    # The guest reaches this machine's loopback under another address.
    environment = ["--env", f"KIOSK_DSN={dsn.replace('127.0.0.1', '10.0.2.2')}"] if dsn else []
    for option in ("user", "tty"):
        if option in wanted:
            environment += [f"--{option}", wanted[option]]
    if wanted.get("no_wait"):
        environment.append("--no-wait")
    for option in ("pip", "apt"):
        for package in wanted.get(option, []):
            environment += [f"--{option}", package]
    if "unit" in wanted:
        pack_terminal(PROJECT, out, dsn.replace("127.0.0.1", "10.0.2.2"))
        environment += ["--append", boot_line(wanted["unit"]), "--boot-timeout", str(PATIENCE_SECONDS), "--mem", "2048"]
    arguments = [
        *(sys.executable, str(guest), "run", "--cache", str(cache), "--share", str(PROJECT), "--out", str(out)),
        *("--inject", str(case), *environment, "--env", "PYTHONPATH=/src/src:/src", "--quiet", "--"),
        wanted["command"].replace("PYTHON", PYTHON),
    ]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stderr.strip().rpartition("\n")[2]


def run(case: Path, guest: Path, cache: Path) -> bool:
    """Set up, boot, play and check one case; True when it holds."""
    wanted = json.loads(case.read_text())
    out = Path(tempfile.mkdtemp(prefix=f"lab-{case.stem}-"))
    started = time.monotonic()
    if "pip" in wanted or "apt" in wanted:
        # Another image: its own folder keeps the two from replacing one another.
        cache = cache.with_name(f"{cache.name}-{wanted.get('image', case.stem)}")
    if "shop" in wanted:
        with database() as dsn:
            kiosk(wanted["shop"], dsn)
            status, last_words = play(case, wanted, out, guest=guest, cache=cache, dsn=dsn)
            (out / "after.txt").write_text(kiosk(wanted.get("after", []), dsn))
    else:
        status, last_words = play(case, wanted, out, guest=guest, cache=cache)
    wrong = list(complaints(wanted["expect"], status, out))
    say(f"{'FAILED' if wrong else 'ok':<7} {case.stem:<14} {time.monotonic() - started:5.0f} s  {wanted['about']}")
    for complaint in wrong:
        say(f"        {complaint}")
    if wrong:
        say(f"        see {out}: command.log, steps.log; {last_words}")
    return not wrong


def main() -> int:
    """Run the named cases, or all; 0 when all hold."""
    cases = {path.stem: path for path in sorted((HERE / "cases").glob("*.json"))}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guest", type=Path, required=True, help="the program that boots the guest")
    parser.add_argument("--cache", type=Path, required=True, help="where it keeps its guest image")
    parser.add_argument("case", nargs="*", help=f"any of {', '.join(cases)}; all when none is named")
    options = parser.parse_args()
    unknown = set(options.case) - set(cases)
    if unknown:
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    results = [run(cases[name], options.guest, options.cache) for name in options.case or cases]
    say(f"{sum(results)} of {len(results)} hold")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
