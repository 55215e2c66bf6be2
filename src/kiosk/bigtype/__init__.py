"""Letters three rows high and higher, for what must be read at two metres."""

from kiosk.bigtype.font import SIZES, BigSize, BigText, GlyphSet, fit, fit_all, has_shapes, set_big

__all__ = ["SIZES", "BigSize", "BigText", "GlyphSet", "fit", "fit_all", "has_shapes", "set_big"]
