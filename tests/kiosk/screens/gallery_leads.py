"""The leads' floor, and a job, a sheet and a card looked at there."""

from dataclasses import replace

from kiosk.roles.lead import CARD_FOOTER, FLOOR_FOOTER, JOB_FOOTER, SHEET_FOOTER
from kiosk.snapshots.leads import (
    BadgeView,
    BigNumberView,
    ExceptionView,
    JobRowView,
    LeadCardView,
    LeadJobView,
    LeadSection,
    LeadSheetView,
    LeadView,
    SegmentView,
    SheetMapView,
    SheetRowView,
    StationRowView,
)
from kiosk.snapshots.panes import HistoryLine
from kiosk.snapshots.slots import AssemblyGridView, SlotState, SlotView
from kiosk.snapshots.station import StationRole, StationSnapshot
from kiosk.snapshots.tone import Tone
from kiosk.snapshots.verdicts import VerdictState, VerdictView
from tests.kiosk.screens.gallery_parts import (
    header,
)


def station(  # noqa: PLR0917 (one line of a table)
    name: str, state: str, queue: int, load: int, oldest: str, per_hour: str, trend: str = "", **more: object
) -> StationRowView:
    """A row of the load board."""
    row = StationRowView(
        station=name, state=state, queue=queue, load_percent=load, oldest=oldest, per_hour=per_hour, trend=trend
    )
    return replace(row, **more)


def segments(**counts: int) -> tuple[SegmentView, ...]:
    """Where a job's cards are, all stages in route order."""
    stages = ("press", "cut", "foil", "qa", "asm", "pack", "packed")
    return tuple(SegmentView(stage=stage, count=counts.get(stage, 0)) for stage in stages)


