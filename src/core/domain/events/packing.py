"""The facts of boxes, cases and pallets."""

from core.domain.events.base import Fact
from core.domain.events.cards import CardFact
from core.domain.events.gathering import SetFact
from core.domain.immutable import immutable
from core.domain.values import (
    PackKind,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    PackId,
)


@immutable
class PackOpened(Fact):
    """A box, case or pallet may be filled; ``job_id`` only for a box."""

    pack_id: PackId
    kind: PackKind
    job_id: JobId | None


@immutable
class SetPacked(SetFact):
    """A complete set was put into a box; recorded in the set's stream and the box's."""

    pack_id: PackId
    card_unit_ids: tuple[CardUnitId, ...]


@immutable
class CardUnitPacked(CardFact):
    """The card left the floor inside its set."""

    assembly_id: AssemblyId
    pack_id: PackId


@immutable
class PackSealed(Fact):
    """Nothing is added to the container any more."""

    pack_id: PackId
    kind: PackKind
    contents: int


@immutable
class PackNested(Fact):
    """A sealed container was put into a larger one; recorded in both streams."""

    pack_id: PackId
    into: PackId


@immutable
class PackShipped(Fact):
    """The container left the house."""

    pack_id: PackId
    carrier: str
    tracking_reference: str
