"""The commands as people and scripts use them: the real `main`, the real database, what is printed, how it ends."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.cli.output import print_json
from tests.kiosk.command_line.conftest import Run


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
    code, _, err = shop("operator", "add", "OP-88", "--without", "lead")
    assert (code, "kiosk operator withdraw OP-88" in err) == (2, True)


def test_nothing_is_done_in_the_name_of_a_withdrawn_badge(shop: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a badge that was withdrawn, when it is named, then that is said and nothing is done, role or no role."""
    assert shop("operator", "withdraw", "OP-7")[0] == 0
    before = shop("history", "J1044")[1]
    opening = ("pack", "open", "J1044-BX001")
    for named in (opening, ("job", "hold", "J1044", "--reason", "x"), ("operator", "add", "OP-7", "--role", "lead")):
        code, out, err = shop(*named, "--as", "OP-7")
        assert (code, out) == (1, ""), named
        assert err.splitlines()[0] == "Refused: The badge OP-7 is withdrawn.", named
    monkeypatch.setenv("KIOSK_OPERATOR", "OP-7")
    assert shop(*opening)[0] == 1
    assert shop("history", "J1044")[1] == before
    assert shop(*opening, "--as", "OP-60")[0] == 0


def test_a_badge_is_withdrawn_and_given_back(shop: Run) -> None:
    """Given a badge that was withdrawn, then it is listed so and not printed; a role ends that."""
    assert shop("operator", "withdraw", "OP-42")[0] == 0
    assert "(withdrawn)" in shop("operator", "list")[1]
    code, _, err = shop("labels", "badges", "OP-42", "--output", "badges.html")
    assert (code, "OP-42" in err) == (1, True)
    assert shop("operator", "withdraw", "OP-99")[0] == 2
    for changes in (("--name", "Operator forty-two"), ("--without", "lead")):
        code, _, err = shop("operator", "add", "OP-42", *changes)
        assert (code, "--role gives it back" in err) == (2, True)
    assert shop("operator", "add", "OP-42", "--role", "operator")[0] == 0
    assert "(withdrawn)" not in shop("operator", "list")[1]


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
        assert "Set J1044-S001 is made by the cut" in err
    code, _, err = shop("set", "authorize", "J1044-S001-07", "--as", "OP-7", typed="4711\n")
    assert code == 2
    assert "a set such as J1044-S003-SET, or its sheet, J1044-S003" in err
    code, _, err = shop("card", "void", "J1044-S001-07", "--why", "lost", "--as", "OP-7")
    assert code == 1
    assert "Card J1044-S001-07 is made by the cut" in err


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
