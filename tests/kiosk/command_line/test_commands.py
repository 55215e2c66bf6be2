"""The commands as people and scripts use them: the real `main`, the real database, what is printed, how it ends."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.cli.output import print_json
from kiosk.cli.program import main

_DOCS = Path(__file__).parents[3] / "docs" / "shop-files.md"
_EXAMPLE = Path(__file__).parents[3] / "kiosk.toml"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on a database of the test's own; gives exit code, standard output, standard error."""
    for variable in ("KIOSK_CONFIG", "KIOSK_STATION", "KIOSK_OPERATOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("KIOSK_DSN", database_dsn)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kiosk.toml").write_text(_EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    for block in re.findall(r"```toml\n(.*?)```", _DOCS.read_text(encoding="utf-8"), re.DOTALL):
        name = re.match(r"# (\S+\.toml)", block)
        assert name is not None
        (tmp_path / name[1]).write_text(block, encoding="utf-8")

    def called(*argv: str, typed: str | None = None) -> tuple[int, str, str]:
        if typed is not None:
            monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(argv)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return called


@pytest.fixture
def shop(run: Run) -> Run:
    """A shop with people, stations, a product, an order and a started job J1044 of two sheets."""
    for argv in (
        ("operator", "load", "people.toml"),
        ("station", "load"),
        ("spec", "load", "products.toml"),
        ("order", "load", "orders.toml"),
        ("job", "create", "J1044", "--order", "PO2026-0117", "--sheets", "2"),
        ("job", "start", "J1044"),
    ):
        code, _, err = run(*argv)
        assert (code, err) == (0, "")
    return run


def test_a_shop_is_set_up_from_the_documented_files_and_found_again(shop: Run) -> None:
    """The five commands of docs/shop-files.md lead to sheets that wait at the press."""
    code, out, _ = shop("where", "j1044-s001")
    assert code == 0
    assert "sheet 1 of 2, Dragons series 3" in out
    assert "ready for     PRINT at PRESS-1" in out
    assert "J1044" in shop("order", "list")[1]
    assert "2 to cut, 0 cut" in shop("job", "show", "J1044")[1]


def test_loading_again_changes_nothing_and_is_no_error(shop: Run) -> None:
    """A file is loaded by a script at every start."""
    assert shop("spec", "load", "products.toml") == (0, "DRAGONS-S3  unchanged\n", "")
    code, out, _ = shop("station", "load")
    assert code == 0
    assert out.count("unchanged") == 12


_READING = (
    ("order", "list"),
    ("order", "show", "PO2026-0117"),
    ("job", "list"),
    ("job", "show", "J1044"),
    ("spec", "list"),
    ("spec", "show", "DRAGONS-S3"),
    ("station", "list"),
    ("station", "show", "PRESS-1"),
    ("operator", "list"),
    ("where", "J1044-S002"),
    ("history", "J1044"),
    ("db", "status"),
    ("db", "verify"),
    ("doctor",),
    ("states",),
)


def test_every_reading_command_speaks_json(shop: Run) -> None:
    """Programs get one JSON value and nothing else on standard output; people get text."""
    for argv in _READING:
        code, out, _ = shop(*argv, "--json")
        assert code == 0, argv
        assert json.loads(out), argv
        code, out, _ = shop(*argv)
        assert code == 0, argv
        assert out.strip(), argv


def test_a_refusal_is_said_in_words_with_exit_code_1(shop: Run) -> None:
    """Scripts see 1, people see why; nothing is changed."""
    code, out, err = shop("job", "start", "J1044")
    assert (code, out) == (1, "")
    assert "Refused: Job J1044 is started; this needs one that is created." in err
    code, _, err = shop("job", "hold", "J1044", "--reason", "paper is late")
    assert code == 1
    assert "It is not said who does this." in err
    assert "Name who does it: --as OP-7" in err
    code, _, err = shop("job", "hold", "J1044", "--reason", "x", "--as", "OP-42")
    assert code == 1
    assert "OP-42 is not allowed to do this. It needs a lead or manager." in err
    code, _, err = shop("where", "J9999-S001-01")
    assert code == 1
    assert "There is no card J9999-S001-01 in this shop." in err


def test_what_was_refused_is_kept_for_the_leads(shop: Run) -> None:
    """The scan log says when, where, who and why, in the same words."""
    assert shop("station", "refused") == (0, "Nothing was refused.\n", "")
    assert shop("job", "hold", "J1044", "--reason", "x", "--as", "OP-42")[0] == 1
    assert "OP-42 is not allowed to do this." in shop("station", "refused")[1]
    (record,) = json.loads(shop("station", "refused", "--json")[1])
    assert (record["refusal"], record["operator"], record["station"]) == ("NotPermitted", "OP-42", None)
    assert shop("station", "refused", "QA-BENCH-1")[1] == "Nothing was refused.\n"


def test_a_lead_holds_resumes_and_moves_a_job(shop: Run) -> None:
    """Who decided is in the job's history."""
    assert shop("job", "hold", "j1044", "--reason", "paper is late", "--as", "op-7")[0] == 0
    assert shop("job", "resume", "J1044", "--as", "OP-7")[0] == 0
    assert shop("job", "priority", "J1044", "1", "--as", "OP-7")[0] == 0
    assert shop("job", "promise", "J1044", "2036-12-24", "--as", "OP-7")[0] == 0
    out = shop("history", "J1044")[1]
    for words in ("held", "paper is late", "resumed", "3 → 1", "24 Dec 2036 23:59", "OP-7"):
        assert words in out


def test_an_order_is_not_made_twice_unless_sheets_are_spare(shop: Run) -> None:
    """What its jobs leave is the default; the refusal says what was ordered and how to mean more."""
    code, out, _ = shop("job", "create", "J1045", "--order", "PO2026-0117")
    assert code == 0
    assert "38 sheets of DRAGONS-S3" in out
    code, _, err = shop("job", "create", "J1046", "--order", "PO2026-0117", "--sheets", "4")
    assert code == 1
    assert "is for 40 sets; 40 are made by its jobs, and 4 more are 4 too many" in err
    assert "--overs 4" in err
    code, out, _ = shop("job", "create", "J1046", "--order", "PO2026-0117", "--overs", "4")
    assert code == 0
    assert "4 sheets (4 spare)" in out


def test_a_job_that_goes_on_counts_its_packed_sets_in_one_way(shop: Run) -> None:
    """Given a job that is not completed, then its own number of packed sets is that of its progress, and not null."""
    told = json.loads(shop("job", "show", "J1044", "--json")[1])
    assert told["job"]["sets_packed"] == told["progress"]["sets_packed"] == 0


def test_json_says_names_as_they_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    """Given letters of any alphabet, then they stand as they are; what is invisible or moves a cursor is escaped."""
    name = "Галина Łoś \N{RIGHT-TO-LEFT OVERRIDE}\x9b31m\x7f\ud800"
    print_json({"name": name})
    out = capsys.readouterr().out
    assert "Галина Łoś \\u202e\\u009b31m\\u007f\\ud800" in out
    assert json.loads(out) == {"name": name}


def test_an_order_is_cancelled_with_its_jobs_and_says_which(shop: Run) -> None:
    """Those on the floor only where that is said; a sheet's life tells nothing of the other jobs."""
    assert shop("job", "create", "J1045", "--order", "PO2026-0117")[0] == 0
    code, _, err = shop("order", "cancel", "PO2026-0117", "--reason", "withdrawn", "--as", "OP-7")
    assert code == 1
    assert "has jobs on the floor: J1044." in err
    assert "--with-running-jobs" in err
    asked = ("order", "cancel", "PO2026-0117", "--reason", "withdrawn", "--as", "OP-7", "--with-running-jobs")
    code, out, err = shop(*asked)
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["PO2026-0117", "J1044", "J1045"]
    assert out.count("cancelled") == 3
    assert "J1045" not in shop("history", "J1044-S001")[1]
    assert "J1045" in shop("history", "PO2026-0117")[1]
    assert shop("db", "verify")[0] == 0


def test_a_promise_in_the_past_is_refused(shop: Run) -> None:
    """The date is said with its year, so that the slip can be seen."""
    code, _, err = shop(
        "order", "place", "PO2026-0200", "--customer", "C", "--line", "DRAGONS-S3=1", "--promise", "2020-01-01"
    )
    assert code == 1
    assert "1 Jan 2020 23:59, is past" in err


def test_a_foreign_name_cannot_steer_the_terminal(shop: Run) -> None:
    """What a customer is called is text, whatever is in it."""
    name = "Evil\x1b[2J[red]Corp[/]\u202e"
    argv = ("order", "place", "PO2026-0200", "--customer", name, "--line", "DRAGONS-S3=1", "--promise", "2036-01-01")
    code, out, _ = shop(*argv)
    assert code == 0
    seen = (out, *(shop(*argv, "PO2026-0200")[1] for argv in (("order", "show"), ("history",), ("where",))))
    for printed in (*seen, shop("order", "list")[1]):
        assert "\x1b" not in printed
        assert "\u202e" not in printed
        assert "Evil\\x1b[2J[red]Corp[/]\\u202e" in printed


def test_what_is_not_named_of_a_person_stays(shop: Run) -> None:
    """A new name takes no role away, another role no name; a role goes where that is said."""

    def roles() -> set[str]:
        return set(json.loads(shop("where", "OP-88", "--json")[1])["is"]["roles"])

    code, _, err = shop("operator", "add", "OP-88", "--role", "inspector")
    assert (code, "--name" in err) == (2, True)
    assert shop("operator", "add", "OP-88", "--name", "Operator 88", "--role", "inspector")[0] == 0
    assert shop("operator", "add", "OP-88", "--name", "Operator eighty-eight")[0] == 0
    assert roles() == {"inspector"}
    assert shop("operator", "add", "OP-88", "--role", "lead")[0] == 0
    assert roles() == {"inspector", "lead"}
    assert shop("operator", "add", "OP-88", "--without", "inspector")[0] == 0
    assert roles() == {"lead"}
    assert "Operator eighty-eight" in shop("where", "OP-88")[1]
    assert shop("operator", "add", "OP-88", "--without", "lead")[0] == 1


@pytest.mark.parametrize("name", ["a\x1b[2Jb", " ", "n" * 61, "a\u202eb"])
def test_a_name_that_no_file_may_hold_is_none_on_the_command_line(run: Run, tmp_path: Path, name: str) -> None:
    """One rule for both ways in: what would steer a terminal, says nothing or fits no badge."""
    code, out, err = run("operator", "add", "OP-88", "--name", name)
    assert (code, out, "is not the name of a person" in err) == (2, "", True)
    stanza = f'[[operator]]\nbadge = "OP-88"\nname = {json.dumps(name)}\n'
    (tmp_path / "one.toml").write_text(stanza, encoding="utf-8")
    assert run("operator", "load", "one.toml")[0] == 2


def test_a_pin_is_never_printed_and_its_hash_is_not_shown(shop: Run) -> None:
    """Neither the history nor its JSON gives anybody something to guess with."""
    assert shop("operator", "pin", "OP-7", typed="4711\n") == (0, "OP-7  PIN set\n", "")
    assert "yes" in shop("operator", "list")[1]
    for argv in (("history", "OP-7"), ("history", "OP-7", "--json")):
        out = shop(*argv)[1]
        assert "4711" not in out
        assert "digest" not in out
    code, _, err = shop("operator", "pin", "OP-7", typed="1111\n")
    assert code == 2
    assert "not all the same" in err


def test_history_at_a_moment_shows_only_what_was_true_then(shop: Run) -> None:
    """Both clocks are asked for with times as people write them."""
    assert "had no history then" in shop("history", "J1044", "--at", "2020-01-01 08:00")[1]
    assert "had no history then" in shop("history", "J1044", "--as-of", "2020-01-01T08:00:00+01:00")[1]
    tomorrow = datetime.now(UTC).replace(year=datetime.now(UTC).year + 1).isoformat()
    assert "what was known at" in shop("history", "J1044", "--as-of", tomorrow)[1]
    code, _, err = shop("history", "J1044", "--at", "yesterday")
    assert code == 2
    assert "write 2026-11-24 14:00" in err


def test_the_life_of_a_sheet_begins_with_its_order(shop: Run) -> None:
    """A history reads from the order on; --own leaves the ancestors out; each fact is told once."""
    out = shop("history", "J1044-S001")[1]
    whats = [what for what in ("ordered", "job created", "started", "planned") if what in out]
    assert whats == sorted(whats, key=out.index)
    assert len(whats) == 4
    assert "ordered" not in shop("history", "J1044-S001", "--own")[1]
    told = json.loads(shop("history", "J1044-S001", "--json")[1])
    assert [entry["type"] for entry in told["events"]] == ["OrderPlaced", "JobCreated", "JobStarted", "SheetCreated"]


def test_gates_sheets_cards_and_boxes_are_handled_by_hand(shop: Run) -> None:
    """Each command reaches its rule; what the rule refuses is said."""
    code, _, err = shop("gate", "approve", "J1044-S001", "PROOF", "--as", "OP-7")
    assert code == 1
    assert "PRINT" in err
    assert shop("sheet", "void", "J1044-S002", "--why", "misprint", "--as", "OP-7")[0] == 0
    assert "voided, misprinted" in shop("where", "J1044-S002")[1]
    assert shop("pack", "open", "J1044-BX001")[0] == 0
    code, _, err = shop("pack", "seal", "J1044-BX001")
    assert code == 1
    assert "is empty" in err
    code, _, err = shop("set", "authorize", "J1044-S001-SET", typed="4711\n")
    assert code == 2
    assert "--as" in err
    for named in ("J1044-S001-SET", "j1044-s001"):
        code, _, err = shop("set", "authorize", named, "--as", "OP-7", typed="4711\n")
        assert code == 1
        assert "There is no set J1044-S001" in err
    code, _, err = shop("set", "authorize", "J1044-S001-07", "--as", "OP-7", typed="4711\n")
    assert code == 2
    assert "a set such as J1044-S003-SET, or its sheet, J1044-S003" in err
    code, _, err = shop("card", "void", "J1044-S001-07", "--why", "lost", "--as", "OP-7")
    assert code == 1
    assert "There is no card J1044-S001-07" in err


def test_verify_finds_a_row_that_somebody_changed(shop: Run, database_dsn: str) -> None:
    """Exit code 4 tells a script; rebuild mends it; the log itself stays."""
    import psycopg

    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("UPDATE rm_jobs SET priority = 9")
    code, out, _ = shop("db", "verify")
    assert code == 4
    assert "J1044" in out
    assert "priority" in out
    assert shop("db", "rebuild")[0] == 0
    assert shop("db", "verify")[0] == 0


def test_a_signed_head_shows_a_log_that_was_written_past_the_product(shop: Run, database_dsn: str) -> None:
    """Sign today, compare tomorrow: what was changed in between is named, and rebuild is not offered as a cure."""
    import psycopg

    assert shop("db", "make-key", "log.key")[0] == 0
    code, out, _ = shop("db", "sign-head", "--key", "log.key", "--to", "head.json")
    assert (code, out.startswith("Signed: ")) == (0, True)
    compare = ("db", "verify", "--head", "head.json", "--public-key", "log.key.pub")
    code, out, _ = shop(*compare)
    assert (code, "are those that were signed" in out) == (0, True)
    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("ALTER TABLE production_events DISABLE TRIGGER ALL")
        connection.execute("UPDATE production_events SET operator_id = 'OP-9' WHERE aggregate_id = 'J1044-S002'")
    code, out, _ = shop(*compare)
    assert code == 4
    assert "sheet J1044-S002 version 1: event is not what was written" in out
    assert "rebuild" not in out
    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("ALTER TABLE production_events DISABLE TRIGGER ALL")
        connection.execute("UPDATE production_events SET chain = sha256(chain) WHERE aggregate_id = 'J1044-S002'")
    code, out, _ = shop(*compare)
    assert code == 4
    assert "not what was signed: it differs first between the numbers 1 and" in out
    assert json.loads(shop(*compare, "--json")[1])["head_mismatch"]["after"] == 0


def test_a_shop_is_backed_up_and_restored_in_two_commands(
    shop: Run, empty_database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file, an empty database, and the sheets wait at the press again; verified on the way."""
    code, out, _ = shop("db", "backup", "shop.backup")
    assert (code, out.startswith("shop.backup holds ")) == (0, True)
    assert "cannot be written: File exists" in shop("db", "backup", "shop.backup")[2]
    assert "not empty" in shop("db", "restore", "shop.backup")[2]
    monkeypatch.setenv("KIOSK_DSN", empty_database_dsn)
    assert "cannot be restored" in shop("db", "restore", "kiosk.toml")[2]
    code, out, _ = shop("db", "restore", "shop.backup")
    assert (code, "read models equal it" in out) == (0, True)
    assert "ready for     PRINT at PRESS-1" in shop("where", "J1044-S001")[1]


_PAST_THE_PRODUCT = "SET session_replication_role = replica; ALTER TABLE production_events DISABLE TRIGGER ALL;"


def test_a_log_is_not_called_sound_that_is_not_what_was_signed(shop: Run, database_dsn: str) -> None:
    """Events that changed places across streams break no link within one: only the signed head tells, alone."""
    import psycopg

    assert shop("db", "make-key", "log.key")[0] == 0
    assert shop("db", "sign-head", "--key", "log.key", "--to", "head.json")[0] == 0
    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute(_PAST_THE_PRODUCT)
        for found, wanted in ((1, -1), (2, 1), (-1, 2)):
            connection.execute(
                "UPDATE production_events SET sequence_num = %s WHERE sequence_num = %s", (wanted, found)
            )
    code, out, _ = shop("db", "verify", "--head", "head.json", "--public-key", "log.key.pub")
    assert code == 4
    assert "The log is not what was signed" in out
    assert "is what was written" not in out
    assert "keep this database as it is" in out


def test_no_rebuild_is_offered_where_an_event_is_gone(shop: Run, database_dsn: str) -> None:
    """Rows made anew of a log that somebody changed would hide what is missing in it."""
    import psycopg

    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute(_PAST_THE_PRODUCT)
        connection.execute("DELETE FROM production_events WHERE aggregate_id = 'J1044-S002'")
    code, out, _ = shop("db", "verify")
    assert code == 4
    assert "event removed" in out
    assert "keep this database as it is" in out
    assert "1 difference in the read models as well" in out
    assert "rebuild" not in out


def test_a_forged_head_is_a_wrong_file_and_no_outage(shop: Run, tmp_path: Path) -> None:
    """A script that verifies every night tells a forged head and a wrong key from a database that is away."""
    for name in ("log.key", "other.key"):
        assert shop("db", "make-key", name)[0] == 0
    assert shop("db", "sign-head", "--key", "log.key", "--to", "head.json")[0] == 0
    head = (tmp_path / "head.json").read_text(encoding="utf-8")
    (tmp_path / "forged.json").write_text(head.replace("kiosk", "kiosk2", 1), encoding="utf-8")
    (tmp_path / "none.pub").write_text("no key", encoding="utf-8")
    for file, key in (("forged.json", "log.key.pub"), ("head.json", "other.key.pub"), ("head.json", "none.pub")):
        code, out, err = shop("db", "verify", "--head", file, "--public-key", key)
        assert (code, out, len(err.splitlines())) == (2, "", 1), (file, key)


def test_a_damaged_backup_is_one_sentence_with_nothing_of_the_log(
    shop: Run, empty_database_dsn: str, tmp_path: Path
) -> None:
    """What the driver has to say of it as well, with the payload at fault, reaches no screen and no mail of cron."""
    assert shop("db", "backup", "shop.backup")[0] == 0
    with zipfile.ZipFile(tmp_path / "shop.backup") as packed, zipfile.ZipFile(tmp_path / "plain", "w") as plain:
        for name in packed.namelist():
            # A log so long that a part of it is on its way before the damage is met.
            times = 500 if name == "production_events.copy" else 1
            plain.writestr(name, packed.read(name) * times)
    content = (tmp_path / "plain").read_bytes()
    # Both ends refuse it: the server a payload that is none, the reader of the file a sum that does not fit.
    place = content.index(b'\t{"') + 1
    (tmp_path / "damaged").write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk", "db", "restore", "damaged"],
        cwd=tmp_path,
        env={**os.environ, "KIOSK_DSN": empty_database_dsn},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(r"damaged cannot be restored: [^\n]*\n", ended.stderr)


def test_a_restore_into_a_database_at_work_is_refused(shop: Run) -> None:
    """What is asked is not allowed there, and nothing is out of order that kiosk doctor could find."""
    assert shop("db", "backup", "shop.backup")[0] == 0
    code, out, err = shop("db", "restore", "shop.backup")
    assert (code, out, "doctor" in err) == (1, "", False)


def test_a_head_is_asked_for_with_its_key_and_never_written_over(shop: Run) -> None:
    """Every slip is a sentence and exit code 2; an unusable key is one as well."""
    assert "name both" in shop("db", "verify", "--head", "head.json")[2]
    assert "cannot be read" in shop("db", "verify", "--head", "none", "--public-key", "none.pub")[2]
    assert "cannot be read" in shop("db", "sign-head", "--key", "none", "--to", "head.json")[2]
    assert shop("db", "make-key", "log.key")[0] == 0
    assert "cannot be written: File exists" in shop("db", "make-key", "log.key")[2]
    assert "private key" in shop("db", "sign-head", "--key", "log.key.pub", "--to", "head.json")[2]
    assert shop("db", "sign-head", "--key", "log.key", "--to", "head.json")[0] == 0
    assert "File exists" in shop("db", "sign-head", "--key", "log.key", "--to", "head.json")[2]


def test_labels_are_printed_for_what_exists(shop: Run, tmp_path: Path) -> None:
    """Badges, sheets and cards-to-be come from the shop; the wall card needs no database."""
    code, out, _ = shop("labels", "control-card")
    assert code == 0
    assert "CMD-FAIL-F-201" in out
    assert "OP-42" in shop("labels", "badges")[1]
    assert shop("labels", "cards", "J1044-S001")[1].count("<svg") == 18
    assert shop("labels", "sheets", "J1044", "--qr")[1].count("<svg") == 2
    assert shop("labels", "trays", "J1044-S001")[1].count("J1044-S001-SET") >= 2
    assert "J1044-BX001" in shop("labels", "boxes", "J1044")[1]
    code, out, err = shop("labels", "badges", "OP-7", "--output", "badges.html")
    assert (code, out) == (0, "")
    assert "1 label in" in err
    assert (tmp_path / "badges.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    code, _, err = shop("labels", "cards", "J1044")
    assert code == 1
    assert "No sheet of job J1044 is cut yet" in err
    assert "kiosk labels cards J1044-S001" in err
    code, _, err = shop("labels", "cards", "J9999")
    assert code == 1
    assert "J9999" in err
    assert "cut" not in err
    assert shop("labels", "cards", "nonsense")[0] == 2


def test_doctor_proves_that_the_log_only_grows(shop: Run, database_dsn: str) -> None:
    """With the trigger switched off doctor says so, and scripts see it."""
    import psycopg

    code, out, _ = shop("doctor", "--station", "QA-BENCH-1")
    assert code == 0
    assert "only grows: removing was refused just now" in out
    assert "QA-BENCH-1, QA" in out
    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("ALTER TABLE production_events DISABLE TRIGGER production_events_only_grows")
    code, out, _ = shop("doctor")
    assert code == 4
    assert "REMOVING WAS NOT REFUSED" in out


def test_an_empty_database_says_which_command_sets_it_up(
    run: Run, empty_database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is set up behind the back of whoever owns the database."""
    monkeypatch.setenv("KIOSK_DSN", empty_database_dsn)
    code, _, err = run("order", "list")
    assert code == 3
    assert "run kiosk db init" in err
    assert run("db", "init")[0] == 0
    assert run("order", "list") == (0, "There are no orders. kiosk order place takes one on.\n", "")
    assert "already at" in run("db", "migrate")[1]


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://kiosk:hunter2@127.0.0.1:1/kiosk",
        "host=/nowhere dbname=kiosk password=hunter2",
        "nonsense",
        "postgresql://kiosk:hunter2@[::1",
    ],
)
def test_an_unreachable_database_is_exit_code_3(run: Run, monkeypatch: pytest.MonkeyPatch, dsn: str) -> None:
    """Whatever is wrong with the address, it is a sentence, and its password is not in it."""
    monkeypatch.setenv("KIOSK_DSN", dsn)
    code, out, err = run("job", "list")
    assert (code, out) == (3, "")
    assert err.strip()
    assert "hunter2" not in err
    code, out, _ = run("doctor")
    assert code == 3
    assert "hunter2" not in out


def test_a_schema_from_the_future_is_exit_code_3(run: Run, database_dsn: str) -> None:
    """An old program does not guess at a newer database; it says what to update."""
    import psycopg

    with psycopg.connect(database_dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (99, 'tomorrow', 'x')")
    code, _, err = run("job", "list")
    assert code == 3
    assert "update the program" in err
    code, out, _ = run("doctor")
    assert code == 4
    assert "update the program" in out
