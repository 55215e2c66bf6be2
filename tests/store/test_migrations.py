"""Migrations: the same database from files and from the snapshot, and a clear word to whoever does not fit."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg.conninfo import make_conninfo

from core.identity.ids import sheet_id
from store import SchemaChanged, SchemaMissing, SchemaTooNew, SchemaTooOld, Store, errors, migrations
from store.checkup import check_up
from store.migrations import migrate, schema_known
from tests.core.shop import PRESS, spec
from tests.support.database import database_name, owner_connection
from tests.support.floor import Floor
from tests.support.schema import schema_of

SNAPSHOT = Path(__file__).parent / "goldens" / "schema.txt"


async def test_the_migrations_make_the_schema_of_the_snapshot(empty_database_dsn: str) -> None:
    """Whoever adds a migration shows in the snapshot what it makes."""
    applied = await migrate(empty_database_dsn)
    assert [migration.version for migration in applied] == list(range(1, schema_known() + 1))
    assert schema_of(empty_database_dsn) == SNAPSHOT.read_text("utf-8")


async def test_migrating_twice_or_by_two_at_once_applies_each_once(empty_database_dsn: str) -> None:
    """Two kiosks that are switched on together do not migrate against each other."""
    both = await asyncio.gather(migrate(empty_database_dsn), migrate(empty_database_dsn))
    assert sorted(len(applied) for applied in both) == [0, schema_known()]
    assert await migrate(empty_database_dsn) == ()


async def test_an_owner_who_may_not_create_roles_sets_a_database_up_and_works_on_it(
    postgres_dsn: str, template_database: str, empty_database_dsn: str
) -> None:
    """The recipe of the README: the roles are there and granted, and nothing needs a superuser any more."""
    assert template_database, "the roles belong to the server, and the template's migration made them"
    owner = f"kiosk_floor_{uuid4().hex[:8]}"
    database = database_name(empty_database_dsn)
    async with owner_connection(postgres_dsn) as superuser:
        await superuser.execute(f"CREATE ROLE {owner} LOGIN PASSWORD 'floor'".encode())
        await superuser.execute(f"GRANT kiosk_station TO {owner}".encode())
        await superuser.execute(f"ALTER DATABASE {database} OWNER TO {owner}".encode())
        dsn = make_conninfo(empty_database_dsn, user=owner, password="floor")
        try:
            assert len(await migrate(dsn)) == schema_known()
            async with await Store.open(dsn) as store:
                assert await store.stations() == ()
        finally:
            await superuser.execute(f"ALTER DATABASE {database} OWNER TO CURRENT_USER".encode())
            async with owner_connection(empty_database_dsn) as inside:
                await inside.execute(f"DROP OWNED BY {owner} CASCADE".encode())
            await superuser.execute(f"DROP ROLE {owner}".encode())


async def test_the_doctor_says_whether_a_login_may_take_a_kiosk_s_role_on(
    postgres_dsn: str, template_database: str, database_dsn: str
) -> None:
    """To be a member is not enough from Postgres 16 on; nobody hears of it for the first time at the line."""
    assert template_database, "the template's migration made the role"
    login = f"kiosk_login_{uuid4().hex[:8]}"
    dsn = make_conninfo(database_dsn, user=login, password="floor")
    async with owner_connection(postgres_dsn) as superuser:
        await superuser.execute(f"CREATE ROLE {login} LOGIN PASSWORD 'floor'".encode())
        try:
            await superuser.execute(f"GRANT kiosk_station TO {login}".encode())
            assert (await check_up(dsn)).may_work_as_station
            if superuser.info.server_version >= 160000:
                await superuser.execute(f"GRANT kiosk_station TO {login} WITH SET FALSE".encode())
                assert not (await check_up(dsn)).may_work_as_station
        finally:
            await superuser.execute(f"DROP ROLE {login}".encode())


async def test_a_database_that_was_never_set_up_is_named(empty_database_dsn: str) -> None:
    """The store does not open, and the sentence says what to run."""
    with pytest.raises(SchemaMissing, match="kiosk db init"):
        await Store.open(empty_database_dsn)


async def test_a_schema_from_the_future_is_refused(database_dsn: str) -> None:
    """A kiosk of an older version neither works on a newer schema nor migrates it."""
    async with owner_connection(database_dsn) as owner:
        await owner.execute("INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'later', 'x')")
    with pytest.raises(SchemaTooNew):
        await Store.open(database_dsn)
    with pytest.raises(SchemaTooNew):
        await migrate(database_dsn)


async def test_a_schema_that_lacks_a_migration_is_refused(database_dsn: str) -> None:
    """A newer kiosk does not work on an older schema; it says what to run."""
    async with owner_connection(database_dsn) as owner:
        await owner.execute("DELETE FROM schema_migrations WHERE version = %s", (schema_known(),))
    with pytest.raises(SchemaTooOld, match="kiosk db migrate"):
        await Store.open(database_dsn)


async def test_a_migration_that_was_changed_after_it_was_applied_is_noticed(database_dsn: str) -> None:
    """The database remembers what each file said."""
    async with owner_connection(database_dsn) as owner:
        await owner.execute("UPDATE schema_migrations SET checksum = 'another' WHERE version = 1")
    with pytest.raises(SchemaChanged):
        await Store.open(database_dsn)


def test_a_server_before_15_is_refused() -> None:
    """The version is checked before anything else is tried."""
    with pytest.raises(errors.PostgresTooOld, match="Postgres 14; Postgres 15"):
        migrations.check_server(140011)
    migrations.check_server(150000)


async def test_a_kiosk_that_was_running_while_the_database_was_upgraded_is_told_and_changes_nothing(
    floor: Floor, database_dsn: str
) -> None:
    """What the next program will need, this one does not write: it is refused by name, not by a fault."""
    job = await floor.start(spec(), sets=1)
    before = (await floor.store.status()).events
    async with owner_connection(database_dsn) as owner:
        await owner.execute("ALTER TABLE production_events ADD COLUMN later text NOT NULL DEFAULT ''")
        await owner.execute("ALTER TABLE production_events ALTER COLUMN later DROP DEFAULT")
        await owner.execute("INSERT INTO schema_migrations (version, name, checksum) VALUES (99, 'later', '')")
    with pytest.raises(SchemaTooNew, match="update the program"):
        await floor.scan(PRESS, sheet_id(job, 1))
    async with owner_connection(database_dsn) as owner:
        cursor = await owner.execute("SELECT count(*) FROM production_events")
        assert await cursor.fetchone() == (before,)


async def test_a_database_that_cannot_keep_every_name_is_refused_before_anything_is_made(postgres_dsn: str) -> None:
    """A server that was set up without a locale makes such databases; the sentence says how to make another."""
    name = f"kiosk_ascii_{uuid4().hex[:8]}"
    async with owner_connection(postgres_dsn) as superuser:
        await superuser.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0".encode())
        try:
            with pytest.raises(errors.DatabaseNotUtf8, match="createdb --encoding UTF8"):
                await migrate(make_conninfo(postgres_dsn, dbname=name))
            with pytest.raises(SchemaMissing):
                await Store.open(make_conninfo(postgres_dsn, dbname=name))
        finally:
            await superuser.execute(f"DROP DATABASE {name}".encode())
