"""The stations of the line, each in the middle of its work, and what comes in its way."""

from dataclasses import replace

from core.production.pins import MAX_PIN_DIGITS
from kiosk.roles import presentation_of
from kiosk.snapshots.dialogs import ChoiceView, PinView, QuestionView
from kiosk.snapshots.frame import ConnectionState, NextScanView, NoticeView
from kiosk.snapshots.panes import (
    HistoryLine,
    LastScansView,
    MissingLine,
    MissingView,
    NextTraysView,
    ProgressView,
    QueueLine,
    QueueView,
    TrayLine,
)
from kiosk.snapshots.slots import AssemblyGridView, SlotState
from kiosk.snapshots.station import StationRole, StationSnapshot
from kiosk.snapshots.tone import Tone
from kiosk.snapshots.verdicts import ComparedId, IdPart, StopFact, StopView, VerdictState, VerdictView
from kiosk.snapshots.work import (
    AssemblyView,
    BatchView,
    ChipView,
    QaEntryView,
    QaView,
    SuggestionLine,
)
from kiosk.station_session.showing import SETTLE
from tests.kiosk.screens.gallery_parts import (
    OK,
    header,
    scan,
    slots,
)

MISSING_SLOTS = {
    5: (SlotState.ELSEWHERE, "QA-BENCH-1", "QA"),
    7: (SlotState.NEW, "NEW", "NEW"),
    8: (SlotState.ELSEWHERE, "FOIL-1", "FOIL"),
    12: (SlotState.HOLD, "HOLD", "HOLD"),
    14: (SlotState.ELSEWHERE, "QA-BENCH-1", "QA"),
    17: (SlotState.REMAKE, "REMAKE", "REMAKE"),
}

ASSEMBLY_SCANS = LastScansView(
    lines=(
        scan("07", "in set", "14:32:05"),
        scan("03", "in set", "14:32:01"),
        scan("03", "again", "14:31:57", VerdictState.ATTENTION),
        scan("18", "in set", "14:31:44"),
        scan("01", "in set", "14:31:40"),
        scan("16", "in set", "14:31:36"),
        scan("11", "in set", "14:31:31"),
        scan("09", "in set", "14:31:26"),
    )
)

NEXT_TRAYS = NextTraysView(
    lines=(
        TrayLine(sheet="J1044-S012", here="18 of 18 here", note="ready", tone=Tone.GOOD),
        TrayLine(sheet="J1044-S013", here="16 of 18 here", note="2 at QA"),
        TrayLine(sheet="J1045-S004", here="11 of 18 here", note="7 at FOIL"),
    ),
    more=4,
)

ASSEMBLY = StationSnapshot(
    role=StationRole.ASSEMBLY,
    header=header("ASSY-2", "M. ORTEGA", "JOB J1044", "Dragons S3", "sheet 11 of 40"),
    verdict=VerdictView(
        state=OK,
        big="07",
        counter="13/18",
        counter_caption="in set J1044-S011",
        words="ACCEPTED",
        instruction="now scan the next card",
        serial=1,
    ),
    work=AssemblyView(
        grid=AssemblyGridView(rows=3, columns=6, slots=slots(MISSING_SLOTS, 18)),
        missing=MissingView(
            count=5,
            lines=(
                MissingLine(what="05", where="QA-BENCH-1", when="next"),
                MissingLine(what="08", where="FOIL-1", when="27 min"),
                MissingLine(what="12", where="HOLD F-201", when="see lead", tone=Tone.ATTENTION),
                MissingLine(what="14", where="QA-BENCH-1", when="4th"),
                MissingLine(what="17", where="REMAKE", when="15:10", tone=Tone.BAD),
            ),
        ),
        next_trays=NEXT_TRAYS,
    ),
    scans=ASSEMBLY_SCANS,
    footer=presentation_of(StationRole.ASSEMBLY).footer,
)