LEAD = StationSnapshot(
    role=StationRole.LEAD,
    header=header("LEAD", "N. LINDQVIST", "FLOOR", "late shift", "10 stations"),
    verdict=VerdictView(state=VerdictState.READY),
    work=LeadView(
        exceptions=(
            ExceptionView(words="1 STOPPED", detail="ASSY-2 wrong card 0:03", tone=Tone.BAD),
            ExceptionView(words="1 OFFLINE", detail="QA-BENCH-2 0:04", tone=Tone.OFFLINE),
            ExceptionView(words="1 OVERLOAD", detail="FOIL-1 212 cards, oldest 2:05", tone=Tone.ATTENTION),
            ExceptionView(words="1 LATE", detail="J1045 -1:10", tone=Tone.BAD),
        ),
        numbers=(
            BigNumberView(value="412", caption="cards / hour", target="target 450"),
            BigNumberView(value="1260", caption="cards in work"),
            BigNumberView(value="97.9%", caption="first-pass yield", target="target 97"),
            BigNumberView(value="1", caption="job late", target="J1045", tone=Tone.BAD),
        ),
        stations=(
            station(
                "PRESS-1",
                "running",
                3,
                25,
                "0:12",
                "6",
                "↑",
                operator="A. Novak",
                now="sheet J1046-S018",
                history=(3, 5, 5, 6, 6, 7, 6, 7),
                last_scan="0:01",
            ),
            station(
                "PRESS-2",
                "idle",
                0,
                0,
                "",
                "0",
                "↓",
                marker="○",
                now="no sheet",
                history=(7, 7, 6, 4, 2, 1, 0, 0),
                last_scan="0:34",
            ),
            station(
                "CUT-1",
                "running",
                9,
                90,
                "0:41",
                "6",
                operator="L. Haas",
                now="sheet J1044-S014",
                history=(7, 7, 7, 7, 6, 7, 7, 7),
                last_scan="0:00",
            ),
            station(
                "FOIL-1",
                "OVERLOAD",
                212,
                177,
                "2:05",
                "31",
                "↓",
                marker="▲",
                tone=Tone.ATTENTION,
                operator="P. Singh",
                now="card J1045-S004-09",
                history=(60, 60, 58, 50, 49, 45, 40, 31),
                last_scan="0:00",
            ),
            station(
                "UV-1",
                "running",
                44,
                37,
                "0:22",
                "55",
                operator="J. Kim",
                now="card J1044-S013-02",
                history=(55, 54, 55, 55, 56, 55, 54, 55),
                last_scan="0:00",
            ),
            station(
                "QA-BENCH-1",
                "running",
                63,
                70,
                "0:37",
                "75",
                operator="R. Diaz",
                now="card J1044-S012-11",
                history=(70, 75, 75, 74, 75, 75, 76, 75),
                last_scan="0:00",
            ),
            station(
                "QA-BENCH-2",
                "OFFLINE",
                18,
                20,
                "0:09",
                "0",
                "↓",
                marker="≠",
                tone=Tone.OFFLINE,
                operator="S. Berg",
                now="link lost 14:28",
                history=(70, 75, 75, 74, 75, 75, 30, 1),
                last_scan="0:04",
            ),
            station(
                "ASSY-1",
                "running",
                31,
                43,
                "0:15",
                "72",
                operator="T. Wu",
                now="set J1043-S038",
                history=(60, 61, 70, 71, 60, 70, 72, 72),
                last_scan="0:00",
            ),
            station(
                "ASSY-2",
                "STOPPED",
                26,
                36,
                "0:18",
                "36",
                "↓",
                marker="✗",
                tone=Tone.BAD,
                operator="M. Ortega",
                now="wrong card 14:32",
                history=(60, 71, 71, 60, 72, 60, 72, 36),
                last_scan="0:00",
            ),
            station(
                "PACK-1",
                "running",
                4,
                20,
                "0:30",
                "3",
                operator="K. Obi",
                now="job J1043",
                history=(2, 3, 2, 3, 3, 2, 3, 3),
                last_scan="0:02",
            ),
        ),
        jobs=(
            JobRowView(
                job="J1043",
                name="Pixies Promo",
                segments=segments(asm=8, packed=92),
                due="15:30",
                ready="15:05",
                slack="+0:25",
            ),
            JobRowView(
                job="J1044",
                name="Dragons S3",
                segments=segments(press=5, cut=5, foil=16, qa=9, asm=23, packed=42),
                due="17:00",
                ready="16:48",
                slack="+0:12",
                risk="TIGHT",
                tone=Tone.ATTENTION,
            ),
            JobRowView(
                job="J1045",
                name="Rookies Foil",
                segments=segments(cut=20, foil=55, qa=10, asm=15),
                due="18:00",
                ready="19:10",
                slack="-1:10",
                risk="LATE",
                tone=Tone.BAD,
            ),
            JobRowView(
                job="J1046",
                name="Heroes B2B",
                segments=segments(press=70, foil=20, qa=10),
                due="Sun 10:00",
                ready="09:10",
                slack="+0:50",
            ),
            JobRowView(
                job="J1047",
                name="Club set",
                segments=segments(press=100),
                due="Sun 16:00",
                ready="13:30",
                slack="+2:30",
            ),
        ),
        section=LeadSection.JOBS,
        selected=2,
    ),
    footer=FLOOR_FOOTER,
)

LEAD_JOB = replace(
    LEAD,
    header=header("LEAD", "N. LINDQVIST", "JOB J1045", "Rookies Foil"),
    work=LeadJobView(
        job="J1045",
        name="Rookies Foil",
        badge=BadgeView(words="LATE", marker="✗", tone=Tone.BAD),
        facts="due 18:00 · ready 19:10 · 10 sheets, 180 cards · order PO2026-0117",
        segments=segments(cut=20, foil=55, qa=10, asm=15),
        sheets=tuple(
            SheetRowView(
                sheet=f"J1045-S{number:03d}",
                state="cut" if number < 8 else "printed",
                segments=segments(foil=18 - number, qa=number) if number < 8 else segments(press=18),
                note="1 hold, 1 remake" if number == 4 else "",
                tone=Tone.ATTENTION if number == 4 else Tone.NORMAL,
            )
            for number in range(1, 11)
        ),
        selected=3,
    ),
    footer=JOB_FOOTER,
)

