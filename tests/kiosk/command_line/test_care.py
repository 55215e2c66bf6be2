"""The commands that look after a shop's database: is it sound, is it kept elsewhere, can it be reached."""

import errno
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kiosk.command_line.conftest import EXAMPLE, Run


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


def test_doctor_says_of_a_bench_without_codes_that_it_can_fail_no_card(shop: Run, tmp_path: Path) -> None:
    """A terminal's own short file is easily written without them, and the inspector would be the first to notice."""
    without = re.sub(r"(?ms)^\[\[qa\.code\]\].*?(?=^\[(?!\[qa))", "", EXAMPLE.read_text(encoding="utf-8"))
    (tmp_path / "kiosk.toml").write_text(without, encoding="utf-8")
    code, out, _ = shop("doctor", "--station", "QA-BENCH-1")
    assert code == 0
    assert "no card can be failed at this station" in out
    assert "no card can be failed" not in shop("doctor", "--station", "PRESS-1")[1]


@pytest.mark.parametrize("place", ["file/spool", "/proc/nowhere"])
def test_doctor_says_that_nothing_can_be_kept(shop: Run, tmp_path: Path, place: str) -> None:
    """A folder that cannot be made is found before the first outage, not in it."""
    (tmp_path / "file").touch()
    config = tmp_path / "kiosk.toml"
    folder = f'[spool]\nfolder = "{tmp_path / place}"\n\n[display]'
    config.write_text(EXAMPLE.read_text(encoding="utf-8").replace("[display]", folder, 1), encoding="utf-8")
    code, out, _ = shop("doctor", "--station", "QA-BENCH-1")
    assert (code, "nothing can be kept there" in out) == (4, True)


def test_doctor_looks_below_a_folder_that_nobody_may_enter(
    shop: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept and what is logged below it is told like any other folder that takes nothing."""
    locked = tmp_path / "locked"
    locked.mkdir()
    config = tmp_path / "kiosk.toml"
    below = f'[spool]\nfolder = "{locked}/a/b"\n\n[log]\nfile = "{locked}/kiosk.log"\n\n[display]'
    config.write_text(EXAMPLE.read_text(encoding="utf-8").replace("[display]", below, 1), encoding="utf-8")

    def guarded(does: Callable[..., Any], *, itself: bool) -> Callable[..., Any]:
        # Whoever runs the tests may be let in everywhere.
        def asked(path: Any, *args: Any, **kwargs: Any) -> Any:
            inside = isinstance(path, str | Path) and locked in (Path(path), *Path(path).parents)
            if inside and (itself or Path(path) != locked):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return does(path, *args, **kwargs)

        return asked

    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", guarded(os.stat, itself=False))
        patched.setattr(os, "open", guarded(os.open, itself=True))
        patched.setattr(os, "access", lambda path, *_: Path(path) != locked)
        code, out, _ = shop("doctor", "--station", "QA-BENCH-1")
    assert (code, f"nothing can be kept there: {locked}: Permission denied" in out) == (4, True)
    assert f"{locked}/kiosk.log cannot be written" in out


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