ASSEMBLY_READY = replace(
    ASSEMBLY,
    verdict=VerdictView(
        state=VerdictState.READY,
        big="SCAN",
        counter="13/18",
        counter_caption="in set J1044-S011",
        words="SCAN A CARD",
        instruction="5 are missing",
        serial=2,
    ),
)
ASSEMBLY_CHECKING = replace(
    ASSEMBLY,
    verdict=VerdictView(
        state=VerdictState.CHECKING,
        big="07",
        counter="12/18",
        counter_caption="in set J1044-S011",
        words="CHECKING",
        instruction="J1044-S011-07",
        serial=3,
    ),
)
ASSEMBLY_AGAIN = replace(
    ASSEMBLY,
    verdict=VerdictView(
        state=VerdictState.ATTENTION,
        big="03",
        counter="13/18",
        counter_caption="in set J1044-S011",
        words="AGAIN",
        instruction="it is in the tray already; scan the next card",
        serial=4,
    ),
)
ASSEMBLY_REFUSED = replace(
    ASSEMBLY_READY,
    notice=NoticeView(words="2 KEPT SCANS REFUSED", detail="J1044-S011-05: card is void"),
    footer=replace(
        ASSEMBLY_READY.footer,
        keys=(*ASSEMBLY_READY.footer.keys[:-1], SETTLE, *ASSEMBLY_READY.footer.keys[-1:]),
    ),
)
ASSEMBLY_OFFLINE = replace(
    ASSEMBLY,
    header=replace(ASSEMBLY.header, connection=ConnectionState.OFFLINE, offline_for="0:42"),
    verdict=VerdictView(
        state=VerdictState.OFFLINE, big="SCAN", words="OFFLINE FOR 0:42", instruction="5 are missing", serial=5
    ),
)
ASSEMBLY_STOP = replace(
    ASSEMBLY,
    stop=StopView(
        noun="WRONG CARD",
        compared=(
            ComparedId(
                label="THIS CARD",
                parts=(
                    IdPart(text="JOB J1045", differs=True),
                    IdPart(text="SHEET S004", differs=True),
                    IdPart(text="CARD 07"),
                ),
            ),
            ComparedId(label="THIS SET", parts=(IdPart(text="JOB J1044"), IdPart(text="SHEET S011"))),
        ),
        facts=(
            StopFact(label="IT IS", value="card 07 of Rookies Foil, passed QA"),
            StopFact(label="GOES TO", value="set J1045-S004 at ASSY-1"),
            StopFact(label="MISSING HERE", value="05, 08, 12, 14, 17"),
        ),
        steps=("Put this card in the RED box", "Check: the set is J1044-S011", "Scan the RESET card"),
        footnote="Nothing was recorded as assembled.",
        stamp="14:32:09 · stop 0417",
        ignored=2,
        serial=6,
    ),
)
ASSEMBLY_DEMO = replace(
    ASSEMBLY_READY,
    next_scan=NextScanView(code="J1044-S011-05", why="card 05 has just passed QA: type it, then Enter"),
    typed="J1044-S0",
)
ASSEMBLY_LARGE = replace(
    ASSEMBLY,
    work=AssemblyView(
        grid=AssemblyGridView(rows=9, columns=11, slots=slots(MISSING_SLOTS, 99)),
        missing=MissingView(count=5, lines=ASSEMBLY.work.missing.lines),  # pyright: ignore[reportAttributeAccessIssue]
        next_trays=NEXT_TRAYS,
    ),
)


EMBELLISH = StationSnapshot(
    role=StationRole.EMBELLISH,
    header=header("FOIL-1", "P. SINGH", "JOB J1045", "Rookies Foil", "GOLD 04"),
    verdict=VerdictView(
        state=OK,
        big="09",
        counter="31/60",
        counter_caption="foiled",
        words="FOIL DONE",
        instruction="J1045-S004-09 goes to QA",
        serial=1,
    ),
    work=BatchView(
        progress=ProgressView(
            title="GOLD FOIL 04",
            name="job J1045",
            note="120 °C · 2 bar",
            done=31,
            total=60,
            caption="31 of 60 in this batch · 29 to come",
        ),
        queue=QueueView(
            title="NEXT BATCHES",
            right_title="oldest",
            at_station=(
                QueueLine(what="GOLD FOIL 04", name="J1045", note="29 cards", right="2:05", tone=Tone.ATTENTION),
            ),
            ready=(
                QueueLine(what="SILVER 01", name="J1044", note="52 cards", right="0:35"),
                QueueLine(what="HOLO 02", name="J1046", note="10 cards", right="0:05"),
                QueueLine(what="SPOT UV", name="J1044", note="29 cards", right="0:22"),
            ),
        ),
    ),
    scans=LastScansView(
        lines=(
            scan("J1045-S004-09", "foil", "14:32:01"),
            scan("J1045-S004-08", "foil", "14:31:52"),
            scan("J1045-S004-07", "foil", "14:31:44"),
            scan("J1044-S012-03", "needs UV", "14:31:31", VerdictState.REJECTED),
            scan("J1045-S004-06", "foil", "14:31:30"),
        )
    ),
    footer=presentation_of(StationRole.EMBELLISH).footer,
)


