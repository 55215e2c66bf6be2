"""The log proves itself: whatever was done to it behind its trigger, verify finds and names."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from core.identity.ids import JobId
from core.production.corrections import undo_of
from store import Store
from store.chain import ChainedEvent, Links, canonical_payload, in_utc, link
from store.errors import BadKey, HeadForged
from store.head_signature import make_key, read_head, signed_head
from store.log_head import LogHead, Segment
from store.maintenance import Difference
from tests.core.shop import INSPECTOR, QA, START, spec
from tests.support.database import owner_connection
from tests.support.floor import Floor

CARD = "J1044-S001-01"
_NO_CARD_OF_THIS = "card_unit J1044-S001-01"


@pytest.fixture
async def inspected(floor: Floor) -> Floor:
    """A cut sheet whose first card was inspected, taken back and inspected again: seven events in its stream."""
    job = await floor.start(spec(), sets=2)
    (card, *_) = await floor.cut(job)
    for _ in range(2):
        verdict = await floor.inspect(card)
        undo = undo_of(verdict.recorded, at=floor.now, operator_id=INSPECTOR, station_id=QA.station_id, reason="slip")
        assert undo is not None
        await floor.accept(undo)
    await floor.inspect(card)
    return floor


async def _behind_the_trigger(dsn: str, *statements: str) -> None:
    async with owner_connection(dsn) as owner:
        await owner.execute("ALTER TABLE production_events DISABLE TRIGGER ALL")
        for statement in statements:
            await owner.execute(statement.encode())
        await owner.execute("ALTER TABLE production_events ENABLE ALWAYS TRIGGER production_events_only_grows")


async def _found(floor: Floor) -> set[tuple[str, str]]:
    differences: tuple[Difference, ...] = (await floor.store.verify()).differences
    return {(found.problem, found.key) for found in differences if found.table == "production_events"}


async def test_a_log_that_nobody_touched_is_whole(inspected: Floor) -> None:
    """Every link of a busy log holds, with corrections in it, and each event is answered for."""
    assert await _found(inspected) == set()


_NAMES = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
_YEARS = [datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (1990, 2090)]
_SAID_BY = st.tuples(
    st.datetimes(*_YEARS, timezones=st.timezones()),
    st.none() | _NAMES,
    st.none() | _NAMES,
)


@given(st.binary(max_size=32), st.uuids(), st.none() | st.uuids(), st.lists(st.tuples(_NAMES, _SAID_BY), min_size=1))
def test_the_links_of_a_command_are_those_that_verify_makes_anew(
    previous: bytes, command: UUID, cause: UUID | None, said: list[tuple[str, tuple[datetime, str | None, str | None]]]
) -> None:
    """What a command's events have in common is said once, and hashed as if each event said all of it by itself."""
    links = Links(None, cause, command)
    for version, (unit, said_by) in enumerate(said, 1):
        payload = canonical_payload(b'{"b":1,"a":"x"}')
        at, operator, station = said_by
        event = ChainedEvent(
            ("card_unit", unit),
            version,
            "SheetCut",
            1,
            Raw(payload),
            in_utc(at),
            operator,
            station,
            None,
            cause,
            command,
        )
        made = links.link(previous, (("card_unit", unit), version, "SheetCut", 1), payload, said_by)
        assert made == link(previous, event)
        previous = made


@dataclass(frozen=True)
class Tampering:
    """What somebody with the owner's rights does to a card's events, and what verify says."""

    name: str
    statements: tuple[str, ...]
    problem: str
    version: int


_OF_CARD = f"aggregate_type = 'card_unit' AND aggregate_id = '{CARD}'"
_NOT_WRITTEN = "event is not what was written"

