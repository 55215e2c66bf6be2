"""Which container takes what, in the words of PACKING: sets into boxes, boxes into cases, cases onto pallets."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from core.domain.values import PackKind, PackStatus
from core.identity.ids import PackId
from core.production.packing import NESTS_IN, kind_of

__all__ = ["CHILD", "TAKES", "closed"]

TAKES: Final[Mapping[PackKind, str]] = MappingProxyType(
    {PackKind.BOX: "sets", PackKind.CASE: "boxes", PackKind.PALLET: "cases"}
)
"""What goes into each kind of container, as people call it."""

CHILD: Final[Mapping[PackKind, PackKind]] = MappingProxyType({into: kind for kind, into in NESTS_IN.items()})
"""Which kind of container goes into each; a box takes none."""


def closed(pack: PackId, status: PackStatus, inside: PackId | None) -> str:
    """Say of a container that is closed what to scan instead, and what it lies in or may be put into."""
    kind = kind_of(pack)
    if inside is not None:
        return f"{pack} lies in {inside}. Scan a new {kind}."
    into = NESTS_IN.get(kind) if status is PackStatus.SEALED else None
    there = "" if into is None else f", or open a {into} for it"
    return f"{pack} is {status.lower()}. Scan a new {kind}{there}."
