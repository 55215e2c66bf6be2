"""Who may do what: every login of a shop tries everything that it must not be able to do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from core.domain.commands import SetOperatorPin
from core.domain.values import StationRole
from core.production.pins import hash_pin
from kiosk.config.file import Config
from kiosk.config.stations import StationStanza
from kiosk.wiring import open_store
from store import Accepted, Presence, Store, StorePermissionDenied
from store.checkup import check_up
from store.migrations import migrate
from tests.core.shop import LEAD, MANAGER, PRESS, spec
from tests.support.database import create_database, database_name, drop_database
from tests.support.floor import Floor


@dataclass(frozen=True)
class Logins:
    """The connection strings of a shop's logins, none of them a superuser's."""

    owner: str
    terminal: str
    reader: str
    superuser: str


@pytest.fixture
def logins(postgres_dsn: str, template_database: str) -> Iterator[Logins]:
    """A database set up by its owner, with a terminal's and a reader's login, as the README says."""
    assert template_database, "the roles belong to the server, and the template's migration made them"
    mark = uuid4().hex[:8]
    names = {kind: f"{kind}_{mark}" for kind in ("owner", "terminal", "reader")}
    dsn = create_database(postgres_dsn, f"kiosk_roles_{mark}")
    with psycopg.connect(dsn, autocommit=True) as superuser:
        for name in names.values():
            superuser.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'floor'").format(sql.Identifier(name)))
        superuser.execute(sql.SQL("GRANT kiosk_station TO {owner}, {terminal}").format(**_quoted(names)))
        superuser.execute(sql.SQL("GRANT kiosk_reader TO {reader}").format(**_quoted(names)))
        statement = sql.SQL("ALTER DATABASE {} OWNER TO {}")
        superuser.execute(statement.format(sql.Identifier(database_name(dsn)), sql.Identifier(names["owner"])))
    yield Logins(
        **{kind: make_conninfo(dsn, user=name, password="floor") for kind, name in names.items()}, superuser=dsn
    )
    drop_database(postgres_dsn, database_name(dsn))
    with psycopg.connect(postgres_dsn, autocommit=True) as superuser:
        for name in names.values():
            superuser.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def _quoted(names: dict[str, str]) -> dict[str, sql.Identifier]:
    return {kind: sql.Identifier(name) for kind, name in names.items()}


async def furnished(logins: Logins) -> None:
    """Let the owner set the schema up and a terminal some of the shop."""
    await migrate(logins.owner)
    async with await Store.open(logins.terminal, station_id="PRESS-1") as store:
        floor = await Floor(store).furnish()
        job = await floor.start(spec())
        assert isinstance(await floor.scan(PRESS, f"{job}-S001"), Accepted)
        await store.beat(Presence(station_id="PRESS-1", process="here:1", state="READY", version="1"))


async def test_a_shop_works_with_logins_that_are_no_superusers(logins: Logins) -> None:
    """The owner migrates and rebuilds, a terminal works, a reader looks; each as itself."""
    await furnished(logins)
    async with await Store.open(logins.owner, role=None) as store:
        await store.rebuild()
        assert (await store.verify()).is_sound
    async with await Store.open(logins.reader, role="kiosk_reader") as store:
        assert await store.jobs()
        assert (await store.sheet("J1044-S001")) is not None
    with psycopg.connect(logins.superuser) as server:
        found = server.execute(
            "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'kiosk\\_%%' AND (rolsuper OR rolcreaterole"
            " OR rolcreatedb OR rolreplication OR rolbypassrls OR rolcanlogin)"
            " AND rolname IN ('kiosk_station', 'kiosk_reader')"
        ).fetchone()
    assert found == (0,)


_THE_LOG = (
    "UPDATE production_events SET operator_id = 'OP-1'",
    "UPDATE production_events SET chain = NULL",
    "DELETE FROM production_events",
    "TRUNCATE production_events",
    "ALTER TABLE production_events DISABLE TRIGGER production_events_only_grows",
    "ALTER TABLE production_events ADD COLUMN mine int",
    "DROP TRIGGER production_events_only_grows ON production_events",
    "DROP TABLE production_events",
    "CREATE TRIGGER mine BEFORE INSERT ON production_events FOR EACH ROW EXECUTE FUNCTION refuse_to_change_the_log()",
    "CREATE RULE mine AS ON INSERT TO production_events DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION refuse_to_change_the_log() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "DROP FUNCTION refuse_to_change_the_log() CASCADE",
    "UPDATE events_to_record SET operator_id = 'OP-1'",
    "DELETE FROM events_to_record",
    "SELECT setval('production_events_sequence_num_seq', 1)",
    "ALTER SEQUENCE production_events_sequence_num_seq RESTART",
)
_ANSWERS = (
    "UPDATE commands SET outcome = 'accepted'",
    "DELETE FROM commands",
    "TRUNCATE commands",
    "DROP TABLE commands",
    "UPDATE answers_to_record SET outcome = 'accepted'",
    "DELETE FROM answers_to_record",
)
_WHAT_THE_DATABASE_SAYS = (
    "INSERT INTO production_events (recorded_at) VALUES (now())",
    "INSERT INTO production_events (sequence_num) VALUES (1)",
    "INSERT INTO production_events (transaction_id) VALUES ('1')",
    "INSERT INTO commands (recorded_at) VALUES (now())",
)
_THE_SCHEMA = (
    "INSERT INTO schema_migrations (version, name, checksum) VALUES (99, 'mine', '')",
    "UPDATE schema_migrations SET checksum = ''",
    "DELETE FROM schema_migrations",
    "CREATE TABLE of_my_own (a int)",
    "CREATE TEMPORARY TABLE production_events (a int)",
    "CREATE SCHEMA of_my_own",
    "CREATE VIEW of_my_own AS SELECT 1",
    "CREATE FUNCTION of_my_own() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE EXTENSION dblink",
    "CREATE OR REPLACE VIEW events_for_readers AS SELECT 1",
    "DROP VIEW events_for_readers",
    "ALTER TABLE rm_card_units RENAME TO mine",
    "DROP TABLE rm_card_units",
    "TRUNCATE rm_card_units",
    "CREATE INDEX mine ON rm_card_units (status)",
)
_THE_SERVER = (
    "SET session_replication_role = replica",
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
    "ALTER ROLE {owner} PASSWORD 'mine'",
    "ALTER ROLE {owner} SUPERUSER",
    "GRANT {owner} TO CURRENT_USER",
    "CREATE ROLE another SUPERUSER",
    "CREATE DATABASE another",
    "DROP DATABASE {database}",
    "ALTER DATABASE {database} SET synchronous_commit = off",
    "ALTER SYSTEM SET fsync = off",
    "SELECT rolpassword FROM pg_authid",
    "SELECT passwd FROM pg_shadow",
    "COPY production_events TO PROGRAM 'cat > /tmp/mine'",
    "COPY commands FROM PROGRAM 'id'",
    "COPY commands TO '/tmp/mine'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_export(1, '/tmp/mine')",
    "SELECT pg_reload_conf()",
    "SELECT pg_promote()",
    "CHECKPOINT",
)
_A_READERS_TOO = (
    "INSERT INTO production_events (aggregate_type) VALUES ('job')",
    "INSERT INTO commands (command_type) VALUES ('x')",
    "INSERT INTO events_to_record (aggregate_type) VALUES ('job')",
    "INSERT INTO answers_to_record (command_type) VALUES ('x')",
    "SELECT * FROM events_to_record",
    "UPDATE claims SET contested = true",
    "DELETE FROM claims",
    "UPDATE rm_card_units SET status = 'VOIDED'",
    "DELETE FROM rm_jobs",
    "DELETE FROM station_presence",
    "DELETE FROM log_followers",
    "SELECT event_payload FROM production_events",
    "SELECT * FROM production_events",
    "COPY production_events TO STDOUT",
    "COPY (SELECT event_payload FROM production_events) TO STDOUT",
    "SELECT e FROM production_events e",
    "SELECT row_to_json(e) FROM production_events e",
    "SELECT nextval('production_events_sequence_num_seq')",
    "SET ROLE kiosk_station",
)
_OF_THE_OWNER = (
    *_THE_LOG[:3],
    "TRUNCATE production_events CASCADE",
    "SET session_replication_role = replica",
    *(statement for statement in _THE_SERVER if "{owner}" not in statement and "{database}" not in statement
      and "pg_reload" not in statement),
)  # fmt: skip
_MEANT = {"42501": "permission denied", "KE001": "the log only grows"}
"""The only words that count as a refusal: a statement that fails for another reason proves nothing."""


def allowed(dsn: str, statements: tuple[str, ...], logins: Logins, *, first: str = "") -> list[str]:
    """Try each statement in a transaction of its own; return those that were not refused for want of a right."""
    owner = re.search(r"user=(\S+)", logins.owner)
    assert owner is not None
    wrong: list[str] = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        for template in statements:
            statement = template.format(owner=owner[1], database=database_name(dsn))
            if first:
                connection.execute(first.encode())
            try:
                if statement.endswith("STDOUT"):
                    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
                        list(copy)
                else:
                    connection.execute(statement.encode())
            except psycopg.Error as error:
                if error.sqlstate not in _MEANT:
                    wrong.append(f"{statement}: {error.sqlstate} {error}")
            else:
                wrong.append(f"{statement}: done")
    return wrong


@pytest.mark.parametrize("first", ["SET ROLE kiosk_station", "RESET ROLE"])
async def test_a_terminal_can_only_add(logins: Logins, first: str) -> None:
    """In the role that kiosks work in, and as whoever logs in: a terminal's password is worth no more than that."""
    await furnished(logins)
    forbidden = _THE_LOG + _ANSWERS + _WHAT_THE_DATABASE_SAYS + _THE_SCHEMA + _THE_SERVER + ("SET ROLE kiosk_reader",)
    assert allowed(logins.terminal, forbidden, logins, first=first) == []
    with psycopg.connect(logins.terminal, autocommit=True) as connection:
        connection.execute(first.encode())
        with pytest.raises(psycopg.errors.FeatureNotSupported, match='column "recorded_at" of view'):
            connection.execute("INSERT INTO events_to_record (recorded_at) VALUES (now())")


