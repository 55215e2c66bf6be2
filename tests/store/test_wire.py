"""Values on their way to the server: what is sent is what arrives, whatever it holds."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.connecting import ConnectionSettings
from store.pool import Lane
from store.wire import as_text


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["a", "b"],
        ["alike", "alike"],
        [None, "NULL", None],
        [None, None],
        ['"', "\\", "\\\"', {,}", ""],
        ["é", "العربية", "[red]\x1b[2J"],
        ["between\x1fthem", "\x1f", "a"],
    ],
)
async def test_an_array_arrives_as_it_was_sent(database_dsn: str, texts: list[str | None]) -> None:
    """Quotes, backslashes, braces, NULLs and values that are all alike come through an array parameter."""
    lane = Lane(ConnectionSettings(dsn=database_dsn, role=None))
    try:
        ((said,),) = await lane.run(b"SELECT to_json($1::text[])", (texts,))
    finally:
        await lane.close()
    assert json.loads(said) == texts


@given(st.lists(st.none() | st.integers() | st.text(alphabet=st.characters(exclude_categories=["Cs"]))))
def test_an_array_has_as_many_elements_as_were_given(values: list[object]) -> None:
    """No value breaks out of its place: without what is quoted or escaped, the commas count the elements."""
    array = as_text(values)
    assert array is not None
    inside, is_quoted, is_escaped, commas = array[1:-1], False, False, 0
    for byte in inside.decode():
        if is_escaped:
            is_escaped = False
        elif byte == "\\":
            is_escaped = True
        elif byte == '"':
            is_quoted = not is_quoted
        elif byte == "," and not is_quoted:
            commas += 1
    assert not is_quoted
    assert commas + 1 == max(1, len(values))


async def test_both_hours_of_an_autumn_night_arrive(database_dsn: str) -> None:
    """To Python the two moments are equal in their own zone; to the log they are an hour apart."""
    summer = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    lane = Lane(ConnectionSettings(dsn=database_dsn, role=None))
    try:
        said = [(await lane.run(b"SELECT $1::timestamptz", (each,)))[0][0] for each in (summer, summer.replace(fold=1))]
    finally:
        await lane.close()
    assert said == [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
