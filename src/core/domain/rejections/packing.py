"""Why a container or its contents are refused."""

from dataclasses import dataclass

from core.domain.rejections.base import Refusal
from core.domain.values import (
    PackKind,
    PackStatus,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    PackId,
    StationId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPackOpen(Refusal):
    """Scan a box first: nothing is open at this station.

    ``assembly_id`` is the set that was to go into it, None where none was. ``box`` is the one of
    the set's job to scan, where the station knows it: one that is open already, or the next.
    """

    station_id: StationId
    assembly_id: AssemblyId | None = None
    box: PackId | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanTheSet(Refusal):
    """A single card was scanned where whole sets are packed: scan the set's label."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId


@dataclass(frozen=True, slots=True, kw_only=True)
class PackExists(Refusal):
    """A container of this id was opened before."""

    pack_id: PackId
    status: PackStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PackNotOpen(Refusal):
    """Only an open container takes anything."""

    pack_id: PackId
    status: PackStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackNotSealed(Refusal):
    """Only a sealed container is nested or shipped."""

    pack_id: PackId
    status: PackStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackEmpty(Refusal):
    """An empty container is not sealed."""

    pack_id: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class PackAlreadyNested(Refusal):
    """The container lies in another one."""

    pack_id: PackId
    inside: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldInside(Refusal):
    """In the container lie ``boxes`` of a job that is on hold: nothing of it leaves the house."""

    pack_id: PackId
    job_id: JobId
    reason: str | None
    boxes: tuple[PackId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongJobForPack(Refusal):
    """A box holds sets of its own job only: full stop."""

    assembly_id: AssemblyId
    pack_id: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongPackKind(Refusal):
    """Boxes go into cases, cases onto pallets; sets go into boxes."""

    pack_id: PackId
    kind: PackKind
    needed: tuple[PackKind, ...]