@pytest.mark.parametrize("first", ["SET ROLE kiosk_reader", "RESET ROLE"])
async def test_a_reader_can_only_look(logins: Logins, first: str) -> None:
    """And not at everything."""
    await furnished(logins)
    forbidden = _THE_LOG + _ANSWERS + _THE_SCHEMA + _THE_SERVER + _A_READERS_TOO
    assert allowed(logins.reader, forbidden, logins, first=first) == []


async def test_the_owner_cannot_change_the_log_nor_reach_the_server(logins: Logins) -> None:
    """Whoever migrates is no superuser either."""
    await furnished(logins)
    assert allowed(logins.owner, _OF_THE_OWNER, logins) == []


async def test_a_reader_finds_no_secret_of_a_pin_in_anything_that_may_be_read(logins: Logins) -> None:
    """Every table and view that a reader may read is read, whole, after PINs were set, used and refused."""
    await furnished(logins)
    secret = hash_pin("4711", b"fedcba9876543210")
    async with await Store.open(logins.terminal) as store:
        floor = Floor(store)
        for badge in (MANAGER, LEAD):
            await floor.run(
                SetOperatorPin(at=floor.now, operator_id=MANAGER, station_id=None, badge=badge, secret=secret)
            )
    read = 0
    with psycopg.connect(logins.superuser) as server:
        tables = server.execute(
            "SELECT c.oid::regclass::text, array_agg(a.attname::text) FROM pg_class c JOIN pg_attribute a"
            " ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm')"
            " AND has_column_privilege('kiosk_reader', c.oid, a.attnum, 'SELECT') GROUP BY c.oid"
        ).fetchall()
        stored = str(server.execute("SELECT event_payload FROM production_events").fetchall())
    assert secret.digest in stored, "it is there, or this proves nothing"
    with psycopg.connect(logins.reader) as reader:
        for table, columns in tables:
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            found = str(reader.execute(sql.SQL("SELECT {} FROM {}").format(names, sql.SQL(table))).fetchall())
            read += 1
            for hidden in (secret.digest, secret.salt):
                assert hidden not in found, table
                assert hidden.encode().hex() not in found, table
    assert read > 10


