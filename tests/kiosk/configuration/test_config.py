"""kiosk.toml is read whole or refused whole, with every fault named, and never with a secret."""

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.values import OperationType, StationRole
from core.identity.ids import StationId
from core.production.facts import ShopPolicy
from kiosk.config.choosing import NoStationError, choose_station, database_dsn, spool_path
from kiosk.config.file import find_config, load_config
from kiosk.scanner.selection import ByLink, ScannerInput
from kiosk.toml_files import LONGEST_FILE, FileRefused, read_toml

_SHIPPED = Path(__file__).parents[3] / "kiosk.toml"


def _written(folder: Path, text: str | bytes) -> Path:
    path = folder / "kiosk.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def _refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        load_config(_written(folder, text))
    return caught.value.explain()


def test_the_shipped_example_is_valid_and_has_every_role() -> None:
    """What a shop starts from works as it is, and shows a station of each role."""
    config = load_config(_SHIPPED)
    assert {station.role for station in config.stations} == set(StationRole)
    assert config.database.embedded
    assert len({code.digits for code in config.qa.codes}) == len(config.qa.codes) == 10


def test_without_a_file_the_defaults_stand() -> None:
    """A newcomer needs no file; the embedded server and the night theme are the defaults."""
    config = load_config(None)
    assert database_dsn(config, {}) is None
    assert config.stations == ()
    assert config.display.theme == "night"


def test_a_path_may_be_as_long_as_the_machine_allows(tmp_path: Path) -> None:
    """A name has eighty characters; a path has thousands."""
    path = "/var/" + "a" * 200 + "/kiosk"
    config = load_config(
        _written(tmp_path, f'[log]\nfile = "{path}"\n[database]\nembedded = true\nfolder = "{path}"\n')
    )
    assert (config.log.file, config.database.folder) == (path, path)
    assert "shop.name" in _refusal(tmp_path, f'[shop]\nname = "{path}"\n')


def test_all_faults_are_named_at_once_with_what_is_allowed(tmp_path: Path) -> None:
    """A person mends a file once, not once for each fault."""
    said = _refusal(
        tmp_path,
        """
        [display]
        theme = "nihgt"
        volume = 140
        [shop]
        nam = "Shop"
        timezone = "Europe/Berlim"
        [[station]]
        id = "QA-1"
        role = "QA"
        work = ["FOIL"]
        [[station]]
        role = "press"
        [station.scanner]
        sufix = "cr"
        """,
    )
    assert "kiosk.toml cannot be used, 7 problems:" in said
    for words in (
        "display.theme",
        'found    "nihgt"',
        "allowed  night, day, console",
        'did you mean "night"?',
        "display.volume",
        "allowed  a whole number, 0 (silent) to 100",
        "shop.nam",
        'did you mean "name"?',
        'did you mean "Europe/Berlin"?',
        "station[1] (QA-1)",
        "FOIL is not done by a QA station, which does QA",
        "station[2].id",
        "nothing: the key is missing",
        "station[2].scanner.sufix",
        'did you mean "suffix"?',
    ):
        assert words in said


@pytest.mark.parametrize(
    "line",
    [
        'dsn = "postgresql://kiosk:hunter2@db/kiosk"',
        'dsn = "postgresql://kiosk@db/kiosk?password=hunter2"',
        'dsn = "host=db user=kiosk password=hunter2"',
        'dsn = "host=db PASSWORD = hunter2"',
        'password = "hunter2"',
        'pgpass = "hunter2"',
    ],
)
def test_a_secret_is_refused_and_never_repeated(tmp_path: Path, line: str) -> None:
    """A password in a file ends up in backups and photographs; the cure is named instead."""
    said = _refusal(tmp_path, f"[database]\n{line}\n")
    assert "hunter2" not in said
    assert "KIOSK_DSN" in said
    assert "pgpass" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"\x00\x01", "contains NUL bytes"),
        (b'[shop]\nname = "\xff\xfe"', "is not UTF-8 text (line 2)"),
        ("[shop", "is not valid TOML"),
        ("a = " + "[" * 20_000, "nested too deeply"),
        ("a = " + "9" * 5_000, "holds a number or a date that cannot be read"),
        ("#" * (LONGEST_FILE + 1), "is longer than 1,000 kB"),
        ('[shop]\nname = "a\\u001b[2J"', "control and invisible characters are not allowed here"),
        ('[shop]\nname = "  "', "a blank text says nothing"),
        ("[display]\nvolume = inf", "a whole number, 0 (silent) to 100"),
        ("station = 3", "[[station]] stanzas"),
    ],
)
def test_a_hostile_file_gets_a_sentence(tmp_path: Path, text: str | bytes, words: str) -> None:
    """No file, however broken, makes more than one plain sentence about it."""
    said = _refusal(tmp_path, text)
    assert words in said
    assert "\x1b" not in said
    assert "Traceback" not in said


