"""What is said of an embedded server that cannot be had, and the part of its log that this is read from."""

import contextlib
import re
from pathlib import Path

from store.embedded_keeper import LOG

__all__ = ["log_since", "log_size", "said_not_started", "said_of_folder", "said_silent"]


def log_size(place: Path) -> int:
    """How many bytes the server's log has now."""
    with contextlib.suppress(OSError):
        return (place / LOG).stat().st_size
    return 0


def log_since(place: Path, start: int) -> str:
    """What the server wrote to its log since that had so many bytes."""
    with contextlib.suppress(OSError), (place / LOG).open("rb") as log:
        log.seek(start if start <= log_size(place) else 0)
        return log.read(100_000).decode(errors="replace")
    return ""


def said_not_started(place: Path, said: str) -> str:
    """One sentence out of what a program of Postgres printed before it gave up."""
    if "No space left on device" in said:
        return f"The disk that holds {place} is full; make room or name another data folder."
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"\b(FATAL|PANIC|error):", line)]
    last = (telling or lines or ["it ended without a word"])[-1]
    last = re.sub(r"^.*?\b(FATAL|PANIC|error):\s*", "", last)
    return f"The server in {place} did not start: {last} (the whole story is in {place / LOG})"


def said_silent(place: Path, pid: int | None) -> str:
    """What is said of a server that runs, as this process, and does not answer."""
    process = "its processes are" if pid is None else f"its process {pid} is"
    return (
        f"The server in {place} runs but does not answer. Look whether {process} stopped, whether this machine is "
        f"overloaded, and whether its disk is well; the server's own words are in {place / LOG}."
    )


def said_of_folder(place: Path, error: OSError) -> str:
    """What is said of a data folder that cannot be used."""
    if isinstance(error, PermissionError):
        return f"The data folder {place} is not open to this user; name another folder or change its owner."
    return f"The data folder {place} cannot be used: {error.strerror or error}."
