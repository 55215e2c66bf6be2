"""What the scan of a tray's label or of a container means."""

from core.domain.commands import (
    BringTray,
    Command,
    NestPack,
    OpenPack,
    PackSet,
)
from core.domain.models import Pack
from core.domain.readings import (
    PackRead,
    Reading,
    TrayRead,
)
from core.domain.rejections import (
    NoPackOpen,
    Rejection,
    UnknownUnit,
    WrongKindOfUnit,
)
from core.domain.values import (
    AssemblyStatus,
    PackStatus,
    StationRole,
)
from core.identity.ids import (
    AssemblyId,
    PackId,
    job_of_assembly,
)
from core.production.assembly import is_open_at, needs_authorization
from core.production.loaded import (
    Loaded,
)
from core.production.packing import NESTS_IN, not_ready
from core.production.scan import Scan


def read_set(scan: Scan, assembly_id: AssemblyId, loaded: Loaded) -> Command | Reading | Rejection:
    """Return what the label of a tray means: that it stands here, or at a packing station that its set is packed."""
    assembly, job = loaded.assembly(assembly_id), loaded.job(job_of_assembly(assembly_id))
    if assembly is None or job is None:
        return UnknownUnit(unit_id=assembly_id)
    match scan.station.role:
        case StationRole.ASSEMBLY if assembly.status is not AssemblyStatus.PACKED and not is_open_at(
            assembly, scan.station.station_id
        ):
            return BringTray(
                at=scan.at,
                operator_id=scan.operator_id,
                station_id=scan.station.station_id,
                assembly_id=assembly_id,
            )
        case StationRole.ASSEMBLY:
            return TrayRead(
                assembly_id=assembly_id,
                status=assembly.status,
                missing=assembly.missing,
                needs_authorization=needs_authorization(assembly),
            )
        case StationRole.PACKING:
            if scan.open_pack is None:
                # A box is only asked for where it may take the set: nobody labels one in vain.
                unpacked = NoPackOpen(station_id=scan.station.station_id, assembly_id=assembly_id)
                return not_ready(assembly, job) or unpacked
            return PackSet(
                at=scan.at,
                operator_id=scan.operator_id,
                station_id=scan.station.station_id,
                assembly_id=assembly_id,
                pack_id=scan.open_pack,
            )
        case _:
            return WrongKindOfUnit(unit_id=assembly_id, station_role=scan.station.role)


def read_pack(scan: Scan, pack_id: PackId, loaded: Loaded) -> Command | Reading | Rejection:
    """Return what a container's label means: it is opened, put into the open one, or looked at."""
    if scan.station.role is not StationRole.PACKING:
        return WrongKindOfUnit(unit_id=pack_id, station_role=scan.station.role)
    pack = loaded.pack(pack_id)
    if pack is None:
        return OpenPack(
            at=scan.at,
            operator_id=scan.operator_id,
            station_id=scan.station.station_id,
            pack_id=pack_id,
        )
    into = None if scan.open_pack is None else loaded.pack(scan.open_pack)
    if into is not None and _goes_into(pack, into):
        return NestPack(
            at=scan.at,
            operator_id=scan.operator_id,
            station_id=scan.station.station_id,
            pack_id=pack_id,
            into=into.pack_id,
        )
    return PackRead(pack_id=pack_id, status=pack.status)


def _goes_into(pack: Pack, into: Pack) -> bool:
    """Say whether a sealed container was scanned while one that takes it is being filled."""
    return pack.status is PackStatus.SEALED and into.status is PackStatus.OPEN and NESTS_IN.get(pack.kind) is into.kind