SHEET_SLOTS = tuple(
    SlotView(position=position, state=state, caption=caption, short=caption)
    for position, (state, caption) in enumerate(
        [
            (SlotState.ELSEWHERE, "QA"),
            (SlotState.ELSEWHERE, "QA"),
            (SlotState.IN, "SET"),
            (SlotState.ELSEWHERE, "FOIL"),
            (SlotState.ELSEWHERE, "QA"),
            (SlotState.IN, "SET"),
            (SlotState.ELSEWHERE, "FOIL"),
            (SlotState.ELSEWHERE, "FOIL"),
            (SlotState.ELSEWHERE, "FOIL"),
            (SlotState.ELSEWHERE, "FOIL"),
            (SlotState.ELSEWHERE, "FOIL"),
            (SlotState.ELSEWHERE, "FOIL"),
            (SlotState.ELSEWHERE, "QA"),
            (SlotState.HOLD, "HOLD"),
            (SlotState.IN, "SET"),
            (SlotState.ELSEWHERE, "FOIL"),
            (SlotState.ELSEWHERE, "FOIL"),
            (SlotState.REMAKE, "R1"),
        ],
        1,
    )
)

LEAD_SHEET = replace(
    LEAD,
    header=header("LEAD", "N. LINDQVIST", "JOB J1045 › SHEET S004"),
    work=LeadSheetView(
        sheet="J1045-S004",
        badge=BadgeView(words="IN PROGRESS", tone=Tone.NORMAL),
        facts="set J1045-S004-SET · 3 of 18 gathered · 1 hold, 1 remake",
        grid=AssemblyGridView(rows=3, columns=6, slots=SHEET_SLOTS),
        history=(
            HistoryLine(at="11:02", marker="✓", station="PRESS-1", what="printed", detail="plate 3", who="A. Novak"),
            HistoryLine(at="12:20", marker="✓", station="CUT-1", what="cut", detail="18 cards", who="L. Haas"),
            HistoryLine(at="14:10", marker="●", station="ASSY-1", what="gathering", detail="3 of 18", who="T. Wu"),
        ),
        selected=9,
    ),
    footer=SHEET_FOOTER,
)

LEAD_CARD = replace(
    LEAD,
    header=header("LEAD", "N. LINDQVIST", "JOB J1045 › SHEET S004 › CARD 09"),
    work=LeadCardView(
        card="J1045-S004-09",
        badge=BadgeView(words="REWORK", marker="▲", tone=Tone.ATTENTION),
        facts="at FOIL-1 since 14:05 · due with job J1045 18:00 · job is 1:10 late",
        history=(
            HistoryLine(
                at="11:02",
                marker="✓",
                station="PRESS-1",
                what="printed",
                detail="sheet J1045-S004 · plate 3",
                who="A. Novak",
            ),
            HistoryLine(
                at="12:20",
                marker="✓",
                station="CUT-1",
                what="cut",
                detail="position 09 of 18",
                who="L. Haas",
                held="1:18",
            ),
            HistoryLine(
                at="12:26",
                marker="▲",
                station="FOIL-1",
                what="in queue",
                detail="behind 212 cards",
                held="2:05",
                tone=Tone.ATTENTION,
            ),
            HistoryLine(
                at="13:40",
                marker="✗",
                station="QA-BENCH-1",
                what="failed",
                detail="F-201 foil misregistered",
                who="R. Diaz",
                tone=Tone.BAD,
            ),
            HistoryLine(
                at="13:41",
                marker="▲",
                station="QA-BENCH-1",
                what="hold",
                detail="rework allowed once",
                who="R. Diaz",
                tone=Tone.ATTENTION,
            ),
            HistoryLine(at="14:05", marker="●", station="FOIL-1", what="rework", detail="2nd pass", who="P. Singh"),
            HistoryLine(at="—", marker="○", station="QA", what="next step", detail="expected 14:50", tone=Tone.DIM),
        ),
        sheet_map=SheetMapView(
            title="SHEET S004",
            grid=AssemblyGridView(rows=3, columns=6, slots=SHEET_SLOTS),
            selected=9,
            legend=("9 at FOIL, 4 at QA, 3 in set", "▲ 1 hold   ✗ 1 remake"),
        ),
    ),
    footer=CARD_FOOTER,
)
