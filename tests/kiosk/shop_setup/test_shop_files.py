"""Files that set a shop up are read whole or refused whole; the documented examples load."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.domain.values import OperationType, OperatorRole, StationRole, UnitKind
from core.identity.ids import OperatorId
from kiosk.shop_files import load_operators, load_orders, load_specs, load_stations
from kiosk.toml_files import FileRefused

_DOCS = Path(__file__).parents[3] / "docs" / "shop-files.md"
_NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
_LEAD = OperatorId("OP-7")


@pytest.fixture
def documented(tmp_path: Path) -> Path:
    """A folder with every file that the documentation shows, under its documented name."""
    for block in re.findall(r"```toml\n(.*?)```", _DOCS.read_text(encoding="utf-8"), re.DOTALL):
        name = re.match(r"# (\S+\.toml)", block)
        assert name, "each example begins with its file's name"
        (tmp_path / name[1]).write_text(block, encoding="utf-8")
    return tmp_path


def _written(folder: Path, text: str) -> Path:
    path = folder / "file.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_documented_product_has_the_documented_route(documented: Path) -> None:
    """What docs/shop-files.md shows is what the code takes."""
    (command,) = load_specs(documented / "products.toml", at=_NOW, by=_LEAD)
    spec = command.spec
    assert (spec.code, spec.n_up, spec.rows, spec.columns, spec.run_of) == ("DRAGONS-S3", 18, 3, 6, 9999)
    steps = {step.operation: step for step in spec.route.steps}
    assert [step.work for step in spec.route.steps if step.unit is UnitKind.CARD][-1] is OperationType.QA
    foil = steps[next(code for code in steps if code == "FOIL-GOLD")]
    assert foil.embellishment is not None
    assert (foil.embellishment.kind, foil.embellishment.die) == (OperationType.FOIL, "D-114")
    assert command.operator_id == _LEAD


def test_the_documented_order_is_due_in_the_shops_own_time(documented: Path) -> None:
    """A time without a zone is the shop's, and UTC in the log."""
    (order,) = load_orders(documented / "orders.toml", at=_NOW, zone=ZoneInfo("Europe/Berlin"))
    assert order.promise_at == datetime(2036, 12, 4, 13, 0, tzinfo=UTC)
    assert [(line.line, line.spec_code, line.sets) for line in order.lines] == [(1, "DRAGONS-S3", 40)]


def test_the_documented_stations_and_people_load(documented: Path) -> None:
    """A shop starts from these four files."""
    (station,) = load_stations(documented / "stations.toml", at=_NOW)
    assert station.station.role is StationRole.QA
    first, lead, manager = load_operators(documented / "people.toml", at=_NOW)
    assert first.roles == (OperatorRole.OPERATOR, OperatorRole.INSPECTOR)
    assert (lead.roles, manager.roles) == ((OperatorRole.LEAD,), (OperatorRole.MANAGER,))


def test_a_promise_without_a_time_lasts_until_the_end_of_its_day(tmp_path: Path) -> None:
    """Due on the 24th means the whole of the 24th."""
    text = '[[order]]\nid = "po2026-0001"\ncustomer = "C"\npromise = 2026-11-24\n[[order.line]]\nspec = "X"\nsets = 1'
    (order,) = load_orders(_written(tmp_path, text), at=_NOW, zone=UTC)
    assert order.promise_at == datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC)
    assert order.order_id == "PO2026-0001"


_SPEC = '[[spec]]\ncode = "X"\nname = "x"\nrows = {rows}\ncolumns = {columns}\n{steps}'


def _step(operation: str, work: str, unit: str, after: str = "") -> str:
    return f'[[spec.step]]\noperation = "{operation}"\nwork = "{work}"\nunit = "{unit}"\nafter = [{after}]\n'


_GOOD = _step("P", "PRINT", "sheet") + _step("C", "CUT", "sheet") + _step("Q", "QA", "card")


@pytest.mark.parametrize("work", ['"PRNT"', "7", "[]"])
def test_only_work_that_a_route_may_name_is_offered(tmp_path: Path, work: str) -> None:
    """Given a step with no such work, then what is allowed leaves out what is never written in a route."""
    steps = f'[[spec.step]]\noperation = "P"\nwork = {work}\nunit = "sheet"\n'
    with pytest.raises(FileRefused) as caught:
        load_specs(_written(tmp_path, _SPEC.format(rows=1, columns=1, steps=steps)), at=_NOW)
    said = caught.value.explain()
    assert "PRINT" in said
    assert "GATE" in said
    assert "ASSEMBLE" not in said


