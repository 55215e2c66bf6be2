"""Code 128, set B: the barcode that every laser scanner reads. Pure; called by `kiosk.printing.symbols`."""

__all__ = ["QUIET_MODULES", "NotEncodableError", "modules", "widths"]

QUIET_MODULES = 10
"""White modules that the standard asks for on either side."""

_START_B = 104
_STOP = 106
_CHECK_BASE = 103
_FIRST_CHARACTER = 32
_CHARACTERS_OF_B = 95

# Bar, space, bar, space, bar, space of each symbol character, in modules; the last one is the stop with its final bar.
_TABLE = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)
_WIDTHS = tuple(_TABLE.split())


class NotEncodableError(ValueError):
    """The text holds characters that set B of Code 128 does not have."""


def widths(text: str) -> tuple[int, ...]:
    """The widths of bars and spaces in turn, in modules, from the start character to the final bar.

    Takes printable ASCII; raises NotEncodableError for anything else and for an empty text.
    """
    values = [ord(character) - _FIRST_CHARACTER for character in text]
    if not values or any(not 0 <= value < _CHARACTERS_OF_B for value in values):
        raise NotEncodableError("only printable ASCII, at least one character, goes into a Code 128 symbol")
    check = (_START_B + sum(place * value for place, value in enumerate(values, 1))) % _CHECK_BASE
    characters = (_START_B, *values, check, _STOP)
    return tuple(int(width) for character in characters for width in _WIDTHS[character])


def modules(text: str) -> int:
    """The width of the whole symbol in modules, without its quiet zones."""
    return sum(widths(text))
