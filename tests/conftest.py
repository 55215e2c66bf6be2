"""Fixtures for every room of the tests."""

from collections.abc import Iterator

import pytest

from tests.support.servers import postgres_for_tests

pytest_plugins = ["tests.support.database"]


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """The connection string of a real Postgres for the whole run; its user may create databases and roles."""
    with postgres_for_tests() as dsn:
        yield dsn
