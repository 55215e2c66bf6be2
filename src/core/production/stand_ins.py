"""Which card stands in for a void one, and where that is: told with every refusal of a void card.

Called by ``core.production.requests``, for the streams that it is found in, and by
``core.production.decisions``.
"""

from collections.abc import Iterable
from dataclasses import replace

from core.domain.events import ReplacementCardUnitCreated
from core.domain.histories import Streams
from core.domain.rejections import CardVoided
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import StandIn, UnitKind
from core.identity.ids import CardUnitId, job_of
from core.production.loaded import Loaded, card_key
from core.production.routes import ready_refs


def with_stand_ins(keys: Iterable[StreamKey], streams: Streams) -> frozenset[StreamKey]:
    """Return the streams, and those of the cards that were made for void ones among them, as far as they are loaded."""
    found = set(keys)
    waiting = [key for key in found if key.aggregate_type is AggregateType.CARD_UNIT]
    while waiting:
        key = waiting.pop()
        replacement = _made_for(key, streams)
        if replacement is not None and replacement not in found:
            found.add(replacement)
            waiting.append(replacement)
    return frozenset(found)


def _made_for(key: StreamKey, streams: Streams) -> StreamKey | None:
    history = streams.get(key)
    for event in reversed(history.events if history is not None else ()):
        # The first event of a replacement's own stream is of this kind as well.
        if isinstance(event, ReplacementCardUnitCreated) and event.replaces == key.aggregate_id:
            return card_key(event.card_unit_id)
    return None


def told(refusal: CardVoided, loaded: Loaded) -> CardVoided:
    """Say in the refusal of a void card which card stands in for it by now, however often that was made anew."""
    newest: CardUnitId | None = refusal.replaced_by
    card = None if newest is None else loaded.card(newest)
    while card is not None and card.replaced_by is not None:
        card = loaded.card(card.replaced_by)
    if card is None:
        return refusal
    job = loaded.job(job_of(card.card_unit_id))
    return replace(
        refusal,
        stand_in=StandIn(
            card_unit_id=card.card_unit_id,
            status=card.status,
            station_id=None if card.check_in is None else card.check_in.station_id,
            ready=() if job is None else ready_refs(job.spec.route, UnitKind.CARD, card.done),
            pack_id=card.pack_id,
        ),
    )