async def test_a_reader_s_login_asks_by_the_command_line_and_changes_nothing(
    logins: Logins,
) -> None:
    """Whoever only looks needs no other program, and no station can be opened so."""
    await furnished(logins)
    environ = {"KIOSK_DSN": logins.reader}
    async with open_store(Config(), environ=environ) as store:
        assert await store.find("J1044-S001") is not None
        assert await store.history("J1044-S001") is not None
        assert await store.history(MANAGER) is not None, "a PIN was set, and the secret of it is not shown"
        assert await store.job_spec("J1044") is not None
        with pytest.raises(StorePermissionDenied):
            await Floor(store).scan(PRESS, "J1044-S001")
    station = StationStanza(id="PRESS-1", role=StationRole.PRESS)
    with pytest.raises(StorePermissionDenied):
        async with open_store(Config(), station=station, environ=environ):
            pass


async def test_a_terminal_hears_and_tells(logins: Logins) -> None:
    """LISTEN and NOTIFY are what live screens need."""
    await furnished(logins)
    async with await Store.open(logins.terminal) as one, await Store.open(logins.terminal) as other:
        await other._reading.run(b"LISTEN kiosk_changes")
        await one._reading.run(b"SELECT pg_notify('kiosk_changes', 'x')")


async def test_the_doctor_tells_a_terminal_that_logs_in_as_the_owner(logins: Logins) -> None:
    """It would work, and its password would be worth the whole database."""
    await migrate(logins.owner)
    assert (await check_up(logins.owner)).may_change_the_schema
    assert (await check_up(logins.superuser)).may_change_the_schema
    assert not (await check_up(logins.terminal)).may_change_the_schema
