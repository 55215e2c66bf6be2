"""What a station says while it has nobody to ask: what is kept, what waits and why, and what stops the line."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from core.domain.commands import RecordQAResult
from core.domain.values import OperationType, QAOutcome
from core.identity.ids import CardUnitId, SheetId
from core.production.holding import WholeTruth
from core.production.requests import Request
from kiosk.printable import shown
from kiosk.snapshots.verdicts import StopView
from kiosk.wording.rejections import spoken
from kiosk.wording.spoken import Spoken, Words, attention, listed, short_card
from kiosk.wording.units import MARKS
from store.damaged_requests import Remains, remains_in
from store.errors import SpoolBroken, SpoolBusy, SpoolFull, SpoolLent, SpoolTaken, SpoolUnread, StoreError
from store.read_models.held_scans import RefusedHeldScan
from store.spool_file import GONE, LEFT

__all__ = [
    "ASIDE",
    "KINDS",
    "cannot_keep",
    "is_kept_already",
    "is_of_a_file",
    "keeps_nothing",
    "kept_words",
    "mark_waits",
    "not_believed",
    "place_is_kept",
    "spoken_wait",
    "title_of",
    "what_is_kept",
    "what_was_kept",
    "when_refused",
    "why_refused",
]

_WAITS: Mapping[WholeTruth, tuple[str, str, str]] = MappingProxyType(
    {
        WholeTruth.BADGE: (
            "THIS BADGE WAITS",
            "This terminal does not know the badge yet.",
            "Not known here yet: somebody known logs on",
        ),
        WholeTruth.TRAY: (
            "TRAYS WAIT",
            "Only the database knows where a tray stands and what it lacks.",
            "No tray is opened or parked offline",
        ),
        WholeTruth.PACKING: (
            "PACKING WAITS",
            "Only the database knows whether a set is complete.",
            "Nothing is packed offline; lay it aside",
        ),
        WholeTruth.PIN: (
            "APPROVAL WAITS",
            "A PIN is checked by the database, and never kept.",
            "A PIN is never kept; ask again when online",
        ),
        WholeTruth.DECISION: (
            "DECISIONS WAIT",
            "Only the database knows how the unit stands now.",
            "Nothing was decided; decide when online",
        ),
        WholeTruth.CORRECTION: (
            "UNDO WAITS",
            "What was recorded or kept can be taken back when the database answers.",
            "Nothing was taken back; try when online",
        ),
        WholeTruth.OFFICE: (
            "THIS WAITS",
            "Orders, jobs and the catalogue are changed in the database only.",
            "Nothing was changed; try when online",
        ),
        WholeTruth.FLOOR: (
            "NOTHING TO SHOW",
            "What is looked up is in the database.",
            "Look it up when the database answers",
        ),
    }
)


ASIDE = "ASIDE"
"""The big words over a kept card whose number or insert waits."""


def spoken_wait(why: WholeTruth) -> Spoken:
    """What waits for the database, and why; nothing of it was done or kept, so nobody is to wait for it here."""
    noun, sentence, cure = _WAITS[why]
    return attention(noun, sentence, cure, big="NOT NOW")


def mark_waits(card: CardUnitId, work: Iterable[OperationType]) -> Spoken:
    """What is told whoever gives a kept card its number or insert: it is not asked for before the database answers."""
    return attention(
        f"ITS {listed((MARKS[each] for each in work), last='or').upper()} WAITS",
        f"Which are free only the database knows, so card {card} gets none now.",
        f"Lay {short_card(card)} aside, and scan it again when online",
        big=ASIDE,
    )


def kept_words(count: int) -> str:
    """The contract's words for what is on this terminal's disk."""
    return f"SAVED, {count} KEPT HERE"


def what_is_kept(request: Request) -> tuple[str, str]:
    """Say of a verdict that is kept which one it is, of anything else nothing; then in short, for the last scans."""
    if not isinstance(request, RecordQAResult):
        return "", "kept"
    if request.result.outcome is QAOutcome.PASS:
        return "PASSED", "kept pass"
    codes = request.result.codes
    more = f" +{len(codes) - 1}" if len(codes) > 1 else ""
    return f"FAILED {' '.join(codes)}", f"kept {codes[0] if codes else 'fail'}{more}"


def not_believed(*, stop: bool, work: bool) -> str:
    """Say what the disk changed of what a terminal remembered: of its stop, of what it has open, or of both."""
    return "Ask a lead " + " and ".join(
        [*(["whether the line stood"] if stop else []), *(["what was open"] if work else [])]
    )


def keeps_nothing(why: StoreError) -> str:
    """Say in a few words why a terminal can keep nothing, and what to do; which file it is stands in the log."""
    match why:
        case SpoolFull():
            return "Call a lead: the disk is full"
        case SpoolLent():
            return f"Call a lead: {_whose(why)} has its file"
        case SpoolBusy():
            return "Call a lead: another kiosk has its file"
        case SpoolTaken():
            return "Restart nothing, call a lead: its file is gone"
        case SpoolBroken(detail=detail):
            return f"Call a lead: {detail}"
        case _:
            return f"Call a lead: {why}"


def _whose(lent: SpoolLent) -> str:
    return f"the kiosk of {shown(lent.station, 24)} here" if lent.station else "another kiosk here"


def _told(why: StoreError) -> str:
    """Return an error of a file with its sentence first and the path last: a narrow screen cuts off the end."""
    match why:
        case SpoolUnread(why=SpoolBroken() as inner):
            return f"What waits here is not known. {_told(inner)}"
        case SpoolTaken(path=path):
            words = f"The last scan is neither recorded nor kept. The file was {path}"
        case SpoolBroken(detail=detail, path=path):
            words = f"{detail[:1].upper()}{detail[1:]}. The file is {path}"
        case _:
            words = str(why)
    return shown(words, 160)


def cannot_keep(why: StoreError, *, ignored: int, stamp: str, serial: int) -> StopView:
    """The stop of a line whose last scan is neither recorded nor kept, or that does not know what it kept before."""
    if isinstance(why, SpoolUnread) and isinstance(why.why, SpoolLent):
        process = f", process {why.why.process}" if why.why.process else ""
        return StopView(
            noun="KEPT SCANS NOT READ",
            steps=(
                "Do not work here: what this terminal kept comes before new scans",
                f"Wait: {_whose(why.why)} has the file open, and lets go of it in a moment",
                f"If this stays, call a lead: that kiosk hangs and has to be ended{process}",
            ),
            footnote=_told(why),
            stamp=stamp,
            ignored=ignored,
            serial=serial,
        )
    if isinstance(why, SpoolUnread):
        by_another = isinstance(why.why, SpoolBusy)
        cure = "another kiosk of this station has it open" if by_another else "this terminal cannot read its disk"
        return StopView(
            noun="KEPT SCANS NOT READ",
            steps=(
                "Do not work here: what this terminal kept comes before new scans",
                f"Call a lead: {cure}",
                "Wait: this ends by itself when it can be read",
            ),
            footnote=_told(why),
            stamp=stamp,
            ignored=ignored,
            serial=serial,
        )
    if isinstance(why, SpoolTaken):
        return StopView(
            noun="NOT SAVED",
            steps=(
                "Do not restart the kiosk: it alone still has what was kept here before",
                "Call a lead: somebody took this terminal's file of kept scans away",
                "Stop working: it goes on when the file is back, or the database answers",
            ),
            footnote=_told(why),
            stamp=stamp,
            ignored=ignored,
            serial=serial,
        )
    if isinstance(why, SpoolFull):
        noun, cure = "DISK FULL", "Call a lead: this terminal's disk needs room"
    elif isinstance(why, SpoolLent):
        noun, cure = "NOT SAVED", f"Call a lead: {_whose(why)} has this terminal's file"
    elif isinstance(why, SpoolBusy):
        noun, cure = "NOT SAVED", "Call a lead: another kiosk of this station runs on this terminal"
    else:
        noun, cure = "NOT SAVED", "Call a lead: this terminal cannot write to its disk"
    return StopView(
        noun=noun,
        steps=(
            "Stop working: the last scan is not recorded, and cannot be kept here",
            cure,
            "Wait: this ends by itself when the scan is safe",
        ),
        footnote=_told(why),
        stamp=stamp,
        ignored=ignored,
        serial=serial,
    )


def place_is_kept(kept: CardUnitId) -> tuple[str, str]:
    """What a second card is told that comes for the place of one that was kept: nobody knows which of them is right."""
    return "PLACE IS TAKEN", f"{kept} is kept for its place: lay this card aside until the database answers."


def is_kept_already(card: CardUnitId) -> tuple[str, str]:
    """What is said where a card is scanned again that was kept for its tray: once is enough."""
    return "KEPT ALREADY", f"Leave {card} in its tray, scan the next card."


def is_cut_already(sheet: SheetId) -> tuple[str, str]:
    """What is said where a sheet is scanned again that was kept as cut: once is enough."""
    return "KEPT ALREADY", f"{sheet} is kept as cut. Scan the next sheet."


def why_refused(refused: RefusedHeldScan, words: Words) -> Spoken:
    """Why a kept scan was refused when it was delivered, whatever version of the program wrote it down."""
    rejection = refused.rejection
    if rejection is not None:
        return spoken(rejection, words)
    if refused.kind == GONE:
        return attention(
            "KEPT SCANS GONE",
            f"Somebody removed the file of scans kept as {shown(refused.station_id, 24)}. {_how_many(refused)}",
            "A lead compares the units there with the log",
        )
    if refused.kind == LEFT:
        return attention(
            "FILE DAMAGED",
            "The disk damaged what was kept here. What could be read of it was delivered; some of it may be lost.",
            "A lead compares the units here with the log",
        )
    if not refused.refusal:
        what = f"A kept {KINDS.get(refused.kind, 'scan')}"
        sentence = f"{what} could not be read: the disk damaged it, or another version of the program wrote it."
        return attention("COULD NOT BE READ", sentence, "Look at the unit, and do again what is missing")
    return attention(
        "NOT RECORDED",
        f"The database could not take it: {shown(refused.reason, 120)}",
        "Look at the unit, and do again what is missing",
    )


UNREAD = "what cannot be read"
"""What stands for a code or unit of which the disk left nothing."""

KINDS = {"RecordQAResult": "verdict", "CallForHelp": "call for a lead", "ClearStop": "end of a stop"}
"""What was kept, in words, where it was no scan."""


def is_of_a_file(refused: RefusedHeldScan) -> bool:
    """Say whether it is no scan, but word of a whole file that was lost or damaged."""
    return refused.kind in {GONE, LEFT}


def what_was_kept(refused: RefusedHeldScan, limit: int = 32) -> str:
    """Return the unit or code that was kept, fit for a screen; of a file that was lost or damaged, whose it is."""
    if is_of_a_file(refused):
        return f"file of {shown(refused.station_id, max(1, limit - 8))}"
    if not refused.refusal:
        return shown(_remains(refused).what or UNREAD, limit)
    return shown(refused.scanned, limit)


def _remains(refused: RefusedHeldScan) -> Remains:
    return remains_in(refused.scanned, refused.reason)


def title_of(refused: RefusedHeldScan) -> str:
    """Return what stands over the question whether a kept scan that was refused is dealt with."""
    if not is_of_a_file(refused):
        return f"REFUSED: {what_was_kept(refused)}"
    return f"{'KEPT SCANS GONE' if refused.kind == GONE else 'FILE DAMAGED'}: {shown(refused.station_id, 24)}"


def when_refused(refused: RefusedHeldScan, words: Words) -> str:
    """Say when what was refused was scanned, by whom, or when it was found; no time where none is known."""
    if is_of_a_file(refused):
        return f"Found at {words.clock(refused.refused_at)} on the terminal that kept them."
    badge = refused.operator_id if refused.refusal else _remains(refused).operator_id
    who = f" by {shown(badge, 20)}" if badge else ""
    # What the disk made unreadable is dated with the beginning of all time.
    when = words.clock(refused.scanned_at) if refused.scanned_at.timestamp() else "a time that is not known"
    certain = "" if refused.refusal else ", as far as it can be read"
    return f"Scanned at {when}{who}{certain}, kept here, refused when it was delivered."


def told_elsewhere(refused: RefusedHeldScan, words: Words) -> str:
    """Say of a unit, where it is asked for, that a kept scan of it was refused, and who can settle that where."""
    when = f", scanned {words.day_and_clock(refused.scanned_at)}" if refused.scanned_at.timestamp() else ""
    sentence = why_refused(refused, words).sentence
    return f"{what_was_kept(refused)}{when}: {sentence} It is settled with F7 at {refused.station_id}."


def _how_many(gone: RefusedHeldScan) -> str:
    number = gone.scanned.partition(" ")[0]
    if not (number.isascii() and number.isdigit()):
        return "How many waited in it is not known."
    return f"{number} scan{'' if number == '1' else 's'} waited in it, as far as is known."
