"""How a command ends: exit codes that scripts can rely on, and the errors that lead to them."""

from enum import IntEnum

__all__ = ["EXIT_CODES", "Exit", "UsageError"]


class Exit(IntEnum):
    """The exit code of every command."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    UNREACHABLE = 3
    DIFFERENCES = 4
    FAULT = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141


EXIT_CODES = """\
exit codes:
  0  done
  1  refused: what was asked is not allowed now; the reason is printed
  2  the command, kiosk.toml or another file is wrong; what is allowed is printed
  3  the database cannot be reached or used; what to do is printed
  4  differences were found (db verify, doctor)
"""


class UsageError(Exception):
    """What was typed cannot be meant; the text is a sentence for whoever typed it."""
