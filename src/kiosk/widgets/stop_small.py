"""The stop where the large one has no room: the same words as running text, the most needed first.

A stop is shown at any size. What does not fit is left out whole, by rank, and counted; only what is
left over makes words big or puts air between them. `kiosk.widgets.stop` decides when it is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from rich.style import Style

from kiosk.bigtype import GlyphSet, fit
from kiosk.snapshots.verdicts import ComparedId, IdPart, StopFact, StopView
from kiosk.widgets.canvas import Canvas, cells, literal

_HEAD: Final = "✗ STOP"
_ASIDE: Final = 7
"""From this rank on a part accompanies the stop and tells nothing of the thing in hand."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Words in one row, from a column on; inverted where ids differ."""

    x: int
    words: str
    inverted: bool = False


_Row = tuple[_Run, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows that are shown together or not at all; a lower rank is needed more. Groups stand apart."""

    rank: int
    group: int
    rows: tuple[_Row, ...]


def paint_small_stop(canvas: Canvas, view: StopView, typed: str, styles: tuple[Style, Style]) -> None:
    """Paint a stop on a canvas of any size, already filled; `styles` are the normal and the inverted one."""
    style, inverted = styles
    margin = 1 if canvas.width >= 30 else 0
    width = canvas.width - 2 * margin
    parts = _parts(view, width)
    told = sum(len(part.rows) for part in parts if part.rank < _ASIDE)
    # The last row says how much is left out, or echoes what is typed: neither takes a word's place.
    room = canvas.height - (1 if typed or told > canvas.height else 0)
    kept = _kept(parts, room)
    left_out = _height(parts) - _height(kept)
    if not left_out:
        kept = [_headline(view, width, room - _height(kept), canvas.glyphs) or kept[0], *kept[1:]]
    air = 0 if left_out else room - _height(kept)
    y = 0
    for before, part in zip([kept[0], *kept], kept, strict=False):
        if part.group != before.group and air > 0:
            y, air = y + 1, air - 1
        for row in part.rows:
            for run in row:
                ink = inverted if run.inverted else style
                canvas.text(margin + run.x, y, run.words, ink, max(0, canvas.width - margin - run.x))
            y += 1
    last = canvas.height - 1
    if typed:
        canvas.right(canvas.width, last, f" {typed}▌", inverted)
    elif y <= last and left_out:
        canvas.text(margin, last, f"+{left_out} more rows", style, width)


def _height(parts: list[_Part]) -> int:
    return sum(len(part.rows) for part in parts)


def _headline(view: StopView, width: int, spare: int, glyphs: GlyphSet) -> _Part | None:
    """The headline with its noun in big type, else with STOP in it; None where neither fits."""
    for big, above, below in ((view.noun, _HEAD, ""), ("STOP", "", view.noun)):
        found = fit(big, width, min(spare, 8), glyphs)
        if found is not None:
            letters = tuple((_Run(0, line),) for line in found.lines)
            rows = (*(_sentence(above, width) if above else ()), *letters, *(_sentence(below, width) if below else ()))
            return _Part(0, 0, rows)
    return None


def _kept(parts: list[_Part], room: int) -> list[_Part]:
    """The parts that fit, by rank, in the order in which they are read; the first one always."""
    kept = {0}
    room -= len(parts[0].rows)
    is_whole = True
    for place in sorted(range(1, len(parts)), key=lambda place: parts[place].rank):
        rows = len(parts[place].rows)
        # What only accompanies the rest does not take the row that says how much is left out.
        if rows <= room and (is_whole or parts[place].rank < _ASIDE):
            kept.add(place)
            room -= rows
        else:
            is_whole = False
    return [part for place, part in enumerate(parts) if place in kept]


def _parts(view: StopView, width: int) -> list[_Part]:
    label = max((cells(fact.label) for fact in view.facts), default=0) + 2
    parts = [_Part(0, 0, _sentence(f"{_HEAD} {view.noun}", width))]
    if view.compared:
        parts.append(_Part(5, 1, _comparison(view.compared, width)))
    parts += [_Part(6, 2, _fact(fact, label, width)) for fact in view.facts]
    parts += [
        # The RESET card ends it, so its step is the last to go; then what to do with the thing in hand.
        _Part(1 if "RESET" in step else 2 if number == 1 else 3, 3, _sentence(step, width, f"{number} "))
        for number, step in enumerate(view.steps, 1)
    ]
    if view.release:
        parts.append(_Part(4, 3, _sentence(f"or {view.release}", width)))
    ignored = f"{view.ignored} scan{'s' if view.ignored > 1 else ''} ignored." if view.ignored else ""
    parts += [
        _Part(rank, 4, _sentence(words, width))
        for rank, words in ((_ASIDE, ignored), (_ASIDE + 1, view.footnote), (_ASIDE + 2, view.stamp))
        if words
    ]
    return parts


def _sentence(words: str, width: int, before: str = "") -> tuple[_Row, ...]:
    """A sentence on as many rows as it needs; what stands before it stands out to the left."""
    indent = cells(before)
    rows = wrap(literal(words), max(1, width - indent)) or [""]
    return tuple(
        (_Run(0, before), _Run(indent, row)) if indent and place == 0 else (_Run(indent, row),)
        for place, row in enumerate(rows)
    )


def _fact(fact: StopFact, label: int, width: int) -> tuple[_Row, ...]:
    """What it is, where it goes: beside its label, or below it where there is no room beside it."""
    if width - label < 20:
        first, *rest = wrap(literal(f"{fact.label} {fact.value}"), max(1, width), subsequent_indent="  ") or [""]
        return ((_Run(0, first),), *((_Run(0, words),) for words in rest))
    values = wrap(literal(fact.value), width - label) or [""]
    rows = tuple((_Run(label, value),) for value in values)
    return ((_Run(0, fact.label), *rows[0]), *rows[1:])


def _comparison(compared: Sequence[ComparedId], width: int) -> tuple[_Row, ...]:
    """The ids below each other, part under part; where they are wider than that, one part after the other."""
    label = max(cells(line.label) for line in compared) + 1
    count = max(len(line.parts) for line in compared)
    columns = [max((cells(each) for each in _words_of(compared, place)), default=0) + 1 for place in range(count)]
    is_flowing = label + sum(columns) - 1 > width
    rows: list[list[_Run]] = []
    for line in compared:
        rows.append([_Run(0, line.label)])
        x = cells(line.label) + 1 if is_flowing else label
        for part, column in zip(line.parts, columns, strict=False):
            words = _part_words(part, is_flowing=is_flowing)
            if is_flowing and x + cells(words) > width:
                rows.append([])
                x = 2
            rows[-1].append(_Run(x, words, inverted=part.differs))
            x += cells(words) + 1 if is_flowing else column
    return tuple(tuple(row) for row in rows)


def _words_of(compared: Sequence[ComparedId], place: int) -> list[str]:
    return [_part_words(line.parts[place], is_flowing=False) for line in compared if place < len(line.parts)]


def _part_words(part: IdPart, *, is_flowing: bool) -> str:
    return f"≠ {part.text}" if part.differs else part.text if is_flowing else f"  {part.text}"