@pytest.mark.parametrize(
    ("rows", "columns", "steps", "words"),
    [
        (0, 1, _GOOD, "rows of cards on a sheet, 1 to 99"),
        (10, 10, _GOOD, "a sheet has 1 to 99 cards (found: 100)"),
        (1, 1, _step("P", "PRINT", "sheet"), "a route has exactly one CUT"),
        (1, 1, _GOOD + _step("A", "ASSEMBLE", "card"), "gathering and packing follow every route"),
        (1, 1, _step("P", "PRNT", "sheet"), 'did you mean "PRINT"?'),
        (1, 1, _step("P", "PRINT", "box"), "sheet, card"),
        (1, 1, _GOOD + _step("F", "FOIL", "card", '"U"') + _step("U", "UV", "card", '"F"'), "in a circle"),
        (1, 1, _GOOD + _step("F", "FOIL", "card", '"NOPE"'), "no such operation to come after"),
        (1, 1, _GOOD + _step("Q", "QA", "card"), "only once in a route"),
    ],
    ids=["n_up-0", "n_up-100", "no-cut", "fan-in", "work", "unit", "cycle", "unknown-after", "twice"],
)
def test_a_product_that_cannot_be_is_refused_with_its_reason(
    tmp_path: Path, rows: int, columns: int, steps: str, words: str
) -> None:
    """Each fault is named with where it is, before anything reaches the database."""
    path = _written(tmp_path, _SPEC.format(rows=rows, columns=columns, steps=steps))
    with pytest.raises(FileRefused) as caught:
        load_specs(path, at=_NOW)
    said = caught.value.explain()
    assert words in said
    assert "spec[1]" in said
    assert str(path) in said


@pytest.mark.parametrize(
    ("was", "wrong", "key"),
    [
        ("columns = 6 ", "columns = 0 ", "spec[1].columns (DRAGONS-S3)"),
        ("rows = 3 ", "rows = 100 ", "spec[1].rows (DRAGONS-S3)"),
        ('unit = "sheet" ', 'unit = "box" ', "spec[1].step[1].unit (PRINT)"),
    ],
)
def test_one_wrong_value_is_one_problem(documented: Path, was: str, wrong: str, key: str) -> None:
    """The list that it stands in is not called too short besides."""
    text = (documented / "products.toml").read_text(encoding="utf-8")
    assert was in text
    with pytest.raises(FileRefused) as caught:
        load_specs(_written(documented, text.replace(was, wrong, 1)), at=_NOW)
    assert [problem.key for problem in caught.value.problems] == [key]


def test_a_file_without_any_product_is_refused_as_such(tmp_path: Path) -> None:
    """There the list is what is wrong."""
    with pytest.raises(FileRefused) as caught:
        load_specs(_written(tmp_path, "spec = []"), at=_NOW)
    assert [problem.key for problem in caught.value.problems] == ["spec"]


def test_an_id_of_the_wrong_shape_says_the_right_one(tmp_path: Path) -> None:
    """The example in the sentence is one that works."""
    with pytest.raises(FileRefused, match="PO2026-0117"):
        load_orders(_written(tmp_path, '[[order]]\nid = "17"'), at=_NOW)
    with pytest.raises(FileRefused, match="OP-42"):
        load_operators(_written(tmp_path, '[[operator]]\nbadge = "17"\nname = "x"'), at=_NOW)


def test_a_person_without_a_role_is_one_whose_badge_is_withdrawn(tmp_path: Path) -> None:
    """Who is left out of a file stays as they are; no role has to be written down."""
    (withdrawn,) = load_operators(_written(tmp_path, '[[operator]]\nbadge = "OP-1"\nname = "x"\nroles = []'), at=_NOW)
    assert withdrawn.roles == ()


def test_the_same_thing_twice_in_a_file_is_refused(tmp_path: Path) -> None:
    """Of two stanzas for one person only one can be meant."""
    stanza = '[[operator]]\nbadge = "OP-1"\nname = "x"\n'
    with pytest.raises(FileRefused, match="OP-1 stands here more than once"):
        load_operators(_written(tmp_path, stanza + stanza), at=_NOW)


def test_a_file_of_another_kind_is_refused_by_its_keys(tmp_path: Path) -> None:
    """Loading people as stations says what is missing and what does not belong."""
    path = _written(tmp_path, '[[operator]]\nbadge = "OP-1"\nname = "x"\n')
    with pytest.raises(FileRefused) as caught:
        load_stations(path, at=_NOW)
    assert "nothing: the key is missing" in caught.value.explain()
    assert "a key that does not exist" in caught.value.explain()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01"])
def test_the_ends_of_the_calendar_do_not_break_anything(tmp_path: Path, moment: str) -> None:
    """The core then says that the date is past, or takes it."""
    text = f'[[order]]\nid = "PO2026-0001"\ncustomer = "C"\npromise = {moment}\n[[order.line]]\nspec = "X"\nsets = 1'
    (order,) = load_orders(_written(tmp_path, text), at=_NOW)
    assert order.promise_at.tzinfo is not None


def test_a_pin_in_a_file_is_refused_as_a_secret(tmp_path: Path) -> None:
    """A PIN in a file would be everybody's PIN."""
    path = _written(tmp_path, '[[operator]]\nbadge = "OP-1"\nname = "x"\npin = "4711"')
    with pytest.raises(FileRefused) as caught:
        load_operators(path, at=_NOW)
    assert "4711" not in caught.value.explain()
    assert "secret" in caught.value.explain()