def test_a_missing_file_a_folder_and_a_locked_one_are_told_apart(tmp_path: Path) -> None:
    """Three different things are wrong, so three different things are said."""
    for path, words in ((tmp_path / "no.toml", "there is no such file"), (tmp_path, "is a folder")):
        with pytest.raises(FileRefused, match=words):
            load_config(path)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    """Nothing but FileRefused ever comes out of reading a file."""
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(raw)
    with contextlib.suppress(FileRefused):
        read_toml(path)


def test_qa_codes_are_found_by_their_digits_alone(tmp_path: Path) -> None:
    """Two codes with one number could not be told apart by an inspector's three keys."""
    said = _refusal(
        tmp_path,
        """
        [[qa.code]]
        code = "F-201"
        words = "one"
        favourite = 1
        [[qa.code]]
        code = "P-201"
        words = "other"
        """,
    )
    assert "the digits 201: only once each" in said


def test_a_scanner_is_chosen_by_rules_that_are_checked_here(tmp_path: Path) -> None:
    """An event number changes at every plug, so it is refused when the file is read, not at the bench."""
    good = _written(
        tmp_path,
        '[[station]]\nid = "qa-1"\nrole = "qa"\nscanner = { device = "by-id/usb-x-event-kbd", suffix = "TAB" }',
    )
    scanner = load_config(good).stations[0].scanner
    assert scanner.selection().rules == (ByLink("by-id/usb-x-event-kbd"),)
    assert scanner.selection(wedge=True).input is ScannerInput.WEDGE
    said = _refusal(tmp_path, '[[station]]\nid = "QA-1"\nrole = "QA"\nscanner.device = ["event3"]')
    assert "event number" in said
    assert "station[1].scanner.device (QA-1)" in said


def test_a_stanza_becomes_the_station_of_the_core(tmp_path: Path) -> None:
    """Left-out work is all that the role can do; names default to the id."""
    path = _written(tmp_path, '[[station]]\nid = "ops-1"\nrole = "CARDOPS"\nsingle_scan = true\nqueue_limit = 9')
    station = load_config(path).stations[0].definition()
    assert station.station_id == station.name == "OPS-1"
    assert set(station.work) == {OperationType.NUMBER, OperationType.MEMORABILIA}
    assert station.queue_limit == 9


def test_what_a_stanza_leaves_out_stays_as_the_shop_knows_it(tmp_path: Path) -> None:
    """A terminal's own file may say no more than id and role; what it says counts, also that something is off."""
    whole = '[[station]]\nid = "ops-1"\nrole = "CARDOPS"\nname = "Numbering"\nsingle_scan = true\nqueue_limit = 9'
    known = load_config(_written(tmp_path, whole)).stations[0].definition()
    other = replace(known, station_id=StationId("OPS-2"), name="Another")
    least = load_config(_written(tmp_path, '[[station]]\nid = "OPS-1"\nrole = "CARDOPS"')).stations[0]
    assert least.definition((other, known)) == known
    off = load_config(_written(tmp_path, '[[station]]\nid = "OPS-1"\nrole = "CARDOPS"\nsingle_scan = false')).stations[
        0
    ]
    assert off.definition((known,)) == replace(known, single_scan=False)
    moved = load_config(_written(tmp_path, '[[station]]\nid = "OPS-1"\nrole = "QA"')).stations[0]
    assert moved.definition((known,)) == moved.definition()


def test_policies_come_from_the_shop_and_the_station(tmp_path: Path) -> None:
    """Who decides about failed cards and when a PIN is locked is the shop's, how soon a repeat counts the station's."""
    path = _written(
        tmp_path,
        "[shop]\nmost_wrong_pins = 3\npin_lock_minutes = 30\n[qa]\ninspectors_decide = true\n"
        '[[station]]\nid = "Q"\nrole = "QA"\nrepeat_guard_seconds = 4',
    )
    config = load_config(path)
    policy = config.policy(config.stations[0])
    assert policy == ShopPolicy(
        inspectors_decide=True, repeat_guard_seconds=4.0, most_wrong_pins=3, pin_lock_minutes=30.0
    )
    assert config.policy() == replace(policy, repeat_guard_seconds=ShopPolicy().repeat_guard_seconds)


@pytest.mark.parametrize("setting", ["most_wrong_pins = 0", "pin_lock_minutes = 0", "pin_lock_minutes = 1441"])
def test_a_pin_is_locked_after_some_wrong_ones_for_some_time(tmp_path: Path, setting: str) -> None:
    """A shop cannot switch the lock off by a number that means nothing."""
    with pytest.raises(FileRefused):
        load_config(_written(tmp_path, f"[shop]\n{setting}"))


def test_a_station_may_name_the_operations_that_it_does(tmp_path: Path) -> None:
    """In any case, as everywhere; left out it does all of its work."""
    stanza = '[[station]]\nid = "FOIL-1"\nrole = "EMBELLISH"\nwork = ["FOIL"]\n'
    path = _written(tmp_path, stanza + 'operations = ["foil-gold"]')
    assert load_config(path).stations[0].definition().operations == ("FOIL-GOLD",)
    assert load_config(_written(tmp_path, stanza)).stations[0].definition().operations == ()
    assert "letters and digits" in _refusal(tmp_path, stanza + 'operations = ["gold foil!"]')
    sets = '[[station]]\nid = "ASSY-1"\nrole = "ASSEMBLY"\noperations = ["QA"]'
    assert "whole sets" in _refusal(tmp_path, sets)


