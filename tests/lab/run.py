"""Plays scans into a real kernel and checks what the product makes of them.

    python tests/lab/run.py --hidlab FOLDER/hidlab.py --cache FOLDER [CASE...]

hidlab boots a guest machine with emulated USB scanners; no device of this machine is touched. Each file in
cases/ is an inject file of hidlab with four keys more: `about`, `user`, `command` (run in the guest, in the
project's folder) and `expect`: `exit`, `lines` (regular expressions that the output shows in this order),
`never` (that it never shows), and `files` (what hidlab wrote: `has` and `lacks`).
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
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


def run(case: Path, hidlab: Path, cache: Path) -> bool:
    """Boot, play and check one case; True when it holds."""
    wanted = json.loads(case.read_text())
    out = Path(tempfile.mkdtemp(prefix=f"lab-{case.stem}-"))
    command = wanted["command"].replace("PYTHON", PYTHON)
    user = ["--user", wanted["user"]] if "user" in wanted else []
    arguments = [
        *(sys.executable, str(hidlab), "run", "--cache", str(cache), "--share", str(PROJECT), "--out", str(out)),
        *("--inject", str(case), *user, "--env", "PYTHONPATH=/src/src:/src", "--quiet", "--", command),
    ]
    started = time.monotonic()
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
    wrong = list(complaints(wanted["expect"], ended.returncode, out))
    say(f"{'FAILED' if wrong else 'ok':<7} {case.stem:<14} {time.monotonic() - started:5.0f} s  {wanted['about']}")
    for complaint in wrong:
        say(f"        {complaint}")
    if wrong:
        say(f"        see {out}: command.log, steps.log; {ended.stderr.strip().splitlines()[-1:]}")
    return not wrong


def main() -> int:
    """Run the named cases, or all; 0 when all hold."""
    cases = {path.stem: path for path in sorted((HERE / "cases").glob("*.json"))}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidlab", type=Path, required=True, help="the hidlab.py to run")
    parser.add_argument("--cache", type=Path, required=True, help="where hidlab keeps its guest image")
    parser.add_argument("case", nargs="*", help=f"any of {', '.join(cases)}; all when none is named")
    options = parser.parse_args()
    unknown = set(options.case) - set(cases)
    if unknown:
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    results = [run(cases[name], options.hidlab, options.cache) for name in options.case or cases]
    say(f"{sum(results)} of {len(results)} hold")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
