"""Log-on, dialogs and help: what is said is said whole, and every key that does something is shown."""

import pytest

from kiosk.roles import ROLES, RolePresentation
from kiosk.roles.lead import CARD_FOOTER, FLOOR_FOOTER, JOB_FOOTER, LEAD, SHEET_FOOTER, with_approval
from kiosk.snapshots.dialogs import ChoiceView, LogOnView, QuestionView
from kiosk.snapshots.keys import FooterView
from kiosk.snapshots.leads import LeadCardView, LeadJobView, LeadSheetView, LeadView
from kiosk.station_session.showing import END_DEMO, SETTLE
from kiosk.themes import NIGHT
from kiosk.widgets.canvas import Canvas
from kiosk.widgets.painted import Painted
from kiosk.widgets.panels import AnswerView, DialogPanel, HelpPanel, HelpView, LogOnPanel

LONG = (
    "No answer from the database for 0:42. It is asked again and again. Badges known here log on, and scans are kept "
    "here. The server at db1 is not trusted: its certificate is another's. Name the host as its certificate names it."
)


def at_night(kind: type[Painted[object]]) -> Painted[object]:
    """A panel without an app."""
    return type("Night", (kind,), {"palette": NIGHT})()


def painted(kind: type[Painted[object]], view: object, width: int, height: int) -> list[str]:
    """The panel's lines."""
    canvas = Canvas(width, height, NIGHT.text())
    at_night(kind).paint(canvas, view)
    return [strip.text.rstrip() for strip in canvas.strips()]


@pytest.mark.parametrize("size", [(80, 22), (100, 28), (160, 43)])
def test_what_went_wrong_at_log_on_is_told_whole(size: tuple[int, int]) -> None:
    """Given more than a line, then it goes on below, and nothing is cut."""
    view = LogOnView(sentence="PRESS-1 · nobody is logged on", problem=LONG)
    lines = painted(LogOnPanel, view, *size)  # pyright: ignore[reportArgumentType]
    said = " ".join(" ".join(lines).replace("▲", " ").split())
    assert LONG in said
    assert "nobody is logged on" in said
    assert not any("…" in line for line in lines)


@pytest.mark.parametrize("size", [(80, 22), (100, 28), (160, 43)])
@pytest.mark.parametrize("role", ROLES, ids=lambda role: str(role.role.value))
def test_help_says_whole_what_the_answers_of_an_outage_mean(role: RolePresentation, size: tuple[int, int]) -> None:
    """Given any station's help, then SAVED, WAIT and NOT NOW are told apart, and no line is cut."""
    lines = painted(HelpPanel, role.help_view(role.footer), *size)  # pyright: ignore[reportArgumentType]
    assert any(line.endswith("scan again (NOT NOW: when online)") for line in lines)
    assert any(line.endswith("SAVED is kept and sent when online; WAIT is sent: leave it") for line in lines)
    assert not any("…" in line for line in lines)


@pytest.mark.parametrize("size", [(80, 22), (100, 28), (160, 43)])
@pytest.mark.parametrize("role", ROLES, ids=lambda role: str(role.role.value))
def test_help_names_every_key_and_the_way_back_on_rows_of_their_own(
    role: RolePresentation, size: tuple[int, int]
) -> None:
    """Given any station's help, then its keys are told in order, and nothing lies under the way back."""
    view = role.help_view(role.footer)
    *above, last = painted(HelpPanel, view, *size)  # pyright: ignore[reportArgumentType]
    assert last.strip() == "Any key  Back to work"
    told = " ".join(" ".join(above).split())
    where = told.index(meaning_of_saved := "SAVED is kept") + len(meaning_of_saved)
    for key, label in view.keys:
        where = told.index(f"{key} {label}", where)


def test_a_dialog_shows_the_way_out() -> None:
    """Given a question whose choices name no Esc, then Esc is shown; one that names it says it in its own words."""
    one = ChoiceView(key="Enter", label="A lead came", value="came")
    own = ChoiceView(key="Esc", label="Go on with 11", value="")
    for choices, way_out in (((one,), " Esc  Leave it"), ((one, own), " Esc  Go on with 11")):
        question = QuestionView(title="CALL FROM PRESS-1", lines=("x",), choices=choices, serial=1)
        lines = painted(DialogPanel, AnswerView(question), 64, 8)  # pyright: ignore[reportArgumentType]
        assert [line for line in lines if "Esc" in line] == [line for line in lines if way_out in line]
        assert any(way_out in line for line in lines)


def test_a_dialog_with_more_answers_than_a_row_has_room_for_shows_each_whole() -> None:
    """They go on in the next row, the way out last."""
    labels = ("Lost", "Damaged", "Failed QA", "Misprint")
    choices = tuple(ChoiceView(key=str(key), label=label, value=label) for key, label in enumerate(labels, start=1))
    question = QuestionView(title="REMAKE", lines=("Why?",), choices=choices)
    lines = painted(DialogPanel, AnswerView(question), 64, DialogPanel.size_of(question, 64)[1])  # pyright: ignore[reportArgumentType]
    text = " ".join(" ".join(lines).split())
    assert "1 Lost 2 Damaged 3 Failed QA 4 Misprint Esc Leave it" in text


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
def test_help_says_how_it_is_left(size: tuple[int, int]) -> None:
    """No hidden keys: whatever is pressed, the work comes back, and the screen says so."""
    view = HelpView("PRESS", ("Scan each sheet.",), (("F1", "Help"),))
    assert any("Any key" in line for line in painted(HelpPanel, view, *size))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("board", "footer"),
    [
        (LeadView, FLOOR_FOOTER),
        (LeadJobView, with_approval(JOB_FOOTER)),
        (LeadSheetView, with_approval(SHEET_FOOTER)),
        (LeadCardView, CARD_FOOTER),
        (LeadCardView, with_approval(CARD_FOOTER)),
    ],
)
def test_the_help_of_each_of_a_leads_boards_is_whole_with_every_key(board: type[object], footer: FooterView) -> None:
    """On the smallest terminal too, and also where F7 and the end of a demo are on the footer."""
    footer = FooterView(keys=(*footer.keys, SETTLE, END_DEMO))
    view = LEAD.help_view(footer, object.__new__(board))
    lines = painted(HelpPanel, view, 80, 24)  # pyright: ignore[reportArgumentType]
    text = " ".join(" ".join(lines).split())
    assert all(sentence in text for sentence in LEAD.how_at.get(board, LEAD.how))
    assert all(f"{key.key} {key.label}" in text for key in footer.keys)
    assert text.endswith("Any key Back to work")


def test_help_explains_what_a_lead_decides_where_it_is_decided() -> None:
    """Rework and remake on a card, approving on each board where something may wait."""
    card = " ".join(LEAD.how_at[LeadCardView])
    assert all(words in card for words in ("W Rework", "X Remake", "F2 takes back"))
    assert all("approves" in " ".join(how) for how in (LEAD.how, *LEAD.how_at.values()))
