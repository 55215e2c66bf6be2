"""The outlines of the big letters, drawn by rule at any size of five rows and more.

Every glyph is bars and diagonals between a top, a middle and a bottom; a `Nib` says how large
the box and how thick the bars are, so one definition serves every size and both glyph sets
(half blocks, where a pixel is half a cell high, and full blocks, where it is a whole cell).
Called by `kiosk.bigtype.font` only.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from kiosk.bigtype import signs
from kiosk.bigtype.pen import Bitmap, Nib, Sheet


def _zero(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.left()
    s.right()
    s.round_off("tl", "tr", "bl", "br")


def _one(s: Sheet) -> None:
    s.centre()
    s.bottom()
    centre = (s.width - s.nib.across) // 2
    s.block(max(0, centre - s.nib.across), s.nib.down // 2 + s.nib.down % 2, s.nib.across, s.nib.down)
    s.block(centre - 1, 0, 1, s.nib.down // 2 + s.nib.down % 2, ink=False)


def _two(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.right(lower=False)
    under = s.middle + s.nib.down
    s.left(upper=False)
    s.mid()
    s.round_off("tl", "tr")
    _stub_upper_left(s)
    s.round_off("br", at=(0, under - 1))
    s.round_off("tl", at=(s.middle, 0))
    s.round_off("tl")


def _three(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.right()
    s.mid(left=s.nib.across // 2 + 1)
    _stub_upper_left(s)
    _stub_lower_left(s)
    s.round_off("tl", "tr", "bl", "br")
    _waist_right(s)


def _four(s: Sheet) -> None:
    foot = min(s.height - s.nib.down - 1, s.middle + s.nib.down)
    s.right()
    s.block(0, foot, s.width, s.nib.down)
    thick = s.nib.across * 1.25
    s.diagonal(s.width - s.nib.across - thick * 0.4, 0, 0, foot + 1, thick)


def _five(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.left(lower=False)
    s.right(upper=False)
    s.mid()
    _stub_lower_left(s)
    s.round_off("tr", at=(s.middle, 0))
    s.round_off("bl", "br")


def _six(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.left()
    s.right(upper=False)
    s.mid()
    _terminals(s, lower=False)
    s.round_off("tl", "tr", "bl", "br")
    s.round_off("tr", at=(s.middle, 0))


def _seven(s: Sheet) -> None:
    s.top()
    thick = s.nib.across * 1.2
    s.diagonal(s.width - thick, s.width * 0.28, s.nib.down, s.height, thick)


def _eight(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.left()
    s.right()
    s.mid()
    s.round_off("tl", "tr", "bl", "br")
    _waist_right(s)
    _waist_left(s)


def _nine(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.right()
    s.left(lower=False)
    s.mid()
    _stub_lower_left(s)
    s.round_off("tl", "tr", "bl", "br")
    s.round_off("bl", at=(0, s.middle + s.nib.down - 1))


def _stub(s: Sheet) -> int:
    """How far the end of a bow reaches; it must not meet the middle bar, or S would be 8."""
    return s.nib.down + min(max(1, s.nib.down // 2), s.middle - s.nib.down - 1)


def _stub_upper_left(s: Sheet) -> None:
    """The end of the upper bow of 2 and 3; without it a 3 at a distance reads as a bracket."""
    s.block(0, 0, s.nib.across, _stub(s))


def _stub_lower_left(s: Sheet) -> None:
    s.block(0, s.height - _stub(s), s.nib.across, _stub(s))


def _waist_right(s: Sheet) -> None:
    if s.nib.down == 1:
        s.block(s.width - 1, s.middle, 1, 1, ink=False)
        return
    depth = max(1, s.nib.cut_across // 2)
    spare = max(0, s.nib.down - 2) // 2
    s.block(s.width - depth, s.middle + spare, depth, max(2, s.nib.down - 2 * spare), ink=False)


def _waist_left(s: Sheet) -> None:
    if s.nib.down == 1:
        s.block(0, s.middle, 1, 1, ink=False)
        return
    depth = max(1, s.nib.cut_across // 2)
    spare = max(0, s.nib.down - 2) // 2
    s.block(0, s.middle + spare, depth, max(2, s.nib.down - 2 * spare), ink=False)


def _a(s: Sheet) -> None:
    s.top()
    s.left()
    s.right()
    s.mid()
    s.round_off("tl", "tr")


def _b(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.left()
    s.right()
    s.mid()
    s.round_off("tr", "br")
    _waist_right(s)


def _terminals(s: Sheet, *, lower: bool = True) -> None:
    s.block(s.width - s.nib.across, 0, s.nib.across, _stub(s))
    if lower:
        s.block(s.width - s.nib.across, s.height - _stub(s), s.nib.across, _stub(s))


def _c(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.left()
    _terminals(s)
    s.round_off("tl", "tr", "bl", "br")


def _d(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.left()
    s.right()
    s.round_off("tr", "br")


def _e(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.left()
    s.mid(right=s.nib.across // 2)


def _f(s: Sheet) -> None:
    s.top()
    s.left()
    s.mid(right=s.nib.across // 2)


def _g(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.left()
    _terminals(s, lower=False)
    s.right(upper=False)
    s.mid(left=max(s.nib.across + 1, (s.width + 1) // 2))
    s.round_off("tl", "tr", "bl", "br")


def _h(s: Sheet) -> None:
    s.left()
    s.right()
    s.mid()


def _i(s: Sheet) -> None:
    s.centre()


def _j(s: Sheet) -> None:
    s.right()
    s.bottom()
    s.block(0, s.height - s.nib.down * 2, s.nib.across, s.nib.down * 2)
    s.round_off("bl", "br")


def _k(s: Sheet) -> None:
    s.left()
    thick = s.nib.across * 1.2
    inner = s.nib.across * 0.8
    half = s.height // 2
    s.diagonal(s.width - thick, inner, 0, half + s.nib.down // 2, thick)
    s.diagonal(inner, s.width - thick, half - (s.nib.down // 2), s.height, thick)


def _l(s: Sheet) -> None:
    s.left()
    s.bottom()


def _m(s: Sheet) -> None:
    s.left()
    s.right()
    reach = s.height * 6 // 10
    thick = s.nib.across
    s.diagonal(s.nib.across * 0.5, (s.width - thick) / 2, 0, reach, thick)
    s.diagonal(s.width - s.nib.across * 0.5 - thick, (s.width - thick) / 2, 0, reach, thick)


def _n(s: Sheet) -> None:
    s.left()
    s.right()
    s.diagonal(
        s.nib.across * 0.5, s.width - s.nib.across * 1.5, s.height // 10, s.height - s.height // 10, s.nib.across
    )


def _p(s: Sheet) -> None:
    s.top()
    s.left()
    s.right(lower=False)
    s.mid()
    s.round_off("tr")
    s.round_off("br", at=(0, s.middle + s.nib.down - 1))


def _q(s: Sheet) -> None:
    _zero(s)
    thick = s.nib.across
    s.diagonal(s.width // 2, s.width - thick, s.height - 2 * s.nib.down - 1, s.height, thick)


def _r(s: Sheet) -> None:
    _p(s)
    thick = s.nib.across * 1.15
    s.diagonal((s.width - thick) / 2, s.width - thick, s.middle + s.nib.down, s.height, thick)


def _s(s: Sheet) -> None:
    s.top()
    s.bottom()
    s.left(lower=False)
    s.right(upper=False)
    s.mid()
    _terminals(s, lower=False)
    _stub_lower_left(s)
    s.round_off("tl", "tr", "bl", "br")
    s.round_off("bl", at=(0, s.middle + s.nib.down - 1))
    s.round_off("tr", at=(s.middle, 0))


def _t(s: Sheet) -> None:
    s.top()
    s.centre()


def _u(s: Sheet) -> None:
    s.left()
    s.right()
    s.bottom()
    s.round_off("bl", "br")


def _v(s: Sheet) -> None:
    thick = s.nib.across
    if s.height < 8:
        # So low, two slants would meet halfway down and read as Y.
        s.left()
        s.right()
        s.block(0, s.height - 2, s.width, 2, ink=False)
        s.diagonal(1, (s.width - thick) / 2, s.height - 2, s.height, thick)
        s.diagonal(s.width - thick - 1, (s.width - thick) / 2, s.height - 2, s.height, thick)
        return
    s.diagonal(0, (s.width - thick) / 2, 0, s.height, thick)
    s.diagonal(s.width - thick, (s.width - thick) / 2, 0, s.height, thick)


def _w(s: Sheet) -> None:
    s.left()
    s.right()
    rise = s.height * 4 // 10
    thick = s.nib.across
    s.diagonal((s.width - thick) / 2, s.nib.across * 0.5, rise, s.height, thick)
    s.diagonal((s.width - thick) / 2, s.width - s.nib.across * 0.5 - thick, rise, s.height, thick)


def _x(s: Sheet) -> None:
    thick = s.nib.across * 1.1
    s.diagonal(0, s.width - thick, 0, s.height, thick)
    s.diagonal(s.width - thick, 0, 0, s.height, thick)


def _y(s: Sheet) -> None:
    thick = s.nib.across
    half = s.height // 2
    s.diagonal(0, (s.width - thick) / 2, 0, half + 1, thick)
    s.diagonal(s.width - thick, (s.width - thick) / 2, 0, half + 1, thick)
    s.centre(upper=False)


def _z(s: Sheet) -> None:
    s.top()
    s.bottom()
    thick = s.nib.across * 1.2
    s.diagonal(s.width - thick, 0, s.nib.down, s.height - s.nib.down, thick)


Widen: TypeAlias = Callable[[Nib], int]


def _normal(nib: Nib) -> int:
    return nib.width


def _narrow(nib: Nib) -> int:
    return nib.width - max(1, nib.across // 2)


def _broad(nib: Nib) -> int:
    return nib.width + 1


def _wide(nib: Nib) -> int:
    return nib.width + nib.across


def _widest(nib: Nib) -> int:
    return nib.width + nib.across + 1


def _stroke(nib: Nib) -> int:
    return nib.across


def _short(nib: Nib) -> int:
    return nib.width * 2 // 3


def _odd(nib: Nib) -> int:
    """The upright of T, V and Y stands in the middle only where box and bar are both odd or both even."""
    return nib.width + (nib.width - nib.across) % 2


OUTLINES: Final[Mapping[str, tuple[Widen, Callable[[Sheet], None]]]] = MappingProxyType(
    {
        "0": (_normal, _zero),
        "1": (_narrow, _one),
        "2": (_normal, _two),
        "3": (_normal, _three),
        "4": (_normal, _four),
        "5": (_normal, _five),
        "6": (_normal, _six),
        "7": (_normal, _seven),
        "8": (_normal, _eight),
        "9": (_normal, _nine),
        "A": (_normal, _a),
        "B": (_normal, _b),
        "C": (_normal, _c),
        "D": (_normal, _d),
        "E": (_narrow, _e),
        "F": (_narrow, _f),
        "G": (_normal, _g),
        "H": (_normal, _h),
        "I": (_stroke, _i),
        "J": (_narrow, _j),
        "K": (_normal, _k),
        "L": (_narrow, _l),
        "M": (_wide, _m),
        "N": (_broad, _n),
        "O": (_broad, _zero),
        "P": (_normal, _p),
        "Q": (_broad, _q),
        "R": (_normal, _r),
        "S": (_normal, _s),
        "T": (_odd, _t),
        "U": (_normal, _u),
        "V": (_odd, _v),
        "W": (_wide, _w),
        "X": (_odd, _x),
        "Y": (_odd, _y),
        "Z": (_normal, _z),
        "✓": (_wide, signs.check),
        "✗": (_widest, signs.cross),
        "→": (_wide, signs.arrow),
        "▲": (_wide, signs.triangle),
        "≠": (_wide, signs.not_equal),
        "-": (_short, signs.dash),
        "/": (_short, signs.slash),
        "·": (_stroke, signs.dot),
        ".": (_stroke, signs.stop),
        ":": (_stroke, signs.colon),
        "%": (_normal, signs.percent),
        "+": (_odd, signs.plus),
        " ": (_short, signs.blank),
    }
)
"""Every character with a big shape: how wide its box is, and how it is drawn."""


def draw(character: str, nib: Nib) -> Bitmap:
    """The pixels of one character of `OUTLINES` at this nib. Raises KeyError for another."""
    widen, outline = OUTLINES[character]
    sheet = Sheet(nib, widen(nib))
    outline(sheet)
    return sheet.bitmap()
