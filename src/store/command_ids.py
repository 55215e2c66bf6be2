"""New ids for commands, each greater than those that were made before it.

Every answer is found by its command's id, so their index is as long as the log. Ids by chance alone would touch another
page of it with each scan, one that is in no memory and that is written ahead whole after every checkpoint; ids that
begin with the time go to its newest pages, however long it is.
"""

import os
import time
from uuid import UUID

CHANCE_BYTES = 10
"""So much of an id is by chance, but for the six bits that say what kind of id it is."""


def new_command_id() -> UUID:
    """Return an id that no command has; those of one clock grow from one millisecond to the next."""
    return command_id(time.time_ns() // 1_000_000, os.urandom(CHANCE_BYTES))


def command_id(milliseconds: int, chance: bytes) -> UUID:
    """Return the id of a moment, in milliseconds since 1970, and ``CHANCE_BYTES`` of chance: version 7 of RFC 9562."""
    value = milliseconds << 80 | int.from_bytes(chance, "big")
    value = value & ~(0xF << 76) | 7 << 76
    return UUID(int=value & ~(0b11 << 62) | 0b10 << 62)
