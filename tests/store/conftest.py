"""What the tests of the store share."""

import pytest

from store import Store
from tests.support.floor import Floor


@pytest.fixture
async def floor(store: Store) -> Floor:
    """A shop with its people and stations, and no jobs yet."""
    return await Floor(store).furnish()
