"""The signs of the big type: what stands for a state, and what stands between letters and figures.

Drawn like the letters of `kiosk.bigtype.outlines`, whose table says how wide each is; called by it only.
"""

from kiosk.bigtype.pen import Sheet


def check(s: Sheet) -> None:
    """Accepted: a tick."""
    thick = s.nib.across * 1.4
    knee = s.width * 0.3
    start = s.height * 55 // 100
    s.diagonal(0, knee, start, s.height, thick)
    s.diagonal(s.width - thick, knee, s.height // 10, s.height, thick)


def cross(s: Sheet) -> None:
    """Rejected: two bars that cross."""
    thick = s.nib.across * 1.4
    s.diagonal(0, s.width - thick, 0, s.height, thick)
    s.diagonal(s.width - thick, 0, 0, s.height, thick)


def arrow(s: Sheet) -> None:
    """Ready: an arrow to the right."""
    spread = max(2, (s.height - s.nib.down) * 4 // 10)
    lean = s.nib.across * spread / (s.nib.down + 1)
    thick = s.nib.across * 1.3
    tip = s.width - thick
    s.block(0, s.middle, s.width - s.nib.across, s.nib.down)
    s.diagonal(tip - lean, tip, s.middle - spread, s.middle + s.nib.down, thick)
    s.diagonal(tip, tip - lean, s.middle, s.middle + s.nib.down + spread, thick)


def triangle(s: Sheet) -> None:
    """Attention: a triangle, point up."""
    for y in range(s.height):
        reach = (y + 1) / s.height * s.width / 2
        left = round(s.width / 2 - reach)
        s.block(left, y, s.width - 2 * left, 1)


def not_equal(s: Sheet) -> None:
    """Offline: two level bars, struck through."""
    gap = max(1, s.height // 6) + (s.height - max(1, s.height // 6)) % 2
    upper = (s.height - gap) // 2 - s.nib.down
    s.block(0, upper, s.width, s.nib.down)
    s.block(0, upper + s.nib.down + gap, s.width, s.nib.down)
    s.diagonal(s.width - s.nib.across * 1.5, s.nib.across * 0.5, 0, s.height, s.nib.across)


def dash(s: Sheet) -> None:
    """A hyphen."""
    s.mid()


def slash(s: Sheet) -> None:
    """Between what is done and what there is to do."""
    s.diagonal(s.width - s.nib.across, 0, 0, s.height, s.nib.across)


def dot(s: Sheet) -> None:
    """A dot at half height."""
    s.mid()


def stop(s: Sheet) -> None:
    """A full stop."""
    s.bottom()


def colon(s: Sheet) -> None:
    """Two dots, as in a time of day."""
    s.block(0, s.height // 4, s.width, s.nib.down)
    s.block(0, s.height - s.height // 4 - s.nib.down, s.width, s.nib.down)


def percent(s: Sheet) -> None:
    """Two dots and a slanted bar."""
    s.block(0, 0, s.nib.across, s.nib.down)
    s.block(s.width - s.nib.across, s.height - s.nib.down, s.nib.across, s.nib.down)
    s.diagonal(s.width - s.nib.across, 0, 0, s.height, s.nib.across)


def plus(s: Sheet) -> None:
    """Two bars that cross upright."""
    s.mid()
    reach = s.height * 3 // 10
    s.block((s.width - s.nib.across) // 2, s.middle - reach, s.nib.across, s.nib.down + 2 * reach)


def blank(_: Sheet) -> None:
    """Nothing: a space has a width only."""
