"""Barcodes as SVG, sized in millimetres: Code 128 for laser scanners, QR for small labels and cameras.

Pure text in, SVG text out; called by `kiosk.printing.labels`.
"""

import io
from dataclasses import dataclass
from html import escape

import segno

from kiosk.printing.code128 import QUIET_MODULES, widths

__all__ = ["Symbol", "code128", "qr"]

_QR_QUIET_MODULES = 4


@dataclass(frozen=True, slots=True)
class Symbol:
    """A drawn barcode and its size in millimetres, quiet zones included."""

    svg: str
    width_mm: float
    height_mm: float


def code128(text: str, *, module_mm: float = 0.33, height_mm: float = 14.0) -> Symbol:
    """Draw `text` as Code 128; 0.33 mm per module suits office printers and cheap lasers."""
    bars: list[str] = []
    at = QUIET_MODULES
    for place, width in enumerate(widths(text)):
        if place % 2 == 0:
            bars.append(f"M{at} 0h{width}v1h-{width}z")
        at += width
    return _svg("".join(bars), text, (at + QUIET_MODULES, 1), module_mm=module_mm, height_mm=height_mm)


def qr(text: str, *, module_mm: float = 0.4) -> Symbol:
    """Draw `text` as a QR code (medium error correction), square modules of `module_mm`."""
    rows = segno.make_qr(text, error="m").matrix
    squares: list[str] = []
    for y, row in enumerate(rows, _QR_QUIET_MODULES):
        for x, dark in enumerate(row, _QR_QUIET_MODULES):
            if dark:
                squares.append(f"M{x} {y}h1v1h-1z")
    size = len(rows) + 2 * _QR_QUIET_MODULES
    return _svg("".join(squares), text, (size, size), module_mm=module_mm, height_mm=size * module_mm)


def _svg(path: str, text: str, size: tuple[int, int], *, module_mm: float, height_mm: float) -> Symbol:
    columns, rows = size
    width_mm = columns * module_mm
    drawn = io.StringIO()
    drawn.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_mm:.2f}mm" height="{height_mm:.2f}mm" ')
    # Crisp edges: a smoothed bar is a bar of another width.
    drawn.write(f'viewBox="0 0 {columns} {rows}" preserveAspectRatio="none" shape-rendering="crispEdges" role="img">')
    drawn.write(f'<title>{escape(text)}</title><path d="{path}" fill="#000"/></svg>')
    return Symbol(drawn.getvalue(), width_mm, height_mm)
