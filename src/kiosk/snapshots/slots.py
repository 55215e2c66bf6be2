"""A sheet's own layout: what each of its positions holds."""

from dataclasses import dataclass
from enum import StrEnum


class SlotState(StrEnum):
    """What a position of a sheet holds."""

    IN = "in"
    NEW = "new"
    KEPT = "kept"
    ELSEWHERE = "elsewhere"
    HOLD = "hold"
    REMAKE = "remake"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotView:
    """One position of the sheet. `caption` says it in words ("in", "QA BENCH", "HOLD").

    `short` is the caption in at most 8 characters, used where a slot is narrow.
    """

    position: int
    state: SlotState
    caption: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyGridView:
    """A sheet's own layout, `rows` by `columns`, slots in reading order (row by row)."""

    rows: int
    columns: int
    slots: tuple[SlotView, ...]
