"""Printable pages: wall cards of the control barcodes, badges, and labels of sheets, cards, sets and boxes.

Makes whole HTML pages without scripts or outside files, to be printed by any browser. Called by
`kiosk labels` and by the demo.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from core.domain.readings import ControlVerb
from core.identity.ids import CardUnitId, OperatorId, SheetId, assembly_of, position_of, sheet_of
from kiosk.printable import shown
from kiosk.printing.symbols import Symbol, code128, qr

__all__ = [
    "Label",
    "SymbolKind",
    "badge_labels",
    "card_labels",
    "control_labels",
    "page",
    "plain_labels",
    "set_labels",
]


class SymbolKind(StrEnum):
    """Which barcode is printed; `code128` for laser scanners, `qr` where room is short."""

    CODE128 = "code128"
    QR = "qr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label: what is encoded, the line read from afar, a line below, and a colour for its edge."""

    code: str
    title: str
    words: str = ""
    edge: str = "#000"


_GREEN, _RED, _AMBER, _GREY = "#2bb38a", "#c8201a", "#ffb000", "#555"

_CONTROLS: dict[ControlVerb, tuple[str, str, str]] = {
    ControlVerb.RESET: ("RESET", "clears a red STOP after its steps are done", _RED),
    ControlVerb.UNDO: ("UNDO", "takes back this station's last scan", _AMBER),
    ControlVerb.PASS: ("PASS", "the card under inspection is good", _GREEN),
    ControlVerb.FAIL: ("FAIL", "the card under inspection is bad", _RED),
    ControlVerb.HELP: ("CALL LEAD", "asks a lead to come here", _AMBER),
    ControlVerb.LOGOFF: ("LOG OFF", "ends your work at this station", _GREY),
    ControlVerb.PARK: ("PARK TRAY", "puts the open tray aside", _GREY),
    ControlVerb.SEAL: ("SEAL BOX", "closes the open box for good", _GREY),
    ControlVerb.YES: ("YES", "answers the question on the screen", _GREEN),
    ControlVerb.NO: ("NO", "answers the question on the screen", _RED),
    ControlVerb.SETTLE: ("SETTLE", "a kept scan that was refused is dealt with", _AMBER),
}


def control_labels(qa_codes: Iterable[tuple[str, str]] = ()) -> tuple[Label, ...]:
    """The wall card: every control barcode, and one FAIL for each of the shop's QA codes (code, words)."""
    fixed = [
        Label(code=f"CMD-{verb}", title=title, words=words, edge=edge)
        for verb, (title, words, edge) in _CONTROLS.items()
        if verb is not ControlVerb.FAIL  # without its code a FAIL says nothing
    ]
    faults = [
        Label(code=f"CMD-{ControlVerb.FAIL}-{code}", title=f"FAIL {code}", words=words, edge=_RED)
        for code, words in qa_codes
    ]
    return (*fixed, *faults)


def badge_labels(operators: Iterable[tuple[OperatorId, str, Sequence[str]]]) -> tuple[Label, ...]:
    """One badge for each person: id, name, roles."""
    return tuple(Label(code=badge, title=name, words=", ".join(roles)) for badge, name, roles in operators)


def card_labels(cards: Iterable[CardUnitId]) -> tuple[Label, ...]:
    """One label for each card, its position large."""
    return tuple(Label(code=card, title=card.split("-", 2)[2], words=_from(card)) for card in cards)


def _from(card: CardUnitId) -> str:
    return f"position {position_of(card)} of {sheet_of(card)}"


def set_labels(sheets: Iterable[SheetId]) -> tuple[Label, ...]:
    """One tray label for the set of each sheet."""
    return tuple(
        Label(code=assembly_of(sheet), title=f"TRAY {sheet}", words="gather this set here") for sheet in sheets
    )


def plain_labels(codes: Iterable[str], words: str = "") -> tuple[Label, ...]:
    """One label for each code that says itself, such as sheets and boxes."""
    return tuple(Label(code=code, title=code, words=words) for code in codes)


_LEAST_MM = 58.0
"""Of a label's width: room for its position and its sheet in one line."""
_PADDING_MM = 3.0

_STYLE = """
@page { size: A4; margin: 12mm }
* { box-sizing: border-box }
body { font: 11pt/1.3 "DejaVu Sans", Arial, sans-serif; margin: 0; color: #000; background: #fff }
h1 { font-size: 16pt; margin: 0 0 2mm } p.note { margin: 0 0 5mm; color: #444 }
ul { list-style: none; margin: 0 0 -4mm; padding: 0; font-size: 0; orphans: 1; widows: 1 }
li { display: inline-block; vertical-align: top; width: var(--wide); max-width: 100%; margin: 0 4mm 4mm 0; padding: 3mm;
     border: 0.3mm solid #999; border-top: 2.5mm solid var(--edge); border-radius: 1mm; font-size: 11pt;
     break-inside: avoid }
b { display: block; font-size: 17pt; line-height: 1.15; overflow-wrap: anywhere }
small { display: block; color: #333; overflow-wrap: anywhere } code { font: 9pt "DejaVu Sans Mono", monospace }
svg { display: block; margin: 2mm 0 1mm }
"""


def page(title: str, labels: Sequence[Label], *, kind: SymbolKind = SymbolKind.CODE128, note: str = "") -> str:
    """Return a whole HTML page of labels. Raises NotEncodableError for codes outside printable ASCII."""
    symbols = [code128(label.code) if kind is SymbolKind.CODE128 else qr(label.code) for label in labels]
    # All labels of a page are of one width, so that they stand in columns and can be cut in straight lines. They are
    # words in a line to the browser, for only lines are broken over pages by every one of them.
    wide = max([_LEAST_MM, *(symbol.width_mm + 2 * _PADDING_MM + 1 for symbol in symbols)])
    cells = "\n".join(_cell(label, symbol) for label, symbol in zip(labels, symbols, strict=True))
    heading = escape(shown(title, 120))
    below = f'<p class="note">{escape(shown(note, 300))}</p>\n' if note else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{heading}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n<h1>{heading}</h1>\n{below}"
        f'<ul style="--wide:{wide:.1f}mm">\n{cells}\n</ul>\n</body>\n</html>\n'
    )


def _cell(label: Label, symbol: Symbol) -> str:
    words = f"<small>{escape(shown(label.words, 120))}</small>" if label.words else ""
    return (
        f'<li style="--edge:{label.edge}"><b>{escape(shown(label.title, 60))}</b>{words}'
        f"{symbol.svg}<code>{escape(label.code)}</code></li>"
    )