TAMPERINGS = (
    Tampering(
        "a verdict is turned",
        (
            ("UPDATE production_events SET event_payload = jsonb_set(event_payload, '{operator_id}', '\"OP-99\"')"
            f" WHERE {_OF_CARD} AND aggregate_version = 3"),
        ),
        _NOT_WRITTEN, 3,
    ),
    Tampering(
        "another operator in the column",
        (f"UPDATE production_events SET operator_id = 'OP-99' WHERE {_OF_CARD} AND aggregate_version = 2",),
        _NOT_WRITTEN, 2,
    ),
    Tampering(
        "a moment is moved by a microsecond",
        (
            ("UPDATE production_events SET occurred_at = occurred_at + interval '1 microsecond'"
            f" WHERE {_OF_CARD} AND aggregate_version = 2"),
        ),
        _NOT_WRITTEN, 2,
    ),
    Tampering(
        "another kind of event",
        (
            f"UPDATE production_events SET event_type = 'CardUnitVoided' WHERE {_OF_CARD} AND aggregate_version = 2",
        ),
        _NOT_WRITTEN, 2,
    ),
    Tampering(
        "the link itself",
        (f"UPDATE production_events SET chain = sha256('x') WHERE {_OF_CARD} AND aggregate_version = 2",),
        _NOT_WRITTEN, 2,
    ),
    Tampering(
        "one from the middle is removed",
        (f"DELETE FROM production_events WHERE {_OF_CARD} AND aggregate_version = 4",),
        "event removed", 4,
    ),
    Tampering(
        "the newest is removed",
        (
            (f"DELETE FROM production_events WHERE {_OF_CARD} AND aggregate_version ="
            f" (SELECT max(aggregate_version) FROM production_events WHERE {_OF_CARD})"),
        ),
        "event removed: a command was answered with it", 7,
    ),
    Tampering(
        "one is put at the end",
        (
            ("INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type,"
            " schema_version, event_payload, occurred_at, command_id, chain) SELECT aggregate_type, aggregate_id, 8,"
            " event_type, schema_version, event_payload, occurred_at, gen_random_uuid(), chain"
            f" FROM production_events WHERE {_OF_CARD} AND aggregate_version = 7"),
        ),
        "event inserted: no command wrote it", 8,
    ),
    Tampering(
        "one is put at the end in the name of the last command",
        (
            ("INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type,"
            " schema_version, event_payload, occurred_at, recorded_at, command_id, chain) SELECT aggregate_type,"
            " aggregate_id, 8, event_type, schema_version, event_payload, occurred_at, recorded_at, command_id, chain"
            f" FROM production_events WHERE {_OF_CARD} AND aggregate_version = 7"),
        ),
        "event inserted: its command was answered without it", 8,
    ),
    Tampering(
        "two change places",
        (
            f"UPDATE production_events SET aggregate_version = 99 WHERE {_OF_CARD} AND aggregate_version = 3",
            f"UPDATE production_events SET aggregate_version = 3 WHERE {_OF_CARD} AND aggregate_version = 5",
            f"UPDATE production_events SET aggregate_version = 5 WHERE {_OF_CARD} AND aggregate_version = 99",
        ),
        _NOT_WRITTEN, 3,
    ),
    Tampering(
        "it is recorded at another time",
        (
            ("UPDATE production_events SET recorded_at = recorded_at - interval '1 hour'"
            f" WHERE {_OF_CARD} AND aggregate_version = 6"),
        ),
        "event recorded at another time", 6,
    ),
)  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.name)
async def test_what_was_done_to_an_event_is_found_and_named(
    inspected: Floor, database_dsn: str, tampering: Tampering
) -> None:
    """Changed, removed, inserted or moved, by the owner of the tables: verify names the event."""
    await _behind_the_trigger(database_dsn, *tampering.statements)
    found = await _found(inspected)
    assert (tampering.problem, f"{_NO_CARD_OF_THIS} version {tampering.version}") in found
    # And it accuses no other card.
    assert all(name.startswith(_NO_CARD_OF_THIS) for _, name in found)


async def test_one_changed_event_is_the_only_one_named(inspected: Floor, database_dsn: str) -> None:
    """The events after a changed one are as they were written, and are not accused."""
    await _behind_the_trigger(database_dsn, *TAMPERINGS[0].statements)
    assert await _found(inspected) == {(_NOT_WRITTEN, f"{_NO_CARD_OF_THIS} version 3")}


async def test_no_event_comes_in_without_a_link(inspected: Floor, database_dsn: str) -> None:
    """A program that knows nothing of the chain is refused, and so changes nothing."""
    async with owner_connection(database_dsn) as owner:
        with pytest.raises(psycopg.errors.NotNullViolation):
            await owner.execute(
                "INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type,"
                " schema_version, event_payload, occurred_at, command_id) SELECT aggregate_type, aggregate_id, 8,"
                " event_type, schema_version, event_payload, occurred_at, command_id FROM production_events"
                f" WHERE {_OF_CARD} AND aggregate_version = 6".encode()
            )


async def test_what_a_terminals_login_can_forge_is_named_and_ends_no_check(inspected: Floor, database_dsn: str) -> None:
    """A kind of stream that there is not, an answer that is none: told like everything else, and the rest as well."""
    await _behind_the_trigger(database_dsn, *TAMPERINGS[0].statements)
    async with owner_connection(database_dsn) as owner:
        await owner.execute("SET ROLE kiosk_station")
        await owner.execute(
            "INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type,"
            " schema_version, event_payload, occurred_at, command_id, chain)"
            r" VALUES ('ghost', E'X\t\\1', 1, 'Y', 1, '{}', now(), gen_random_uuid(), '\x00')"
        )
        await owner.execute(
            "INSERT INTO commands (command_id, command_type, outcome, answer, occurred_at)"
            r" VALUES ('00000000-0000-0000-0000-000000000007', 'x', 'accepted', '\x7b', now())"
        )
    assert await _found(inspected) == {
        (_NOT_WRITTEN, f"{_NO_CARD_OF_THIS} version 3"),
        ("event of a kind that no program wrote", "ghost X\t\\1 version 1"),
        (_NOT_WRITTEN, "ghost X\t\\1 version 1"),
        ("event inserted: no command wrote it", "ghost X\t\\1 version 1"),
        ("answer that no program wrote", "command 00000000-0000-0000-0000-000000000007"),
    }