QA = StationSnapshot(
    role=StationRole.QA,
    header=header("QA-BENCH-1", "R. DIAZ", "JOB J1044", "Dragons S3", "sheet S012"),
    verdict=VerdictView(
        state=VerdictState.READY,
        big="11",
        counter="63",
        counter_caption="waiting",
        words="INSPECT, THEN PASS OR FAIL",
        instruction="J1044-S012 · front foil",
    ),
    work=QaView(
        card="J1044-S012-11",
        entry=QaEntryView(
            typed="2",
            hint="digits, a word or *1 · Enter = line 1",
            suggestions=(
                SuggestionLine(code="F-201", words="foil misregistered", note="often here", favourite=1, first=True),
                SuggestionLine(code="F-202", words="foil void", favourite=2),
                SuggestionLine(code="F-203", words="foil scratch", favourite=3),
                SuggestionLine(code="F-210", words="foil edge lift", favourite=4),
                SuggestionLine(code="F-220", words="wrong foil", note="HOLD", favourite=5),
            ),
            chips=(ChipView(code="C-104", words="corner ding"), ChipView(code="S-310", words="surface dust")),
        ),
        before=(
            HistoryLine(at="11:20", marker="✓", station="FOIL-1", what="foil", who="P. Singh"),
            HistoryLine(at="10:41", marker="✓", station="CUT-1", what="cut", who="L. Haas"),
        ),
        before_note="rework 0 of 1 used",
    ),
    scans=LastScansView(
        title="LAST VERDICTS",
        lines=(
            scan("S012-10", "pass", "6 s", undo=True),
            scan("S012-09", "F-201", "31 s", VerdictState.REJECTED),
            scan("S012-08", "pass", "48 s"),
            scan("S012-07", "pass", "1:02"),
            scan("S012-06", "pass", "1:15"),
        ),
    ),
    footer=presentation_of(StationRole.QA).footer,
)
QA_IDLE = replace(
    QA,
    verdict=VerdictView(
        state=OK, big="10", counter="63", counter_caption="waiting", words="PASSED", instruction="scan the next card"
    ),
    work=QaView(
        card="",
        entry=QaEntryView(),
        queue=QueueView(
            title="QUEUE",
            summary="63 cards",
            right_title="waiting",
            at_station=(),
            ready=tuple(
                QueueLine(what=f"J1044-S012-{position:02d}", name="Dragons S3", right=f"0:{position:02d}")
                for position in range(11, 19)
            ),
            more=55,
        ),
    ),
)
QA_QUESTION = replace(
    QA,
    question=QuestionView(
        title="FINISH CARD 11 FIRST",
        lines=("J1044-S012-12 was scanned while two codes wait for J1044-S012-11.", "Nothing was recorded yet."),
        choices=(
            ChoiceView(key="Enter", label="Fail 11", value="fail"),
            ChoiceView(key="+", label="Pass 11", value="pass"),
            ChoiceView(key="Esc", label="Go on with 11", value=""),
        ),
        serial=1,
    ),
)

ASSEMBLY_PIN = replace(
    ASSEMBLY,
    question=PinView(
        title="AUTHORIZE SET",
        lines=("Set J1044-S011 holds replacements at 11.", "N. LINDQVIST: enter your PIN."),
        problem="That is not your PIN.",
        longest=MAX_PIN_DIGITS,
        serial=2,
    ),
)