_TWO = '[[station]]\nid = "QA-1"\nrole = "QA"\n[[station]]\nid = "QA-2"\nrole = "QA"\n'


def test_the_terminal_knows_its_station_from_option_environment_or_file(tmp_path: Path) -> None:
    """The nearest word counts: the option, then the environment, then the file."""
    path = _written(tmp_path, 'terminal = "QA-1"\n' + _TWO)
    config = load_config(path)
    assert choose_station(config, None, {}, path=path).id == "QA-1"
    assert choose_station(config, None, {"KIOSK_STATION": "qa-2"}, path=path).id == "QA-2"
    assert choose_station(config, "QA-1", {"KIOSK_STATION": "QA-2"}, path=path).id == "QA-1"


def test_an_unknown_or_unnamed_station_lists_those_there_are(tmp_path: Path) -> None:
    """The error is the list one would look up next."""
    path = _written(tmp_path, _TWO)
    config = load_config(path)
    with pytest.raises(NoStationError, match="one of: QA-1, QA-2"):
        choose_station(config, None, {}, path=path)
    with pytest.raises(NoStationError, match='Did you mean "QA-1"'):
        choose_station(config, "QA1", {}, path=path)
    with pytest.raises(NoStationError, match="defines no station"):
        choose_station(load_config(None), None, {}, path=path)


def test_a_terminal_of_no_station_and_a_station_twice_are_refused(tmp_path: Path) -> None:
    """Both would show only at the first scan; they are said at the start."""
    assert "there is no [[station]] of that id" in _refusal(tmp_path, 'terminal = "QA-9"\n' + _TWO)
    assert "the station QA-1: only once each" in _refusal(tmp_path, _TWO.replace("QA-2", "qa-1"))


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """KIOSK_DSN may hold a password, so it is where one belongs."""
    config = load_config(_written(tmp_path, '[database]\ndsn = "postgresql://kiosk@db/kiosk"'))
    assert database_dsn(config, {}) == "postgresql://kiosk@db/kiosk"
    assert database_dsn(config, {"KIOSK_DSN": "postgresql://other/x"}) == "postgresql://other/x"


def test_a_dsn_and_the_embedded_server_exclude_each_other(tmp_path: Path) -> None:
    """Two answers to one question are no answer."""
    said = _refusal(tmp_path, '[database]\ndsn = "postgresql://kiosk@db/kiosk"\nembedded = true')
    assert "exclude each other" in said


@pytest.mark.parametrize("table", ["database", "spool"])
def test_a_folder_is_one_place_wherever_the_program_is_started(tmp_path: Path, table: str) -> None:
    """A path that is not from the root on would be another shop, or another spool, in another folder."""
    assert "begins with /" in _refusal(tmp_path, f'[{table}]\nfolder = "kept/here"')


def test_the_file_is_looked_for_from_the_nearest_place_outwards(tmp_path: Path) -> None:
    """Asked, environment, here, the user's folder; then none."""
    here, home = tmp_path / "here", tmp_path / "home" / ".config" / "kiosk"
    here.mkdir()
    home.mkdir(parents=True)
    (home / "kiosk.toml").touch()
    environ = {"HOME": str(tmp_path / "home")}
    assert find_config(None, environ, here) == home / "kiosk.toml"
    (here / "kiosk.toml").touch()
    assert find_config(None, environ, here) == here / "kiosk.toml"
    assert find_config(None, environ | {"KIOSK_CONFIG": "/x"}, here) == Path("/x")
    assert find_config(Path("y"), environ | {"KIOSK_CONFIG": "/x"}, here) == Path("y")


@pytest.mark.parametrize(
    ("written", "environ", "expected"),
    [
        ('[spool]\nfolder = "/srv/kept"', {"STATE_DIRECTORY": "/var/lib/kiosk"}, "/srv/kept/QA-1.db"),
        ("", {"STATE_DIRECTORY": "/var/lib/kiosk:/var/lib/other", "HOME": "/users/a"}, "/var/lib/kiosk/spool/QA-1.db"),
        ("", {"XDG_STATE_HOME": "/users/kim/state"}, "/users/kim/state/kiosk/spool/QA-1.db"),
        ("", {"HOME": "/users/kim"}, "/users/kim/.local/state/kiosk/spool/QA-1.db"),
    ],
)
def test_what_is_kept_lies_where_the_shop_the_service_or_the_user_says(
    tmp_path: Path, written: str, environ: dict[str, str], expected: str
) -> None:
    """One file a station, on a disk that outlives a restart."""
    path = tmp_path / "kiosk.toml"
    path.write_text(f'{written}\n[[station]]\nid = "QA-1"\nrole = "QA"\nwork = ["QA"]\n', encoding="utf-8")
    config = load_config(path)
    assert spool_path(config, config.stations[0], environ) == Path(expected)
