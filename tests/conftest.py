"""Fixtures for every room of the tests: a server for the whole run, and a database of its own for each test that asks.

The database is a clone of a template that is migrated once a run. No test is rolled
back: commit order, conflicts and lost connections are what many of them are about.

What needs a server is imported where it is used: the rules are tested in seconds,
and loading a database's client would be a good part of them.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from store import Store
    from tests.support.database import Databases
    from tests.support.floor import Floor

# A busy machine is no failure: how long something takes is measured in bench.
settings.register_profile("kiosk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kiosk")

# A run starts the program a hundred times and itself once a processor: where the environment forbids to keep what was
# compiled, as images of containers do, each of them would compile all of it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A run that a script starts in the background has Ctrl+C ignored, and so would every program have that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_NUMBERS = itertools.count(1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two processes more than there are processors: half of a run is waiting for seconds of silence and for servers."""
    return (os.cpu_count() or 1) + 2


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """The connection string of a real Postgres for the whole run; its user may create databases and roles."""
    from tests.support.servers import postgres_for_tests

    with postgres_for_tests() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def databases(postgres_dsn: str) -> Iterator[Databases]:
    """What makes and removes databases for the whole run."""
    from tests.support.database import Databases

    with Databases.of(postgres_dsn) as made:
        yield made


@pytest.fixture(scope="session")
def template_database(databases: Databases) -> Iterator[str]:
    """The name of a migrated database that nobody connects to, so that it can be cloned."""
    from store.migrations import migrate

    name = f"kiosk_template_{os.getpid()}_{uuid4().hex[:8]}"
    dsn = databases.create(name)
    asyncio.run(migrate(dsn))
    yield name
    databases.drop(name)


@pytest.fixture
def empty_database_dsn(databases: Databases) -> Iterator[str]:
    """The connection string of a database that nothing was ever done to."""
    name = f"kiosk_empty_{os.getpid()}_{next(_NUMBERS)}"
    yield databases.create(name)
    databases.drop(name)


@pytest.fixture(scope="session")
def furnished_template(databases: Databases, template_database: str) -> Iterator[str]:
    """The name of a database with the people and the stations of the tests' shop, to be cloned."""
    from tests.support.floor import furnish

    name = f"{template_database}_furnished"
    asyncio.run(furnish(databases.create(name, template_database)))
    yield name
    databases.drop(name)


@pytest.fixture
def database_dsn(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """The connection string of a migrated database for one test, furnished where the test asks for a ``floor``."""
    template = "furnished_template" if "floor" in request.fixturenames else "template_database"
    name = f"kiosk_test_{os.getpid()}_{next(_NUMBERS)}"
    yield databases.create(name, request.getfixturevalue(template))
    databases.drop(name)


@pytest.fixture
async def store(database_dsn: str) -> AsyncIterator[Store]:
    """A store on a database of the test's own."""
    from store import Store

    opened = await Store.open(database_dsn, station_id="TEST-1")
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
def floor(store: Store) -> Floor:
    """A shop with people and stations, nothing to do yet."""
    from tests.support.floor import Floor

    return Floor(store)
