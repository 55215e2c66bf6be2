"""Boxes, cases and pallets."""

from core.domain.commands.base import Order
from core.domain.immutable import immutable
from core.identity.ids import (
    AssemblyId,
    PackId,
)


@immutable
class OpenPack(Order):
    """Begin to fill a box, case or pallet; its id tells which of them."""

    pack_id: PackId


@immutable
class PackSet(Order):
    """Put a set into an open box."""

    assembly_id: AssemblyId
    pack_id: PackId


@immutable
class SealPack(Order):
    """Close a container for good."""

    pack_id: PackId


@immutable
class NestPack(Order):
    """Put a sealed container into an open larger one."""

    pack_id: PackId
    into: PackId


@immutable
class ShipPack(Order):
    """Hand a sealed container to the carrier."""

    pack_id: PackId
    carrier: str
    tracking_reference: str
