"""The write-ahead log in which earlier programs left what they kept: whether SQLite reads all of it.

SQLite takes a frame that is damaged for the end of the log, and says nothing of those behind it.
The format is https://www.sqlite.org/fileformat2.html#the_write_ahead_log.
"""

import struct
from typing import Final

__all__ = ["is_read_to_its_end"]

_HEADER: Final = 32
_FRAME_HEADER: Final = 24
_LITTLE_ENDIAN: Final = 0x377F0682
_BIG_ENDIAN: Final = 0x377F0683


def is_read_to_its_end(log: bytes) -> bool:
    """Say whether every frame of a log is whole, but for those of an earlier round that it writes over.

    A write that the power cut in the middle may look like damage: better told for nothing than lost unseen.
    """
    if len(log) < _HEADER + _FRAME_HEADER:
        return True
    magic, _, page_size, _, *salts, first, second = struct.unpack(">8I", log[:_HEADER])
    if magic not in {_LITTLE_ENDIAN, _BIG_ENDIAN}:
        return False
    order = "<" if magic == _LITTLE_ENDIAN else ">"
    sums = _summed(log[: _HEADER - 8], (0, 0), order)
    if sums != (first, second) or not 512 <= page_size <= 65_536 or page_size % 8:  # noqa: PLR2004 - SQLite's pages
        return False
    length = _FRAME_HEADER + page_size
    is_read = True
    for at in range(_HEADER, len(log) - length + 1, length):
        frame = log[at : at + length]
        *said, first, second = struct.unpack(">4I", frame[8:_FRAME_HEADER])
        if is_read:
            sums = _summed(frame[:8] + frame[_FRAME_HEADER:], sums, order)
            is_read = said == salts and sums == (first, second)
        if not is_read and (said[0] == salts[0] or said[1] == salts[1]):
            return False
    return True


def _summed(said: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{order}{len(said) // 4}I", said)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
