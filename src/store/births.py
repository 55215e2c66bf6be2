"""Units that one command makes by the dozen: what they have in common is said once, and the server tells them apart.

The cards of a cut differ in their key and their number only, in their events as in their rows. To say each of them
in full, and to chain it, would take a kiosk as long as everything else of the cut.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from collections.abc import Sequence
from operator import is_
from typing import Generic, NamedTuple, TypeVar

from core.domain.events import Event
from core.domain.streams import Append
from core.projections import Row
from store.chain import Links
from store.codec import SCHEMA_VERSIONS, encode, encode_event
from store.read_models.tables import ReadModel

Said = TypeVar("Said")


class BirthParameters(NamedTuple, Generic[Said]):
    """What units that are born together need of a statement: the values, or, as text, what the statement calls them.

    ``payload_…`` is what their events say before, between and behind key and number, ``linked_…`` what is chained
    before and behind the key, and behind the payload.
    """

    event_type: Said
    schema_version: Said
    occurred_at: Said
    operator_id: Said
    station_id: Said
    first_payload: Said
    payload_before: Said
    payload_between: Said
    payload_behind: Said
    linked_before_key: Said
    linked_behind_key: Said
    linked_behind_payload: Said
    keys: Said
    numbers: Said
    first_row: Said


class Births(NamedTuple):
    """Units of one kind that one command makes, and that differ in nothing but key and number.

    ``event`` and ``row`` are those of the first of them, ``said`` is what its event says.
    ``payload`` is what their events say before, between and behind key and number, ``linked`` what is chained before
    and behind the key, and behind the payload.
    """

    model: ReadModel
    event: Event
    row: Row
    said: bytes
    keys: Sequence[str]
    numbers: Sequence[int]
    payload: tuple[bytes, bytes, bytes]
    linked: tuple[bytes, bytes, bytes]

    @property
    def parameters(self) -> BirthParameters[object]:
        """The parameters of all of them."""
        event, name = self.event, type(self.event).__name__
        return BirthParameters(
            name, SCHEMA_VERSIONS[name], event.occurred_at, event.operator_id, event.station_id, self.said,
            *self.payload, *self.linked, self.keys, self.numbers, encode(self.row),
        )  # fmt: skip


def births_of(model: ReadModel, appends: Sequence[Append], links: Links) -> Births | None:
    """Return the units that these streams begin; None where there is only one, or more than key and number differs.

    What they have in common must be the very same values: what is merely equal may be written in another way.
    """
    if len(appends) == 1 or any(append.expected_version or len(append.events) != 1 for append in appends):
        return None
    born = [append.events[0] for append in appends]
    event = born[0]
    in_common = model.in_common.get(type(event))
    if in_common is None:
        return None
    common = in_common(event)
    if not all(type(other) is type(event) and all(map(is_, in_common(other), common)) for other in born):
        return None
    keys, numbers = model.own(born)
    said = encode_event(event)
    payload = _around_its_own(model, said, keys[0], numbers[0])
    row = model.fold((event,))
    if payload is None or row is None or keys != [append.stream.aggregate_id for append in appends]:
        return None
    # The server puts keys and numbers into JSON as they are.
    if encode(keys) != b'["%b"]' % '","'.join(keys).encode() or set(map(type, numbers)) != {int}:
        return None
    stream, name = appends[0].stream, type(event).__name__
    named = (stream, 1, name, SCHEMA_VERSIONS[name])
    said_by = (event.occurred_at, event.operator_id, event.station_id)
    before, behind = links.around(named, said_by)
    lead, _, rest = before.rpartition(b'"%b"' % keys[0].encode())
    return Births(model, event, row, said, keys, numbers, payload, (lead + b'"', b'"' + rest, behind))


def _own_fields(model: ReadModel, key: str, number: int) -> Sequence[tuple[bytes, bytes, bytes]]:
    """Return what JSON has before, in and behind key and number, in the order in which it names them."""
    fields = (
        (b'"%b":"' % model.key.encode(), key.encode(), b'"'),
        (b'"%b":' % str(model.born_by).encode(), b"%d" % number, b""),
    )
    return sorted(fields)


def _around_its_own(model: ReadModel, said: bytes, key: str, number: int) -> tuple[bytes, bytes, bytes] | None:
    """Return what a payload says before, between and behind its own key and number.

    No text can be taken for them, for inside a text the quotes are escaped; and nothing that such an event holds has
    fields of these names.
    """
    (opening, own, closing), (opening_next, own_next, closing_next) = _own_fields(model, key, number)
    before, found, rest = said.partition(opening + own + closing)
    between, found_next, behind = rest.partition(opening_next + own_next + closing_next)
    if not (found and found_next):
        return None
    return before + opening, closing + between + opening_next, closing_next + behind


# -- the text --------------------------------------------------------------------


def events_born(model: ReadModel, named: BirthParameters[str]) -> str:
    """Return the SQL of the first events of units that come as these parameters say.

    It yields what the log takes of an event up to its chain, as ``store.chain`` makes it.
    """
    own = ("key", "number::text") if model.key < str(model.born_by) else ("number::text", "key")
    payload = (
        f"{named.payload_before}::text || {own[0]} || {named.payload_between}::text || {own[1]}"
        f" || {named.payload_behind}::text"
    )
    linked = (
        f"{named.linked_before_key}::text || key || {named.linked_behind_key}::text || {payload}"
        f" || {named.linked_behind_payload}::text"
    )
    # What the first one says is read once, and of the others only what is their own.
    differs = f"""('{{"{model.key}":"' || key || '","{model.born_by}":' || number || '}}')::jsonb"""
    return (
        f"SELECT '{model.kind}', key, 1, {named.event_type}::text, {named.schema_version}::smallint,"
        f" {named.first_payload}::jsonb || {differs}, {named.occurred_at}::timestamptz, {named.operator_id}::text,"
        f" {named.station_id}::text, sha256(convert_to({linked}, 'UTF8'))"
        f" FROM unnest({named.keys}::text[], {named.numbers}::integer[]) AS own(key, number)"
    )


def rows_born(model: ReadModel, named: BirthParameters[str]) -> str:
    """Return the SQL that writes the rows of the same units.

    They are new, the versions in the same statement say so, and nothing is looked for. Wide rows are dear to take
    apart from JSON: 18 cards come in two thirds of the time.
    """
    own = {model.key, str(model.born_by)}
    taken = ", ".join(f"{'own' if column in own else 'shared'}.{column}" for column in model.columns)
    return (
        f"INSERT INTO {model.table} ({', '.join(model.columns)})"
        f" SELECT {taken} FROM json_populate_record(NULL::{model.table}, {named.first_row}::json) shared,"
        f" unnest({named.keys}::text[], {named.numbers}::integer[]) own({model.key}, {model.born_by})"
    )