# -- the head of the log ---------------------------------------------------------------


@pytest.fixture
async def owner_store(database_dsn: str) -> AsyncIterator[Store]:
    """A store that works as the tables' owner, who alone can take a head."""
    async with await Store.open(database_dsn, role=None) as opened:
        yield opened


async def test_a_log_that_only_grew_still_begins_with_its_head(inspected: Floor, owner_store: Store) -> None:
    """Work goes on after the head was taken, and the head goes on to hold."""
    head = await owner_store.head()
    assert head.events > 0
    await inspected.cut(JobId("J1044"), 2)
    assert (await owner_store.head()).events > head.events
    assert await inspected.store.compare_with_head(head) is None


FORGERIES = {
    "a stream rewritten with all its links": (
        f"UPDATE production_events SET operator_id = 'OP-99', chain = sha256('forged') WHERE {_OF_CARD}"
    ),
    "an event removed": f"DELETE FROM production_events WHERE {_OF_CARD} AND aggregate_version = 7",
    "another order": (
        "UPDATE production_events e SET sequence_num = -e.sequence_num FROM production_events o"
        " WHERE e.sequence_num = 3"
    ),
    "another time": (
        f"UPDATE production_events SET recorded_at = recorded_at - interval '1 hour' WHERE {_OF_CARD}"
        " AND aggregate_version = 2"
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
async def test_a_forged_log_does_not_begin_with_its_head(
    inspected: Floor, owner_store: Store, database_dsn: str, forgery: str
) -> None:
    """What forges the chains as well is found by whoever kept the head, and told by the numbers of the events."""
    head = await owner_store.head()
    await _behind_the_trigger(database_dsn, forgery)
    mismatch = await inspected.store.compare_with_head(head)
    assert mismatch is not None
    assert (mismatch.after, mismatch.last) == (0, head.last)
    assert mismatch.expected_events == head.events


async def test_the_changed_thousand_is_named(inspected: Floor, owner_store: Store, database_dsn: str) -> None:
    """Of a long log the head tells where to look."""
    async with owner_connection(database_dsn) as owner:
        await owner.execute(
            "INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type,"
            " schema_version, event_payload, occurred_at, command_id, chain) SELECT 'card_unit', 'X-' || n, 1,"
            " 'CardUnitCreated', 1, '{}', now(), gen_random_uuid(), sha256('x') FROM generate_series(1, 2500) n"
        )
    head = await owner_store.head()
    assert [segment.last for segment in head.segments][:2] == [1000, 2000]
    await _behind_the_trigger(
        database_dsn, "UPDATE production_events SET chain = sha256('y') WHERE sequence_num = 1500"
    )
    mismatch = await inspected.store.compare_with_head(head)
    assert mismatch is not None
    assert (mismatch.after, mismatch.last) == (1000, 2000)


async def test_a_head_of_an_empty_log_holds_until_something_is_put_before_it(owner_store: Store) -> None:
    """A shop that has not begun has a head as well."""
    head = await owner_store.head()
    assert (head.events, head.last, head.segments) == (0, 0, ())
    assert await owner_store.compare_with_head(head) is None


def test_a_signed_head_is_read_back_with_the_public_key(tmp_path: Path) -> None:
    """What was signed is what is read."""
    public = make_key(tmp_path / "log.key")
    head = LogHead(database="shop", events=1, last=1, segments=(Segment(1, START, "ab"),))
    file = signed_head(head, (tmp_path / "log.key").read_bytes())
    assert read_head(file, public.read_bytes()) == head


def test_a_changed_head_or_another_key_proves_nothing(tmp_path: Path) -> None:
    """One digit changed, another's signature, or rubbish: refused with a sentence."""
    public, other = make_key(tmp_path / "log.key"), make_key(tmp_path / "other.key")
    file = signed_head(LogHead(database="shop", events=7, last=7, segments=()), (tmp_path / "log.key").read_bytes())
    for forged, key in ((file.replace(b"7", b"8"), public), (file, other), (b"{}", public), (b"\xff\x00", public)):
        with pytest.raises(HeadForged, match="proves nothing"):
            read_head(forged, key.read_bytes())
    for rubbish in (b"", b"-----BEGIN PUBLIC KEY-----", (tmp_path / "log.key").read_bytes()):
        with pytest.raises(BadKey, match="public key"):
            read_head(file, rubbish)
        with pytest.raises(BadKey, match="private key"):
            signed_head(LogHead(database="", events=0, last=0, segments=()), public.read_bytes())


def test_a_private_key_is_for_its_owner_and_never_overwritten(tmp_path: Path) -> None:
    """Whoever has it can sign."""
    make_key(tmp_path / "log.key")
    assert (tmp_path / "log.key").stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        make_key(tmp_path / "log.key")
