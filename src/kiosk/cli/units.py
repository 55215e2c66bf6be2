"""`kiosk card|sheet|gate|set|pack`: what leads do by hand."""

import argparse

from core.domain.commands import (
    ApproveGate,
    AuthorizeReplacementSet,
    CreateReplacement,
    NestPack,
    OpenPack,
    RemoveCardFromAssembly,
    SealPack,
    SendToRework,
    ShipPack,
    VoidCardUnit,
    VoidSheet,
)
from core.domain.values import VoidReason
from kiosk.cli import arguments
from kiosk.cli.call import Call
from kiosk.cli.catalogue import ask_pin
from kiosk.cli.parsers import Families

__all__ = ["register"]


def register(families: Families) -> None:
    """Add the commands of these families."""
    _register_cards(families)
    _register_sets_and_boxes(families)


def _register_cards(families: Families) -> None:
    cards = families.family("card", "cards, by a lead's hand: rework, void, replace, remove")
    rework = cards.command("rework", _rework, "send a failed card back to an operation", acts=True)
    rework.add_argument("card", type=arguments.card_id, metavar="CARD")
    rework.add_argument("--to", required=True, type=arguments.operation_code, metavar="OPERATION")
    _why_in_words(rework)
    void = cards.command(
        "void",
        _void_card,
        "take a card out of production for good",
        acts=True,
        examples="  kiosk card void J1044-S003-07 --why lost --as OP-7\n  kiosk card replace J1044-S003-07 --as OP-7",
    )
    void.add_argument("card", type=arguments.card_id, metavar="CARD")
    _why(void)
    replace = cards.command("replace", _replace, "make a card for a voided one, in its position", acts=True)
    replace.add_argument("card", type=arguments.card_id, metavar="CARD", help="the voided card")
    remove = cards.command("remove", _remove, "take a gathered card out of its tray", acts=True)
    remove.add_argument("card", type=arguments.card_id, metavar="CARD")
    _why_in_words(remove)

    sheets = families.family("sheet", "sheets, by a lead's hand: void")
    void = sheets.command("void", _void_sheet, "take a sheet out of production before it is cut", acts=True)
    void.add_argument("sheet", type=arguments.sheet_id, metavar="SHEET")
    _why(void)

    gates = families.family("gate", "gates of a route: approve")
    approve = gates.command("approve", _approve, "let a sheet or card past a gate (a lead's decision)", acts=True)
    approve.add_argument("unit", type=arguments.sheet_or_card_id, metavar="UNIT")
    approve.add_argument("gate", type=arguments.operation_code, metavar="GATE", help="the gate's code in the route")


def _register_sets_and_boxes(families: Families) -> None:
    sets = families.family("set", "sets: authorize")
    authorize = sets.command(
        "authorize",
        _authorize,
        "let a complete set with replacements be packed; asks for the manager's PIN",
        acts=True,
        examples="  kiosk set authorize J1044-S003-SET --as OP-7",
    )
    authorize.add_argument("set", type=arguments.set_id, metavar="SET")

    packs = families.family("pack", "boxes, cases, pallets: open, seal, nest, ship")
    for name, run, summary in (
        ("open", _open, "begin to fill a box, case or pallet"),
        ("seal", _seal, "close a container for good"),
    ):
        packs.command(name, run, summary, acts=True).add_argument("pack", type=arguments.pack_id, metavar="PACK")
    nest = packs.command("nest", _nest, "put a sealed container into an open larger one", acts=True)
    nest.add_argument("pack", type=arguments.pack_id, metavar="PACK")
    nest.add_argument("into", type=arguments.pack_id, metavar="INTO")
    ship = packs.command("ship", _ship, "hand a sealed container to the carrier", acts=True)
    ship.add_argument("pack", type=arguments.pack_id, metavar="PACK")
    ship.add_argument("--carrier", required=True)
    ship.add_argument("--tracking", required=True, metavar="REFERENCE")


def _why(parser: argparse.ArgumentParser) -> None:
    reasons = [reason.lower().replace("_", "-") for reason in VoidReason]
    parser.add_argument("--why", "--reason", dest="why", required=True, choices=reasons)
    parser.add_argument("--note", default="", help="a sentence for the history")


def _why_in_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--why", "--reason", dest="why", required=True, metavar="WORDS", help="a few words")


def _reason(call: Call) -> VoidReason:
    return VoidReason(call.options.why.upper().replace("-", "_"))


# -- by hand -------------------------------------------------------------------


async def _rework(call: Call) -> int:
    options = call.options
    return await call.carry_out(
        SendToRework(
            at=call.now,
            operator_id=call.operator,
            station_id=None,
            card_unit_id=options.card,
            back_to=options.to,
            reason=options.why,
        )
    )


async def _void_card(call: Call) -> int:
    return await call.carry_out(
        VoidCardUnit(
            at=call.now,
            operator_id=call.operator,
            station_id=None,
            card_unit_id=call.options.card,
            reason=_reason(call),
            note=call.options.note,
        )
    )


async def _replace(call: Call) -> int:
    return await call.carry_out(
        CreateReplacement(at=call.now, operator_id=call.operator, station_id=None, card_unit_id=call.options.card)
    )


async def _remove(call: Call) -> int:
    return await call.carry_out(
        RemoveCardFromAssembly(
            at=call.now,
            operator_id=call.operator,
            station_id=None,
            card_unit_id=call.options.card,
            reason=call.options.why,
        )
    )


async def _void_sheet(call: Call) -> int:
    return await call.carry_out(
        VoidSheet(
            at=call.now,
            operator_id=call.operator,
            station_id=None,
            sheet_id=call.options.sheet,
            reason=_reason(call),
            note=call.options.note,
        )
    )


async def _approve(call: Call) -> int:
    return await call.carry_out(
        ApproveGate(
            at=call.now,
            operator_id=call.operator,
            station_id=None,
            unit_id=call.options.unit,
            gate=call.options.gate,
        )
    )


async def _authorize(call: Call) -> int:
    manager = call.needed_operator("whose badge authorizes the set")
    return await call.carry_out(
        AuthorizeReplacementSet(
            at=call.now,
            operator_id=manager,
            station_id=None,
            assembly_id=call.options.set,
            manager=manager,
            pin=ask_pin(f"PIN of {manager}: "),
        )
    )


async def _open(call: Call) -> int:
    return await call.carry_out(
        OpenPack(at=call.now, operator_id=call.operator, station_id=None, pack_id=call.options.pack)
    )


async def _seal(call: Call) -> int:
    return await call.carry_out(
        SealPack(at=call.now, operator_id=call.operator, station_id=None, pack_id=call.options.pack)
    )


async def _nest(call: Call) -> int:
    return await call.carry_out(
        NestPack(
            at=call.now,
            operator_id=call.operator,
            station_id=None,
            pack_id=call.options.pack,
            into=call.options.into,
        )
    )


async def _ship(call: Call) -> int:
    return await call.carry_out(
        ShipPack(
            at=call.now,
            operator_id=call.operator,
            station_id=None,
            pack_id=call.options.pack,
            carrier=call.options.carrier,
            tracking_reference=call.options.tracking,
        )
    )
